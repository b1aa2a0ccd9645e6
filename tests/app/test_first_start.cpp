// Six clicks from an empty window to a map: the settings are chosen by what is opened.
#include <QLabel>
#include <QPushButton>
#include <QtTest>

#include "app/main_window.h"
#include "app/places/place.h"
#include "app/workspace.h"
#include "core/spec/preset.h"
#include "tests/app/clicks.h"
#include "tests/gui.h"
#include "tests/suite.h"
#include "widgets/theme.h"

using namespace selfsight;

namespace {

constexpr int long_patience = 120'000;  // for work that takes a few seconds on an idle machine

}  // namespace

class TestFirstStart : public QObject {
  Q_OBJECT

  const OwnSettings own_settings_;

 private Q_SLOTS:
  void six_clicks_lead_from_an_empty_window_to_a_map() {
    fail_on_warnings();
    apply_theme(*qApp, Scheme::light);
    const QTemporaryDir folder;
    Workspace workspace(folder.filePath(QStringLiteral("store")).toStdString());
    MainWindow window(workspace);
    window.resize(1440, 900);
    window.show();
    QVERIFY(QTest::qWaitForWindowActive(&window));
    int clicks = 0;
    const auto click = [&](const char* place, const char* name) {
      QCOMPARE(window.current_place(), QString::fromLatin1(place));
      auto* button =
          window.place(window.current_place())->findChild<QPushButton*>(QString::fromLatin1(name));
      QVERIFY2(button && button->isVisible() && button->isEnabled(), name);
      QVERIFY2(!button->visibleRegion().isEmpty(), name);
      QTest::mouseClick(button, Qt::LeftButton);
      ++clicks;
    };

    click("data", "empty_action");
    QTRY_VERIFY_WITH_TIMEOUT(workspace.statistics().has_value(), long_patience);
    Settings settings = find_preset("simclr-fashion-quick", run_schema).settings;
    settings.set("data.path", workspace.dataset()->location());
    QVERIFY(workspace.settings() == settings);
    // The preset that came by itself is told of too, as long as the settings are its own.
    const auto* preset = window.findChild<QLabel*>(QStringLiteral("preset_words"));
    window.go_to(QStringLiteral("pretrain"));
    QVERIFY(preset->isVisible() && preset->text().startsWith(QStringLiteral("From: ")));
    set_options(workspace, {"train.epochs=2"});
    QVERIFY(!preset->isVisible());
    workspace.undo_settings();
    QVERIFY(preset->isVisible());
    window.go_to(QStringLiteral("data"));
    // No click, but fewer images: a test has no minutes.
    apply_assignments(settings,
                      {"data.limit=320", "train.epochs=1", "train.batch_size=64", "train.threads=1",
                       "train.workers=1", "monitor.bank=100", "monitor.queries=50"},
                      run_schema);
    workspace.set_settings(settings);
    click("data", "preview_views");
    click("views", "pretrain_with_these");
    click("pretrain", "start_run");
    QTRY_VERIFY_WITH_TIMEOUT(!workspace.training(), long_patience);
    click("pretrain", "explore_run");
    click("explore", "start_map");
    QTRY_COMPARE_WITH_TIMEOUT(workspace.store().maps(1).size(), std::size_t{1}, long_patience);
    QTRY_VERIFY_WITH_TIMEOUT(workspace.jobs().isEmpty(), long_patience);
    QCOMPARE(clicks, 6);
    QCOMPARE(workspace.store().runs().size(), std::size_t{1});
    QCOMPARE(workspace.store().run(1).status, RunStatus::finished);
  }

  void nothing_can_start_while_the_images_of_the_next_run_are_opened() {
    fail_on_warnings();
    apply_theme(*qApp, Scheme::light);
    const QTemporaryDir folder;
    Workspace workspace(folder.filePath(QStringLiteral("store")).toStdString());
    MainWindow window(workspace);
    open_at_pretrain(window, workspace, QStringLiteral("procedural:400"));
    set_options(workspace, {"train.batch_size=32", "train.epochs=1"});
    const auto* start = find_in<QPushButton>(window, "start_run");
    const auto* obstacle = find_in<QLabel>(window, "run_obstacle");
    QVERIFY(start->isEnabled());
    prepare_run(workspace.store(), workspace.settings(), *open_dataset("procedural:300"),
                RunStatus::queued);
    workspace.start_queue();
    QVERIFY(workspace.opening_next());
    QVERIFY(!start->isEnabled());
    QVERIFY(obstacle->isVisible() && obstacle->text().contains(QStringLiteral("about to begin")));
    workspace.jobs().last()->pause();  // the run begins so, and ends before its first step
    QTRY_VERIFY_WITH_TIMEOUT(workspace.training(), long_patience);
    workspace.training()->stop();
    QTRY_VERIFY_WITH_TIMEOUT(start->isEnabled(), long_patience);
    QVERIFY(!obstacle->isVisible());
  }
};

SELFSIGHT_SUITE(TestFirstStart, QApplication);
#include "test_first_start.moc"
