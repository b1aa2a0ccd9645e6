// A store that cannot be written, and whatever else goes wrong in a slot: the window stays.
#include <QComboBox>
#include <QLabel>
#include <QPushButton>
#include <QtTest>
#include <algorithm>
#include <any>
#include <cstring>
#include <functional>

#include "app/application.h"
#include "app/main_window.h"
#include "app/places/views_work.h"
#include "app/workspace.h"
#include "core/base/error.h"
#include "core/training/run_spec.h"
#include "tests/app/clicks.h"
#include "tests/full_disk.h"
#include "tests/gui.h"
#include "tests/suite.h"
#include "widgets/curve_plot.h"
#include "widgets/run_table.h"
#include "widgets/theme.h"

using namespace selfsight;

namespace {

/// Throws in its event, as a slot would.
class Clumsy : public QObject {
 public:
  explicit Clumsy(std::function<void()> act) : act_(std::move(act)) {}
  bool event(QEvent* event) override {
    act_();
    return QObject::event(event);
  }

 private:
  std::function<void()> act_;
};

/// Square pictures of 13 bands.
class BandPictures : public Dataset {
 public:
  explicit BandPictures(int side) : side_(side) {}
  std::string name() const override { return "bands"; }
  std::string location() const override { return "bands"; }
  std::int64_t size() const override { return 2; }
  cv::Mat image(std::int64_t) const override {
    cv::Mat image(side_, side_, CV_8UC(13));
    std::memset(image.data, 90, image.total() * image.elemSize());
    return image;
  }
  std::string image_name(std::int64_t) const override { return "a tile"; }
  int label(std::int64_t) const override { return -1; }
  const std::vector<std::string>& classes() const override { return classes_; }
  Split split(std::int64_t) const override { return Split::train; }
  const std::vector<BrokenImage>& broken() const override { return broken_; }
  int channels() const override { return 13; }
  std::string fingerprint() const override { return "bands"; }

 private:
  int side_;
  std::vector<std::string> classes_;
  std::vector<BrokenImage> broken_;
};

/// Takes colour; nobody may ask it anything of bands.
class ColourModel : public FrozenModel {
 public:
  explicit ColourModel(Settings settings) : settings_(std::move(settings)) {}
  const Settings& settings() const override { return settings_; }
  std::int64_t dimensions() const override { return 1; }
  int channels() const override { return 3; }
  CheckpointInfo checkpoint() const override { return {}; }
  std::shared_ptr<FrozenModel> untrained(std::uint64_t) const override { return nullptr; }
  Features features(const std::vector<cv::Mat>&) override { throw Error("Bands were shown."); }
  bool reconstructs() const override { return true; }
  std::vector<cv::Mat> reconstruct(const std::vector<cv::Mat>&, const std::vector<Mask>&) override {
    throw Error("Bands were shown.");
  }

 private:
  Settings settings_;
};

/// Stops a training after this step.
class StopsAfter : public Observer {
 public:
  StopsAfter(std::int64_t step, Control& control) : step_(step), control_(control) {}
  void on_step(const StepMetrics& m) override {
    if (m.step == step_) control_.request_stop();
  }

 private:
  std::int64_t step_;
  Control& control_;
};

ViewsAnswer views_of(std::shared_ptr<const Dataset> images, const Settings& settings,
                     const ViewsModel& model = {}) {
  const auto originals = std::make_shared<OriginalCache>(std::move(images));
  return draw_views({.originals = originals,
                     .settings = settings,
                     .ids = preview_images(*originals->dataset(), 2, 0),
                     .epoch = 0,
                     .model = model,
                     .cover = QColor(Qt::gray)});
}

}  // namespace

class TestErrors : public QObject {
  Q_OBJECT

  const OwnSettings own_settings_;
  QTemporaryDir folder_;
  std::unique_ptr<Workspace> workspace_;
  std::unique_ptr<MainWindow> window_;

