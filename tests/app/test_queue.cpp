// Runs that line up behind one another, and what a run will cost.
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSemaphore>
#include <QToolButton>
#include <QtTest>
#include <algorithm>

#include "app/jobs_popover.h"
#include "app/main_window.h"
#include "app/places/batch_strip.h"
#include "app/places/place.h"
#include "app/workspace.h"
#include "core/training/loader.h"
#include "core/training/training_images.h"
#include "tests/app/clicks.h"
#include "tests/gui.h"
#include "tests/suite.h"
#include "widgets/picture_strip.h"
#include "widgets/theme.h"

using namespace selfsight;

class TestQueue : public WindowTest {
  Q_OBJECT

  QTemporaryDir folder_;

  void click(const char* name) {
    QVERIFY2(button(name)->isVisible() && button(name)->isEnabled(), name);
    QTest::mouseClick(button(name), Qt::LeftButton);
  }
  RunStatus status(std::int64_t run) { return workspace_->store().run(run).status; }
  std::int64_t queue_and_start(const Dataset& images) {
    const auto run =
        prepare_run(workspace_->store(), workspace_->settings(), images, RunStatus::queued);
    workspace_->start_queue();
    return run;
  }

 private Q_SLOTS:
  void initTestCase() {
    apply_theme(*qApp, Scheme::light);
    workspace_ =
        std::make_unique<Workspace>(folder_.filePath(QStringLiteral("store")).toStdString());
    window_ = std::make_unique<MainWindow>(*workspace_);
    open_at_pretrain(*window_, *workspace_, QStringLiteral("procedural:300"));
    set({"train.batch_size=32", "train.epochs=500"});
  }
  void init() { fail_on_warnings(); }
  void cleanupTestCase() {
    window_.reset();
    workspace_.reset();
  }

  void the_cost_is_told_before_the_start() {
    auto* words = window_->findChild<QLabel*>(QStringLiteral("run_estimate"));
    QVERIFY(words->text().isEmpty());
    click("estimate_run");
    QVERIFY(!button("estimate_run")->isEnabled());
    QTRY_VERIFY_WITH_TIMEOUT(words->text().contains(QStringLiteral("images/s")), patience);
    QVERIFY(words->text().contains(QStringLiteral("an epoch")));
    QVERIFY(button("estimate_run")->isEnabled());
    QVERIFY(workspace_->store().runs().empty());  // nothing of it is kept
    set({"train.epochs=501"});
    QVERIFY(words->text().isEmpty());  // it was about another run
  }

  void a_sweep_that_is_stopped_among_the_jobs_queues_nothing() {
    click("sweep_runs");
    auto* option = find<QComboBox>("sweep_1_option");
    option->setCurrentIndex(option->findData(QStringLiteral("method.temperature")));
    find<QLineEdit>("sweep_1_values")->setText(QStringLiteral("0.1, 0.2"));
    const auto stops = connect(workspace_.get(), &Workspace::jobs_changed, this, [this] {
      for (Job* job : workspace_->jobs()) job->stop();
    });
    click("sweep_queue");
    QTRY_VERIFY(workspace_->jobs().isEmpty());
    disconnect(stops);
    QVERIFY(workspace_->store().runs().empty());
    QVERIFY(button("sweep_queue")->isEnabled());
    click("sweep_close");
  }

