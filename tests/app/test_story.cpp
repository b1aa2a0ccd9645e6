// The whole way a person goes, with real clicks and keys on real pictures: open images, change a
// crop, train, pause, resume, explore, lasso, search, evaluate, train again with another
// temperature, compare, export a report. What is left is looked for in the store and the files.
// With SELFSIGHT_LARGE_STORE=1 the person has 500 runs from before.
#include <QAbstractButton>
#include <QAction>
#include <QComboBox>
#include <QDropEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMimeData>
#include <QPushButton>
#include <QSlider>
#include <QtTest>
#include <cmath>

#include "app/ask.h"
#include "app/main_window.h"
#include "app/places/place.h"
#include "app/workspace.h"
#include "tests/app/clicks.h"
#include "tests/gui.h"
#include "tests/large_store.h"
#include "tests/suite.h"
#include "widgets/curve_plot.h"
#include "widgets/diff_table.h"
#include "widgets/fact_table.h"
#include "widgets/map_plot.h"
#include "widgets/neighbour_strip.h"
#include "widgets/picture.h"
#include "widgets/picture_rows.h"
#include "widgets/picture_strip.h"
#include "widgets/run_table.h"
#include "widgets/theme.h"

using namespace selfsight;

namespace {

constexpr int images_per_class = 60;

}  // namespace

class TestStory : public QObject {
  Q_OBJECT

  const OwnSettings own_settings_;
  QTemporaryDir folder_;
  std::unique_ptr<Workspace> workspace_;
  std::unique_ptr<MainWindow> window_;
  std::int64_t first_ = 0, second_ = 0;
  int before_ = 0;  // runs that the store had already

  template <class W>
  W* find(const char* name) {
    return find_in<W>(*window_, name);
  }
  void click(const char* name) { click_in(*window_, name); }
  void go(const char* keys, const char* place) {
    QTRY_VERIFY(window_->isActiveWindow());
    // Nothing has been left open that takes the keys, nor come up as a window of its own.
    for (const QWidget* other : QApplication::topLevelWidgets())
      QVERIFY2(other == window_.get() || !other->isVisible(), other->metaObject()->className());
    QTest::keySequence(window_.get(), QKeySequence(QString::fromLatin1(keys)));
    QCOMPARE(window_->current_place(), QString::fromLatin1(place));
  }
  const Store& store() { return workspace_->store(); }
  QString file(const char* name) { return folder_.filePath(QString::fromLatin1(name)); }
  QByteArray contents(const char* name) {
    QFile opened(file(name));
    return opened.open(QIODevice::ReadOnly) ? opened.readAll() : QByteArray();
  }