  RunTable* table() { return find_in<RunTable>(*window_, "run_table"); }
  QAbstractItemModel* model() { return table()->model(); }
  QString message() {
    const auto* bar = find_in<QWidget>(*window_, "message_bar");
    return bar->isVisible() ? find_in<QLabel>(*window_, "message_text")->text() : QString();
  }
  QString name_shown() { return model()->index(0, RunModel::name).data(Qt::EditRole).toString(); }
  bool undo_offered() { return find_in<QPushButton>(*window_, "undo_archive")->isVisible(); }
  void press(Qt::Key key, Qt::KeyboardModifiers modifiers = {}) {
    table()->setFocus();
    table()->choose({1});
    QTest::keyClick(table(), key, modifiers);
  }
  /// Its newest checkpoint is of step 5; what it measured behind that will come again.
  std::int64_t killed_run() {
    Settings settings = workspace_->settings();
    apply_assignments(
        settings,
        smallest_run({"train.batch_size=16", "train.epochs=4", "monitor.every_epochs=100"}),
        run_schema);
    Store& store = workspace_->store();
    const std::int64_t run = prepare_run(store, settings, *workspace_->dataset());
    Control control;
    StopsAfter stop(5, control);
    run_training(workspace_->store_folder(), run, workspace_->dataset(), &stop, control);
    std::vector<std::pair<std::string, MetricPoint>> tail;
    for (std::int64_t step = 6; step < 10; ++step)
      tail.emplace_back("loss", MetricPoint{step, 1.5, 2.0, 0, 3.0});
    store.add_metrics(run, tail);
    store.set_status(run, RunStatus::failed, "The machine went down.");
    return run;
  }

 private Q_SLOTS:
  void initTestCase() {
    apply_theme(*qApp, Scheme::light);
    workspace_ =
        std::make_unique<Workspace>(folder_.filePath(QStringLiteral("store")).toStdString());
    window_ = std::make_unique<MainWindow>(*workspace_);
    connect(static_cast<Application*>(qApp), &Application::went_wrong, workspace_.get(),
            &Workspace::problem);
    window_->resize(1440, 900);
    window_->show();
    QVERIFY(QTest::qWaitForWindowActive(window_.get()));
    Store& store = workspace_->store();
    const auto images = open_dataset("procedural:40");
    store.set_status(store.create_run("first", workspace_->settings(), *images),
                     RunStatus::finished);
    Q_EMIT workspace_->runs_changed();
    window_->go_to(QStringLiteral("compare"));
  }
  void init() {
    fail_on_warnings();
    find_in<QWidget>(*window_, "message_bar")->hide();
  }
  void cleanupTestCase() {
    window_.reset();
    workspace_.reset();
  }

  void a_name_that_cannot_be_stored_is_taken_back_from_the_table() {
    const QString before = name_shown();
    {
      const FullDisk full(0);
      QVERIFY(model()->setData(model()->index(0, RunModel::name), QStringLiteral("another")));
    }
    QVERIFY2(message().contains(QStringLiteral("what it holds is safe")), qPrintable(message()));
    QCOMPARE(name_shown(), before);
    QCOMPARE(workspace_->store().run(1).name, std::string("first"));
    QVERIFY(!undo_offered());
    // There is room again.
    model()->setData(model()->index(0, RunModel::name), QStringLiteral("another"));
    QCOMPARE(name_shown(), QStringLiteral("another"));
    QCOMPARE(workspace_->store().run(1).name, std::string("another"));
  }

  void what_could_not_be_taken_back_can_be_later() {
    QVERIFY(undo_offered());
    {
      const FullDisk full(0);
      press(Qt::Key_Z, Qt::ControlModifier);
    }
    QVERIFY(!message().isEmpty());
    QVERIFY(undo_offered());
    press(Qt::Key_Z, Qt::ControlModifier);
    QCOMPARE(workspace_->store().run(1).name, std::string("first"));
    QVERIFY(!undo_offered());
  }

  void a_run_that_cannot_be_archived_stays() {
    {
      const FullDisk full(0);
      press(Qt::Key_Delete);
    }
    QVERIFY(!message().isEmpty());
    QCOMPARE(model()->rowCount(), 1);
    QVERIFY(!workspace_->store().run(1).archived);
    QVERIFY(!undo_offered());
  }

  void what_any_event_throws_is_told_and_the_next_one_comes() {
    QEvent event(QEvent::User);
    Clumsy careless([] { throw InputError("The shelf is full; all books are kept."); });
    QVERIFY(QCoreApplication::sendEvent(&careless, &event));
    QCOMPARE(message(), QStringLiteral("The shelf is full; all books are kept."));
    Clumsy foreign([] { throw std::runtime_error("no such page"); });
    QVERIFY(QCoreApplication::sendEvent(&foreign, &event));
    QVERIFY(message().contains(QStringLiteral("no such page")));
    QVERIFY(window_->isVisible());
    QTest::keyClick(window_.get(), Qt::Key_1, Qt::ControlModifier);
    QCOMPARE(window_->current_place(), QStringLiteral("data"));
  }

