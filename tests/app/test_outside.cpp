// Encoders from files, and what Evaluate shows again after a restart: with real clicks.
#include <QDoubleSpinBox>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QtTest>
#include <cmath>
#include <filesystem>

#include "app/app_settings.h"
#include "app/jobs/job.h"
#include "app/jobs/pipeline_exchange.h"
#include "app/places/encoder_input.h"
#include "app/places/run_choice.h"
#include "core/base/error.h"
#include "core/base/tensor_file.h"
#include "tests/app/trained.h"
#include "tests/suite.h"
#include "widgets/confusion_view.h"
#include "widgets/correlation_view.h"
#include "widgets/curve_plot.h"
#include "widgets/fact_table.h"
#include "widgets/map_plot.h"
#include "widgets/neighbour_strip.h"
#include "widgets/picture_rows.h"
#include "widgets/run_table.h"

using namespace selfsight;

class TestOutside : public QObject {
  Q_OBJECT

  Trained person_;
  std::shared_ptr<const Dataset> others_ = open_dataset("procedural:300");

  /// Of the first so many images of a data set, at the corners of polygons.
  void add_map(std::int64_t run, const std::string& fingerprint, int images) {
    StoredMap map;
    map.run = run;
    map.method = "pca";
    map.protocol = "{}";
    if (!fingerprint.empty()) map.protocol = "{\"dataset_fingerprint\":\"" + fingerprint + "\"}";
    for (int i = 0; i < images; ++i) {
      map.ids.push_back(i);
      map.xy.insert(map.xy.end(),
                    {std::cos(static_cast<float>(i)), std::sin(static_cast<float>(i))});
    }
    person_.store().add_map(map);
  }
  void look_again() {
    person_.window().go_to(QStringLiteral("data"));
    person_.window().go_to(QStringLiteral("explore"));
  }
  void measure(const char* kind) {
    person_.choose("probe_kind", kind);
    person_.click("start_knn");
    person_.wait();
  }
  QString result(const char* name) {
    return person_.find<FactTable>("knn_results")->value(QString::fromLatin1(name));
  }
  QString encoder() const { return person_.file("encoder.safetensors"); }
  void restart() {
    person_.close();
    person_.open(QStringLiteral("procedural:400"));
    person_.window().go_to(QStringLiteral("evaluate"));
  }

 private Q_SLOTS:
  void initTestCase() {
    app_settings::set_control(QStringLiteral("map_split"), QStringLiteral("held-out"));
    person_.open(QStringLiteral("procedural:400"));
    person_.train();
    const Control control;
    export_run(person_.workspace().store_folder(), person_.run(),
               {.format = "safetensors", .out = encoder().toStdString()}, control);
  }
  void init() { fail_on_warnings(); }
  void cleanupTestCase() { person_.close(); }

  void the_confusion_of_a_run_is_kept_with_its_number() {
    person_.window().go_to(QStringLiteral("evaluate"));
    measure("knn");
    QTRY_VERIFY(person_.shown("confusion"));
    QVERIFY(person_.shown("knn_classes"));
    const auto kept = person_.store().evaluations(person_.run());
    const auto trained = std::ranges::find(kept, "accuracy", &Evaluation::metric);
    QVERIFY(trained->protocol.find("\"confusion\"") != std::string::npos);
    const auto random = std::ranges::find(kept, "accuracy_random_encoder", &Evaluation::metric);
    QVERIFY(random->protocol.find("\"confusion\"") != std::string::npos);
    QVERIFY(random->protocol != trained->protocol);
  }

  void after_a_restart_it_is_shown_again() {
    const QByteArray before =
        person_.find<ConfusionView>("confusion")->rendered(QStringLiteral("csv"));
    restart();
    person_.choose("probe_kind", "knn");
    QVERIFY(person_.shown("confusion"));
    QVERIFY(person_.shown("knn_classes"));
    QCOMPARE(person_.find<ConfusionView>("confusion")->rendered(QStringLiteral("csv")), before);
  }

  void health_has_a_picture_of_the_correlation() {
    measure("health");
    QTRY_VERIFY(person_.shown("correlation"));
    QVERIFY(person_.find<CorrelationView>("correlation")->shown_rows() > 2);
  }

