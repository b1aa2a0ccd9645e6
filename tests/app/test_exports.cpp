// A trained run, looked at, measured and taken out: with real clicks, into files that are read
// back.
#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QEnterEvent>
#include <QJsonDocument>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QSpinBox>
#include <QtTest>
#include <nlohmann/json.hpp>

#include "app/ask.h"
#include "app/jobs/pipeline_exchange.h"
#include "app/jobs/pipeline_placing.h"
#include "app/main_window.h"
#include "app/places/map_work.h"
#include "app/places/place.h"
#include "app/workspace.h"
#include "core/exchange/npy.h"
#include "core/exchange/run_archive.h"
#include "core/nets/encoder_file.h"
#include "core/training/checkpoint_files.h"
#include "tests/app/clicks.h"
#include "tests/gui.h"
#include "tests/suite.h"
#include "widgets/confusion_view.h"
#include "widgets/curve_plot.h"
#include "widgets/fact_table.h"
#include "widgets/map_plot.h"
#include "widgets/picture.h"
#include "widgets/theme.h"

using namespace selfsight;

class TestExports : public QObject {
  Q_OBJECT

  const OwnSettings own_settings_;
  QTemporaryDir folder_;
  std::unique_ptr<Workspace> workspace_;
  std::unique_ptr<MainWindow> window_;
  std::int64_t run_ = 0;

  template <class W>
  W* find(const char* name) {
    return find_in<W>(*window_, name);
  }
  void click(const char* name) { click_in(*window_, name); }
  bool shown(const char* name) { return find<QWidget>(name)->isVisible(); }
  void measure(const char* kind) {
    auto* box = find<QComboBox>("probe_kind");
    box->setCurrentIndex(box->findData(QString::fromLatin1(kind)));
    click("start_knn");
    QTRY_VERIFY_WITH_TIMEOUT(workspace_->jobs().isEmpty(), patience);
  }
  QString result(const char* name) {
    return find<FactTable>("knn_results")->value(QString::fromLatin1(name));
  }
  QString file(const char* name) { return folder_.filePath(QString::fromLatin1(name)); }
  std::filesystem::path path(const char* name) { return file(name).toStdString(); }
  QByteArray contents(const char* name) {
    QFile opened(file(name));
    return opened.open(QIODevice::ReadOnly) ? opened.readAll() : QByteArray();
  }
  bool says(const char* beginning) {
    return std::ranges::any_of(
        window_->place(window_->current_place())->findChildren<QLabel*>(),
        [&](const QLabel* label) { return label->text().startsWith(QLatin1String(beginning)); });
  }

  /// Through the Export button of the top strip, into this file.
  void choose_export(const char* words, const char* name) {
    ask().save_file = [path = file(name)](QWidget*, const QString&, const QString&,
                                          const QString&) { return path; };
    ask().open_folder = [path = file(name)](QWidget*, const QString&) { return path; };
    choose_export_in(*window_, words);
    QTRY_VERIFY_WITH_TIMEOUT(workspace_->jobs().isEmpty(), patience);
    QTRY_VERIFY(says("saved to "));
  }

 private Q_SLOTS:
  void initTestCase() {
    apply_theme(*qApp, Scheme::light);
    workspace_ = std::make_unique<Workspace>(path("store"));
    window_ = std::make_unique<MainWindow>(*workspace_);
    window_->resize(1440, 900);
    window_->show();
    QVERIFY(QTest::qWaitForWindowActive(window_.get()));
    connect(workspace_.get(), &Workspace::problem, this,
            [](const QString& message) { QFAIL(qPrintable(message)); });
    workspace_->open_dataset_at(QStringLiteral("procedural:400"));
    QTRY_VERIFY(workspace_->statistics().has_value());
  }
  void init() { fail_on_warnings(); }
  void cleanupTestCase() {
    window_.reset();
    workspace_.reset();
  }

  void without_a_run_explore_has_no_side_and_no_options() {
    window_->go_to(QStringLiteral("explore"));
    QVERIFY(!shown("selected_grid"));
    QVERIFY(!shown("perplexity"));
    QVERIFY(!shown("map_images"));
  }