  /// Fashion-MNIST's first pictures of each class, as files in a folder of the class's name.
  void write_pictures() {
    const auto set = open_dataset("fashion-mnist");
    std::vector<int> written(set->classes().size(), 0);
    for (std::int64_t id = 0; id < set->size(); ++id) {
      const auto label = static_cast<std::size_t>(set->label(id));
      if (written[label] == images_per_class) continue;
      QString name = QString::fromStdString(set->classes()[label]);
      const QString folder = file("pictures/") + name.replace(QLatin1Char('/'), QLatin1Char('-'));
      QDir().mkpath(folder);
      QVERIFY(to_image(set->image(id))
                  .save(QStringLiteral("%1/%2.png").arg(folder).arg(written[label]++)));
      if (std::ranges::all_of(written, [](int n) { return n == images_per_class; })) return;
    }
  }
  void drop(const QString& path) {
    QMimeData data;
    data.setUrls({QUrl::fromLocalFile(path)});
    QDragEnterEvent enter({400, 400}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    static_cast<QObject*>(window_.get())->event(&enter);
    QVERIFY(enter.isAccepted());
    QDropEvent dropped(QPointF(400, 400), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    static_cast<QObject*>(window_.get())->event(&dropped);
  }
  void choose_export(const char* words) { choose_export_in(*window_, words); }
  void answer_save_with(const char* name) {
    ask().save_file = [path = file(name)](QWidget*, const QString&, const QString&,
                                          const QString&) { return path; };
  }
  void lasso_around(MapPlot* map, double radius) {
    const QPointF middle(map->width() / 2.0, map->height() / 2.0);
    const auto at = [&](int i) {
      return (middle + QPointF(std::cos(i * 0.5), std::sin(i * 0.5)) * radius).toPoint();
    };
    QTest::mousePress(map, Qt::LeftButton, {}, at(0));
    for (int i = 1; i < 13; ++i) {
      QMouseEvent move(QEvent::MouseMove, at(i), map->mapToGlobal(at(i)), Qt::NoButton,
                       Qt::LeftButton, {});
      QCoreApplication::sendEvent(map, &move);
    }
    QTest::mouseRelease(map, Qt::LeftButton, {}, at(13));
  }

 private Q_SLOTS:
  void initTestCase() {
    apply_theme(*qApp, Scheme::light);
    write_pictures();
    if (qEnvironmentVariableIntValue("SELFSIGHT_LARGE_STORE") != 0) {
      Store store(file("store").toStdString());
      fill_large_store(store);
      before_ = large_store_runs;
    }
    workspace_ = std::make_unique<Workspace>(file("store").toStdString());
    window_ = std::make_unique<MainWindow>(*workspace_);
    window_->resize(1440, 900);
    window_->show();
    QVERIFY(QTest::qWaitForWindowActive(window_.get()));
    connect(workspace_.get(), &Workspace::problem, this,
            [](const QString& message) { QFAIL(qPrintable(message)); });
  }
  void init() { fail_on_warnings(); }
  void cleanupTestCase() {
    window_.reset();
    workspace_.reset();
  }

  void a_folder_is_dropped_and_opened() {
    Settings settings = workspace_->settings();
    settings.set("train.workers", std::int64_t{1});  // untouched, they would follow the data set
    workspace_->set_settings(settings);
    drop(file("pictures"));
    QTRY_VERIFY_WITH_TIMEOUT(workspace_->statistics().has_value(), patience);
    QCOMPARE(workspace_->dataset()->size(), 10 * images_per_class);
    QCOMPARE(workspace_->dataset()->classes().size(), std::size_t{10});
  }

  void a_crop_is_changed_and_the_views_follow() {
    // A network and a batch that a busy machine trains in seconds.
    Settings settings = workspace_->settings();
    apply_assignments(settings,
                      {"views.size=16", "encoder.name=resnet20", "encoder.stem=half",
                       "train.batch_size=32", "train.epochs=40", "train.threads=1",
                       "train.workers=1", "monitor.every_epochs=0.5", "optimiser.warmup_epochs=0"},
                      run_schema);
    workspace_->set_settings(settings);
    go("Ctrl+2", "views");
    auto* rows = find<PictureRows>("view_rows");
    QTRY_VERIFY(!rows->rows().isEmpty());
    const QImage before = rows->rows()[0].cells[1].image;
    auto* crop = find<QSlider>("views.crop_min_slider");
    crop->setFocus();
    for (int i = 0; i < 4; ++i) QTest::keyClick(crop, Qt::Key_PageUp);
    QVERIFY(workspace_->settings().get<double>("views.crop_min") > 0.4);
    QTRY_VERIFY(rows->rows()[0].cells[1].image != before);
  }

  void a_run_starts_and_knn_and_its_batch_appear() {
    go("Ctrl+3", "pretrain");
    click("start_run");
    QVERIFY(workspace_->training());
    first_ = workspace_->training()->run();
    QTRY_VERIFY_WITH_TIMEOUT(find<CurvePlot>("knn_plot")->curves().front().points.size() >= 2,
                             patience);
    QTRY_VERIFY_WITH_TIMEOUT(find<PictureStrip>("picture_strip")->groups().size() >= 8, patience);
    QCOMPARE(find<PictureStrip>("picture_strip")->groups().front().size(), 2);
    QVERIFY(!find<CurvePlot>("loss_plot")->references().empty());
  }

  void it_is_paused_stopped_and_resumed() {
    click("pause_run");
    QVERIFY(workspace_->training()->paused());
    click("pause_run");
    click("stop_run");
    QTRY_VERIFY_WITH_TIMEOUT(!workspace_->training(), patience);
    QCOMPARE(store().run(first_).status, RunStatus::stopped);
    QCOMPARE(find<CurvePlot>("loss_plot")->events().size(), store().checkpoints(first_).size());
    const auto steps = store().run(first_).step;
    click("resume_run");
    QTRY_VERIFY_WITH_TIMEOUT(workspace_->training() && workspace_->training()->last_step() &&
                                 workspace_->training()->last_step()->step > steps + 2,
                             patience);
    click("stop_run");
    QTRY_VERIFY_WITH_TIMEOUT(!workspace_->training(), patience);
    const auto loss = store().metric(first_, "loss");
    QCOMPARE(loss.back().segment, 1);
    for (std::size_t i = 0; i < loss.size(); ++i)
      QCOMPARE(loss[i].step, static_cast<std::int64_t>(i + 1));
  }

  void its_images_are_mapped_lassoed_and_searched() {
    click("explore_run");
    click("chip_pca");
    click("start_map");
    auto* map = find<MapPlot>("map_plot");
    QTRY_VERIFY_WITH_TIMEOUT(workspace_->jobs().isEmpty() && !map->points().empty(), patience);
    QCOMPARE(store().maps(first_).size(), std::size_t{1});
    map->setFocus();
    QTest::keyClick(map, Qt::Key_L);
    lasso_around(map, 0.3 * map->height());
    const auto chosen = map->selection().size();
    QVERIFY(chosen > 0 && chosen < static_cast<qsizetype>(map->points().size()));
    QTest::keyClick(map, Qt::Key_L);
    // A picture of the training split: it is not on the map, its likes are.
    const QString picture = file("pictures/Sneaker/0.png");
    QVERIFY2(QFile::exists(picture), qPrintable(picture));
    auto* among = find<QComboBox>("search_among");
    among->setCurrentIndex(among->findData(QStringLiteral("mapped")));
    drop(picture);
    auto* strip = find<NeighbourStrip>("neighbour_strip");
    QTRY_VERIFY_WITH_TIMEOUT(!strip->pictures().isEmpty(), patience);
    QTest::mouseClick(strip, Qt::LeftButton, {}, {20, 20});
    QCOMPARE(map->selection(), QSet<qint64>{strip->pictures().first().id});
    answer_save_with("map.csv");
    choose_export("Map as CSV");
    QTRY_COMPARE(contents("map.csv").count('\n'), static_cast<qsizetype>(map->points().size()) + 1);
  }

  void it_is_evaluated_on_the_test_split() {
    go("Ctrl+5", "evaluate");
    click("start_knn");
    QTRY_VERIFY_WITH_TIMEOUT(workspace_->jobs().isEmpty(), patience);
    const auto evaluations = store().evaluations(first_);
    const auto accuracy = std::ranges::find(evaluations, "accuracy", &Evaluation::metric);
    QVERIFY(accuracy != evaluations.end());
    QVERIFY(accuracy->value > 0.2);  // chance is 0.1
    QVERIFY(QString::fromStdString(accuracy->protocol).contains(QStringLiteral("test")));
    QTRY_VERIFY(
        find<FactTable>("knn_results")->value(QStringLiteral("Trained encoder")).contains('%'));
  }

  void a_second_run_with_another_temperature_ends_by_itself() {
    go("Ctrl+3", "pretrain");
    click("new_run");
    Settings settings = workspace_->settings();
    settings.set("train.epochs", 1.0);
    workspace_->set_settings(settings);
    auto* temperature = find<QLineEdit>("method.temperature");
    QVERIFY(temperature);
    temperature->setFocus();
    temperature->selectAll();
    QTest::keyClicks(temperature, QStringLiteral("0.2"));
    QTest::keyClick(temperature, Qt::Key_Return);
    QCOMPARE(workspace_->settings().get<double>("method.temperature"), 0.2);
    click("start_run");
    second_ = workspace_->training()->run();
    QTRY_VERIFY_WITH_TIMEOUT(!workspace_->training(), patience);
    QCOMPARE(store().run(second_).status, RunStatus::finished);
  }

  void both_stand_side_by_side_and_the_baseline_is_pinned() {
    go("Ctrl+6", "compare");
    auto* table = find<RunTable>("run_table");
    QCOMPARE(table->chosen().size(), std::size_t{2});
    QTRY_COMPARE(find<CurvePlot>("compare_plot")->curves().size(), std::size_t{2});
    auto* model = find<DiffTable>("diff_table")->differences();
    QStringList keys;
    for (int row = 0; row < model->rowCount(); ++row)
      keys << model->index(row, 0).data().toString();
    keys.sort();
    QCOMPARE(keys,
             (QStringList{QStringLiteral("method.temperature"), QStringLiteral("train.epochs")}));
    table->runs()->set_baseline(first_);
    const auto cell = [&](std::int64_t run) {
      for (int row = 0; row < table->model()->rowCount(); ++row)
        if (table->model()->index(row, 0).data(RunModel::id_role).toLongLong() == run)
          return table->model()->index(row, RunModel::knn_best).data().toString();
      return QString();
    };
    QTRY_VERIFY(cell(first_).endsWith(QLatin1Char('%')));
    QTRY_VERIFY(cell(second_).contains(QLatin1Char('+')) || cell(second_).contains(QChar(0x2212)));
    MapPlot* map = nullptr;
    QTRY_VERIFY((map = find<MapPlot>(("map_of_run_" + std::to_string(first_)).c_str())));
    QVERIFY(!map->points().empty());
  }

  void a_report_and_curves_are_exported() {
    answer_save_with("report.html");
    choose_export("Report");
    QTRY_VERIFY_WITH_TIMEOUT(!contents("report.html").isEmpty(), patience);
    const QByteArray report = contents("report.html");
    for (const char* wanted : {"2 runs compared", "method.temperature", "0.2", "protocol", "<svg"})
      QVERIFY2(report.contains(wanted), wanted);
    for (const char* foreign : {"<script", "src=", "href="}) QVERIFY(!report.contains(foreign));
    answer_save_with("curves.csv");
    choose_export("Values as CSV");
    QTRY_COMPARE(
        static_cast<std::size_t>(contents("curves.csv").count('\n')),
        store().metric(first_, "loss").size() + store().metric(second_, "loss").size() + 1);
    answer_save_with("curves.pdf");
    choose_export("Curves as PDF");
    QTRY_VERIFY(contents("curves.pdf").startsWith("%PDF"));
  }

  void a_deleted_run_comes_back_by_undo_and_goes_with_the_window() {
    auto* table = find<RunTable>("run_table");
    table->choose({second_});
    QTest::keyClick(table, Qt::Key_Delete, Qt::ShiftModifier);
    QCOMPARE(table->model()->rowCount(), before_ + 1);
    click("undo_archive");
    QCOMPARE(table->model()->rowCount(), before_ + 2);
    table->choose({second_});
    QTest::keyClick(table, Qt::Key_Delete, Qt::ShiftModifier);
    const auto stored = [this] { return static_cast<int>(store().runs().size()); };
    QCOMPARE(stored(), before_ + 2);  // it can still be taken back
    window_.reset();
    QCOMPARE(stored(), before_ + 1);
    QVERIFY(store().metric(second_, "loss").empty());
  }
};

SELFSIGHT_SUITE(TestStory, QApplication);
#include "test_story.moc"