  void health_is_shown_again_after_a_restart() {
    const auto values = [this] {
      return person_.find<CurvePlot>("health_spectrum")->curves().front().points.size();
    };
    const auto before = values();
    const QString verdict = person_.find<QLabel>("health_verdict")->text();
    restart();
    person_.choose("probe_kind", "health");
    QVERIFY(person_.shown("correlation"));
    QCOMPARE(person_.find<CorrelationView>("correlation")->shown_rows(), 64);
    QCOMPARE(values(), before);
    QCOMPARE(person_.find<QLabel>("health_verdict")->text(), verdict);
  }

  void an_encoder_from_a_file_is_measured_and_nothing_is_stored() {
    const double own = result("RankMe").toDouble();
    QVERIFY(own > 1);
    const auto before = person_.store().evaluations(person_.run()).size();
    person_.choose_encoder_file("evaluate_run", encoder());
    QVERIFY(!person_.shown("correlation"));
    measure("knn");
    QTRY_VERIFY(result("Trained encoder").contains('%'));
    QVERIFY(person_.shown("confusion"));
    QVERIFY(person_.says(QStringLiteral("not stored")));
    measure("health");
    QTRY_VERIFY(std::abs(result("RankMe").toDouble() - own) < 0.02 * own);
    QVERIFY(person_.shown("correlation"));
    QCOMPARE(person_.store().evaluations(person_.run()).size(), before);
    person_.choose("probe_kind", "finetune");
    QVERIFY(!person_.find<QAbstractButton>("start_knn")->isEnabled());
  }

  void it_is_mapped_and_searched_and_nothing_is_stored() {
    person_.window().go_to(QStringLiteral("explore"));
    person_.choose_encoder_file("explore_run", encoder());
    person_.click("chip_pca");
    person_.click("start_map");
    const auto* other = person_.find<QAbstractButton>("chip_tsne");
    QVERIFY(!other->isEnabled());  // under it, it would be a map of another method
    auto* map = person_.find<MapPlot>("map_plot");
    QTRY_VERIFY_WITH_TIMEOUT(person_.workspace().jobs().isEmpty() && !map->points().empty(),
                             patience);
    QVERIFY(person_.store().maps(person_.run()).empty());
    QVERIFY(person_.says(QStringLiteral("encoder.safetensors, not stored")));
    QVERIFY(!person_.find<QAbstractButton>("chip_epochs")->isEnabled());
    const auto id = map->points().front().id;
    QTest::mouseClick(map, Qt::LeftButton, {}, map->position_of(id).toPoint());
    auto* strip = person_.find<NeighbourStrip>("neighbour_strip");
    QTRY_COMPARE_WITH_TIMEOUT(strip->pictures().size(), 12, patience);
    person_.wait();
    person_.click("chip_tsne");
    QVERIFY(map->points().empty());
    person_.click("chip_pca");
    QVERIFY(!map->points().empty());  // as long as it is looked at
  }

  void a_question_that_is_not_the_newest_is_not_answered() {
    const auto* words = person_.find<QLabel>("neighbour_words");
    person_.choose("search_among", "mapped");  // past the splits, whose features are then read
    const QString told = words->text();
    QVERIFY(told.startsWith(QStringLiteral("By cosine, among ")));
    person_.wait();
    QCOMPARE(words->text(), told);
    person_.choose("search_among", "all");
    person_.wait();
    QVERIFY(words->text() != told);
  }

  void a_run_is_chosen_again() {
    auto* box = person_.find<QComboBox>("explore_run");
    box->setFocus();
    QTest::keyClick(box, Qt::Key_Home);
    QVERIFY(box->currentText().startsWith(QString::number(person_.run())));
    QVERIFY(person_.find<MapPlot>("map_plot")->points().empty());
  }

  void a_map_of_other_images_is_not_shown_over_those_that_are_open() {
    const auto mapped = [this] { return person_.find<MapPlot>("map_plot")->points().size(); };
    add_map(person_.run(), others_->fingerprint(), 5);
    look_again();
    QCOMPARE(mapped(), std::size_t{0});
    add_map(person_.run(), {}, 4);  // by an older program
    look_again();
    QCOMPARE(mapped(), std::size_t{4});
    add_map(person_.run(), others_->fingerprint(), 6);
    person_.click("chip_tsne");
    person_.click("chip_pca");
    QCOMPARE(mapped(), std::size_t{4});
  }