  void a_run_is_trained() {
    Settings settings = workspace_->settings();
    apply_assignments(settings,
                      {"views.size=16", "encoder.name=resnet20", "encoder.stem=half",
                       "train.batch_size=32", "train.epochs=1", "train.threads=1",
                       "train.workers=1", "monitor.every_epochs=0.5", "optimiser.warmup_epochs=0"},
                      run_schema);
    run_ = prepare_run(workspace_->store(), settings, *workspace_->dataset());
    Control control;
    run_training(workspace_->store_folder(), run_, workspace_->dataset(), nullptr, control);
    QVERIFY(workspace_->store().checkpoints(run_).size() >= 2);
    Q_EMIT workspace_->runs_changed();
    workspace_->set_current_run(run_);
    QVERIFY(shown("map_images"));
    QVERIFY(!shown("selected_grid"));
  }

  void a_picture_is_searched_with_by_the_checkpoint_that_is_shown() {
    const auto& dataset = *workspace_->dataset();
    const Store& store = workspace_->store();
    const auto first = store.checkpoints(run_).front().info.step;
    const std::vector<std::int64_t> ids{0, 1, 2, 3, 4, 5, 6, 7};
    Control control;
    EncoderSource source = run_;
    source.step = first;
    FeatureTable table;
    table.features =
        extract(feature_cache(store), *open_model(store, source), dataset, ids, control, {});
    QVERIFY(to_image(dataset.image(3)).save(file("three.png")));
    const auto found = like_pictures(workspace_->store_folder(), dataset,
                                     {source, -1, path("three.png")}, table, 3, 16, control);
    QCOMPARE(found.size(), 3);
    QCOMPARE(found.first().id, 3);
    QCOMPARE(found.first().words, QStringLiteral("1.000"));
  }

  void a_map_names_its_checkpoint_while_that_is_kept() {
    const Store& store = workspace_->store();
    const auto first = store.checkpoints(run_).front().info.step;
    StoredMap map;
    map.run = run_;
    map.protocol = "{\"checkpoint_step\":" + std::to_string(first) + "}";
    QCOMPARE(kept_step(store, map), std::optional(first));
    map.protocol = R"({"checkpoint_step":123456})";
    QCOMPARE(kept_step(store, map), std::optional<std::int64_t>());
  }

  void the_images_of_a_map_stand_beside_it() {
    click("chip_pca");
    click("start_map");
    auto* map = find<MapPlot>("map_plot");
    QTRY_VERIFY_WITH_TIMEOUT(workspace_->jobs().isEmpty() && !map->points().empty(), patience);
    QVERIFY(shown("selected_grid"));
    QVERIFY(says("Images") && !says("Selected"));
    const QPointF first = map->position_of(map->points().front().id);
    QTest::mouseClick(map, Qt::LeftButton, {}, first.toPoint());
    QVERIFY(says("Selected"));
  }

  void a_map_leaves_with_the_names_of_its_colours() {
    ask().save_file = [path = file("map.svg")](QWidget*, const QString&, const QString&,
                                               const QString&) { return path; };
    auto* colour = find<QComboBox>("map_colour");
    const auto colour_by = [&](const char* way) {
      colour->setFocus();
      QTest::keyClick(colour, Qt::Key_Home);
      while (colour->currentData().toString() != QLatin1String(way))
        QTest::keyClick(colour, Qt::Key_Down);
    };
    const auto saved = [&] {
      choose_export_in(*window_, "Map as SVG");
      return contents("map.svg");
    };
    QVERIFY(saved().contains(">disc<"));
    colour_by("split");
    const QByteArray split = saved();
    QVERIFY(split.contains(">test<") && !split.contains(">disc<"));
    // Steps from little to much, told by the features.
    colour_by("nearest");
    const auto* map = find<MapPlot>("map_plot");
    QTRY_VERIFY_WITH_TIMEOUT(map->rendered(QStringLiteral("svg")).contains(" to "), patience);
    QVERIFY(!saved().contains(">test<"));
    colour_by("nothing");
    QVERIFY(!saved().contains("<text"));
    QTest::keyClick(colour, Qt::Key_Home);
    QVERIFY(saved().contains(">disc<"));
  }

