// What a run will cost is told before it starts, and shorter ones are offered.
#include <QLabel>
#include <QPushButton>
#include <QtTest>

#include "app/main_window.h"
#include "app/places/run_cost.h"
#include "app/workspace.h"
#include "tests/app/clicks.h"
#include "tests/gui.h"
#include "tests/suite.h"
#include "widgets/theme.h"

using namespace selfsight;

class TestRunCost : public WindowTest {
  Q_OBJECT

  QTemporaryDir folder_;

  static Estimate estimate_of(double epoch_seconds, double total_seconds) {
    Estimate estimate;
    estimate.epoch_seconds = epoch_seconds;
    estimate.total_seconds = total_seconds;
    return estimate;
  }
  QString words() { return find_in<QLabel>(*window_, "run_estimate")->text(); }

 private Q_SLOTS:
  void initTestCase() {
    apply_theme(*qApp, Scheme::light);
    workspace_ =
        std::make_unique<Workspace>(folder_.filePath(QStringLiteral("store")).toStdString());
    window_ = std::make_unique<MainWindow>(*workspace_);
    open_at_pretrain(*window_, *workspace_, QStringLiteral("procedural:100"));
    set({"train.batch_size=16", "train.epochs=1"});
  }
  void init() { fail_on_warnings(); }
  void cleanupTestCase() {
    window_.reset();
    workspace_.reset();
  }

  void a_cost_reads_as_one_line() {
    Estimate estimate = estimate_of(60, 12000);
    estimate.peak_bytes = std::int64_t{1288490189};
    estimate.images_per_second = 412.3;
    QCOMPARE(cost_words(estimate),
             QStringLiteral("About 3 h 20 min (1 min an epoch), 1.2 GiB of memory, 412 images/s"));
  }

  void of_long_runs_an_hour_is_offered() {
    QVERIFY(!epochs_in_an_hour(estimate_of(60, 3 * 3600)));
    QCOMPARE(epochs_in_an_hour(estimate_of(60, 3 * 3600 + 1)), std::optional(60.0));
    QCOMPARE(epochs_in_an_hour(estimate_of(3500, 1e6)), std::optional(1.0));
    QCOMPARE(epochs_in_an_hour(estimate_of(10000, 1e6)), std::optional(0.3));
    QCOMPARE(epochs_in_an_hour(estimate_of(1e6, 1e8)), std::optional(0.1));
  }

  void fewer_epochs_keep_the_share_of_the_warm_up() {
    Settings settings = workspace_->settings();
    apply_assignments(settings,
                      {"train.epochs=200", "optimiser.warmup_epochs=10", "monitor.every_epochs=5"},
                      run_schema);
    const Settings fewer = with_epochs(settings, 30);
    QCOMPARE(fewer.get<double>("train.epochs"), 30.0);
    QCOMPARE(fewer.get<double>("optimiser.warmup_epochs"), 1.5);
    QCOMPARE(fewer.get<double>("monitor.every_epochs"), 5.0);
  }

  void it_is_told_without_a_question() {
    QVERIFY(words().isEmpty());
    workspace_->set_estimates(true);
    window_->go_to(QStringLiteral("views"));
    window_->go_to(QStringLiteral("pretrain"));
    QTRY_VERIFY_WITH_TIMEOUT(words().startsWith(QStringLiteral("About ")), patience);
    QVERIFY(!find_in<QPushButton>(*window_, "fewer_epochs")->isVisible());
    QVERIFY(workspace_->store().runs().empty());
    set({"train.epochs=2"});
    QVERIFY(words().isEmpty());  // it was about another run
    QTRY_VERIFY_WITH_TIMEOUT(words().startsWith(QStringLiteral("About ")), patience);
    workspace_->set_estimates(false);
  }

  /// Both draw from torch's one generator.
  void a_run_waits_for_the_end_of_the_trial() {
    set({"train.epochs=50"});
    click_in(*window_, "estimate_run");
    click_in(*window_, "start_run");
    QVERIFY(workspace_->training());
    QVERIFY(!workspace_->training()->running());
    QTRY_VERIFY_WITH_TIMEOUT(
        workspace_->training() && workspace_->training()->last_step().has_value(), patience);
    QVERIFY(workspace_->jobs().isEmpty());
    workspace_->training()->stop();
    QTRY_VERIFY_WITH_TIMEOUT(!workspace_->training(), patience);
  }
};

SELFSIGHT_SUITE(TestRunCost, QApplication);
#include "test_run_cost.moc"
