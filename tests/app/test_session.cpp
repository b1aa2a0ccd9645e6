// From one day to the next: what the window remembers, what can be taken back, how it closes.
#include <QComboBox>
#include <QDropEvent>
#include <QHeaderView>
#include <QLabel>
#include <QMimeData>
#include <QPushButton>
#include <QShortcut>
#include <QSlider>
#include <QSpinBox>
#include <QTcpServer>
#include <QtTest>
#include <algorithm>

#include "app/app_settings.h"
#include "app/jobs/download.h"
#include "app/main_window.h"
#include "app/places/open_menu.h"
#include "app/places/place.h"
#include "app/workspace.h"
#include "core/spec/preset.h"
#include "tests/app/runs_window.h"
#include "tests/suite.h"
#include "widgets/curve_plot.h"
#include "widgets/run_table.h"
#include "widgets/theme.h"

using namespace selfsight;

class TestSession : public RunsWindowTest {
  Q_OBJECT

  void open_again() {
    close_window();
    open_window();
  }
  void open(const QString& path) {
    QSignalSpy changed(workspace_.get(), &Workspace::dataset_changed);
    workspace_->open_dataset_at(path);
    QTRY_COMPARE(changed.size(), 1);
  }
  Runs chosen() {
    Runs runs = table()->chosen();
    std::ranges::sort(runs);
    return runs;
  }
  QStringList write_pictures(const QString& name, int count, const QSize& size = {24, 16}) {
    const QString pictures = folder_->filePath(name);
    QDir().mkpath(pictures);
    QStringList files;
    for (int i = 0; i < count; ++i) {
      QImage image(size, QImage::Format_RGB888);
      image.fill(QColor::fromHsv(i * 25, 200, 200));
      files << QStringLiteral("%1/%2.png").arg(pictures).arg(i);
      image.save(files.last());
    }
    return files;
  }
  static QMimeData* urls(const QStringList& paths) {
    QList<QUrl> list;
    for (const QString& path : paths) list << QUrl::fromLocalFile(path);
    auto* data = new QMimeData;
    data->setUrls(list);
    return data;
  }
  void drag(const QMimeData* data) {
    QDragEnterEvent enter({400, 400}, Qt::CopyAction, data, Qt::LeftButton, Qt::NoModifier);
    static_cast<QObject*>(window_.get())->event(&enter);
    QVERIFY(enter.isAccepted());
  }
  void drop(const QStringList& paths) {
    const std::unique_ptr<QMimeData> data(urls(paths));
    drag(data.get());
    QDropEvent dropped(QPointF(400, 400), Qt::CopyAction, data.get(), Qt::LeftButton,
                       Qt::NoModifier);
    static_cast<QObject*>(window_.get())->event(&dropped);
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

  void the_place_that_was_seen_last_is_opened() {
    QCOMPARE(window_->current_place(), QStringLiteral("data"));
    click("go_to_explore");
    open_again();
    QCOMPARE(window_->current_place(), QStringLiteral("explore"));
    QVERIFY(window_->place(QStringLiteral("explore"))->isVisible());
  }

  void the_options_of_the_next_run_are_kept() {
    set({"method.name=byol", "train.epochs=7"});
    const Settings before = workspace_->settings();
    open_again();
    QVERIFY(workspace_->settings() == before);
  }

  void options_that_cannot_be_read_become_the_usual_ones() {
    close_window();
    app_settings::set_next_run(QStringLiteral("[train\nepochs = many"));
    open_window();
    QVERIFY(workspace_->settings() == Settings(run_schema({})));
  }

  void the_current_run_and_what_is_compared_are_kept() {
    add_runs(3);
    workspace_->set_current_run(2);
    table()->choose({1});
    click("pin_baseline");
    click("chip_sweep");
    table()->choose({1, 2});
    open_again();
    QCOMPARE(workspace_->current_run(), std::int64_t{2});
    QCOMPARE(chosen(), (Runs{1, 2}));
    QCOMPARE(table()->runs()->baseline(), std::int64_t{1});
    QVERIFY(find<QPushButton>("chip_sweep")->isChecked());
    QVERIFY(find<QWidget>("sweep_metric")->isVisible());
  }

  void what_changes_is_kept_while_the_window_is_open() {
    add_runs(3);
    const auto store = workspace_->store_folder();
    set({"train.epochs=7"});
    workspace_->set_current_run(2);
    table()->choose({1});
    click("pin_baseline");
    click("chip_sweep");
    table()->choose({1, 3});
    auto* header = table()->horizontalHeader();
    header->resizeSection(RunModel::method, 133);
    QTRY_COMPARE(app_settings::next_run(), QString::fromStdString(to_toml(workspace_->settings())));
    QTRY_COMPARE(app_settings::current_run(store), std::int64_t{2});
    QTRY_COMPARE(app_settings::comparison(store).runs.size(), std::size_t{2});
    QCOMPARE(app_settings::comparison(store).baseline, std::int64_t{1});
    QCOMPARE(app_settings::comparison(store).look, QStringLiteral("sweep"));
    QTRY_COMPARE(app_settings::run_columns(), header->saveState());
  }

  void places_are_found_as_they_were_left() {
    open(QStringLiteral("procedural:60"));
    const auto to_the_end = [this](const char* place, const char* name) {
      window_->go_to(QString::fromLatin1(place));
      auto* box = find<QComboBox>(name);
      box->setFocus();
      QTest::keyClick(box, Qt::Key_End);
    };
    to_the_end("data", "image_sort");
    to_the_end("evaluate", "probe_kind");
    window_->go_to(QStringLiteral("views"));
    find<QSpinBox>("image_count")->setValue(3);
    window_->place(QStringLiteral("explore"))
        ->findChild<QSpinBox*>(QStringLiteral("map_images"))
        ->setValue(3000);
    window_->place(QStringLiteral("explore"))
        ->findChild<QPushButton*>(QStringLiteral("chip_pca"))
        ->click();
    open_again();
    const auto chosen_in = [this](const char* place, const char* name) {
      return window_->place(QString::fromLatin1(place))
          ->findChild<QComboBox*>(QString::fromLatin1(name))
          ->currentIndex();
    };
    QCOMPARE(chosen_in("data", "image_sort"), 1);
    QVERIFY(chosen_in("evaluate", "probe_kind") > 1);
    QCOMPARE(find<QSpinBox>("image_count")->value(), 3);
    QCOMPARE(find<QSpinBox>("map_images")->value(), 3000);
    QVERIFY(window_->place(QStringLiteral("explore"))
                ->findChild<QPushButton*>(QStringLiteral("chip_pca"))
                ->isChecked());
  }

  void pretrain_opens_at_the_run_that_was_looked_at() {
    add_runs(2);
    window_->go_to(QStringLiteral("pretrain"));
    const auto shown = [this] { return find<QComboBox>("run_chooser")->currentData().toInt(); };
    QCOMPARE(shown(), 0);
    find<QComboBox>("run_chooser")->setFocus();
    QTest::keyClick(find<QComboBox>("run_chooser"), Qt::Key_End);
    QCOMPARE(shown(), 1);
    open_again();
    QCOMPARE(shown(), 1);
    QVERIFY(!find<QPushButton>("start_run")->isVisible());
    window_->go_to(QStringLiteral("data"));
    open_again();
    open_again();  // nobody came by Pretrain in between
    window_->go_to(QStringLiteral("pretrain"));
    QCOMPARE(shown(), 1);
    click("new_run");
    open_again();
    QCOMPARE(shown(), 0);
    QVERIFY(find<QPushButton>("start_run")->isVisible());
  }

  void a_run_that_is_gone_is_not_looked_for() {
    add_runs(2);
    workspace_->set_current_run(1);
    workspace_->store().delete_run(1);
    open_again();
    QCOMPARE(workspace_->current_run(), std::int64_t{2});
  }

  void looks_sizes_and_folders_are_kept() {
    window_->go_to(QStringLiteral("pretrain"));
    find<QSlider>("loss_smoothing")->setValue(50);
    find<QPushButton>("loss_log")->setChecked(true);
    find<QWidget>("loss_axis")->findChild<QPushButton*>(QStringLiteral("chip_epoch"))->click();
    window_->findChild<QSlider*>(QStringLiteral("thumbnail_size"))->setValue(100);
    app_settings::set_export_folder(folder_->path());
    open_again();
    QCOMPARE(find<QSlider>("loss_smoothing")->value(), 50);
    QVERIFY(find<QPushButton>("loss_log")->isChecked());
    QVERIFY(find<QWidget>("loss_axis")
                ->findChild<QPushButton*>(QStringLiteral("chip_epoch"))
                ->isChecked());
    QCOMPARE(window_->findChild<QSlider*>(QStringLiteral("thumbnail_size"))->value(), 100);
    QCOMPARE(app_settings::export_folder(), folder_->path());
    app_settings::set_export_folder(folder_->filePath(QStringLiteral("nowhere")));
    QCOMPARE(app_settings::export_folder(), QDir::homePath());
  }

  void untouched_settings_follow_the_images_and_chosen_ones_stay() {
    open(QStringLiteral("procedural:60"));
    Settings fitting = find_preset("simclr-" + workspace_->preset_size(), run_schema).settings;
    fitting.set("data.path", workspace_->dataset()->location());
    QVERIFY(workspace_->settings() == fitting);
    set({"train.epochs=7"});
    open(write_pictures(QStringLiteral("pictures"), 12).first().section(QLatin1Char('/'), 0, -2));
    QCOMPARE(workspace_->settings().get<double>("train.epochs"), 7.0);
    QCOMPARE(workspace_->preset_size(), std::string("32"));
  }

  void what_the_images_brought_goes_with_them() {
    const QStringList large = write_pictures(QStringLiteral("pictures"), 12, {300, 200});
    open(QStringLiteral("procedural:60"));
    const std::string size = workspace_->preset_size();
    open(QFileInfo(large.first()).path());
    QVERIFY(workspace_->preset_size() != size);
    Settings fitting = find_preset("simclr-" + workspace_->preset_size(), run_schema).settings;
    fitting.set("data.path", workspace_->dataset()->location());
    QVERIFY(workspace_->settings() == fitting);
  }

  void a_warm_up_as_long_as_the_run_is_told_of() {
    open(QStringLiteral("procedural:60"));
    window_->go_to(QStringLiteral("pretrain"));
    set({"train.batch_size=16", "train.epochs=5", "optimiser.warmup_epochs=5"});
    const auto* words = find<QLabel>("run_obstacle");
    QVERIFY(words->isVisible() && words->text().contains(QStringLiteral("warm-up")));
    QVERIFY(find<QPushButton>("start_run")->isEnabled());
    set({"optimiser.warmup_epochs=4"});
    QVERIFY(!words->isVisible());
  }

  void all_images_of_a_small_set_are_mapped_until_others_are_chosen() {
    const auto split = [this] { return find<QComboBox>("map_split")->currentData().toString(); };
    open(QStringLiteral("procedural:60"));
    QCOMPARE(split(), QStringLiteral("all"));
    open(QStringLiteral("procedural:2000"));
    QCOMPARE(split(), QStringLiteral("held-out"));
  }

  void a_run_whose_images_have_changed_is_not_sent_to_open_them() {
    const QString folder = QFileInfo(write_pictures(QStringLiteral("pictures"), 12).first()).path();
    open(folder);
    const auto run = workspace_->store().create_run("run", workspace_->settings(),
                                                    *workspace_->dataset(), RunStatus::queued);
    workspace_->store().set_status(run, RunStatus::stopped);
    write_pictures(QStringLiteral("pictures"), 13);
    open(folder);
    std::string said;
    try {
      workspace_->resume_run(run);
    } catch (const InputError& error) {
      said = error.what();
    }
    QVERIFY2(said.find("have changed since run") != std::string::npos, said.c_str());
    QVERIFY(!workspace_->training());
  }

  void presets_that_fit_the_images_stand_first() {
    open(QStringLiteral("procedural:60"));
    window_->go_to(QStringLiteral("pretrain"));
    const QString first = find<QComboBox>("preset")->itemText(2);  // own settings, a line
    const auto presets = all_presets(run_schema);
    const auto named = std::ranges::find(presets, first.toStdString(), &Preset::title);
    QVERIFY(named != presets.end());
    QVERIFY(named->name.ends_with('-' + workspace_->preset_size()));
    QVERIFY(find<QComboBox>("preset")->currentIndex() > 1);
  }

  void deletions_and_archiving_are_taken_back_one_by_one() {
    add_runs(4);
    press({1}, Qt::Key_Delete, Qt::ShiftModifier);
    QVERIFY(workspace_->store().run(1).archived);  // so no list offers it
    press({2}, Qt::Key_Delete);
    QCOMPARE(table()->model()->rowCount(), 2);
    press({3}, Qt::Key_Delete, Qt::ShiftModifier);
    QCOMPARE(table()->model()->rowCount(), 1);
    take_back();
    QCOMPARE(table()->model()->rowCount(), 2);
    take_back();
    QVERIFY(!workspace_->store().run(2).archived);
    take_back();
    QVERIFY(!workspace_->store().run(1).archived);
    QCOMPARE(table()->model()->rowCount(), 4);
    QVERIFY(!find<QPushButton>("undo_archive")->isVisible());
  }

  void several_deletions_are_over_with_the_window() {
    add_runs(4);
    press({1}, Qt::Key_Delete, Qt::ShiftModifier);
    press({3}, Qt::Key_Delete, Qt::ShiftModifier);
    QCOMPARE(workspace_->store().runs().size(), std::size_t{4});
    window_.reset();
    QCOMPARE(workspace_->store().runs().size(), std::size_t{2});
    for (const std::int64_t run : {2, 4}) QVERIFY(!workspace_->store().run(run).archived);
  }

  void names_notes_and_tags_are_taken_back() {
    add_runs(1);
    auto* model = table()->model();
    const std::string before = workspace_->store().run(1).name;
    model->setData(model->index(0, RunModel::name), QStringLiteral("another"));
    model->setData(model->index(0, RunModel::note), QStringLiteral("worth a look"));
    model->setData(model->index(0, RunModel::tags), QStringLiteral("good, small"));
    QCOMPARE(workspace_->store().run(1).tags.size(), std::size_t{2});
    take_back();
    QVERIFY(workspace_->store().run(1).tags.empty());
    take_back();
    QVERIFY(workspace_->store().run(1).note.empty());
    QCOMPARE(workspace_->store().run(1).name, std::string("another"));
    take_back();
    QCOMPARE(workspace_->store().run(1).name, before);
  }

  void what_is_zoomed_in_to_stays_while_the_runs_are_the_same() {
    add_runs(2);
    for (const std::int64_t run : {1, 2})
      for (int step = 1; step < 9; ++step)
        workspace_->store().add_metrics(run, {{"loss", {step, step / 8.0, 1.0 * step, 0, 5.0}}});
    Q_EMIT workspace_->runs_changed();
    auto* curves = find<CurvePlot>("compare_plot");
    QTRY_COMPARE(points_shown(1), 8);
    QVERIFY(!curves->zoomed());
    QTest::keyClick(curves, Qt::Key_Plus);
    QVERIFY(curves->zoomed());
    const QRectF view = curves->view();
    workspace_->store().add_metrics(1, {{"loss", {9, 9 / 8.0, 9.0, 0, 5.0}}});
    Q_EMIT workspace_->runs_changed();
    QTRY_COMPARE(points_shown(1), 9);
    QCOMPARE(curves->view(), view);
    table()->choose({1});
    QTRY_VERIFY(!curves->zoomed());
  }

  void the_look_of_compared_curves_is_kept() {
    add_runs(2);
    for (const std::int64_t run : {1, 2})
      for (int step = 1; step < 9; ++step)
        workspace_->store().add_metrics(run, {{"loss", {step, step / 8.0, 1.0 * step, 0, 5.0}},
                                              {"knn", {step, step / 8.0, 1.0 * step, 0, 0.5}}});
    Q_EMIT workspace_->runs_changed();
    const auto along = [this] { return find<CurvePlot>("compare_plot")->view(); };
    QTRY_COMPARE(points_shown(1), 8);
    QVERIFY(along().left() <= 0 && along().right() > 8);
    click("compare_log_x");
    find<QWidget>("compare_axis")->findChild<QPushButton*>(QStringLiteral("chip_epoch"))->click();
    QVERIFY(along().left() > 0 && along().right() < 2);
    find<QSlider>("compare_smoothing")->setValue(50);
    open_again();
    QCOMPARE(window_->current_place(), QStringLiteral("compare"));
    QTRY_COMPARE(points_shown(1), 8);
    QVERIFY(along().left() > 0 && along().right() < 2);
    auto* smoothing = find<QSlider>("compare_smoothing");
    QCOMPARE(smoothing->value(), 50);
    auto* metric = find<QComboBox>("compare_metric");
    metric->setCurrentIndex(metric->findData(QStringLiteral("knn")));
    Q_EMIT metric->activated(metric->currentIndex());
    QTRY_VERIFY(!smoothing->isEnabled());  // a few points are not smoothed
    QCOMPARE(smoothing->value(), 50);
  }

  void maps_of_one_method_stand_side_by_side_and_the_rest_is_told() {
    add_runs(5);
    const auto add = [this](std::int64_t run, const char* method) {
      StoredMap map;
      map.run = run;
      map.method = method;
      map.protocol = "{}";
      map.ids = {0, 1, 2};
      map.xy = {0, 0, 1, 1, 2, 0};
      workspace_->store().add_map(map);
    };
    for (const std::int64_t run : {1, 2, 3, 4}) add(run, "pca");
    add(4, "tsne");
    table()->choose({1, 2, 3, 4, 5});
    auto* maps = find<QWidget>("compare_maps");
    const auto shown = [maps](const char* part) {
      qsizetype count = 0;
      for (const QLabel* label : maps->findChildren<QLabel*>())
        count += label->isVisible() && label->text().contains(QLatin1String(part));
      return count;
    };
    QTRY_COMPARE(shown("PCA"), 3);
    QCOMPARE(shown("t-SNE"), 0);
    QCOMPARE(shown("first 3 of 4"), 1);
  }

  void options_without_effect_are_not_shown() {
    Settings settings = workspace_->settings();
    const auto applies = [&](const char* key) { return settings.applies(settings.field(key)); };
    QVERIFY(!applies("encoder.patch_size") && !applies("encoder.depth"));
    QVERIFY(!applies("second_view.blur") && !applies("second_view.solarize"));
    apply_assignments(settings, {"encoder.name=vit_tiny", "second_view.own=true"}, run_schema);
    QVERIFY(applies("encoder.patch_size") && applies("encoder.depth"));
    QVERIFY(applies("second_view.blur") && applies("second_view.solarize"));
  }

  void views_lead_to_the_set_up_of_a_run() {
    add_runs(1);
    workspace_->set_current_run(1);
    open(QStringLiteral("procedural:60"));
    window_->go_to(QStringLiteral("views"));
    click("pretrain_with_these");
    QCOMPARE(window_->current_place(), QStringLiteral("pretrain"));
    QVERIFY(find<QPushButton>("start_run")->isVisible());
  }

  void every_key_is_on_the_sheet_and_the_settings_lead_to_it() {
    click("settings_button");
    auto* popover = window_->findChild<QWidget*>(QStringLiteral("settings_popover"));
    QTest::mouseClick(popover->findChild<QPushButton*>(QStringLiteral("show_keys")),
                      Qt::LeftButton);
    auto* sheet = window_->findChild<QWidget*>(QStringLiteral("shortcuts_sheet"));
    QVERIFY(sheet->isVisible() && !popover->isVisible());
    QStringList told;
    for (const QLabel* words : sheet->findChildren<QLabel*>())
      told << words->text().split(QStringLiteral(", "));
    for (int place = 1; place <= 6; ++place) told << QStringLiteral("Ctrl %1").arg(place);
    QVERIFY(told.contains(QStringLiteral("Ctrl 1 to Ctrl 6")));
    for (const QShortcut* shortcut : window_->findChildren<QShortcut*>()) {
      QString key = shortcut->key().toString(QKeySequence::PortableText);
      key = key == QLatin1String(",")     ? QStringLiteral("Comma")
            : key == QLatin1String(".")   ? QStringLiteral("full stop")
            : key == QLatin1String("Esc") ? QStringLiteral("Escape")
                                          : key.replace(QLatin1Char('+'), QLatin1Char(' '));
      QVERIFY2(told.contains(key), qPrintable(key));
    }
    sheet->close();
  }

  void several_folders_are_dropped_as_one_set() {
    const QString one = QFileInfo(write_pictures(QStringLiteral("one"), 6).first()).path();
    const QString two = QFileInfo(write_pictures(QStringLiteral("two"), 8).first()).path();
    const std::unique_ptr<QMimeData> data(urls({one}));
    drag(data.get());
    QVERIFY(find<QLabel>("drop_words")->isVisible());
    QDragLeaveEvent leave;
    static_cast<QObject*>(window_.get())->event(&leave);
    QVERIFY(!find<QLabel>("drop_words")->isVisible());
    drop({one, two});
    QVERIFY(!find<QLabel>("drop_words")->isVisible());
    QTRY_VERIFY(workspace_->dataset() && workspace_->dataset()->size() == 14);
  }

  void a_picture_without_an_encoder_says_what_it_needs() {
    drop({write_pictures(QStringLiteral("one"), 1).first()});
    QVERIFY(
        find<QLabel>("message_text")->text().startsWith(QStringLiteral("Train an encoder first")));
  }

  void recent_sets_with_options_are_still_there() {
    const QString one = QFileInfo(write_pictures(QStringLiteral("one"), 1).first()).path();
    const QString gone = folder_->filePath(QStringLiteral("gone"));
    QVERIFY(still_there(one));
    QVERIFY(still_there(one + QStringLiteral("?window=40,400")));
    QVERIFY(still_there(one + QStringLiteral(";fashion-mnist;") + one));
    QVERIFY(still_there(gone + QStringLiteral("/shard-{000..004}.tar")));
    QVERIFY(!still_there(gone));
    QVERIFY(!still_there(gone + QStringLiteral("?scenes")));
    QVERIFY(!still_there(one + QLatin1Char(';') + gone));
  }

  void there_is_something_to_try_without_a_package() {
    QCOMPARE(sample_images(true).location, QStringLiteral("fashion-mnist"));
    const SampleImages drawn = sample_images(false);
    QVERIFY(drawn.action != sample_images(true).action);
    open(drawn.location);
    QVERIFY(workspace_->dataset()->size() > 0);
  }

  void closing_while_a_run_trains_asks_first() {
    set(smallest_run({"train.batch_size=16", "train.epochs=5000", "monitor.every_epochs=1000"}));
    open(QStringLiteral("procedural:60"));
    workspace_->start_run();
    QTRY_VERIFY_WITH_TIMEOUT(workspace_->training() && workspace_->training()->last_step(),
                             patience);
    window_->close();
    QVERIFY(window_->isVisible());
    click("keep_training");
    QVERIFY(window_->isVisible() && workspace_->training());
    QVERIFY(!find<QWidget>("message_bar")->isVisible());
    // A download is told of in the same question, and not asked about again after it.
    QTcpServer silent;
    QVERIFY(silent.listen(QHostAddress::LocalHost));
    CatalogueEntry entry;
    entry.title = "Sample";
    entry.files = {{"http://127.0.0.1:" + std::to_string(silent.serverPort()) + "/a.bin", 9, ""}};
    auto* download = new Download(entry, folder_->filePath(QStringLiteral("sample")));
    workspace_->announce(download);
    download->start();
    window_->close();
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);  // the first question's
    const QString asked = find<QLabel>("message_text")->text();
    QVERIFY2(asked.startsWith(QStringLiteral("Run 1 is training. ")) &&
                 asked.contains(QStringLiteral(" Sample is being downloaded; ")),
             qPrintable(asked));
    QVERIFY(find<QPushButton>("keep_both")->isVisible());
    click("stop_and_quit");
    window_->close();  // nothing is asked again while the state is saved
    QVERIFY(window_->isVisible() && workspace_->training());
    QCOMPARE(find<QLabel>("message_text")->text(),
             QStringLiteral("The state of run 1 is being saved; the window closes then."));
    QTRY_VERIFY_WITH_TIMEOUT(!window_->isVisible(), patience);
    QCOMPARE(workspace_->store().run(1).status, RunStatus::stopped);
    QVERIFY(!workspace_->store().checkpoints(1).empty());
  }
};

SELFSIGHT_SUITE(TestSession, QApplication);
#include "test_session.moc"