  void maps_of_other_images_are_not_linked() {
    Store& store = person_.store();
    const Settings settings = store.run(person_.run()).settings;
    const auto twin = store.create_run("twin", settings, person_.dataset());
    const auto foreign = store.create_run("foreign", settings, *others_);
    for (const auto run : {twin, foreign}) {
      add_map(run, {}, 4);
      store.set_status(run, RunStatus::finished);
    }
    Q_EMIT person_.workspace().runs_changed();
    person_.window().go_to(QStringLiteral("compare"));
    person_.find<RunTable>("run_table")->choose({person_.run(), twin, foreign});
    const auto map_of = [this](std::int64_t run) {
      return person_.find<MapPlot>(("map_of_run_" + std::to_string(run)).c_str());
    };
    const auto click_on = [&](std::int64_t run, qint64 id) {
      QTRY_VERIFY(map_of(run) && map_of(run)->isVisible());
      QTest::mouseClick(map_of(run), Qt::LeftButton, {}, map_of(run)->position_of(id).toPoint());
    };
    click_on(twin, 2);
    QCOMPARE(map_of(person_.run())->selection(), QSet<qint64>{2});
    QCOMPARE(map_of(foreign)->selection(), QSet<qint64>());
    QVERIFY(person_.says(QStringLiteral("1 image · ")));
    click_on(foreign, 3);
    QCOMPARE(map_of(foreign)->selection(), QSet<qint64>{3});
    QCOMPARE(map_of(person_.run())->selection(), QSet<qint64>{2});
    for (const MapPoint& point : map_of(foreign)->points()) QCOMPARE(point.group, -1);
    for (const MapPoint& point : map_of(twin)->points()) QVERIFY(point.group >= 0);
  }

  void other_images_let_go_of_a_map_under_way() {
    person_.window().go_to(QStringLiteral("explore"));
    person_.click("chip_tsne");
    person_.find<QDoubleSpinBox>("perplexity")->setValue(8);
    person_.click("start_map");
    person_.workspace().jobs().last()->pause();
    QSignalSpy changed(&person_.workspace(), &Workspace::dataset_changed);
    person_.workspace().open_dataset_at(QStringLiteral("procedural:300"));
    QTRY_COMPARE_WITH_TIMEOUT(changed.size(), 1, patience);
    QVERIFY(!person_.shown("map_progress"));
    QCOMPARE(person_.find<QAbstractButton>("start_map")->text(), QStringLiteral("Map"));
    QVERIFY(person_.find<MapPlot>("map_plot")->points().empty());
    person_.wait();
    QVERIFY(person_.find<MapPlot>("map_plot")->points().empty());
  }

  void a_run_maps_and_searches_other_images_than_its_own() {
    const QString told = QStringLiteral("other images than it was trained on");
    auto* map = person_.find<MapPlot>("map_plot");
    person_.click("chip_pca");
    QCOMPARE(map->points().size(), std::size_t{6});  // of an earlier day
    QVERIFY(person_.says(told));
    person_.click("start_map");
    QTRY_VERIFY_WITH_TIMEOUT(person_.workspace().jobs().isEmpty() && map->points().size() > 6,
                             patience);
    QVERIFY(person_.says(told));
    QVERIFY(person_.store().maps(person_.run()).back().protocol.find(others_->fingerprint()) !=
            std::string::npos);
    const auto id = map->points().front().id;
    QTest::mouseClick(map, Qt::LeftButton, {}, map->position_of(id).toPoint());
    auto* strip = person_.find<NeighbourStrip>("neighbour_strip");
    QTRY_COMPARE_WITH_TIMEOUT(strip->pictures().size(), 12, patience);
    person_.wait();
    person_.workspace().open_dataset_at(QStringLiteral("procedural:400"));
    QTRY_COMPARE_WITH_TIMEOUT(map->points().size(), std::size_t{4}, patience);
    QVERIFY(!person_.says(told));
  }

  void without_a_map_other_images_are_told_of_and_the_own_ones_offered() {
    person_.workspace().open_dataset_at(QStringLiteral("procedural:250"));
    QTRY_VERIFY_WITH_TIMEOUT(person_.says(QStringLiteral("Other images are open")), patience);
    QVERIFY(person_.find<QAbstractButton>("start_map")->isEnabled());
    for (auto* button :
         person_.window().place(QStringLiteral("explore"))->findChildren<QPushButton*>())
      if (button->text() == QLatin1String("Open its own images")) button->click();
    QTRY_COMPARE_WITH_TIMEOUT(person_.find<MapPlot>("map_plot")->points().size(), std::size_t{4},
                              patience);
    person_.wait();
  }