  void an_encoder_leaves_as_a_file_of_others() {
    choose_export("Encoder as safetensors", "encoder.safetensors");
    QCOMPARE(load_encoder_file(path("encoder.safetensors")).view_size, 16);
    choose_export("Encoder as ONNX, of pixels", "encoder.onnx");
    QVERIFY(contents("encoder.onnx").contains("features"));
    choose_export("Encoder as ONNX, of normalised", "normalised.onnx");
    for (const char* input : {"pixels", "normalised"}) {
      export_run(workspace_->store_folder(), run_,
                 {.format = "onnx", .out = path("same.onnx"), .input = input}, Control());
      QCOMPARE(contents("same.onnx") == contents("encoder.onnx"), input == std::string("pixels"));
      QCOMPARE(contents("same.onnx") == contents("normalised.onnx"),
               input == std::string("normalised"));
    }
  }

  void the_best_encoder_leaves_where_it_is_not_the_newest() {
    const auto kept = workspace_->store().checkpoints(run_);
    const std::int64_t first = kept.front().info.step;
    const std::filesystem::path newest = kept.back().info.file;
    std::filesystem::copy_file(newest, path("newest"));
    TensorFile file = load_tensors(newest);
    auto state = nlohmann::json::parse(file.metadata.at("state"));
    const auto say_best = [&](std::int64_t step) {
      state["best_step"] = step;
      file.metadata["state"] = state.dump();
      file.metadata["sha256"] = content_hash(file);
      save_tensors(newest, file);
    };
    const auto offered = [&] {
      return std::ranges::count_if(
          window_->place(window_->current_place())->exports(),
          [](const auto& offer) { return offer.first.contains(QStringLiteral("est encoder")); });
    };
    say_best(kept.back().info.step);
    QCOMPARE(offered(), 0);
    say_best(first);
    QCOMPARE(offered(), 4);
    choose_export("Best encoder", "best.safetensors");
    export_run(workspace_->store_folder(), run_, {.out = path("first.safetensors"), .step = first},
               Control());
    QCOMPARE(contents("best.safetensors"), contents("first.safetensors"));
    QVERIFY(contents("best.safetensors") != contents("encoder.safetensors"));
    choose_export("Model card of the best", "best.json");
    const auto card = QJsonDocument::fromJson(contents("best.json"));
    QCOMPARE(card[QStringLiteral("training")][QStringLiteral("checkpoint_step")].toInt(), first);
    std::filesystem::rename(path("newest"), newest);
  }

  void features_leave_with_their_ids() {
    choose_export("Features", "features.npy");
    QCOMPARE(load_npy(path("features.npy")).rows, 400);
    QVERIFY(contents("features.csv").startsWith("id,split,label,class,name\n"));
    QCOMPARE(contents("features.csv").count('\n'), 401);
  }

  void what_was_measured_leaves_from_evaluate() {
    window_->go_to(QStringLiteral("evaluate"));
    choose_export("Metrics as CSV", "metrics.csv");
    QVERIFY(contents("metrics.csv").contains("loss"));
    choose_export("Metrics for TensorBoard", "board");
    QVERIFY(!QDir(file("board")).entryList({QStringLiteral("events.*")}).isEmpty());
    choose_export("Model card", "card.md");
    QVERIFY(contents("card.md").contains("## Training"));
    QVERIFY(contents("card.md").contains("License: not stated"));
    QVERIFY(std::ranges::any_of(
        window_->place(window_->current_place())->findChildren<QLabel*>(), [](const QLabel* label) {
          return label->text().contains(QStringLiteral("without a licence"));
        }));
    click("settings_button");
    auto* licence = find<QLineEdit>("licence");
    QVERIFY(!licence->accessibleName().isEmpty());
    QTest::keyClicks(licence, QStringLiteral("CC-BY-4.0"));
    find<QWidget>("settings_popover")->close();
    window_->activateWindow();
    choose_export("Model card", "card.md");
    QVERIFY(contents("card.md").contains("license: CC-BY-4.0"));
    choose_export("Model card", "card.json");
    QVERIFY(contents("card.json").startsWith("{"));
  }

