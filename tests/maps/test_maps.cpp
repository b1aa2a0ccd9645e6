#include <omp.h>

#include <QTest>
#include <algorithm>
#include <cmath>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/maps/maps.h"
#include "core/maps/tsne_parts.h"
#include "tests/maps/tables.h"
#include "tests/suite.h"

using namespace selfsight;
using namespace selfsight::tests;

namespace {

/// Of the nearest neighbours on the map, how many are of the same blob.
double purity(const Matrix& layout, std::int64_t count) {
  Control control;
  const auto nearest = nearest_rows(layout, 1, control);
  double same = 0;
  for (std::int64_t i = 0; i < layout.rows; ++i)
    same += nearest[static_cast<std::size_t>(i)] % count == i % count;
  return same / static_cast<double>(layout.rows);
}

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  double out = 0;
  for (std::size_t i = 0; i < a.size(); ++i) out = std::max(out, std::abs(a[i] - b[i]));
  return out;
}

TsneOptions quick() {
  TsneOptions options;
  options.perplexity = 10;
  options.iterations = 300;
  options.exaggeration_iterations = 100;
  return options;
}

}  // namespace

class TestMaps : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void components_of_a_line_are_known() {
    // Along (3, -4): deviation 5 per step, nothing across.
    Matrix rows{5, 2, {}};
    for (int i = 0; i < 5; ++i) rows.values.insert(rows.values.end(), {10 + 3.0 * i, 20 - 4.0 * i});
    const Pca result = pca(rows, 2);
    QCOMPARE(result.explained_variance[0], 25 * 2.5);
    QVERIFY(std::abs(result.explained_ratio[0] - 1) < 1e-12);
    QVERIFY(std::abs(result.explained_variance[1]) < 1e-9);
    // The largest entry of the axis, the second, is positive: scores fall along the line.
    for (int i = 0; i < 5; ++i)
      QVERIFY(std::abs(result.scores.values[2 * static_cast<std::size_t>(i)] - 5 * (2 - i)) < 1e-9);
  }

  void wide_and_tall_tables_agree() {
    // The distances between rows do not depend on which of the two products is decomposed.
    const Matrix wide = blobs(20, 30, 4);
    Matrix tall = wide;
    for (std::int64_t i = 0; i < 20; ++i)
      for (std::int64_t j = 0; j < 30; ++j)
        tall.values.push_back(wide.values[static_cast<std::size_t>(i * 30 + j)]);
    tall.rows = 40;
    const Pca a = pca(wide, 3), b = pca(tall, 3);
    QVERIFY(largest_difference(a.explained_ratio, b.explained_ratio) < 1e-9);
    QVERIFY(std::equal(a.scores.values.begin(), a.scores.values.end(), b.scores.values.begin(),
                       [](double x, double y) { return std::abs(x - y) < 1e-8; }));
    QVERIFY_EXCEPTION_THROWN(pca(Matrix{1, 3, {1, 2, 3}}, 2), InputError);
  }

  void components_beyond_the_rank_have_no_scores() {
    const Matrix different{8, 512, scattered(8 * 512, 1)};
    Matrix twice = different;  // its last four rows are its first four
    std::copy_n(different.values.begin(), 4 * 512, twice.values.begin() + 4 * 512);
    const auto apart = [](const Matrix& of, std::int64_t a, std::int64_t b) {
      double squares = 0;
      for (std::int64_t j = 0; j < of.columns; ++j) {
        const double step = of.values[static_cast<std::size_t>(a * of.columns + j)] -
                            of.values[static_cast<std::size_t>(b * of.columns + j)];
        squares += step * step;
      }
      return std::sqrt(squares);
    };
    for (const auto& [rows, rank] :
         {std::pair{different, std::size_t(7)}, std::pair{twice, std::size_t(3)}}) {
      const Pca result = pca(rows, 8);
      QCOMPARE(result.scores.columns, 8);
      for (std::size_t i = 0; i < 64; ++i)
        if (i % 8 >= rank) QCOMPARE(result.scores.values[i], 0.0);
      for (std::size_t j = 0; j < 8; ++j) QCOMPARE(result.explained_variance[j] > 0, j < rank);
      for (std::int64_t i = 1; i < 8; ++i)
        QVERIFY(std::abs(apart(result.scores, 0, i) - apart(rows, 0, i)) < 1e-9);
    }
  }

  void a_single_column_is_laid_out_along_a_line() {
    const Pca result = pca_layout(Matrix{4, 1, {1, 2, 3, 6}});
    QCOMPARE(result.scores.rows, 4);
    QCOMPARE(result.scores.columns, 2);
    QCOMPARE(result.scores.values, (std::vector<double>{-2, 0, -1, 0, 0, 0, 3, 0}));
    QCOMPARE(result.explained_ratio, (std::vector<double>{1, 0}));
    QCOMPARE(pca_layout(blobs(20, 5, 4)).scores.values, pca(blobs(20, 5, 4), 2).scores.values);
  }

  void constant_rows_have_nothing_to_explain() {
    // The mean of so many differs from them by rounding.
    const Pca result = pca(Matrix{2999, 7, std::vector<double>(2999 * 7, 0.3)}, 2);
    QCOMPARE(result.explained_ratio, (std::vector<double>{0, 0}));
    QCOMPARE(result.explained_variance, (std::vector<double>{0, 0}));
  }

  void barnes_hut_is_near_the_exact_sum() {
    for (const double scale : {1e-4, 1.0, 30.0}) {
      const auto y = scattered(2 * 5003, scale);
      Repulsion exact, quick;
      repulsion_exact(y, exact);
      repulsion_barnes_hut(y, 0.5, quick);
      std::vector<double> error(y.size());
      std::transform(exact.force.begin(), exact.force.end(), quick.force.begin(), error.begin(),
                     std::minus<>());
      QVERIFY(length(error) < 0.01 * length(exact.force));
      QVERIFY(std::abs(quick.total / exact.total - 1) < 0.01);
      // Nearly nothing is summed up: it must then be exact up to single precision.
      repulsion_barnes_hut(y, 1e-3, quick);
      std::transform(exact.force.begin(), exact.force.end(), quick.force.begin(), error.begin(),
                     std::minus<>());
      QVERIFY(length(error) < 1e-3 * length(exact.force));
      QVERIFY(std::abs(quick.total / exact.total - 1) < 1e-4);
    }
  }

  void equal_points_do_not_stop_the_tree() {
    std::vector<double> y(2 * 100, 3.0);
    Repulsion out;
    repulsion_barnes_hut(y, 0.5, out);
    QVERIFY(std::abs(out.total - 100 * 99) < 1e-2);
    QVERIFY(length(out.force) < 1e-6);
  }

  void neighbours_are_the_nearest_others() {
    const Matrix rows{5, 1, {0, 1, 1, 5, 7}};
    Control control;
    const auto near = nearest_rows(rows, 2, control);
    QCOMPARE(near[6], 4);  // of row 3, at 5
    QCOMPARE(near[2], 2);  // of row 1, its twin and not itself
    QCOMPARE(near[4], 1);
  }

  void affinities_are_symmetric_and_sum_to_one() {
    Control control;
    const Affinities p = joint_probabilities(blobs(200, 6, 4), 10, 30, control);
    std::vector<std::vector<double>> dense(200, std::vector<double>(200));
    double sum = 0;
    for (std::size_t i = 0; i < 200; ++i)
      for (auto e = static_cast<std::size_t>(p.starts[i]);
           e < static_cast<std::size_t>(p.starts[i + 1]); ++e) {
        dense[i][static_cast<std::size_t>(p.columns[e])] = p.values[e];
        sum += p.values[e];
      }
    QVERIFY(std::abs(sum - 1) < 1e-12);
    for (std::size_t i = 0; i < 200; ++i) {
      QCOMPARE(dense[i][i], 0.0);
      for (std::size_t j = 0; j < i; ++j) QCOMPARE(dense[i][j], dense[j][i]);
    }
  }

  void blobs_come_apart() {
    Control control;
    const Matrix rows = blobs(300, 20, 6);
    const TsneResult result = tsne(rows, quick(), control);
    QCOMPARE(result.layout.rows, 300);
    QCOMPARE(result.layout.columns, 2);
    QCOMPARE(purity(result.layout, 6), 1.0);
    QVERIFY(result.kl > 0 && result.kl < 1);
    QVERIFY(trustworthiness(rows, result.layout, 10) > 0.9);
  }

  void the_same_seed_gives_the_same_map_on_any_number_of_threads() {
    const Matrix rows = blobs(3200, 8, 10);  // enough for several threads
    TsneOptions options = quick();
    options.iterations = 30;
    const auto made = [&](int threads, std::int64_t seed) {
      omp_set_num_threads(threads);
      options.seed = seed;
      Control control;
      return tsne(rows, options, control).layout.values;
    };
    const int before = omp_get_max_threads();
    const auto one = made(1, 3), three = made(3, 3), other = made(1, 4);
    omp_set_num_threads(before);
    QCOMPARE(one, three);
    QVERIFY(one != other);
  }

  void parts_come_while_it_works_and_a_stop_is_heard() {
    Control control;
    std::vector<std::int64_t> seen;
    const auto stop_at_50 = [&](const Matrix& layout, std::int64_t iteration) {
      QCOMPARE(layout.rows, 300);
      seen.push_back(iteration);
      if (iteration == 50) control.request_stop();
    };
    QVERIFY_EXCEPTION_THROWN(tsne(blobs(300, 20, 6), quick(), control, stop_at_50), Cancelled);
    QCOMPARE(seen, (std::vector<std::int64_t>{0, 5, 25, 50}));
  }

  void what_cannot_be_laid_out_is_refused() {
    Control control;
    QVERIFY_EXCEPTION_THROWN(tsne(blobs(31, 5, 2), quick(), control), InputError);
    QCOMPARE(tsne(blobs(32, 5, 2), quick(), control).layout.rows, 32);
    Matrix broken = blobs(100, 5, 2);
    broken.values[7] = std::nan("");
    QVERIFY_EXCEPTION_THROWN(tsne(broken, quick(), control), InputError);
    TsneOptions wild = quick();
    wild.learning_rate = 1e300;
    QVERIFY_EXCEPTION_THROWN(tsne(blobs(100, 5, 2), wild, control), Error);
  }

  void equal_rows_and_single_columns_are_laid_out() {
    Control control;
    for (const Matrix& rows : {Matrix{60, 3, std::vector<double>(180, 1.0)}, blobs(60, 1, 3)})
      for (const double value : tsne(rows, quick(), control).layout.values)
        QVERIFY(std::isfinite(value));
  }

  void the_size_of_the_numbers_does_not_matter() {
    Control control;
    const Matrix rows = blobs(300, 20, 6);
    for (const double size : {1e25, 1e-30}) {
      Matrix scaled = rows;
      for (double& value : scaled.values) value *= size;
      QCOMPARE(nearest_rows(scaled, 9, control), nearest_rows(rows, 9, control));
      const TsneResult result = tsne(scaled, quick(), control);
      QCOMPARE(purity(result.layout, 6), 1.0);
      QVERIFY(std::isfinite(result.kl));
    }
  }

  void duplicates_by_the_thousand_are_laid_out() {
    Matrix rows = blobs(2000, 6, 4);
    for (std::int64_t i = 0; i < 1000; ++i)  // half of them the same
      std::copy_n(rows.values.begin(), 6, rows.values.begin() + 6 * i);
    Control control;
    TsneOptions options = quick();
    options.iterations = 60;
    for (const char* by : {"barnes-hut", "interpolation"}) {
      options.repulsion = by;
      const TsneResult result = tsne(rows, options, control);
      QVERIFY(std::isfinite(result.kl));
      for (const double value : result.layout.values) QVERIFY(std::isfinite(value));
    }
  }
};

SELFSIGHT_SUITE(TestMaps, QCoreApplication);
#include "test_maps.moc"
