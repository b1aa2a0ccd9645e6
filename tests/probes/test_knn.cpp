// clang-format off
#include <torch/torch.h>
// clang-format on
#include <QTest>
#include <algorithm>
#include <cmath>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/probes/knn.h"
#include "tests/suite.h"

using namespace selfsight;

namespace {

Features drawn(std::int64_t rows, std::int64_t columns, std::uint64_t seed) {
  Random random{seed};
  Features out{rows, columns, {}, {}, {}};
  for (std::int64_t i = 0; i < rows * columns; ++i)
    out.values.push_back(static_cast<float>(random.normal()));
  for (std::int64_t i = 0; i < rows; ++i) out.labels.push_back(static_cast<int>(i % 3));
  return out;
}

/// Two tight clouds, of classes 0 and 1 in turn.
Features clouds(std::int64_t rows, std::uint64_t seed, double wrong_labels = 0) {
  Random random{seed};
  Features out{rows, 2, {}, {}, {}};
  for (std::int64_t i = 0; i < rows; ++i) {
    const int truth = static_cast<int>(i % 2);
    out.values.push_back(static_cast<float>((truth ? 1 : 0) + 0.05 * random.normal()));
    out.values.push_back(static_cast<float>((truth ? 0 : 1) + 0.05 * random.normal()));
    const bool wrong = wrong_labels > 0 && random.chance(wrong_labels);
    out.labels.push_back(wrong ? 1 - truth : truth);
  }
  return out;
}

double cosine(const Features& a, std::int64_t i, const Features& b, std::int64_t j) {
  double dot = 0, aa = 0, bb = 0;
  for (std::int64_t c = 0; c < a.columns; ++c) {
    const double x = a.values[static_cast<std::size_t>(i * a.columns + c)];
    const double y = b.values[static_cast<std::size_t>(j * b.columns + c)];
    dot += x * y, aa += x * x, bb += y * y;
  }
  return dot / std::sqrt(aa * bb);
}

}  // namespace

class TestKnn : public QObject {
  Q_OBJECT

  Control control_;

 private Q_SLOTS:
  void the_nearest_are_those_of_a_plain_search() {
    const Features bank = drawn(700, 24, 1), queries = drawn(1100, 24, 2);
    const auto found = nearest(bank, queries, 7, control_);
    QCOMPARE(found.size(), std::size_t(1100));
    for (const std::int64_t i : {0, 500, 1023, 1024, 1099}) {
      std::vector<std::pair<double, std::int64_t>> all;
      for (std::int64_t j = 0; j < bank.rows; ++j)
        all.emplace_back(-cosine(queries, i, bank, j), j);
      std::sort(all.begin(), all.end());
      const auto& list = found[static_cast<std::size_t>(i)];
      QCOMPARE(list.size(), std::size_t(7));
      for (std::size_t n = 0; n < 7; ++n) {
        QCOMPARE(list[n].row, all[n].second);
        QVERIFY(std::abs(list[n].similarity + all[n].first) < 1e-5);
      }
    }
  }

  void equally_near_rows_come_in_their_order() {
    const Features bank{4, 2, {0, 1, 2, 0, 0, 5, 3, 0}, {}, {}};
    const auto list = nearest(bank, {1, 2, {1, 0}, {}, {}}, 9, control_).at(0);
    QCOMPARE(list.size(), std::size_t(4));  // k is cut to the bank
    QCOMPARE(list[0].row, 1);
    QCOMPARE(list[1].row, 3);
    QCOMPARE(list[2].row, 0);
    QCOMPARE(list[3].row, 2);
  }

  void votes_weigh_by_likeness_and_need_a_label() {
    Features bank{4, 2, {1, 0, 1, 1, 1, 1.1f, 1, 0.01f}, {}, {0, 1, 1, -1}};
    const Features query{2, 2, {1, 0, 1, 0}, {}, {0, -1}};
    // Cold votes follow the nearest, warm ones the many.
    const Classification cold = knn(bank, query, 4, 0.05, control_);
    QCOMPARE(cold.predictions, (std::vector{0, 0}));
    QCOMPARE(cold.top1, 1.0);
    QCOMPARE(cold.confusion[0][0], 1);  // the query without a label does not count
    QCOMPARE(cold.confusion[0][1] + cold.confusion[1][0] + cold.confusion[1][1], 0);
    const Classification warm = knn(bank, query, 4, 5, control_);
    QCOMPARE(warm.predictions, (std::vector{1, 1}));
    QCOMPARE(warm.top1, 0.0);
    QCOMPARE(warm.confusion[0][1], 1);
  }