  void a_run_on_colours_says_that_it_cannot_look_at_bands() {
    const Settings settings = settings_for_method(Settings(run_schema({})), "mae");
    const ViewsModel colours{
        .run = 3, .epoch = 1, .model = std::make_shared<ColourModel>(settings), .reason = {}};
    const ViewsAnswer answer = views_of(std::make_shared<BandPictures>(40), settings, colours);
    QCOMPARE(answer.problem, QString());
    QCOMPARE(answer.rows.size(), 2);
    const QString reason = QStringLiteral(
        "Run 3 takes images of 3 channels, and these have 13; choose another run or other images.");
    QCOMPARE(answer.rows[0].cells[3].note, reason);
    QCOMPARE(comparison_obstacle(colours, 13), reason);
    QCOMPARE(comparison_obstacle(colours, 1), QString());  // grey becomes colour
    QCOMPARE(comparison_obstacle({.run = 3, .epoch = 0, .model = nullptr, .reason = reason}, 3),
             reason);
  }

  void views_that_leave_too_little_are_warned_of_data() {
    QTest::addColumn<QString>("method");
    QTest::addColumn<QString>("changes");
    QTest::addColumn<QString>("words");
    const auto row = [](const char* method, const char* changes, const char* words) {
      QTest::addRow("%s %s", method, changes)
          << QString::fromLatin1(method) << QString::fromLatin1(changes)
          << QString::fromLatin1(words);
    };
    row("mae", "mask.ratio=0.95", "Of 64 patches only 3 stay in view");
    row("mae", "mask.ratio=0.95 encoder.patch_size=8", "Of 16 patches only 1 stays in view");
    row("ibot", "mask.ratio=0.95", "Of 64 patches only 3 stay in view");
    row("ijepa", "blocks.targets=16 blocks.target_max=0.9 blocks.target_min=0.9",
        "leave too little for a context");
    row("inpainting", "region.area=0.8", "So much is hidden");
    row("inpainting", "region.area=0.04", "So little is hidden");
    row("swav", "crops.crop_min=0.01", "holds 10 pixels, too few");
    row("swav", "crops.crop_min=0.01 crops.number=0", "");
    row("simclr", "views.crop_min=0.01", "holds 10 pixels, too few");
    for (const char* method : {"mae", "ibot", "ijepa", "inpainting", "swav", "simclr"})
      row(method, "", "");
  }
  void views_that_leave_too_little_are_warned_of() {
    QFETCH(QString, method);
    QFETCH(QString, changes);
    QFETCH(QString, words);
    Settings settings = settings_for_method(Settings(run_schema({})), method.toStdString());
    settings.set("train.batch_size", std::int64_t{8});
    for (const QString& change : changes.split(QLatin1Char(' '), Qt::SkipEmptyParts))
      apply_assignments(settings, {change.toStdString()}, run_schema);
    const ViewsAnswer answer = views_of(open_dataset("procedural:40"), settings);
    QCOMPARE(answer.problem, QString());
    const QString told = (answer.warnings + view_warnings(settings, 3)).join(QLatin1Char('\n'));
    if (words.isEmpty())
      QCOMPARE(told, QString());
    else
      QVERIFY2(told.contains(words), qPrintable(told));
  }

  void a_crop_of_one_pixel_is_told_in_the_singular() {
    Settings settings(run_schema({}));
    settings.set("views.crop_min", 0.01);
    const ViewsAnswer answer = views_of(std::make_shared<BandPictures>(10), settings);
    QCOMPARE(answer.warnings.size(), 1);
    QVERIFY(answer.warnings[0].contains(QStringLiteral("holds 1 pixel,")));
  }

  void why_a_run_cannot_tell_how_alike_views_are_is_said() {
    Store& store = workspace_->store();
    const auto run =
        store.create_run("damaged", workspace_->settings(), *open_dataset("procedural:40"));
    store.set_status(run, RunStatus::stopped);
    const auto file = store.run_folder(run) / "checkpoint-5.safetensors";
    QFile damaged(QString::fromStdString(file.string()));
    QVERIFY(damaged.open(QIODevice::WriteOnly) && damaged.write("none of it") > 0);
    damaged.close();
    store.add_checkpoint(run, {file, "", 5, 1.0});
    Q_EMIT workspace_->runs_changed();
    workspace_->set_current_run(run);
    workspace_->open_dataset_at(QStringLiteral("procedural:40"));
    QTRY_VERIFY(workspace_->dataset());
    window_->go_to(QStringLiteral("views"));
    const auto* reason = find_in<QLabel>(*window_, "likeness_reason");
    QTRY_VERIFY(reason->isVisible());
    QVERIFY(!reason->text().isEmpty());
    store.set_archived(run, true);
    Q_EMIT workspace_->runs_changed();
    QTRY_VERIFY(!reason->isVisible());
  }

