// Runs side by side: what is read of them, followed, archived and brought back.
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QTimer>
#include <QtTest>
#include <algorithm>

#include "app/main_window.h"
#include "app/places/compare_maps.h"
#include "app/places/place.h"
#include "app/workspace.h"
#include "tests/app/runs_window.h"
#include "tests/suite.h"
#include "widgets/curve_plot.h"
#include "widgets/map_plot.h"
#include "widgets/run_table.h"
#include "widgets/theme.h"

using namespace selfsight;

class TestCompare : public RunsWindowTest {
  Q_OBJECT

  /// What a right click on these runs offers; the action of this name is chosen.
  QStringList run_menu(const Runs& runs, const char* wanted = "") {
    table()->choose(runs);
    Q_EMIT table()->customContextMenuRequested({10, 10});
    QMenu* menu = nullptr;
    for (auto* found : window_->findChildren<QMenu*>(QStringLiteral("run_menu")))
      if (found->isVisible()) menu = found;
    if (!menu) return {};
    QStringList offered;
    for (QAction* action : menu->actions()) {
      offered << action->text();
      if (action->text() == QLatin1String(wanted)) action->trigger();
    }
    menu->close();
    // Offscreen nobody gives the window back what the menu took.
    window_->activateWindow();
    return QTest::qWaitForWindowActive(window_.get()) ? offered : QStringList();
  }

  /// Of the first images, along a line.
  void add_map(std::int64_t run, int images) {
    StoredMap map;
    map.run = run;
    map.method = "pca";
    map.protocol = "{}";
    for (int i = 0; i < images; ++i) {
      map.ids.push_back(i);
      map.xy.insert(map.xy.end(), {static_cast<float>(i), static_cast<float>(i % 7)});
    }
    workspace_->store().add_map(map);
  }
  static QStringList names_of(const CompareMaps& maps) {
    QStringList names;
    for (const MapPlot* plot : maps.plots()) names << plot->objectName();
    return names;
  }

 private Q_SLOTS:
  void initTestCase() { apply_theme(*qApp, Scheme::light); }
  void init() {
    fail_on_warnings();
    QSettings().clear();
    folder_ = std::make_unique<QTemporaryDir>();
    open_window();
  }
  void cleanup() {
    close_window();
    folder_.reset();
  }

  void archived_runs_are_marked_and_brought_back() {
    add_runs(3);
    press({2}, Qt::Key_Delete);
    QCOMPARE(table()->model()->rowCount(), 2);
    QVERIFY(!run_menu({1, 3}).contains(QStringLiteral("Bring back")));
    click("show_archived");
    QCOMPARE(table()->model()->rowCount(), 3);
    QStringList states;  // the newest first
    for (int row = 0; row < 3; ++row)
      states << table()->model()->index(row, RunModel::status).data().toString();
    QCOMPARE(states, (QStringList{QStringLiteral("finished"), QStringLiteral("archived, finished"),
                                  QStringLiteral("finished")}));
    QVERIFY(run_menu({2, 3}).contains(QStringLiteral("Archive")));
    const QStringList offered = run_menu({2}, "Bring back");
    QVERIFY(!offered.contains(QStringLiteral("Archive")));
    QVERIFY(!workspace_->store().run(2).archived);
    take_back();
    QVERIFY(workspace_->store().run(2).archived);
    press({2}, Qt::Key_Delete);  // it is there already: nothing that could be taken back
    take_back();
    QVERIFY(!workspace_->store().run(2).archived);
    QVERIFY(!find<QPushButton>("undo_archive")->isVisible());
  }

  void columns_and_order_are_chosen_by_keys() {
    add_runs(3);
    table()->choose({});
    const auto choose = [this](const char* submenu, const QString& wanted) {
      const QPoint at(10, 10);
      QContextMenuEvent key(QContextMenuEvent::Keyboard, at, table()->mapToGlobal(at));
      QCoreApplication::sendEvent(table(), &key);
      for (auto* menu : window_->findChildren<QMenu*>(QStringLiteral("run_menu"))) {
        if (!menu->isVisible()) continue;
        for (QAction* action : menu->actions())
          if (action->menu() && action->text() == QLatin1String(submenu))
            for (QAction* column : action->menu()->actions())
              if (column->text() == wanted) column->trigger();
        menu->close();
      }
    };
    const auto order = [this] {
      Runs runs;
      for (int row = 0; row < 3; ++row)
        runs.push_back(table()->model()->index(row, 0).data(RunModel::id_role).toLongLong());
      return runs;
    };
    QCOMPARE(order(), (Runs{3, 2, 1}));
    choose("Sort by", QStringLiteral("no."));
    QCOMPARE(order(), (Runs{1, 2, 3}));  // it was sorted by that one
    table()->runs()->setData(table()->runs()->index(1, RunModel::note), QStringLiteral("an apple"),
                             Qt::EditRole);
    table()->runs()->setData(table()->runs()->index(0, RunModel::note), QStringLiteral("pear"),
                             Qt::EditRole);
    choose("Sort by", QStringLiteral("note"));
    QCOMPARE(order(), (Runs{3, 2, 1}));
    choose("Sort by", QStringLiteral("no."));
    QCOMPARE(order(), (Runs{3, 2, 1}));  // the newest first
    QVERIFY(!table()->isColumnHidden(RunModel::note));
    choose("Columns", QStringLiteral("note"));
    QVERIFY(table()->isColumnHidden(RunModel::note));
    choose("Columns", QStringLiteral("note"));
    QVERIFY(!table()->isColumnHidden(RunModel::note));
  }

