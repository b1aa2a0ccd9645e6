// Runs side by side: what is read of them, followed, archived and brought back.
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>
#include <QTimer>
#include <QtTest>
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "app/ask.h"
#include "app/main_window.h"
#include "app/places/compare_image.h"
#include "app/places/compare_maps.h"
#include "app/places/place.h"
#include "app/workspace.h"
#include "tests/app/runs_window.h"
#include "tests/suite.h"
#include "widgets/curve_plot.h"
#include "widgets/legend.h"
#include "widgets/map_plot.h"
#include "widgets/picture_rows.h"
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

  /// Each with a map; Compare is not told of them.
  void add_mapped_runs(int count) {
    const auto images = open_dataset("procedural:40");
    for (int i = 0; i < count; ++i) {
      const auto run = workspace_->store().create_run("mapped", workspace_->settings(), *images);
      workspace_->store().set_status(run, RunStatus::finished);
      add_map(run, 40);
    }
  }
  static bool tells(const QWidget& widget, const QString& words) {
    return std::ranges::any_of(widget.findChildren<QLabel*>(), [&](const QLabel* label) {
      return !label->isHidden() && label->text().startsWith(words);
    });
  }
  std::int64_t train_run(const std::shared_ptr<const Dataset>& images) {
    Settings settings = workspace_->settings();
    apply_assignments(settings, smallest_run(), run_schema);
    const auto run = prepare_run(workspace_->store(), settings, *images);
    Control control;
    run_training(workspace_->store_folder(), run, images, nullptr, control);
    return run;
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

  void what_is_being_written_into_the_table_stays() {
    add_runs(3);
    table()->setFocus();
    table()->setCurrentIndex(table()->model()->index(0, RunModel::note));
    table()->edit(table()->currentIndex());
    auto* editor = table()->viewport()->findChild<QLineEdit*>();
    QVERIFY(editor);
    const std::int64_t run = table()->shown().front();
    editor->clear();
    QTest::keyClicks(editor, QStringLiteral("worth a look"));
    workspace_->store().set_note(run, "from elsewhere");
    Q_EMIT workspace_->runs_changed();
    QCOMPARE(editor->text(), QStringLiteral("worth a look"));
    QVERIFY(table()->editing());
    QTest::keyClick(editor, Qt::Key_Return);
    QTRY_COMPARE(workspace_->store().run(run).note, std::string("worth a look"));
    QTRY_VERIFY(!table()->editing());
  }

  void what_is_stopped_among_the_jobs_leaves_nothing() {
    add_runs(1);
    table()->choose({1});
    const auto stops = connect(workspace_.get(), &Workspace::jobs_changed, this, [this] {
      for (Job* job : workspace_->jobs()) job->stop();
    });
    QSignalSpy problem(workspace_.get(), &Workspace::problem);
    const auto before = ask();
    const QString file = folder_->filePath(QStringLiteral("report.html"));
    ask().save_file = [file](QWidget*, const QString&, const QString&, const QString&) {
      return file;
    };
    ask().open_file = [file](QWidget*, const QString&) { return file; };
    click("write_report");
    QTRY_VERIFY(workspace_->jobs().isEmpty());
    click("import_run");  // would be refused, were it not stopped
    QTRY_VERIFY(workspace_->jobs().isEmpty());
    ask() = before;
    disconnect(stops);
    QVERIFY(!QFile::exists(file));
    QVERIFY(problem.isEmpty());
  }

  void a_baseline_that_is_archived_is_none_until_it_comes_back() {
    add_runs(2);
    table()->choose({1});
    click("pin_baseline");
    const auto* button = find<QPushButton>("pin_baseline");
    QCOMPARE(button->text(), QStringLiteral("No baseline"));
    press({1}, Qt::Key_Delete);
    table()->choose({2});
    QCOMPARE(button->text(), QStringLiteral("Pin as baseline"));
    take_back();
    table()->choose({2});
    QCOMPARE(button->text(), QStringLiteral("No baseline"));
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

  void maps_stay_as_the_person_has_them_until_they_are_others() {
    add_mapped_runs(4);
    CompareMaps maps(*workspace_);
    maps.resize(900, 400);
    maps.show();
    QVERIFY(QTest::qWaitForWindowExposed(&maps));
    maps.show_runs({1, 2, 3});
    QTRY_COMPARE(maps.plots().size(), 3);
    const QList<MapPlot*> before = maps.plots();
    MapPlot* one = before.first();
    const auto apart = [one] { return one->position_of(20) - one->position_of(0); };
    const QPointF whole = apart();
    QTest::keyClick(one, Qt::Key_Plus);
    const QPointF zoomed = apart();
    QVERIFY(zoomed != whole);
    // One run more is told of, but the maps of the first three are what they were.
    maps.show_runs({1, 2, 3, 4});
    QTRY_VERIFY(tells(maps, QStringLiteral("the first 3 of 4 runs that have one")));
    QVERIFY(maps.plots() == before);
    QCOMPARE(apart(), zoomed);
    add_map(1, 39);
    maps.show_runs({1, 2, 3, 4});
    QTRY_COMPARE(maps.plots().first()->points().size(), std::size_t{39});
  }

  void the_colours_of_maps_are_named_below_them_and_in_their_files() {
    add_mapped_runs(2);
    workspace_->open_dataset_at(QStringLiteral("procedural:40"));
    QTRY_VERIFY(workspace_->dataset());
    CompareMaps maps(*workspace_);
    maps.resize(900, 400);
    maps.show();
    auto* legend = maps.findChild<Legend*>(QStringLiteral("compare_legend"));
    QVERIFY(legend->isHidden());
    maps.show_runs({1, 2});
    QTRY_COMPARE(maps.plots().size(), 2);
    QVERIFY(!legend->isHidden());
    auto* disc = legend->findChild<QPushButton*>(QStringLiteral("legend_0"));
    QCOMPARE(disc->text(), QStringLiteral("disc"));
    const auto file = [&](const char* format) {
      return maps.plots().last()->rendered(QString::fromLatin1(format));
    };
    QVERIFY(file("csv").startsWith("id,x,y,group\n0,0,0,\"disc\"\n1,1,1,\"ring\"\n"));
    QVERIFY(file("svg").contains(">disc<") && file("svg").contains(">ring<"));
    disc->click();  // hides it in all of them
    QVERIFY(!file("svg").contains(">disc<") && file("svg").contains(">ring<"));
    // Of images that are not open, no labels are known.
    workspace_->open_dataset_at(QStringLiteral("procedural:60"));
    QTRY_VERIFY(legend->isHidden());
    QVERIFY(file("csv").startsWith("id,x,y,group\n0,0,0,\"\"\n"));
    QVERIFY(!file("svg").contains("<text"));
  }

  void a_map_is_saved_by_a_dialog_of_the_window() {
    add_mapped_runs(1);
    CompareMaps maps(*workspace_);
    maps.show();
    maps.show_runs({1});
    QTRY_COMPARE(maps.plots().size(), 1);
    const auto before = ask();
    const QString path = folder_->filePath(QStringLiteral("map.csv"));
    const QWidget* parent = nullptr;
    ask().save_file = [&](QWidget* asked, const QString&, const QString&, const QString&) {
      parent = asked;
      return path;
    };
    MapPlot* plot = maps.plots().first();
    Q_EMIT plot->customContextMenuRequested({5, 5});
    auto* menu = plot->findChild<QMenu*>(QStringLiteral("export_menu"));
    QVERIFY(menu);
    menu->actions().last()->trigger();
    menu->close();
    ask() = before;
    QVERIFY(parent == &maps);  // which stays if the map does not
    QFile saved(path);
    QVERIFY(saved.open(QIODevice::ReadOnly));
    QVERIFY(saved.readAll().startsWith("id,x,y,group\n"));
  }

  void maps_that_cannot_be_read_are_not_said_to_be_missing() {
    add_mapped_runs(1);
    CompareMaps maps(*workspace_);
    maps.show();
    const std::filesystem::path store = workspace_->store_folder();
    const std::filesystem::path aside = store.parent_path() / "aside";
    std::filesystem::rename(store, aside);
    std::ofstream(store) << "no folder";
    maps.show_runs({1});
    QTRY_VERIFY(tells(maps, QStringLiteral("The maps could not be read.")));
    std::filesystem::remove(store);
    std::filesystem::rename(aside, store);
    maps.show_runs({1});
    QTRY_COMPARE(maps.plots().size(), 1);
    QVERIFY(!tells(maps, QStringLiteral("The maps could not be read.")));
  }

  void an_image_has_the_neighbours_of_the_runs_it_stands_beside_and_once() {
    const auto images = open_dataset("procedural:120");
    const auto trained = train_run(images);
    const auto bare = workspace_->store().create_run("bare", workspace_->settings(), *images);
    workspace_->store().set_status(bare, RunStatus::finished);
    workspace_->open_dataset_at(QStringLiteral("procedural:12000"));
    QTRY_VERIFY(workspace_->dataset());
    CompareImage image(*workspace_);
    image.resize(900, 400);
    image.show();
    QVERIFY(QTest::qWaitForWindowExposed(&image));
    QSignalSpy complete(&image, &CompareImage::complete);
    const auto* rows = image.findChild<PictureRows*>(QStringLiteral("compare_rows"));
    const auto lines = [rows](const char* part) {
      qsizetype count = 0;
      for (const PictureRow& row : rows->rows())
        for (const PictureLine& line : row.lines) count += line.text.contains(QLatin1String(part));
      return count;
    };
    // Asked again while neighbours are searched for among thousands of images.
    image.show_runs({trained});
    QVERIFY(QTest::qWaitFor([&] { return !rows->rows().isEmpty(); }, patience));
    image.show_runs({trained});
    QTRY_COMPARE_WITH_TIMEOUT(complete.size(), 2, patience);
    QCOMPARE(lines("nearest at cosine"), 1);
    // Another run is chosen while they are searched for among others.
    workspace_->open_dataset_at(QStringLiteral("procedural:11000"));
    QVERIFY(QTest::qWaitFor([&] { return lines("nearest at cosine") == 0 || complete.size() > 2; },
                            patience));
    image.show_runs({bare});
    const auto answered = [&] {
      return rows->rows().size() == 1 &&
             rows->rows().first().lines.last().text.contains(QStringLiteral("no checkpoint"));
    };
    QTRY_VERIFY_WITH_TIMEOUT(answered(), patience);
    QCOMPARE(lines("nearest at cosine"), 0);
  }

  void one_run_is_told_of_in_the_singular() {
    add_runs(1);
    const QWidget& compare = *window_->place(QStringLiteral("compare"));
    QVERIFY(tells(compare, QStringLiteral("1 of 1 run")));
    QVERIFY(!tells(compare, QStringLiteral("1 of 1 runs")));
    click("chip_sweep");
    QVERIFY(tells(compare, QStringLiteral("1 run · ")));
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