  void a_whole_run_leaves_and_comes_into_another_store() {
    choose_export("The whole run", "run.tar.zst");
    Store other(path("other"));
    const auto run = load_run(path("run.tar.zst"), other);
    QCOMPARE(other.metric(run, "loss").size(), workspace_->store().metric(run_, "loss").size());
  }

  void a_run_of_another_store_comes_in_by_a_click() {
    save_run(path("third.tar.zst"), workspace_->store(), run_);
    const auto before = workspace_->store().runs().size();
    ask().open_file = [this](QWidget*, const QString&) { return file("third.tar.zst"); };
    window_->go_to(QStringLiteral("compare"));
    click("import_run");
    QTRY_COMPARE_WITH_TIMEOUT(workspace_->store().runs().size(), before + 1, patience);
    QTRY_VERIFY(says("imported as run "));
    window_->go_to(QStringLiteral("evaluate"));
  }

  void health_is_measured_in_numbers_of_its_own() {
    measure("health");
    for (const char* name : {"RankMe", "effective rank", "LiDAR", "alignment", "uniformity"})
      QVERIFY2(!result(name).isEmpty() && !result(name).contains('%'), name);
    QVERIFY(shown("health_verdict"));
    QVERIFY(!find<QLabel>("health_verdict")->text().isEmpty());
    QVERIFY(find<CurvePlot>("health_spectrum")->curves().front().points.size() > 2);
    QVERIFY(!find<QLabel>("knn_protocol")->text().contains(QStringLiteral("test split")));
  }

  void what_is_seen_leaves_as_files() {
    ask().save_file = [this](QWidget*, const QString&, const QString& name, const QString&) {
      return file(name.toUtf8().constData());
    };
    auto* spectrum = find<CurvePlot>("health_spectrum");
    Q_EMIT spectrum->export_wanted(QStringLiteral("csv"));
    QVERIFY(contents("spectrum.csv").startsWith("number,singular value\n1,"));
    Q_EMIT spectrum->export_wanted(QStringLiteral("svg"));
    QVERIFY(contents("spectrum.svg").contains(">singular value<"));
    QVERIFY(!contents("spectrum.svg").contains(">step<"));
    measure("knn");
    choose_export_in(*window_, "Confusion as CSV");
    QCOMPARE(contents("confusion.csv"),
             find<ConfusionView>("confusion")->rendered(QStringLiteral("csv")));
    for (const char* table : {"knn_classes", "numbers", "protocol_facts", "dataset_facts"})
      QCOMPARE(find<QWidget>(table)->contextMenuPolicy(), Qt::CustomContextMenu);
  }

  void retrieval_is_measured_beside_the_baselines() {
    measure("retrieval");
    for (const char* name : {"Trained encoder", "Random encoder", "Raw pixels"})
      QVERIFY2(result(name).contains('%'), name);
    QVERIFY(shown("knn_verdict"));
    QVERIFY(!shown("health_verdict"));
  }

  void k_and_temperature_are_chosen_on_validation() {
    auto* box = find<QComboBox>("probe_kind");
    box->setCurrentIndex(box->findData(QStringLiteral("knn")));
    QVERIFY(!shown("knn_k") && !shown("knn_temperature"));
    const auto says = [&](const QString& words) {
      return find<QLabel>("knn_protocol")->text().contains(words);
    };
    measure("knn");
    QVERIFY(says(QStringLiteral("chosen on the validation split")));
    const auto all = workspace_->dataset()->indices(Split::train).size();
    QVERIFY(says(QStringLiteral("against %1 training images").arg(all)));
    click("knn_choose");
    QVERIFY(shown("knn_k") && shown("knn_temperature"));
    find<QSpinBox>("probe_bank")->setValue(100);
    measure("knn");
    QVERIFY(says(QStringLiteral("k 20 · T 0.1 · ")));
    QVERIFY(says(QStringLiteral("against 100 training images")));
    find<QSpinBox>("probe_bank")->setValue(0);
    click("knn_choose");
  }

