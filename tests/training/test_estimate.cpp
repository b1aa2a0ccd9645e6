#include "core/training/estimate.h"

#include <QTest>

#include "core/training/step_clock.h"
#include "tests/suite.h"
#include "tests/training/runs.h"

using namespace selfsight;

namespace {

StepMetrics ended(std::int64_t step, double active_seconds) {
  StepMetrics m;
  m.step = step;
  m.active_seconds = active_seconds;
  return m;
}

}  // namespace

class TestEstimate : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void a_trial_measures_fewer_images_and_says_by_what_factor() {
    const Squares set(7000, 1000);
    Settings all = tiny_run("simclr"), limited = all;
    QCOMPARE(shorten_monitor(all, set), 20.0);  // 5,000 and 1,000 for 256 and 44
    limited.set("data.limit", std::int64_t{500});
    QCOMPARE(shorten_monitor(limited, set), 5.0);
    QCOMPARE(limited.get<std::int64_t>("monitor.bank"), std::int64_t{256});
    // Without a bank there are the queries alone.
    Settings unlabelled = tiny_run("simclr");
    QCOMPARE(shorten_monitor(unlabelled, Squares(7000, 0)), 1000.0 / 256);
  }

  void a_run_costs_its_steps_measurements_and_checkpoints() {
    Settings settings = tiny_run("simclr");
    settings.set("train.epochs", 20.0);
    settings.set("monitor.every_epochs", 1.0);
    Control control;
    const Estimate e = estimate({settings, std::make_shared<Squares>(90, 20), {}, {}, {}}, control);
    QCOMPARE(e.steps_per_epoch, std::int64_t{4});  // 70 images in batches of 16
    QCOMPARE(e.steps, std::int64_t{80});
    QVERIFY(e.measured_steps > 0 && e.measured_steps <= e.steps);
    QVERIFY(e.step_seconds > 0 && e.monitor_seconds > 0 && e.checkpoint_seconds > 0);
    QVERIFY(std::abs(e.images_per_second * e.step_seconds - 16) < 1e-9);
    const double least = 80 * e.step_seconds + 21 * (e.monitor_seconds + e.checkpoint_seconds);
    QVERIFY(e.total_seconds >= least && e.total_seconds < least + e.checkpoint_seconds);
    QVERIFY(std::abs(e.epoch_seconds * 20 - e.total_seconds) < 1e-9);
    QVERIFY(e.peak_bytes > 0);
  }

  void what_lies_between_steps_is_part_of_the_pace() {
    StepClock clock;
    QVERIFY(!clock.step_seconds());
    clock.follow(ended(41, 100));  // of a run that went on
    QVERIFY(!clock.step_seconds());
    clock.follow(ended(42, 101));
    QCOMPARE(clock.step_seconds(), std::optional(1.0));
    clock.follow(ended(43, 107));  // behind a measurement
    clock.follow(ended(44, 108));
    QCOMPARE(clock.step_seconds(), std::optional(8.0 / 3));
  }
};

SELFSIGHT_SUITE(TestEstimate, QCoreApplication);
#include "test_estimate.moc"