  void an_archived_run_that_is_shown_is_named() {
    window_->go_to(QStringLiteral("pretrain"));
    auto* runs = find_in<QComboBox>(*window_, "run_chooser");
    runs->setFocus();
    QTest::keyClick(runs, Qt::Key_End);
    QCOMPARE(runs->currentText(), QStringLiteral("1 · first"));
    const auto archive = [this](bool archived) {
      workspace_->store().set_archived(1, archived);
      Q_EMIT workspace_->runs_changed();
    };
    archive(true);
    QCOMPARE(runs->currentText(), QStringLiteral("1 · first"));
    archive(false);
    QCOMPARE(runs->currentText(), QStringLiteral("1 · first"));
    click_in(*window_, "new_run");
    QCOMPARE(runs->currentText(), QStringLiteral("New run"));
  }

  void a_resumed_run_draws_no_point_twice_and_marks_each_checkpoint_as_it_comes() {
    workspace_->open_dataset_at(QStringLiteral("procedural:100"));
    QTRY_VERIFY(workspace_->dataset() && workspace_->dataset()->size() == 100);
    const auto run = killed_run();
    window_->go_to(QStringLiteral("pretrain"));
    // Training begins once this has ended: surely after the run is shown with what will be dropped.
    Job trial({}, [](Control& control, const Job::Progress&) {
      control.pause();
      control.wait_while_paused();
      return std::any();
    });
    trial.start();
    workspace_->set_trial(&trial);
    workspace_->resume_run(run);
    const auto* plot = find_in<CurvePlot>(*window_, "loss_plot");
    const auto points = [plot] { return plot->curves().front().points; };
    QCOMPARE(points().back().step, 9.0);
    const auto* verdict = find_in<QLabel>(*window_, "run_verdict");
    QVERIFY(verdict->text().startsWith(QStringLiteral("Failed.")));
    int heard = 0;
    bool rising = true, marked = false, failed = false;
    const TrainJob* job = workspace_->training();
    connect(job, &TrainJob::drained, this, [&] {
      const auto now = points();
      rising = rising && std::ranges::adjacent_find(now, std::greater_equal<>(),
                                                    &CurvePoint::step) == now.end();
      failed = verdict->text().startsWith(QStringLiteral("Failed."));
      ++heard;
    });
    connect(job, &TrainJob::checkpointed, this, [&](const std::vector<CheckpointInfo>& written) {
      marked = plot->events().back().step == static_cast<double>(written.back().step);
    });
    QTRY_VERIFY_WITH_TIMEOUT(!workspace_->training(), patience);
    QVERIFY(heard > 0 && rising && marked && !failed);
    QVERIFY(workspace_->store().run(run).status == RunStatus::finished);
  }

  void images_that_cannot_be_opened_end_a_queued_run_even_if_that_cannot_be_noted() {
    Store& store = workspace_->store();
    const QString gone = folder_.filePath(QStringLiteral("gone"));
    QDir().mkpath(gone);
    for (int i = 0; i < 40; ++i) {
      QImage image(24, 24, QImage::Format_RGB888);
      image.fill(QColor::fromHsv(i * 8, 200, 200));
      QVERIFY(image.save(QStringLiteral("%1/%2.png").arg(gone).arg(i)));
    }
    const auto images = open_dataset(gone.toStdString());
    const auto run = store.create_run("queued", workspace_->settings(), *images, RunStatus::queued);
    QVERIFY(QDir(gone).removeRecursively());
    workspace_->start_queue();
    {
      const FullDisk full(0);
      QTRY_VERIFY(!message().isEmpty());
    }
    QVERIFY(window_->isVisible());
    QVERIFY(!workspace_->training());
    // It is, once there is room.
    QTRY_VERIFY_WITH_TIMEOUT(store.run(run).status == RunStatus::failed, patience);
    QVERIFY(!store.run(run).reason.empty());
  }

  void a_run_that_is_stopped_on_a_full_disk_can_be_resumed_once_there_is_room() {
    set_options(*workspace_, smallest_run({"train.epochs=1000"}));
    workspace_->start_run();
    const std::int64_t run = workspace_->training()->run();
    window_->go_to(QStringLiteral("pretrain"));
    QTRY_VERIFY_WITH_TIMEOUT(workspace_->training()->last_step(), patience);
    {
      const FullDisk full(0);
      workspace_->training()->stop();
      QTRY_VERIFY_WITH_TIMEOUT(!workspace_->training(), patience);
      QVERIFY(workspace_->store().run(run).status == RunStatus::running);
    }
    QTRY_VERIFY_WITH_TIMEOUT(workspace_->store().run(run).status == RunStatus::failed, patience);
    QTRY_VERIFY(find_in<QPushButton>(*window_, "resume_run")->isVisible());
  }
};

SELFSIGHT_SUITE(TestErrors, Application);

#include "test_errors.moc"
