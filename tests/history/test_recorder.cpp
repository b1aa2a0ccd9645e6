#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <QTemporaryDir>
#include <QTest>
#include <cstdio>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/history/store.h"
#include "tests/full_disk.h"
#include "tests/suite.h"

using namespace selfsight;
namespace fs = std::filesystem;

namespace {

StepMetrics step(std::int64_t number) {
  const auto n = static_cast<double>(number);
  return {number, n / 10, 5 - n / 1000, 0.1, 800, n / 4, 0, {{"positive_cosine", 0.5}}};
}

/// What a process does that is about to be killed: no flush, no end.
[[noreturn]] void record_and_wait(const fs::path& folder, std::int64_t run) {
  try {
    Store(folder).claim_run(run);
    Recorder recorder(folder, run);
    for (std::int64_t i = 1; i <= 100; ++i) recorder.on_step(step(i));
    for (;;) ::pause();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    ::_exit(1);
  }
}

}  // namespace

class TestRecorder : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::shared_ptr<const Dataset> squares_ = open_dataset("procedural:12");

  fs::path in(const char* name) const { return fs::path(folder_.path().toStdString()) / name; }
  std::int64_t a_run(const fs::path& folder) const {
    return Store(folder).create_run("a run", Settings(run_schema("simclr")), *squares_);
  }

 private Q_SLOTS:
  void what_it_hears_is_in_the_store_after_a_flush() {
    const auto run = a_run(in("heard"));
    Recorder recorder(in("heard"), run);
    Store store(in("heard"));
    recorder.on_shape({40, 10, 320, 1000, 64, "CPU"});
    recorder.on_epoch({0, 0, 0, 0.1, 0.02, 0.125, 0.3, {}});
    for (std::int64_t i = 1; i <= 10; ++i) recorder.on_step(step(i));
    recorder.on_epoch({10, 1, 0, 2.5, 0.1, 0.125, {}, {}});
    write_file(store.run_folder(run) / "a.safetensors", "weights");
    recorder.on_checkpoint({store.run_folder(run) / "a.safetensors", "abc", 10, 1});
    recorder.flush();
    QCOMPARE(store.metric_names(run),
             (std::vector<std::string>{"feature_std", "images_per_second", "knn", "loss", "lr",
                                       "positive_cosine"}));
    QCOMPARE(store.metric(run, "loss").size(), std::size_t(10));
    QCOMPARE(store.metric(run, "loss")[9].value, step(10).loss);
    QCOMPARE(store.metric(run, "knn").size(), std::size_t(1));
    QCOMPARE(store.metric(run, "feature_std")[1].value, 0.1);
    QCOMPARE(store.checkpoints(run).size(), std::size_t(1));
    const Run stored = store.run(run);
    QCOMPARE(stored.steps, 40);
    QCOMPARE(stored.step, 10);
    QCOMPARE(stored.active_seconds, 2.5);
    QCOMPARE(recorder.problem(), std::string());
  }

  void points_come_by_themselves_and_the_end_writes_the_rest() {
    const auto run = a_run(in("late"));
    Store store(in("late"));
    {
      Recorder recorder(in("late"), run);
      recorder.on_step(step(1));
      QTRY_COMPARE(store.metric(run, "loss").size(), std::size_t(1));
      for (std::int64_t i = 2; i <= 500; ++i) recorder.on_step(step(i));
    }
    QCOMPARE(store.metric(run, "loss").size(), std::size_t(500));
  }

  void it_does_not_undo_what_others_wrote_after_it() {
    const auto run = a_run(in("after"));
    Store store(in("after"));
    {
      Recorder recorder(in("after"), run);
      recorder.on_step(step(1));
      recorder.flush();
      store.set_progress(run, 2, 0.2, 9);
    }
    QCOMPARE(store.run(run).step, 2);
  }

  void a_killed_process_loses_less_than_a_second() {
    const fs::path folder = in("killed");
    const auto run = a_run(folder);
    Store(folder).set_status(run, RunStatus::stopped);  // so that the child may have it
    const pid_t child = ::fork();
    if (child == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // outlives no test
      record_and_wait(folder, run);
    }
    Store store(folder);
    QTRY_COMPARE_WITH_TIMEOUT(store.metric(run, "loss").size(), std::size_t(100), 5000);
    QCOMPARE(store.run(run).status, RunStatus::running);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    Store again(folder);
    QCOMPARE(again.run(run).status, RunStatus::interrupted);
    QCOMPARE(again.metric(run, "loss").size(), std::size_t(100));
    QCOMPARE(again.metric(run, "positive_cosine").size(), std::size_t(100));
  }

  void a_full_disk_makes_it_wait_not_forget() {
    const auto run = a_run(in("full"));
    Recorder recorder(in("full"), run);
    recorder.on_step(step(1));
    recorder.flush();
    {
      const FullDisk full(120'000);
      for (std::int64_t i = 2; i <= 3000; ++i) recorder.on_step(step(i));
      std::string told;
      try {
        recorder.flush();
      } catch (const Error& error) {
        told = error.what();
      }
      QVERIFY(told.find("disk") != std::string::npos);
      QCOMPARE(recorder.problem(), told);
      QCOMPARE(Store(in("full")).metric(run, "loss").size(), std::size_t(1));
    }
    recorder.on_step(step(3001));
    recorder.flush();
    QCOMPARE(recorder.problem(), std::string());
    Store store(in("full"));
    QCOMPARE(store.metric(run, "loss").size(), std::size_t(3001));
    QCOMPARE(store.run(run).step, 3001);
  }
};

SELFSIGHT_SUITE(TestRecorder, QCoreApplication);
#include "test_recorder.moc"
