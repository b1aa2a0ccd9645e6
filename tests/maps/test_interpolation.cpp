#include <omp.h>

#include <QTest>

#include "core/base/error.h"
#include "core/maps/tsne_parts.h"
#include "tests/maps/tables.h"
#include "tests/suite.h"

using namespace selfsight;
using namespace selfsight::tests;

class TestInterpolation : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void it_is_near_the_exact_sum() {
    InterpolatedRepulsion interpolated;  // one for all, as a growing map has it
    for (const double scale : {1e-4, 0.1, 3.0, 12.0, 0.5}) {  // 12: as dense as maps get
      const auto y = scattered(2 * 5003, scale);
      Repulsion exact, got;
      repulsion_exact(y, exact);
      interpolated(y, got);
      const double error = difference(got.force, exact.force) / length(exact.force);
      QVERIFY2(error < 0.01, qPrintable(QStringLiteral("%1 at %2").arg(error).arg(scale)));
      QVERIFY(std::abs(got.total / exact.total - 1) < 0.001);
    }
  }

  void equal_points_push_nothing() {
    const std::vector<double> y(2 * 100, 3.0);
    Repulsion out;
    InterpolatedRepulsion()(y, out);
    QVERIFY(std::abs(out.total - 100 * 99) < 1e-2);
    QVERIFY(length(out.force) < 1e-3);
  }

  void a_layout_that_flies_apart_takes_no_more_memory() {
    const auto y = scattered(2 * 50, 1e7);
    Repulsion out;
    InterpolatedRepulsion(256)(y, out);
    for (const double force : out.force) QVERIFY(std::isfinite(force));
  }

  void the_number_of_threads_does_not_matter() {
    const auto y = scattered(2 * 4000, 10.0);
    const int before = omp_get_max_threads();
    const auto with = [&](int threads) {
      omp_set_num_threads(threads);
      Repulsion out;
      InterpolatedRepulsion()(y, out);
      omp_set_num_threads(before);
      return out;
    };
    const Repulsion one = with(1), three = with(3);
    QCOMPARE(one.force, three.force);
    QCOMPARE(one.total, three.total);
  }

  void maps_are_as_good_by_either() {
    const Matrix rows = blobs(600, 10, 6);
    TsneOptions options;
    options.iterations = 400;
    options.exaggeration_iterations = 100;
    Control control;
    options.repulsion = "barnes-hut";
    const double tree = tsne(rows, options, control).kl;
    options.repulsion = "interpolation";
    const double interpolated = tsne(rows, options, control).kl;
    QVERIFY2(std::abs(interpolated - tree) < 0.05,
             qPrintable(QStringLiteral("%1 and %2").arg(tree).arg(interpolated)));
  }

  void a_stopped_map_goes_on_as_if_it_had_not_stopped() {
    const Matrix rows = blobs(300, 20, 6);
    TsneOptions options;
    options.perplexity = 10;
    options.iterations = 200;
    options.exaggeration_iterations = 80;
    Control whole;
    const auto wanted = tsne(rows, options, whole).layout.values;
    TsneState state;
    for (const std::int64_t stop_at : {50, 150}) {  // in either stage
      Control control;
      const auto stop = [&](const Matrix&, std::int64_t iteration) {
        if (iteration == stop_at) control.request_stop();
      };
      QVERIFY_EXCEPTION_THROWN(tsne(rows, options, control, stop, &state), Cancelled);
      QCOMPARE(state.iteration, stop_at);
    }
    Control control;
    QCOMPARE(tsne(rows, options, control, {}, &state).layout.values, wanted);
    // And further, when more is asked for.
    options.iterations = 220;
    QCOMPARE(tsne(rows, options, control, {}, &state).iterations, 220);
    QVERIFY_EXCEPTION_THROWN(tsne(blobs(200, 20, 6), options, control, {}, &state), InputError);
  }
};

SELFSIGHT_SUITE(TestInterpolation, QCoreApplication);
#include "test_interpolation.moc"
