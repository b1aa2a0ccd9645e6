// Runs that line up before anything trains, and sweeps over options: with real clicks.
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QtTest>

#include "app/main_window.h"
#include "app/places/place.h"
#include "app/places/sweep_card.h"
#include "app/workspace.h"
#include "tests/app/clicks.h"
#include "tests/gui.h"
#include "tests/suite.h"
#include "widgets/theme.h"

using namespace selfsight;

class TestSweep : public WindowTest {
  Q_OBJECT

  QTemporaryDir folder_;

  void click(const char* name) {
    QVERIFY2(button(name)->isVisible() && button(name)->isEnabled(), name);
    QTest::mouseClick(button(name), Qt::LeftButton);
  }
  /// By keys, as a person would.
  void vary(const char* row, const char* key, const char* values) {
    auto* option = find<QComboBox>(qPrintable(QLatin1String(row) + QStringLiteral("_option")));
    option->setFocus();
    QTest::keyClick(option, Qt::Key_Home);
    while (option->currentData().toString() != QLatin1String(key) &&
           option->currentIndex() + 1 < option->count())
      QTest::keyClick(option, Qt::Key_Down);
    QCOMPARE(option->currentData().toString(), QString::fromLatin1(key));
    auto* line = find<QLineEdit>(qPrintable(QLatin1String(row) + QStringLiteral("_values")));
    line->setFocus();
    line->selectAll();
    QTest::keyClicks(line, QString::fromLatin1(values));
  }

 private Q_SLOTS:
  void initTestCase() {
    apply_theme(*qApp, Scheme::light);
    workspace_ =
        std::make_unique<Workspace>(folder_.filePath(QStringLiteral("store")).toStdString());
    window_ = std::make_unique<MainWindow>(*workspace_);
    open_at_pretrain(*window_, *workspace_, QStringLiteral("procedural:60"));
    set_options(*workspace_, {"method.name=simclr", "train.batch_size=8", "train.epochs=0.3"});
  }
  void init() { fail_on_warnings(); }
  void cleanupTestCase() {
    window_.reset();
    workspace_.reset();
  }

  void runs_line_up_while_nothing_trains() {
    click("queue_run");
    QCOMPARE(queued(), (QList<qint64>{1}));
    QVERIFY(!workspace_->training());
    workspace_->unqueue_run(1);
  }

  void a_sweep_says_in_place_what_is_refused() {
    click("sweep_runs");
    QVERIFY(!button("sweep_queue")->isEnabled());
    vary("sweep_1", "method.temperature", "0.1, -2");
    auto* wrong = find<QLabel>("sweep_wrong");
    QVERIFY(wrong->isVisible() && wrong->text().contains(QStringLiteral("Temperature")));
    QVERIFY(!button("sweep_queue")->isEnabled());
    vary("sweep_1", "train.batch_size", "8, 4096");
    QVERIFY(wrong->isVisible() && wrong->text().contains(QStringLiteral("“Batch size”")));
    vary("sweep_1", "method.temperature", "0.1, 0.2,");
    QVERIFY(!wrong->isVisible());
    QCOMPARE(button("sweep_queue")->text(), QStringLiteral("Queue 2 runs"));
    vary("sweep_2", "method.temperature", "0.3, 0.4");
    QVERIFY(wrong->isVisible());
    vary("sweep_2", "optimiser.lr", "0.1, 0.2, 0.5");
    QCOMPARE(button("sweep_queue")->text(), QStringLiteral("Queue 6 runs"));
    click("sweep_estimate");
    QTRY_VERIFY_WITH_TIMEOUT(find<QLabel>("sweep_time")->isVisible(), patience);
    QVERIFY(find<QLabel>("sweep_time")->text().startsWith(QStringLiteral("About ")));
    QTest::keyClick(find<QLineEdit>("sweep_2_values"), Qt::Key_Escape);
    QVERIFY(!find<QWidget>("sweep_card")->isVisible());
    QVERIFY(queued().isEmpty());
  }

  void a_sweep_queues_a_run_for_each_value() {
    click("sweep_runs");
    vary("sweep_2", "", "");
    vary("sweep_1", "method.temperature", "0.1, 0.2");
    click("sweep_queue");
    QTRY_COMPARE(queued(), (QList<qint64>{2, 3}));
    QTRY_VERIFY(!find<QWidget>("sweep_card")->isVisible());
    for (const std::int64_t id : {2, 3}) {
      const Run run = workspace_->store().run(id);
      QCOMPARE(run.settings.get<double>("method.temperature"), id == 2 ? 0.1 : 0.2);
      QCOMPARE(run.settings.get<std::int64_t>("train.batch_size"), 8);
      QCOMPARE(run.note, id == 2 ? "method.temperature=0.1" : "method.temperature=0.2");
    }
  }

  void choices_are_values_as_the_form_shows_them() {
    const Field& encoder = workspace_->settings().field("encoder.name");
    QCOMPARE(sweep_values(encoder, QStringLiteral("ResNet-20, resnet8,")), "resnet20,resnet8");
    const Field mean{.key = "mean", .help = "", .fallback = std::vector<double>{0.5}};
    QCOMPARE(sweep_values(mean, QStringLiteral("0.1, 0.2; 0.3")), "0.1, 0.2;0.3");
  }

  void all_runs_of_a_sweep_take_as_long_as_their_epochs() {
    Settings base = workspace_->settings();
    base.set("train.epochs", 10.0);
    const auto points = sweep(base, {"train.epochs=10,20"}, run_schema);
    Estimate estimate;
    estimate.total_seconds = 100;
    QCOMPARE(sweep_seconds(estimate, base, points), 300.0);
  }
};

SELFSIGHT_SUITE(TestSweep, QApplication);
#include "test_sweep.moc"
