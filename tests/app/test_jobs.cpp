#include <QSemaphore>
#include <QSignalSpy>
#include <QThread>
#include <QToolButton>
#include <QtTest>
#include <atomic>
#include <filesystem>
#include <memory>

#include "app/jobs/job.h"
#include "app/jobs/train_job.h"
#include "app/jobs_popover.h"
#include "core/base/error.h"
#include "core/training/run_spec.h"
#include "tests/app/clicks.h"
#include "tests/gui.h"
#include "tests/suite.h"

using namespace selfsight;

namespace {

/// Counts the ends of a job, and the threads on which they were heard.
struct Ends {
  explicit Ends(Job& job)
      : finished(&job, &Job::finished),
        failed(&job, &Job::failed),
        cancelled(&job, &Job::cancelled) {
    const auto note = [this] { on_owner &= QThread::currentThread() == qApp->thread(); };
    QObject::connect(&job, &Job::finished, &job, note, Qt::DirectConnection);
    QObject::connect(&job, &Job::failed, &job, note, Qt::DirectConnection);
    QObject::connect(&job, &Job::cancelled, &job, note, Qt::DirectConnection);
  }
  qsizetype count() const { return finished.size() + failed.size() + cancelled.size(); }

  QSignalSpy finished, failed, cancelled;
  bool on_owner = true;
};

/// Blocks until a stop is asked for, as training does between two batches.
std::any until_stopped(Control& control) {
  control.pause();
  control.wait_while_paused();
  control.check();
  return {};
}

}  // namespace