  void a_set_is_mapped_whole() {
    person_.click("map_options");
    person_.choose("map_split", "all");
    person_.find<QWidget>("map_more")->close();
    person_.click("start_map");
    auto* map = person_.find<MapPlot>("map_plot");
    QTRY_COMPARE_WITH_TIMEOUT(map->points().size(), std::size_t{400}, patience);
    QVERIFY(person_.says(QStringLiteral("All 400 images")));
    map->setFocus();
    QTest::keyClick(map, Qt::Key_Right);
    QTest::keyClick(map, Qt::Key_Space);  // nothing is played here
    QCOMPARE(map->selection().size(), 1);
    person_.wait();
  }

  void its_clusters_are_counted_and_held_against_the_labels() {
    QVERIFY(!person_.shown("cluster_count") && !person_.shown("cluster_words"));
    person_.choose("map_colour", "cluster");
    const auto classes = person_.dataset().classes().size();
    QTRY_VERIFY_WITH_TIMEOUT(person_.says(QStringLiteral("(k %1): purity ").arg(classes)),
                             patience);
    person_.find<QSpinBox>("cluster_count")->setValue(3);
    QTRY_VERIFY_WITH_TIMEOUT(person_.says(QStringLiteral("(k 3): purity ")), patience);
    QSet<int> groups;
    for (const MapPoint& point : person_.find<MapPlot>("map_plot")->points()) groups << point.group;
    QCOMPARE(groups, (QSet<int>{0, 1, 2}));
    person_.choose("map_colour", "label");
    QVERIFY(!person_.shown("cluster_count") && !person_.shown("cluster_words"));
    person_.wait();
  }

  void the_colours_of_a_run_do_not_stay_on_the_map_of_another() {
    Store& store = person_.store();
    const auto other =
        store.create_run("other", store.run(person_.run()).settings, person_.dataset());
    CheckpointInfo checkpoint = store.checkpoints(person_.run()).back().info;
    const auto file = store.run_folder(other) / checkpoint.file.filename();
    std::filesystem::copy_file(checkpoint.file, file);
    checkpoint.file = file;
    store.add_checkpoint(other, checkpoint);
    store.set_status(other, RunStatus::finished);
    add_map(other, {}, 400);
    const auto groups = [this] {
      QSet<int> found;
      for (const MapPoint& point : person_.find<MapPlot>("map_plot")->points())
        found << point.group;
      return found;
    };
    person_.choose("map_colour", "cluster");
    QTRY_VERIFY_WITH_TIMEOUT(person_.shown("cluster_words"), patience);
    // The features of the other are not read.
    const auto stops = connect(&person_.workspace(), &Workspace::jobs_changed, this, [this] {
      for (Job* job : person_.workspace().jobs()) job->stop();
    });
    person_.workspace().set_current_run(other);
    QCOMPARE(groups(), QSet<int>{-1});
    QVERIFY(!person_.shown("cluster_words"));
    person_.wait();
    disconnect(stops);
    QCOMPARE(person_.find<QComboBox>("map_colour")->currentData().toString(),
             QStringLiteral("label"));
    QVERIFY(!groups().contains(-1));
    person_.workspace().set_current_run(person_.run());
    store.delete_run(other);
    Q_EMIT person_.workspace().runs_changed();
    person_.wait();
  }

  void a_map_whose_checkpoint_is_gone_is_not_coloured_by_another_ones_features() {
    person_.window().go_to(QStringLiteral("explore"));
    person_.click("chip_pca");
    StoredMap map = person_.store().maps(person_.run()).back();
    map.method = "pca";
    map.protocol = "{\"checkpoint_step\": 123456789, \"dataset_fingerprint\": \"" +
                   person_.dataset().fingerprint() + "\"}";
    person_.store().add_map(map);
    look_again();
    const QString gone = QStringLiteral("its checkpoint is not kept any more");
    person_.click("chip_tsne");
    QVERIFY(!person_.says(gone));
    person_.click("chip_pca");
    QVERIFY(person_.says(gone));
    auto* colour = person_.find<QComboBox>("map_colour");
    colour->setFocus();
    QTest::keyClick(colour, Qt::Key_Home);
    for (int i = colour->findData(QStringLiteral("cluster")); i > 0; --i)
      QTest::keyClick(colour, Qt::Key_Down);
    QCOMPARE(colour->currentData().toString(), QStringLiteral("label"));
    QVERIFY(person_.workspace().jobs().isEmpty() && !person_.shown("cluster_words"));
    person_.choose("map_colour", "split");
  }

