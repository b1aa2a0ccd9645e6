// One person's way through the window: train, pause, stop, resume, map, measure, compare.
#include <QAbstractItemModelTester>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSlider>
#include <QSpinBox>
#include <QTableWidget>
#include <QToolButton>
#include <QtTest>
#include <cmath>

#include "app/jobs/job.h"
#include "app/jobs/pipeline_maps.h"
#include "app/main_window.h"
#include "app/places/place.h"
#include "app/workspace.h"
#include "tests/app/clicks.h"
#include "tests/gui.h"
#include "tests/suite.h"
#include "tests/widgets/readers.h"
#include "widgets/curve_plot.h"
#include "widgets/diff_table.h"
#include "widgets/fact_table.h"
#include "widgets/frame_player.h"
#include "widgets/label_curve.h"
#include "widgets/legend.h"
#include "widgets/map_plot.h"
#include "widgets/neighbour_strip.h"
#include "widgets/parallel_plot.h"
#include "widgets/picture_rows.h"
#include "widgets/run_table.h"
#include "widgets/spec_form.h"
#include "widgets/theme.h"

using namespace selfsight;

class TestPlaces : public WindowTest {
  Q_OBJECT

  QTemporaryDir folder_;

  bool shown(const char* name) { return find<QWidget>(name)->isVisible(); }
  void go(const char* place) {
    QTest::mouseClick(window_->findChild<QWidget*>(QStringLiteral("go_to_") + place),
                      Qt::LeftButton);
    QCOMPARE(window_->current_place(), QString::fromLatin1(place));
  }
  std::size_t losses(std::int64_t run) { return workspace_->store().metric(run, "loss").size(); }
  std::size_t losses_shown() {
    return find<CurvePlot>("loss_plot")->curves().front().points.size();
  }
  RunStatus status(std::int64_t run) { return workspace_->store().run(run).status; }