  void the_curves_are_those_of_the_newest_choice() {
    add_runs(3);
    for (int run = 1; run <= 3; ++run)
      for (int step = 1; step <= 10 * run; ++step)
        workspace_->store().add_metrics(run, {{"loss", {step, 1.0 * step, 1.0 * step, 0, 5.0}}});
    for (const Runs& runs : {Runs{1}, Runs{1, 2}, Runs{2}, Runs{3}}) table()->choose(runs);
    QTRY_COMPARE(points_shown(3), 30);
    QCOMPARE(find<CurvePlot>("compare_plot")->curves().size(), std::size_t{1});
    table()->choose({1, 2});
    QTRY_COMPARE(points_shown(1), 10);
    QCOMPARE(points_shown(2), 20);
    QCOMPARE(points_shown(3), -1);
  }

  void of_very_many_runs_the_first_are_drawn_and_that_is_told() {
    add_runs(55);
    workspace_->store().add_metrics(55, {{"loss", {1, 1, 1, 0, 5.0}}});
    table()->selectAll();
    QTRY_COMPARE(find<CurvePlot>("compare_plot")->curves().size(), std::size_t{50});
    QCOMPARE(points_shown(55), 1);
    QVERIFY(
        std::ranges::any_of(find<QWidget>("compare_plot")->parentWidget()->findChildren<QLabel*>(),
                            [](const QLabel* words) {
                              return words->text() == QLatin1String("the first 50 of 55 runs");
                            }));
  }

  void maps_are_read_beside_the_window_and_those_of_the_newest_choice_are_shown() {
    add_runs(3);
    for (const int run : {1, 2, 3}) add_map(run, 40);
    workspace_->open_dataset_at(QStringLiteral("procedural:40"));
    QTRY_VERIFY(workspace_->dataset());
    CompareMaps maps(*workspace_);
    maps.resize(900, 400);
    maps.show();
    maps.show_runs({1, 2});
    QVERIFY(maps.plots().isEmpty());  // nothing was read in this thread
    const QStringList first{QStringLiteral("map_of_run_1"), QStringLiteral("map_of_run_2")};
    QTRY_COMPARE(names_of(maps), first);
    QVERIFY(QTest::qWaitForWindowExposed(&maps));
    for (const MapPlot* plot : maps.plots()) {
      QCOMPARE(plot->points().size(), std::size_t{40});
      for (const MapPoint& point : plot->points())
        QCOMPARE(point.group, workspace_->dataset()->label(point.id));
    }
    MapPlot* one = maps.plots().first();
    QTRY_VERIFY(one->isVisible());
    QTest::mouseClick(one, Qt::LeftButton, {}, one->position_of(20).toPoint());
    QCOMPARE(maps.plots().last()->selection(), QSet<qint64>{20});
    // While others are read, those before stay; what is selected is selected in those that follow.
    maps.show_runs({1});
    maps.show_runs({2, 3});
    QCOMPARE(names_of(maps), first);
    const QStringList second{QStringLiteral("map_of_run_2"), QStringLiteral("map_of_run_3")};
    QTRY_COMPARE(names_of(maps), second);
    for (const MapPlot* plot : maps.plots()) QCOMPARE(plot->selection(), QSet<qint64>{20});
    // None are shown at once, whatever is still being read.
    maps.show_runs({1});
    maps.show_runs({});
    QVERIFY(maps.plots().isEmpty());
    maps.show_runs({3});
    QTRY_COMPARE(names_of(maps), QStringList{QStringLiteral("map_of_run_3")});
  }

  void a_run_in_training_is_followed() {
    add_runs(1);
    Store& store = workspace_->store();
    const auto images = open_dataset("procedural:40");
    const auto run = store.create_run("in training", workspace_->settings(), *images);
    Q_EMIT workspace_->runs_changed();
    window_->place(QStringLiteral("compare"))
        ->findChild<QTimer*>(QStringLiteral("follow_runs"))
        ->setInterval(10);
    table()->choose({run});
    // Of the first metric on, and of another program, too: nothing is told but by the store.
    store.add_metrics(run, {{"loss", {1, 0.5, 1, 0, 5.0}}});
    QTRY_COMPARE(points_shown(run), 1);
    store.add_metrics(run, {{"loss", {2, 1, 2, 0, 4.0}}, {"loss", {3, 1.5, 3, 0, 3.0}}});
    store.set_progress(run, 3, 1.5, 90);
    QTRY_COMPARE(points_shown(run), 3);
    const auto cell = [this](int column) {
      return table()->model()->index(0, column).data().toString();
    };
    QTRY_COMPARE(cell(RunModel::epochs), QStringLiteral("1.5"));
    QTRY_COMPARE(cell(RunModel::loss_last), QStringLiteral("3"));
    store.set_status(run, RunStatus::finished);
    QTRY_COMPARE(cell(RunModel::status), QStringLiteral("finished"));
  }

  void runs_that_change_while_they_are_not_seen_are_read_when_they_are() {
    add_runs(1);
    window_->go_to(QStringLiteral("data"));
    auto* table = window_->findChild<RunTable*>();
    const auto images = open_dataset("procedural:40");
    workspace_->store().create_run("later", workspace_->settings(), *images);
    Q_EMIT workspace_->runs_changed();
    QCOMPARE(table->model()->rowCount(), 1);
    window_->go_to(QStringLiteral("compare"));
    QCOMPARE(table->model()->rowCount(), 2);
  }
};

SELFSIGHT_SUITE(TestCompare, QApplication);
#include "test_compare.moc"