  void a_file_that_is_silent_is_told_what_it_is_shown() {
    TensorFile bare = load_tensors(encoder().toStdString());
    bare.metadata = {{"format", "pt"}};
    const QString foreign = person_.file("foreign.safetensors");
    save_tensors(foreign.toStdString(), bare);
    const auto shown_in = [this](const char* box) {
      return person_.find<RunChoice>(box)->list_sources().shown;
    };
    person_.window().go_to(QStringLiteral("evaluate"));
    person_.choose_encoder_file("evaluate_run", foreign);
    QTRY_VERIFY(person_.shown("encoder_input"));
    const auto* chip = person_.find<QAbstractButton>("encoder_input");
    QVERIFY(chip->text().contains(QStringLiteral("ImageNet")));
    QCOMPARE(shown_in("evaluate_run").size, 0);

    person_.click("encoder_input");
    auto* mean = person_.find<QLineEdit>("encoder_mean");
    QTest::keyClicks(person_.find<QLineEdit>("encoder_size"), QStringLiteral("16"));
    QTest::keyClicks(mean, QStringLiteral("0.5, 0.5"));
    QTest::keyClick(mean, Qt::Key_Return);
    QVERIFY(person_.shown("encoder_input_wrong"));
    QTest::keyClicks(mean, QStringLiteral(", 0.5"));
    QTest::keyClicks(person_.find<QLineEdit>("encoder_std"), QStringLiteral("0.2, 0.2, 0.25"));
    person_.click("encoder_input_use");
    QVERIFY(!person_.shown("encoder_input_fields"));
    person_.window().activateWindow();
    QCOMPARE(chip->text(), QStringLiteral("16 px · own mean"));
    QCOMPARE(shown_in("evaluate_run").size, 16);
    QVERIFY((shown_in("evaluate_run").std == std::vector<double>{0.2, 0.2, 0.25}));
    measure("health");
    QTRY_VERIFY(result("RankMe").toDouble() > 0);

    // It is kept for the file, wherever that is chosen.
    person_.window().go_to(QStringLiteral("explore"));
    person_.choose_encoder_file("explore_run", foreign);
    QCOMPARE(shown_in("explore_run").size, 16);
    QTRY_VERIFY(person_.shown("encoder_input"));
    person_.choose_encoder_file("explore_run", encoder());
    QCOMPARE(shown_in("explore_run").size, 0);
    QVERIFY(!person_.shown("encoder_input"));
  }

  void what_cannot_be_shown_is_refused() {
    const auto refused = [](const char* size, const char* mean, const char* std) {
      try {
        typed_input(QLatin1String(size), QLatin1String(mean), QLatin1String(std));
      } catch (const InputError&) {
        return true;
      }
      return false;
    };
    QVERIFY(!refused("", "", "") && !refused(" 32 ", "0.5", "0.5") && !refused("", "0,0", "1,1"));
    for (const char* size : {"7", "1025", "big", "32.5"}) QVERIFY2(refused(size, "", ""), size);
    QVERIFY(refused("", "0.5", "") && refused("", "", "0.5") && refused("", "0.5", "0"));
    QVERIFY(refused("", "a", "0.5") && refused("", "0.5", "nan"));
  }

  void views_that_are_seen_first_are_compared_by_the_run() {
    person_.window().go_to(QStringLiteral("views"));
    person_.close();
    person_.open(QStringLiteral("procedural:400"));
    QCOMPARE(person_.window().current_place(), QStringLiteral("views"));
    const QString told = QStringLiteral("similarity under run %1: ").arg(person_.run());
    const auto compared = [&] {
      for (const PictureRow& row : person_.find<PictureRows>("view_rows")->rows())
        for (const PictureLine& line : row.lines)
          if (line.text.startsWith(told)) return true;
      return false;
    };
    QTRY_VERIFY_WITH_TIMEOUT(compared(), patience);
  }
};

SELFSIGHT_SUITE(TestOutside, QApplication);
#include "test_outside.moc"