 private Q_SLOTS:
  void initTestCase() {
    apply_theme(*qApp, Scheme::light);
    workspace_ =
        std::make_unique<Workspace>(folder_.filePath(QStringLiteral("store")).toStdString());
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

  void a_run_cannot_start_before_images_are_open() {
    go("pretrain");
    QVERIFY(!find<QPushButton>("start_run")->isEnabled());
    QVERIFY(find<QLabel>("run_obstacle")->isVisible());
    set({"train.workers=1"});  // settings that nobody touched would follow the data set
    workspace_->open_dataset_at(QStringLiteral("procedural:400"));
    QTRY_VERIFY(workspace_->statistics().has_value());
    set({"views.size=16", "encoder.name=resnet20", "encoder.stem=half", "train.batch_size=32",
         "train.epochs=40", "train.threads=1", "train.workers=1", "monitor.every_epochs=0.5",
         "optimiser.warmup_epochs=0"});
    QVERIFY(find<QPushButton>("start_run")->isEnabled());
    QVERIFY(!find<QLabel>("run_obstacle")->isVisible());
  }

  void too_large_a_batch_is_an_obstacle() {
    set({"train.batch_size=4096"});
    QVERIFY(!find<QPushButton>("start_run")->isEnabled());
    QVERIFY(find<QLabel>("run_obstacle")->text().contains(QStringLiteral("4,096")));
    QVERIFY(find<QLabel>("run_obstacle")
                ->text()
                .contains(QStringLiteral("Make “Batch size” smaller or add images.")));
    set({"train.batch_size=32"});
    QVERIFY(find<QPushButton>("start_run")->isEnabled());
  }

  void a_run_starts_and_its_metrics_appear() {
    click("start_run");
    QVERIFY(workspace_->training());
    QVERIFY(shown("pause_run") && shown("stop_run") && !shown("start_run"));
    QTRY_VERIFY_WITH_TIMEOUT(losses_shown() >= 6, patience);
    QTRY_VERIFY_WITH_TIMEOUT(!find<CurvePlot>("knn_plot")->curves().front().points.empty(),
                             patience);
    auto* facts = find<FactTable>("run_facts");
    QVERIFY(!facts->value(QStringLiteral("Loss")).isEmpty());
    QVERIFY(!facts->value(QStringLiteral("kNN now")).isEmpty());
  }

  void a_pause_holds_the_run_and_go_on_lets_it_go() {
    click("pause_run");
    QCOMPARE(find<QPushButton>("pause_run")->text(), QStringLiteral("Go on"));
    QVERIFY(workspace_->training()->paused());
    const std::size_t before = losses_shown();
    click("pause_run");
    QCOMPARE(find<QPushButton>("pause_run")->text(), QStringLiteral("Pause"));
    QTRY_VERIFY_WITH_TIMEOUT(losses_shown() > before + 2, patience);
  }

  void what_came_out_of_view_is_drawn_once_it_is_looked_at() {
    go("data");
    const std::size_t before = losses_shown();
    const auto step = workspace_->training()->last_step()->step;
    QTRY_VERIFY_WITH_TIMEOUT(workspace_->training()->last_step()->step > step + 2, patience);
    QCOMPARE(losses_shown(), before);
    go("pretrain");
    QVERIFY(losses_shown() > before + 2);
  }

  void a_run_opened_while_it_trains_shows_each_point_once() {
    click("new_run");
    QVERIFY(!find<QPushButton>("start_run")->isEnabled());
    go("data");
    go("pretrain");
    const std::size_t before = losses_shown();
    QTRY_VERIFY_WITH_TIMEOUT(losses_shown() > before + 2, patience);
    const auto& points = find<CurvePlot>("loss_plot")->curves().front().points;
    for (std::size_t i = 1; i < points.size(); ++i) QVERIFY(points[i].step > points[i - 1].step);
  }

  void a_stop_keeps_the_state() {
    click("stop_run");
    QTRY_VERIFY_WITH_TIMEOUT(!workspace_->training(), patience);
    QCOMPARE(status(1), RunStatus::stopped);
    QVERIFY(!workspace_->store().checkpoints(1).empty());
    QCOMPARE(losses_shown(), losses(1));
    QCOMPARE(static_cast<std::int64_t>(losses(1)), workspace_->store().run(1).step);
    QVERIFY(shown("resume_run") && !shown("pause_run"));
  }

  void a_resume_from_the_set_up_page_goes_on_and_has_a_gap() {
    const std::size_t before = losses(1);
    click("new_run");
    click("resume_1");
    QVERIFY(workspace_->training());
    QTRY_VERIFY_WITH_TIMEOUT(losses_shown() > before + 2, patience);
    const auto& points = find<CurvePlot>("loss_plot")->curves().front().points;
    QCOMPARE(points[before - 1].segment, 0);
    QCOMPARE(points[before].segment, 1);
    QCOMPARE(points[before].step, points[before - 1].step + 1);
    click("stop_run");
    QTRY_VERIFY_WITH_TIMEOUT(!workspace_->training(), patience);
  }

  void a_short_run_with_another_temperature_ends_by_itself() {
    set({"method.temperature=0.1", "train.epochs=1"});
    click("new_run");
    click("start_run");
    QTRY_VERIFY_WITH_TIMEOUT(!workspace_->training(), patience);
    QCOMPARE(status(2), RunStatus::finished);
    QVERIFY(!shown("resume_run"));
    QVERIFY(shown("explore_run"));
  }

  void a_map_is_made_hovered_and_searched() {
    click("explore_run");
    QCOMPARE(window_->current_place(), QStringLiteral("explore"));
    click("chip_pca");
    click("start_map");
    auto* map = find<MapPlot>("map_plot");
    QTRY_VERIFY_WITH_TIMEOUT(workspace_->jobs().isEmpty() && !map->points().empty(), patience);
    QCOMPARE(workspace_->store().maps(2).size(), std::size_t{1});
    auto* among = find<QComboBox>("search_among");
    among->setCurrentIndex(among->findData(QStringLiteral("mapped")));
    const qint64 id = map->points().front().id;
    QTest::mouseClick(map, Qt::LeftButton, {}, map->position_of(id).toPoint());
    QCOMPARE(map->selection().size(), 1);
    auto* strip = find<NeighbourStrip>("neighbour_strip");
    QTRY_VERIFY_WITH_TIMEOUT(!strip->pictures().isEmpty(), patience);
    const qint64 other = strip->pictures().first().id;
    QVERIFY(other != *map->selection().begin());
    QTest::mouseClick(strip, Qt::LeftButton, {}, {20, 20});
    QCOMPARE(map->selection(), QSet<qint64>{other});
  }

  void the_map_is_there_again_and_the_other_method_is_not() {
    click("chip_tsne");
    QVERIFY(find<MapPlot>("map_plot")->points().empty());
    click("chip_pca");
    QVERIFY(!find<MapPlot>("map_plot")->points().empty());
  }

  void the_map_is_played_over_the_epochs() {
    click("chip_epochs");
    auto* map = find<MapPlot>("map_plot");
    QVERIFY(map->points().empty());
    find<QDoubleSpinBox>("perplexity")->setValue(8);
    click("start_map");
    QTRY_VERIFY_WITH_TIMEOUT(workspace_->jobs().isEmpty() && !map->points().empty(), patience);
    const auto frames = stored_sequence(workspace_->store(), 2);
    QVERIFY(frames.size() >= 2);
    auto* player = find<FramePlayer>("frame_player");
    QVERIFY(player->isVisible());
    QCOMPARE(player->frame(), static_cast<int>(frames.size()) - 1);
    const qint64 id = frames.front().ids.front();
    const auto shown = [&] {
      const auto point = std::ranges::find(map->points(), id, &MapPoint::id);
      return QPointF(point->x, point->y);
    };
    const auto first_point = [](const StoredMap& frame) {
      return QPointF(frame.xy[0], frame.xy[1]);
    };
    QCOMPARE(shown(), first_point(frames.back()));
    map->set_selection({id});
    QCoreApplication::processEvents();  // until the map has its final size
    const QPointF elsewhere = map->position_of(map->points().back().id);
    auto* slider = find<QSlider>("frame_slider");
    slider->setFocus();
    QTest::keyClick(slider, Qt::Key_Home);
    QTRY_COMPARE(player->position(), 0.0);
    QCOMPARE(shown(), first_point(frames.front()));
    QVERIFY(map->position_of(map->points().back().id) != elsewhere);
    QTest::mouseClick(find<QToolButton>("play_frames"), Qt::LeftButton);
    QVERIFY(player->playing());
    QTRY_VERIFY(!player->playing());
    QCOMPARE(shown(), first_point(frames.back()));
    QCOMPARE(map->position_of(map->points().back().id), elsewhere);  // the room stands still
    QCOMPARE(map->selection(), QSet<qint64>{id});
  }

  void the_map_is_coloured_by_what_the_features_say() {
    auto* map = find<MapPlot>("map_plot");
    auto* legend = find<Legend>("legend");
    auto* colour = find<QComboBox>("map_colour");
    for (const char* way : {"cluster", "same_label", "vote", "nearest", "norm"}) {
      colour->setFocus();
      QTest::keyClick(colour, Qt::Key_Home);
      while (colour->currentData().toString() != QLatin1String(way))
        QTest::keyClick(colour, Qt::Key_Down);
      const auto coloured = [&] {
        const auto entries = legend->findChildren<QPushButton*>();
        return workspace_->jobs().isEmpty() && entries.size() >= 2 &&
               entries.first()->text().startsWith(QLatin1String(std::map<std::string, const char*>{
                   {"cluster", "cluster 1"}, {"same_label", "0 to 20 %"}, {"vote", "found"}}[way]));
      };
      QTRY_VERIFY2_WITH_TIMEOUT(coloured(), way, patience);
      const auto count = legend->findChildren<QPushButton*>().size();
      for (const MapPoint& point : map->points()) QVERIFY(point.group >= 0 && point.group < count);
    }
    QTest::keyClick(colour, Qt::Key_Home);
  }

  void a_run_with_one_checkpoint_says_why_its_epochs_are_not_played() {
    Store& store = workspace_->store();
    const auto run = store.create_run("single", store.run(2).settings, *workspace_->dataset());
    const auto file = store.run_folder(run) / "only.safetensors";
    QVERIFY(QFile::copy(QString::fromStdString(store.checkpoints(2).back().info.file.string()),
                        QString::fromStdString(file.string())));
    store.add_checkpoint(run, {file, "aa", 10, 1});
    store.set_status(run, RunStatus::finished);
    workspace_->set_current_run(run);
    auto* chip = find<QPushButton>("chip_epochs");
    QVERIFY(!chip->isEnabled());
    QVERIFY(chip->toolTip().contains(QStringLiteral("one checkpoint")));
    QVERIFY(find<QPushButton>("chip_tsne")->isChecked());
    workspace_->set_current_run(2);
    QVERIFY(chip->isEnabled());
    store.delete_run(run);
    Q_EMIT workspace_->runs_changed();
  }

  void a_run_chosen_while_another_is_mapped_is_shown_after_it() {
    const auto* runs = find<QComboBox>("explore_run");
    click("chip_pca");
    const auto before = workspace_->store().maps(2).size();
    click("start_map");
    workspace_->set_current_run(1);
    QCOMPARE(runs->currentData().toInt(), 2);
    QTRY_VERIFY_WITH_TIMEOUT(workspace_->jobs().isEmpty(), patience);
    QCOMPARE(runs->currentData().toInt(), 1);
    QVERIFY(find<MapPlot>("map_plot")->points().empty());
    QCOMPARE(workspace_->store().maps(2).size(), before + 1);
    workspace_->set_current_run(2);
    QVERIFY(!find<MapPlot>("map_plot")->points().empty());
    click("chip_tsne");
  }

  void knn_is_measured_and_stored() {
    go("evaluate");
    click("start_knn");
    QTRY_VERIFY_WITH_TIMEOUT(workspace_->jobs().isEmpty(), patience);
    const auto evaluations = workspace_->store().evaluations(2);
    QStringList metrics;
    for (const Evaluation& e : evaluations) metrics << QString::fromStdString(e.metric);
    for (const char* metric : {"accuracy", "accuracy_random_encoder", "accuracy_raw_pixels"})
      QVERIFY2(metrics.contains(QString::fromLatin1(metric)), metric);
    auto* results = find<FactTable>("knn_results");
    QTRY_VERIFY(results->value(QStringLiteral("Trained encoder")).contains('%'));
    QVERIFY(find<QLabel>("knn_protocol")->text().contains(QStringLiteral("once")));
    QVERIFY(find<QLabel>("knn_verdict")->isVisible());
  }

  void a_linear_probe_is_measured_beside_it() {
    auto* kind = find<QComboBox>("probe_kind");
    kind->setCurrentIndex(kind->findData(QStringLiteral("linear")));
    QVERIFY(!shown("knn_k"));
    QVERIFY(!shown("knn_verdict"));  // nothing measured yet
    click("start_knn");
    QTRY_VERIFY_WITH_TIMEOUT(workspace_->jobs().isEmpty(), patience);
    QTRY_VERIFY(
        find<FactTable>("knn_results")->value(QStringLiteral("Trained encoder")).contains('%'));
    QVERIFY(find<QLabel>("knn_protocol")->text().contains(QStringLiteral("logistic regression")));
    kind->setCurrentIndex(0);
    QVERIFY(shown("knn_choose") && !shown("knn_k"));
    QVERIFY(find<QLabel>("knn_protocol")->text().contains(QStringLiteral("cosine")));
  }

  void each_number_opens_its_protocol() {
    auto* table = find<QTableWidget>("numbers");
    QVERIFY(table->rowCount() >= 6);  // kNN and linear, of three encoders each
    for (int row = 0; row < table->rowCount(); ++row) {
      table->setCurrentCell(row, 0);
      QVERIFY(find<QLabel>("opened_protocol")->text().startsWith(table->item(row, 0)->text()));
      QCOMPARE(find<FactTable>("protocol_facts")->value(QStringLiteral("split")),
               QStringLiteral("test"));
    }
  }

  void a_curve_of_labels_is_measured_stopped_and_gone_on_with() {
    auto* kind = find<QComboBox>("probe_kind");
    kind->setCurrentIndex(kind->findData(QStringLiteral("labels")));
    QVERIFY(!shown("label_curve"));
    auto* options = window_->findChild<SpecForm*>(QStringLiteral("probe_options"));
    QVERIFY(options->isVisible());
    const auto choose = [&](const char* key, Value value) {
      Q_EMIT options->value_changed(QString::fromLatin1(key), value);
    };
    choose("labels.lines", std::string("linear,pixels"));
    choose("labels.percent", std::vector<double>{10, 100});
    choose("labels.per_class", std::vector<double>{2});
    choose("labels.seeds", std::int64_t{2});
    click("start_knn");
    QTRY_VERIFY_WITH_TIMEOUT(workspace_->jobs().isEmpty(), patience);
    QTRY_VERIFY(shown("label_curve"));
    auto* curve = find<LabelCurve>("label_curve");
    QCOMPARE(curve->lines().size(), std::size_t{2});
    for (const LabelCurveLine& line : curve->lines()) QCOMPARE(line.points.size(), std::size_t{3});
    QVERIFY(find<QLabel>("label_verdict")->text().contains(QStringLiteral("labels")));
    const auto points = [&] {
      const auto all = workspace_->store().evaluations(2);
      return std::count_if(all.begin(), all.end(),
                           [](const Evaluation& e) { return e.kind == "labels"; });
    };
    QCOMPARE(points(), 10);  // two lines: two sizes of two draws, and all labels once
    // What is there is not measured again; a new seed is.
    click("start_knn");
    QTRY_VERIFY_WITH_TIMEOUT(workspace_->jobs().isEmpty(), patience);
    QCOMPARE(points(), 10);
    choose("labels.seeds", std::int64_t{3});
    click("start_knn");
    QTRY_VERIFY_WITH_TIMEOUT(workspace_->jobs().isEmpty(), patience);
    QCOMPARE(points(), 14);
    // Of other options another curve is shown, and this one again once it is asked for.
    QString titles;
    const auto sizes = [&] {
      std::vector<std::size_t> out;
      titles.clear();
      for (const LabelCurveLine& line : curve->lines()) {
        out.push_back(line.points.size());
        titles += line.title + QLatin1Char(';');
      }
      return out;
    };
    const auto before = sizes();
    choose("labels.images", std::int64_t{60});
    QCOMPARE(sizes(), before);
    QVERIFY(titles.contains(QStringLiteral("other options")));
    choose("labels.percent", std::vector<double>{100});
    click("start_knn");
    QTRY_VERIFY_WITH_TIMEOUT(workspace_->jobs().isEmpty(), patience);
    QTRY_COMPARE(sizes(), (std::vector<std::size_t>{2, 2}));
    QVERIFY(!titles.contains(QStringLiteral("other options")));
    choose("labels.images", std::int64_t{0});
    QCOMPARE(sizes(), before);
    QVERIFY(!titles.contains(QStringLiteral("other options")));
    // The Export menu has it.
    QStringList offers;
    for (const auto& [words, act] : window_->place(QStringLiteral("evaluate"))->exports())
      offers << words;
    for (const char* words : {"Label curve as PNG…", "Label curve as CSV…"})
      QVERIFY2(offers.contains(QString::fromUtf8(words)), words);
    QVERIFY(offers.filter(QStringLiteral("Confusion")).isEmpty());
    // A point opens its protocol.
    Q_EMIT curve->point_clicked(QStringLiteral("line"), QStringLiteral("10 %"),
                                curve->lines()[0].points[0].protocol);
    QCOMPARE(find<FactTable>("protocol_facts")->value(QStringLiteral("line")),
             QStringLiteral("linear"));
    kind->setCurrentIndex(0);
    QVERIFY(!shown("label_curve"));
  }

  void a_curve_of_other_images_does_not_stay() {
    auto* kind = find<QComboBox>("probe_kind");
    kind->setCurrentIndex(kind->findData(QStringLiteral("labels")));
    QVERIFY(shown("label_curve"));
    auto* options = window_->findChild<SpecForm*>(QStringLiteral("probe_options"));
    Q_EMIT options->value_changed(QStringLiteral("labels.seeds"), Value(std::int64_t{4}));
    const auto open = [this](const char* images, std::int64_t size) {
      workspace_->open_dataset_at(QString::fromLatin1(images));
      QTRY_COMPARE_WITH_TIMEOUT(workspace_->dataset()->size(), size, patience);
    };
    click("start_knn");
    Job* job = workspace_->jobs().last();
    job->pause();
    open("procedural:300", 300);
    job->stop();
    QTRY_VERIFY_WITH_TIMEOUT(workspace_->jobs().isEmpty(), patience);
    QVERIFY(!shown("label_curve"));
    open("procedural:400", 400);
    QTRY_VERIFY_WITH_TIMEOUT(workspace_->jobs().isEmpty(), patience);
    QVERIFY(shown("label_curve"));
    kind->setCurrentIndex(0);
  }

  void a_run_chosen_while_another_is_measured_is_shown_after_it() {
    const auto* runs = find<QComboBox>("evaluate_run");
    const auto before = workspace_->store().evaluations(2).size();
    click("start_knn");
    workspace_->set_current_run(1);
    QCOMPARE(runs->currentData().toInt(), 2);
    QTRY_VERIFY_WITH_TIMEOUT(workspace_->jobs().isEmpty(), patience);
    QCOMPARE(runs->currentData().toInt(), 1);
    QVERIFY(find<QLabel>("knn_protocol")->text().startsWith(QStringLiteral("Nothing measured")));
    QVERIFY(workspace_->store().evaluations(2).size() > before);
    workspace_->set_current_run(2);
    QVERIFY(find<QLabel>("knn_protocol")->text().contains(QStringLiteral("cosine")));
  }

  void runs_stand_side_by_side() {
    go("compare");
    auto* table = find<RunTable>("run_table");
    const QAbstractItemModelTester tester(table->model(),
                                          QAbstractItemModelTester::FailureReportingMode::Fatal);
    QCOMPARE(table->chosen().size(), std::size_t{2});
    const auto& curves = find<CurvePlot>("compare_plot")->curves();
    QTRY_COMPARE(curves.size(), std::size_t{2});
    for (const Curve& curve : curves) QVERIFY(curve.points.size() > 5);
    auto* model = find<DiffTable>("diff_table")->differences();
    QStringList keys;
    for (int row = 0; row < model->rowCount(); ++row)
      keys << model->index(row, 0).data().toString();
    QVERIFY(keys.contains(QStringLiteral("method.temperature")));
    QVERIFY(!keys.contains(QStringLiteral("encoder.name")));
    auto* metric = find<QComboBox>("compare_metric");
    QVERIFY(metric->findData(QStringLiteral("knn")) >= 0);
  }

  void one_image_is_shown_as_each_run_sees_it() {
    click("chip_image");
    auto* rows = find<PictureRows>("compare_rows");
    QVERIFY(rows->isVisible());
    QTRY_COMPARE_WITH_TIMEOUT(rows->rows().size(), 2, patience);
    // The neighbours come after the views.
    const auto found = [&] {
      return std::ranges::none_of(
          rows->rows(), [](const PictureRow& row) { return row.cells.last().image.isNull(); });
    };
    QTRY_VERIFY_WITH_TIMEOUT(found(), patience);
    QVERIFY(rows->rows()[0].lines.last().text.contains(QStringLiteral("cosine")));
    QVERIFY(rows->rows()[0].cells.last().image != rows->rows()[1].cells.last().image);
    const int before = find<QSpinBox>("compare_image")->value();
    const QImage original = rows->rows()[0].cells.first().image;
    click("another_image");
    QVERIFY(find<QSpinBox>("compare_image")->value() != before);
    QTRY_VERIFY_WITH_TIMEOUT(rows->rows()[0].cells.first().image != original, patience);
  }

  void a_sweep_stands_on_parallel_axes_and_a_click_chooses_a_run() {
    click("chip_sweep");
    auto* plot = find<ParallelPlot>("parallel_plot");
    QVERIFY(plot->isVisible());
    QStringList names;
    for (const ParallelAxis& axis : plot->axes()) names << axis.name;
    QVERIFY(names.contains(QStringLiteral("method.temperature")));
    QCOMPARE(names.last(), QStringLiteral("kNN, best"));
    QCOMPARE(plot->runs().size(), std::size_t{2});
    const std::size_t last = plot->axes().size() - 1;
    QTRY_VERIFY(!std::isnan(plot->runs().front().values[last]));
    const QPoint at = ((plot->place_of(1, last) + plot->place_of(1, last - 1)) / 2).toPoint();
    QMouseEvent move(QEvent::MouseMove, at, plot->mapToGlobal(at), Qt::NoButton, {}, {});
    QCoreApplication::sendEvent(plot, &move);
    QCOMPARE(plot->hovered(), 1);
    QTest::mouseClick(plot, Qt::LeftButton, {}, at);
    auto* table = find<RunTable>("run_table");
    QCOMPARE(table->chosen(), std::vector<std::int64_t>{1});
    QTest::keyClicks(find<QLineEdit>("run_filter"), QStringLiteral("no such run"));
    QVERIFY(plot->runs().empty());
    find<QLineEdit>("run_filter")->clear();
    QCOMPARE(plot->runs().size(), std::size_t{2});
    click("chip_side");
    table->choose({1, 2});
  }

  void an_archived_run_leaves_the_table_and_undo_brings_it_back() {
    auto* table = find<RunTable>("run_table");
    table->choose({1});
    QTest::keyClick(table, Qt::Key_Delete);
    QVERIFY(workspace_->store().run(1).archived);
    QCOMPARE(table->model()->rowCount(), 1);
    QCOMPARE(table->chosen(), std::vector<std::int64_t>{2});
    click("undo_archive");
    QVERIFY(!workspace_->store().run(1).archived);
    QCOMPARE(table->model()->rowCount(), 2);
    QVERIFY(!shown("undo_archive"));
  }

  void every_control_of_a_window_at_work_has_a_name_for_readers() {
    const auto check = [this] {
      const QStringList unnamed = unnamed_controls(*window_);
      QVERIFY2(unnamed.isEmpty(), qPrintable(unnamed.join(QStringLiteral(", "))));
    };
    for (const QString& place : window_->place_names()) {
      window_->go_to(place);
      check();
    }
    go("pretrain");
    for (const Qt::Key key : {Qt::Key_Home, Qt::Key_End}) {  // the next run, and the first one
      QTest::keyClick(find<QComboBox>("run_chooser"), key);
      check();
    }
    go("evaluate");
    auto* kind = find<QComboBox>("probe_kind");
    for (int i = kind->count() - 1; i >= 0; --i) {
      kind->setCurrentIndex(i);
      check();
    }
    go("compare");
    for (const char* look : {"chip_image", "chip_sweep", "chip_side"}) {
      click(look);
      check();
    }
  }

  void a_stopped_run_is_resumed_from_the_table() {
    auto* table = find<RunTable>("run_table");
    table->choose({2});
    QVERIFY(!shown("resume_chosen"));  // it has finished
    table->choose({1});
    click("resume_chosen");
    QCOMPARE(window_->current_place(), QStringLiteral("pretrain"));
    QVERIFY(workspace_->training());
    QVERIFY(shown("stop_run"));
    // The window may be closed in the midst of it: nothing is lost.
    window_.reset();
    workspace_.reset();
    Store store(folder_.filePath(QStringLiteral("store")).toStdString());
    QCOMPARE(store.run(1).status, RunStatus::stopped);
  }
};

SELFSIGHT_SUITE(TestPlaces, QApplication);
#include "test_places.moc"