  void more_neighbours_than_rows_are_all_of_them() {
    const Features bank = drawn(5, 4, 1), queries = drawn(3, 4, 2);
    for (const auto& list : nearest(bank, queries, 200, control_))
      QCOMPARE(list.size(), std::size_t(5));
    Features labelled = bank;
    labelled.labels.assign(5, 1);
    QCOMPARE(knn(labelled, labelled, 200, 0.1, control_).top1, 1.0);
  }

  void what_cannot_be_compared_is_refused() {
    const Features bank = drawn(10, 4, 1);
    QVERIFY_EXCEPTION_THROWN(nearest(bank, drawn(3, 5, 2), 1, control_), InputError);
    Features unlabelled = bank;
    unlabelled.labels.assign(10, -1);
    QVERIFY_EXCEPTION_THROWN(knn(unlabelled, unlabelled, 1, 0.1, control_), InputError);
    Control stopped;
    stopped.request_stop();
    QVERIFY_EXCEPTION_THROWN(nearest(bank, bank, 1, stopped), Cancelled);
  }

  void values_that_are_no_numbers_are_told() {
    const Features bank = drawn(10, 4, 1);
    Features broken = bank;
    broken.values[6] = std::nanf("");
    broken.values[30] = INFINITY;
    QVERIFY_EXCEPTION_THROWN(nearest(broken, bank, 1, control_), InputError);
    QVERIFY_EXCEPTION_THROWN(nearest(bank, broken, 1, control_), InputError);
    try {
      check_finite(broken);
      QFAIL("not refused");
    } catch (const InputError& error) {
      QVERIFY(std::string(error.what()).find("2 of 10 images") != std::string::npos);
    }
    check_finite(bank);
  }

  void constant_features_vote_for_the_first_k() {
    Features same{6, 2, std::vector<float>(12, 3.0f), {}, {1, 1, 0, 0, 0, 0}};
    const Features query{1, 2, {5, 5}, {}, {1}};
    QCOMPARE(knn(same, query, 2, 0.1, control_).predictions, std::vector<int>{1});
    QCOMPARE(knn(same, query, 100, 0.1, control_).predictions, std::vector<int>{0});
    same.values.assign(12, 0.0f);  // rows of zeros have no direction
    QCOMPARE(knn(same, query, 100, 0.1, control_).predictions, std::vector<int>{0});
  }

  void images_without_a_label_do_not_take_the_place_of_those_with_one() {
    Features bank = clouds(400, 1);
    for (std::size_t i = 0; i < 400; ++i)
      if (i % 40 > 1) bank.labels[i] = -1;  // 95 %
    const Features queries = clouds(60, 2);
    QCOMPARE(knn(bank, queries, 5, 0.1, control_).top1, 1.0);
    const KnnResult chosen = choose_knn(bank, queries, clouds(60, 3), control_);
    QCOMPARE(chosen.test.top1, 1.0);
    for (const KnnChoice& tried : chosen.tried) QVERIFY(tried.k <= 20);
    bank.labels.assign(400, -1);
    QVERIFY_EXCEPTION_THROWN(knn(bank, queries, 5, 0.1, control_), InputError);
    QVERIFY_EXCEPTION_THROWN(choose_knn(bank, queries, queries, control_), InputError);
    QVERIFY_EXCEPTION_THROWN(knn({0, 2, {}, {}, {}}, queries, 5, 0.1, control_), InputError);
  }

  void a_low_temperature_follows_the_nearest() {
    const Features bank{2, 2, {1, 0, 1, 0.1f}, {}, {1, 0}}, query{1, 2, {1, 0}, {}, {1}};
    for (const double temperature : {0.1, 0.001, 1e-5})
      QCOMPARE(knn(bank, query, 2, temperature, control_).predictions, std::vector<int>{1});
  }

  void k_and_temperature_are_chosen_on_the_validation_images() {
    // Of the bank's labels a third is wrong, so one neighbour is not enough.
    const Features bank = clouds(120, 1, 0.33), validation = clouds(60, 2);
    const Features queries = clouds(60, 3);
    const KnnResult result = choose_knn(bank, validation, queries, control_);
    QVERIFY(result.best.k > 1);
    QCOMPARE(result.best.accuracy, 1.0);
    QCOMPARE(result.test.top1, 1.0);
    for (const KnnChoice& tried : result.tried) {
      QVERIFY(tried.k <= 120);
      QVERIFY(tried.accuracy <= result.best.accuracy);
      QCOMPARE(tried.accuracy, knn(bank, validation, tried.k, tried.temperature, control_).top1);
    }
    // The labels of the queries have no part in it.
    Features blind = queries;
    for (int& label : blind.labels) label = 0;
    QVERIFY(choose_knn(bank, validation, blind, control_).test.predictions ==
            result.test.predictions);
  }
};

SELFSIGHT_SUITE(TestKnn, QCoreApplication);
#include "test_knn.moc"