class TestJobs : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void init() { fail_on_warnings(); }

  void a_result_arrives_on_the_owners_thread() {
    QThread* worked_on = nullptr;
    Job job(QStringLiteral("sum"), [&](Control&, const Job::Progress& progress) {
      worked_on = QThread::currentThread();
      progress(1);
      return std::any(42);
    });
    Ends ends(job);
    QVERIFY(!job.running());
    job.start();
    QVERIFY(job.running());
    QTRY_COMPARE(ends.count(), 1);
    QCOMPARE(std::any_cast<int>(ends.finished.first().first().value<std::any>()), 42);
    QVERIFY(ends.on_owner);
    QVERIFY(worked_on != QThread::currentThread());
    QVERIFY(!job.running());
    QCOMPARE(job.progress(), 1.0);
  }

  void a_second_start_does_nothing() {
    std::atomic<int> times = 0;
    Job job({}, [&](Control&, const Job::Progress&) { return std::any(++times); });
    Ends ends(job);
    job.start();
    job.start();
    QTRY_COMPARE(ends.count(), 1);
    job.start();
    QCoreApplication::processEvents();
    QCOMPARE(ends.count(), 1);
    QCOMPARE(times.load(), 1);
  }

  void an_error_arrives_as_its_sentence() {
    Job job({}, [](Control&, const Job::Progress&) -> std::any {
      throw InputError("The file is empty.");
    });
    Ends ends(job);
    job.start();
    QTRY_COMPARE(ends.count(), 1);
    QCOMPARE(ends.failed.first().first().toString(), QStringLiteral("The file is empty."));
    QVERIFY(ends.on_owner);
  }

  void what_is_no_exception_fails_the_job_too() {
    Job job({}, [](Control&, const Job::Progress&) -> std::any { throw 7; });
    Ends ends(job);
    job.start();
    QTRY_COMPARE(ends.count(), 1);
    QCOMPARE(ends.failed.size(), 1);
    QVERIFY(!ends.failed.first().first().toString().isEmpty());
  }

  void a_stop_cancels_even_while_paused() {
    Job job({}, [](Control& control, const Job::Progress&) { return until_stopped(control); });
    Ends ends(job);
    job.start();
    QTRY_VERIFY(job.paused());
    QCOMPARE(ends.count(), 0);
    job.stop();
    QTRY_COMPARE(ends.count(), 1);
    QCOMPARE(ends.cancelled.size(), 1);
    QVERIFY(ends.on_owner);
    QVERIFY(!job.paused());
  }

  void progress_is_heard_while_the_work_goes_on() {
    QSemaphore heard;
    Job job({}, [&](Control&, const Job::Progress& progress) {
      progress(0.5);
      heard.acquire();
      return std::any();
    });
    QSignalSpy changed(&job, &Job::progress_changed);
    Ends ends(job);
    job.start();
    QTRY_VERIFY(!changed.isEmpty() && changed.last().first().toDouble() == 0.5);
    QCOMPARE(ends.count(), 0);
    heard.release();
    QTRY_COMPARE(ends.count(), 1);
  }

  void the_time_left_goes_by_what_is_done_and_leaves_out_pauses() {
    double now = 100;
    QSemaphore heard;
    Job job({}, [&](Control&, const Job::Progress& progress) {
      progress(0.25);
      heard.acquire();
      return std::any();
    });
    job.set_clock([&now] { return now; });
    QVERIFY(!job.seconds_left());
    Ends ends(job);
    job.start();
    QTRY_COMPARE(job.progress(), 0.25);
    QVERIFY(!job.seconds_left());  // no time has passed yet
    now += 30;
    QCOMPARE(job.seconds_left().value(), 90.0);
    QSignalSpy changed(&job, &Job::progress_changed);
    job.pause();
    now += 1000;
    QCOMPARE(job.seconds_left().value(), 90.0);
    job.resume();
    QCOMPARE(changed.size(), 2);  // both are heard
    now += 30;
    QCOMPARE(job.seconds_left().value(), 180.0);
    heard.release();
    QTRY_COMPARE(ends.count(), 1);
    QVERIFY(!job.seconds_left());
  }

  void a_pause_before_the_start_is_seen_and_holds_the_work() {
    double now = 100;
    QSemaphore heard;
    Job job({}, [&](Control& control, const Job::Progress& progress) {
      control.wait_while_paused();
      progress(0.25);
      heard.acquire();
      return std::any();
    });
    job.set_clock([&now] { return now; });
    Ends ends(job);
    job.pause();
    QVERIFY(job.paused() && !job.running());
    now += 1000;
    job.start();
    QVERIFY(job.paused() && job.running());
    now += 1000;
    QCOMPARE(job.progress(), 0.0);
    job.resume();
    QVERIFY(!job.paused());
    QTRY_COMPARE(job.progress(), 0.25);
    now += 30;
    QCOMPARE(job.seconds_left().value(), 90.0);  // of the time since it may work
    heard.release();
    QTRY_COMPARE(ends.count(), 1);
    QVERIFY(job.ended());
  }

  void what_has_paused_itself_is_let_go() {
    Job job({}, [](Control& control, const Job::Progress&) { return until_stopped(control); });
    Ends ends(job);
    job.start();
    QTRY_VERIFY(job.paused());
    job.resume();
    QTRY_COMPARE(ends.finished.size(), 1);
  }

  void the_destructor_stops_the_work_and_waits_for_it() {
    QSemaphore begun;
    std::atomic<bool> over = false;
    {
      Job job({}, [&](Control& control, const Job::Progress&) {
        begun.release();
        control.pause();
        control.wait_while_paused();
        over = true;
        return std::any();
      });
      job.start();
      begun.acquire();
    }
    QVERIFY(over);
  }

  void a_listener_may_delete_the_job() {
    auto* job = new Job({}, [](Control&, const Job::Progress&) { return std::any(1); });
    QPointer<Job> watched(job);
    connect(job, &Job::finished, this, [job] { delete job; });
    job->start();
    QTRY_VERIFY(watched.isNull());
  }

  void latest_answers_the_first_and_the_newest_question() {
    Latest<int> latest(this);
    QSemaphore go;
    QList<int> answers;
    const auto ask = [&](int question) {
      latest.ask(
          [&go, question](Control&) {
            go.acquire();
            return question;
          },
          [&](const int& answer) { answers << answer; });
    };
    for (int question = 1; question <= 5; ++question) ask(question);
    QVERIFY(latest.busy());
    go.release(5);
    QTRY_VERIFY(!latest.busy());
    QCOMPARE(answers, (QList<int>{1, 5}));
    QCOMPARE(go.available(), 3);  // 2, 3 and 4 were never worked on
  }

  void latest_gives_up_what_nobody_waits_for() {
    Latest<int> latest(this);
    QSemaphore begun;
    QList<int> answers;
    const auto take = [&](const int& answer) { answers << answer; };
    latest.ask(
        [&begun](Control& control) {
          begun.release();
          until_stopped(control);
          return 1;
        },
        take);
    begun.acquire();
    latest.ask_instead([](Control&) { return 2; }, take);
    QTRY_COMPARE(answers, QList<int>{2});
    QTRY_VERIFY(!latest.busy());
  }

  void latest_goes_on_after_a_failure_and_from_within_an_answer() {
    Latest<int> latest(this);
    QString problem;
    QList<int> answers;
    latest.ask([](Control&) -> int { throw Error("No."); }, [](const int&) {},
               [&](const QString& message) { problem = message; });
    latest.ask([](Control&) { return 1; },
               [&](const int& answer) {
                 answers << answer;
                 latest.ask([](Control&) { return 2; }, [&](const int& a) { answers << a; });
               });
    QTRY_COMPARE(answers, (QList<int>{1, 2}));
    QCOMPARE(problem, QStringLiteral("No."));
    QTRY_VERIFY(!latest.busy());
  }

  void the_focus_in_the_list_of_jobs_stays_at_its_place() {
    const QTemporaryDir folder;
    Workspace workspace(folder.filePath(QStringLiteral("store")).toStdString());
    std::vector<std::unique_ptr<Job>> work;
    const auto begin = [&](const QString& title) {
      work.push_back(std::make_unique<Job>(
          title, [](Control& control, const Job::Progress&) { return until_stopped(control); }));
      workspace.announce(work.back().get());
      work.back()->start();
    };
    begin(QStringLiteral("one"));
    begin(QStringLiteral("two"));
    JobsPopover list(workspace, nullptr);
    list.show();
    QVERIFY(QTest::qWaitForWindowActive(&list));
    const auto shown = [&] {
      QList<QToolButton*> out;
      for (auto* one : list.findChildren<QToolButton*>())
        if (one->isVisible()) out.append(one);
      return out;
    };
    QCOMPARE(shown().size(), 4);
    shown()[2]->setFocus();  // pauses the second
    begin(QStringLiteral("three"));
    QCOMPARE(shown().size(), 6);
    QVERIFY(shown()[2]->hasFocus());
    QCOMPARE(shown()[2]->objectName(), QStringLiteral("job_pause"));
    for (auto& job : work) job->stop();
    QTRY_VERIFY(workspace.jobs().isEmpty());
  }

  void a_training_tells_of_its_checkpoints_as_they_are_written() {
    const QTemporaryDir folder;
    const std::filesystem::path path = folder.filePath(QStringLiteral("store")).toStdString();
    const auto images = open_dataset("procedural:60");
    Settings settings(run_schema({}));
    apply_assignments(settings, smallest_run({"train.batch_size=16", "monitor.every_epochs=100"}),
                      run_schema);
    Store store(path);
    TrainJob job(path, prepare_run(store, settings, *images), images);
    std::vector<std::int64_t> steps;
    connect(&job, &TrainJob::checkpointed, this, [&](const std::vector<CheckpointInfo>& written) {
      for (const CheckpointInfo& checkpoint : written) steps.push_back(checkpoint.step);
    });
    QSignalSpy ended(&job, &TrainJob::ended);
    job.start();
    QTRY_COMPARE_WITH_TIMEOUT(ended.size(), 1, patience);
    QCOMPARE(ended.first().first().toString(), QString());
    QVERIFY(steps.size() > 1);
    QCOMPARE(steps.front(), std::int64_t{0});
    QCOMPARE(steps.back(), job.shape().steps);
  }

  void latest_may_be_destroyed_while_it_works() {
    QSemaphore begun;
    bool answered = false;
    {
      Latest<int> latest(nullptr);
      latest.ask(
          [&](Control& control) {
            begun.release();
            control.pause();
            control.wait_while_paused();
            return 1;
          },
          [&](const int&) { answered = true; });
      begun.acquire();
    }
    QCoreApplication::processEvents();
    QVERIFY(!answered);
  }
};

SELFSIGHT_SUITE(TestJobs, QApplication);
#include "test_jobs.moc"