  void a_job_is_listed_with_the_time_left() {
    double now = 0;
    QSemaphore over;
    Job job(QStringLiteral("Counting"), [&](Control&, const Job::Progress& progress) {
      progress(0.25);
      over.acquire();
      return std::any();
    });
    job.set_clock([&now] { return now; });
    job.start();
    QTRY_COMPARE(job.progress(), 0.25);
    now = 60;
    workspace_->announce(&job);
    auto* strip = window_->findChild<QLabel*>(QStringLiteral("job_words"));
    QCOMPARE(strip->text(), QStringLiteral("Counting · 25 % · 3 min left"));
    JobsPopover jobs(*workspace_, window_.get());
    jobs.show();
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);  // what it was before
    auto* left = jobs.findChild<QLabel*>(QStringLiteral("job_left"));
    QCOMPARE(left->text(), QStringLiteral("25 % · 3 min left"));
    QTest::mouseClick(jobs.findChild<QToolButton*>(QStringLiteral("job_pause")), Qt::LeftButton);
    QCOMPARE(left->text(), QStringLiteral("25 % · paused"));
    QCOMPARE(strip->text(), QStringLiteral("Counting · 25 % · paused"));
    job.resume();
    over.release();
    QTRY_VERIFY(workspace_->jobs().isEmpty());
  }

  void runs_are_queued_behind_the_one_that_trains() {
    QVERIFY(button("queue_run")->isVisible() && button("queue_run")->isEnabled());
    click("start_run");
    click("new_run");
    set({"train.epochs=0.3"});
    click("queue_run");
    click("queue_run");
    click("queue_run");
    QCOMPARE(queued(), (QList<qint64>{2, 3, 4}));
  }

  void the_jobs_list_them_and_take_them_out() {
    JobsPopover jobs(*workspace_, window_.get());
    jobs.show();
    QTest::mouseClick(jobs.findChild<QToolButton*>(QStringLiteral("unqueue_3")), Qt::LeftButton);
    QTRY_COMPARE(queued(), (QList<qint64>{2, 4}));
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    QVERIFY(!jobs.findChild<QToolButton*>(QStringLiteral("unqueue_3")));
    QVERIFY(jobs.findChild<QToolButton*>(QStringLiteral("unqueue_4")));
    auto* hold = jobs.findChild<QPushButton*>(QStringLiteral("queue_switch"));
    QTest::mouseClick(hold, Qt::LeftButton);
    QTRY_VERIFY(workspace_->queue_held());
  }

  void a_held_queue_waits_and_then_goes_on_by_itself() {
    workspace_->training()->stop();
    QTRY_VERIFY_WITH_TIMEOUT(!workspace_->training(), patience);
    QCOMPARE(status(1), RunStatus::stopped);
    QCOMPARE(queued(), (QList<qint64>{2, 4}));
    // Other images than those that are open.
    workspace_->open_dataset_at(QStringLiteral("procedural:60"));
    QTRY_COMPARE(workspace_->dataset()->size(), 60);
    workspace_->start_queue();
    QTRY_VERIFY_WITH_TIMEOUT(status(4) == RunStatus::finished && !workspace_->training(), patience);
    QCOMPARE(status(2), RunStatus::finished);
    QVERIFY(queued().isEmpty());
    QCOMPARE(workspace_->dataset()->size(), 60);
    QVERIFY(button("start_run")->isVisible());  // what was being set up still is
  }

  void the_live_strip_shows_the_images_of_the_run_and_not_those_that_are_open() {
    const std::shared_ptr<const Dataset> images = open_dataset("procedural:300");
    set({"train.epochs=500"});
    const auto id = queue_and_start(*images);
    QTRY_VERIFY_WITH_TIMEOUT(workspace_->training(), patience);
    QCOMPARE(workspace_->training()->run(), id);
    const Run run = workspace_->store().run(id);
    const RunSpec spec = run_spec(run.settings);
    const auto order =
        epoch_order(training_images(*images, spec), static_cast<std::uint64_t>(spec.train.seed), 0);
    const ViewsAnswer fed = draw_views({.originals = std::make_shared<OriginalCache>(images),
                                        .settings = run.settings,
                                        .ids = {order.begin(), order.begin() + 2},
                                        .epoch = 0,
                                        .model = {},
                                        .cover = {}});
    BatchStrip live(*workspace_, window_.get());
    live.show_step(run, 1, 7);
    QTRY_VERIFY_WITH_TIMEOUT(live.strip()->groups().size() > 2, patience);
    for (int row = 0; row < 2; ++row)
      QCOMPARE(live.strip()->groups()[row].first(), fed.rows[row].cells[1].image);
    workspace_->training()->stop();
    QTRY_VERIFY_WITH_TIMEOUT(!workspace_->training(), patience);
    live.clear();
    live.show_step(run, 1, 10);  // over: what is open may be anything
    QVERIFY(!live.isVisible() && live.strip()->groups().isEmpty());
  }

  void a_pause_while_images_are_opened_holds_the_run() {
    set({"train.epochs=0.3"});
    const auto id = queue_and_start(*open_dataset("procedural:300"));
    QVERIFY(!workspace_->training() && !workspace_->jobs().isEmpty());
    workspace_->jobs().last()->pause();
    QTRY_VERIFY_WITH_TIMEOUT(workspace_->training(), patience);
    QVERIFY(workspace_->training()->paused());
    const QString paused = QStringLiteral("run %1 · paused before its first step").arg(id);
    QCOMPARE(window_->findChild<QLabel*>(QStringLiteral("job_words"))->text(), paused);
    JobsPopover jobs(*workspace_, window_.get());
    jobs.show();
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);  // what it was before
    auto* go_on = jobs.findChild<QToolButton*>(QStringLiteral("job_pause"));
    QCOMPARE(go_on->toolTip(), QStringLiteral("Go on"));
    // This is the last that is done before the first step.
    QTRY_VERIFY_WITH_TIMEOUT(!workspace_->store().checkpoints(id).empty(), patience);
    QCOMPARE(workspace_->store().checkpoints(id).back().info.step, std::int64_t{0});
    QVERIFY(!workspace_->training()->last_step());
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    go_on = jobs.findChild<QToolButton*>(QStringLiteral("job_pause"));
    QTest::mouseClick(go_on, Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(!workspace_->training(), patience);
    QCOMPARE(status(id), RunStatus::finished);
  }

  void a_run_whose_images_are_still_opened_keeps_its_place_when_the_program_ends() {
    const std::string folder = folder_.filePath(QStringLiteral("another")).toStdString();
    std::vector<std::int64_t> queued;
    {
      Workspace workspace(folder);
      const auto images = open_dataset("procedural:300");
      for (int i = 0; i < 2; ++i)
        queued.push_back(
            prepare_run(workspace.store(), workspace.settings(), *images, RunStatus::queued));
      workspace.start_queue();
      QVERIFY(!workspace.training() && !workspace.jobs().isEmpty());
      QCOMPARE(workspace.store().run(queued.front()).status, RunStatus::running);
    }
    const auto left = Store(folder).queue();
    QCOMPARE(left.size(), queued.size());
    for (std::size_t i = 0; i < left.size(); ++i) QCOMPARE(left[i].id, queued[i]);
  }

  void a_pause_before_the_first_step_is_told_in_pretrain() {
    const auto told = [this](const char* words) {
      const auto labels = window_->place(QStringLiteral("pretrain"))->findChildren<QLabel*>();
      return std::ranges::any_of(
          labels, [words](const QLabel* label) { return label->text() == QLatin1String(words); });
    };
    set({"train.epochs=500", "train.batch_size=16"});
    click("start_run");
    const auto id = workspace_->training()->run();
    click("pause_run");
    QCOMPARE(button("pause_run")->text(), QStringLiteral("Go on"));
    QVERIFY(told("paused before its first step"));
    QTRY_VERIFY_WITH_TIMEOUT(!workspace_->store().checkpoints(id).empty(), patience);
    QVERIFY(workspace_->training()->paused() && !workspace_->training()->last_step());
    click("pause_run");
    QCOMPARE(button("pause_run")->text(), QStringLiteral("Pause"));
    QVERIFY(told("getting ready"));
    QTRY_VERIFY_WITH_TIMEOUT(workspace_->training()->last_step(), patience);
    workspace_->training()->stop();
    QTRY_VERIFY_WITH_TIMEOUT(!workspace_->training(), patience);
  }

  void a_checkpoint_is_read_once_until_there_is_a_newer_one() {
    Store& store = workspace_->store();
    NewestModel newest;
    const auto first = newest.of(store.folder(), 4).model;
    QVERIFY(first);
    QCOMPARE(newest.of(store.folder(), 4).model, first);
    QVERIFY(newest.of(store.folder(), 2).model != first);
    const auto again = newest.of(store.folder(), 4).model;
    CheckpointInfo newer = store.checkpoints(4).back().info;
    const auto file = store.run_folder(4) / "newer.safetensors";
    std::filesystem::copy_file(newer.file, file);
    newer = {file, "another", newer.step + 1, newer.epoch};
    store.add_checkpoint(4, newer);
    QVERIFY(newest.of(store.folder(), 4).model != again);
  }
};

SELFSIGHT_SUITE(TestQueue, QApplication);
#include "test_queue.moc"
