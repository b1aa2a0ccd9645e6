// What is said of a run from its numbers.
#include <QTest>
#include <cmath>

#include "app/places/run_words.h"
#include "tests/suite.h"

using namespace selfsight;

namespace {

Run run_of(const std::string& method) {
  Run run;
  run.settings = Settings(run_schema(method));
  run.shape.feature_dimensions = 64;
  return run;
}

std::vector<MetricPoint> always(double value) {
  return std::vector<MetricPoint>(10, MetricPoint{.value = value});
}

QString verdict_at_chance(const std::string& method,
                          const std::vector<MetricPoint>& output_spread = {}) {
  const Run run = run_of(method);
  const auto chance = chance_of(run, {});
  return verdict_of(run, chance, always(chance->value), {}, output_spread, {}).text;
}

}  // namespace

class TestRunWords : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void a_loss_at_chance_may_be_a_collapse() {
    for (const char* method : {"dino", "swav", "rotation"}) {
      const QString words = verdict_at_chance(method);
      QVERIFY2(words.contains("it has collapsed"), method);
      QVERIFY2(!words.contains("larger learning rate"), method);
    }
    // Where collapse costs something else, the encoder knows nothing yet.
    QVERIFY(verdict_at_chance("byol").contains("larger learning rate"));
    QVERIFY(!verdict_at_chance("byol").contains("collapsed"));
  }

  void a_failure_names_options_by_their_labels() {
    Run run = run_of("simclr");
    run.status = RunStatus::failed;
    run.reason = "Make optimiser.lr smaller.";
    QCOMPARE(verdict_of(run, {}, {}, {}, {}, {}).text,
             QStringLiteral("Failed. Make “Learning rate” smaller."));
  }

  void narrow_features_are_a_warning() {
    const auto with_spread = [](double share) {
      const double healthy = 1 / std::sqrt(64.0);
      return verdict_of(run_of("simclr"), {}, always(1), always(share * healthy), {}, {});
    };
    QVERIFY(with_spread(0.41).text.contains("Features are spread"));
    QVERIFY(with_spread(0.41).mood == Mood::good);
    QVERIFY(with_spread(0.39).text.contains("Features are narrow"));
    QVERIFY(with_spread(0.39).mood == Mood::warn);
    QVERIFY(with_spread(0.09).mood == Mood::bad);
  }

  void outputs_that_are_spread_have_not_collapsed() {
    QVERIFY(verdict_at_chance("simclr", always(0.9)).contains("larger learning rate"));
    QVERIFY(verdict_at_chance("simclr", always(0.1)).startsWith("Collapsed"));
  }
};

SELFSIGHT_SUITE(TestRunWords, QCoreApplication);
#include "test_run_words.moc"