  void each_number_beside_it_has_its_own_protocol() {
    measure("linear");
    std::map<std::string, QJsonObject> protocols;
    for (const Evaluation& e : workspace_->store().evaluations(run_))
      if (e.kind == "linear")
        protocols[e.metric] =
            QJsonDocument::fromJson(QByteArray::fromStdString(e.protocol)).object();
    QCOMPARE(protocols.size(), std::size_t{3});
    for (const auto& [metric, protocol] : protocols) {
      for (const char* key : {"l2_per_image", "bank_images", "confusion"})
        QVERIFY2(protocol.contains(QLatin1String(key)), key);
      QCOMPARE(protocol.contains(QStringLiteral("checkpoint_epoch")), metric == "accuracy");
    }
    const auto encoder = [&](const char* metric) {
      return protocols[metric].value(QStringLiteral("encoder")).toString();
    };
    const auto seed = workspace_->store().run(run_).settings.get<std::int64_t>("train.seed");
    QCOMPARE(encoder("accuracy_random_encoder"),
             QStringLiteral("first weights, seed %1").arg(seed));
    QCOMPARE(encoder("accuracy_raw_pixels"), QStringLiteral("raw pixels, side 16"));
    // Fewer pixels than features, so their penalty is another.
    QVERIFY(protocols["accuracy_raw_pixels"]["l2_and_validation_accuracy"] !=
            protocols["accuracy"]["l2_and_validation_accuracy"]);
  }

  void numbers_of_other_images_are_not_among_the_results() {
    workspace_->store().add_evaluation({0,
                                        run_,
                                        "finetune",
                                        "accuracy",
                                        0.999,
                                        R"({"dataset":"Other","dataset_fingerprint":"of another"})",
                                        {}});
    auto* box = find<QComboBox>("probe_kind");
    box->setCurrentIndex(box->findData(QStringLiteral("finetune")));
    QVERIFY(result("Trained encoder").isEmpty());
    QVERIFY(find<QLabel>("knn_protocol")->text().startsWith(QStringLiteral("Nothing measured")));
  }

  void an_option_is_explained() {
    auto* box = find<QComboBox>("probe_kind");
    box->setCurrentIndex(box->findData(QStringLiteral("finetune")));
    auto* help = find<QWidget>("help_card");
    QTRY_COMPARE(help->visibleRegion().boundingRect(), help->rect());
    const auto* text = find<QLabel>("help_text");
    find<QLineEdit>("finetune.lr")->setFocus();
    QTRY_VERIFY2(text->text().startsWith(QStringLiteral("Peak learning rate of AdamW")),
                 qPrintable(text->text()));
    QVERIFY(text->text().contains(QStringLiteral("MAE, He et al. 2022, table 9.")));
    auto* other = find<QWidget>("finetune.max_steps")->parentWidget();
    QEnterEvent enter(QPointF(5, 5), QPointF(5, 5), other->mapToGlobal(QPointF(5, 5)));
    QApplication::sendEvent(other, &enter);
    QVERIFY(text->text().startsWith(QStringLiteral("Steps at most")));
    QCOMPARE(help->visibleRegion().boundingRect(), help->rect());
  }

  void without_options_there_is_nothing_to_explain() {
    auto* box = find<QComboBox>("probe_kind");
    box->setCurrentIndex(box->findData(QStringLiteral("knn")));
    QVERIFY(!shown("help_card"));
    box->setCurrentIndex(box->findData(QStringLiteral("linear")));
    QVERIFY(shown("help_card"));
    QVERIFY(find<QLabel>("help_text")->text().startsWith(QStringLiteral("Point at an option")));
  }
};

SELFSIGHT_SUITE(TestExports, QApplication);
#include "test_exports.moc"
