#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <QTest>
#include <algorithm>
#include <thread>

#include "core/history/process.h"
#include "tests/history/stores.h"
#include "tests/suite.h"

using namespace selfsight;
namespace fs = std::filesystem;

namespace {

/// Another program that claims run 1 at the very moment in which a row of `run` is to be deleted,
/// if the store lets it. Sees the connections that are opened while it lives.
class Claimant {
 public:
  explicit Claimant(const fs::path& folder)
      : other_(folder / "selfsight.db", SQLite::OPEN_READWRITE) {
    self_ = this;
    ::sqlite3_auto_extension(reinterpret_cast<void (*)()>(&Claimant::watch));
  }
  ~Claimant() { ::sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(&Claimant::watch)); }
  bool claimed() const { return claimed_; }

 private:
  static int watch(sqlite3* connection, char**, const void*) {
    return ::sqlite3_trace_v2(connection, SQLITE_TRACE_STMT, &Claimant::claim, nullptr);
  }
  static int claim(unsigned, void*, void*, void* sql) {
    if (!std::string(static_cast<const char*>(sql)).starts_with("DELETE FROM run")) return 0;
    try {
      self_->claimed_ = self_->other_.exec("UPDATE run SET status = 'running' WHERE id = 1") > 0;
    } catch (const SQLite::Exception&) {
      // It is locked.
    }
    return 0;
  }

  static inline Claimant* self_ = nullptr;
  SQLite::Database other_;
  bool claimed_ = false;
};

/// Another process that has claimed a run and lives until killed.
class Holder {
 public:
  Holder(const fs::path& folder, std::int64_t run) {
    int ends[2];
    if (::pipe(ends) != 0) return;
    process_ = ::fork();
    if (process_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // outlives no test
      Store(folder).claim_run(run);
      const ssize_t sent = ::write(ends[1], "!", 1);
      while (sent == 1) ::pause();
      ::_exit(1);
    }
    char ready = 0;
    ready_ = ::read(ends[0], &ready, 1) == 1;
    ::close(ends[0]);
    ::close(ends[1]);
  }
  ~Holder() {
    kill();
    ::waitpid(process_, nullptr, 0);
  }
  void kill() { ::kill(process_, SIGKILL); }
  bool ready() const { return ready_; }

 private:
  pid_t process_ = -1;
  bool ready_ = false;
};

}  // namespace

/// Several programs, and several threads of one, on the same store.
class TestProcesses : public StoreTest {
  Q_OBJECT

 private Q_SLOTS:
  void no_run_is_deleted_that_another_program_has_just_claimed() {
    const fs::path folder = fresh();
    {
      Store store(folder);
      store.set_status(a_run(store), RunStatus::stopped);
    }
    Claimant other(folder);
    Store(folder).delete_run(1);
    QVERIFY(!other.claimed());
    QVERIFY(Store(folder).runs().empty());
    QVERIFY(contains(refusal([&] { Store(folder).delete_run(1); }), "no run 1"));
  }

  void a_run_belongs_to_one_living_process() {
    const fs::path folder = fresh();
    std::int64_t run = 0;
    {
      Store store(folder);
      run = a_run(store);
      store.set_status(run, RunStatus::stopped);
    }
    Holder other(folder, run);
    QVERIFY(other.ready());
    QCOMPARE(Store(folder).run(run).status, RunStatus::running);
    QVERIFY(contains(refusal([&] { Store(folder).claim_run(run); }), "another"));
    other.kill();
    QTRY_COMPARE(Store(folder).run(run).status, RunStatus::interrupted);
    Store(folder).claim_run(run);
    QCOMPARE(Store(folder).run(run).status, RunStatus::running);
  }

  void queued_runs_keep_their_order_and_are_taken_once() {
    const fs::path folder = fresh();
    std::vector<std::int64_t> runs;
    {
      Store store(folder);
      for (int i = 0; i < 4; ++i) runs.push_back(a_run(store, RunStatus::queued));
      store.set_shape(runs[0], {100, 25, 3200, 1, 64, "CPU"});
      store.unqueue_run(runs[0]);
      QCOMPARE(store.run(runs[0]).status, RunStatus::stopped);
      QVERIFY(!store.run(runs[0]).archived);
      store.queue_run(runs[0]);  // behind the others now
      store.unqueue_run(runs[2]);
      QVERIFY(store.run(runs[2]).archived);  // it never began
      store.queue_run(runs[2]);
      QVERIFY(!store.run(runs[2]).archived);
      store.unqueue_run(runs[2]);
      QVERIFY(contains(refusal([&] { store.unqueue_run(runs[2]); }), "not queued"));
    }
    Store store(folder), other(folder);
    std::vector<std::int64_t> order;
    for (const Run& run : store.queue()) order.push_back(run.id);
    QCOMPARE(order, (std::vector<std::int64_t>{runs[1], runs[3], runs[0]}));
    QCOMPARE(store.take_queued(), runs[1]);
    QVERIFY(contains(refusal([&] { store.queue_run(runs[1]); }), "cannot be queued"));
    QCOMPARE(other.take_queued(), runs[3]);
    QCOMPARE(store.take_queued(), runs[0]);
    QCOMPARE(other.take_queued(), std::optional<std::int64_t>());
    QCOMPARE(store.run(runs[3]).status, RunStatus::running);
  }

  void what_is_put_away_waits_for_no_turn() {
    Store store(fresh());
    const std::int64_t run = a_run(store, RunStatus::queued);
    store.set_archived(run, true);
    QVERIFY(store.queue().empty());
    QCOMPARE(store.take_queued(), std::optional<std::int64_t>());
    store.set_archived(run, false);
    QCOMPARE(store.queue().size(), std::size_t{1});
    store.set_archived(run, true);
    store.queue_run(run);
    QVERIFY(!store.run(run).archived);
    QVERIFY(contains(refusal([&] { store.queue_run(run); }), "cannot be queued"));
    QCOMPARE(store.take_queued(), std::optional(run));
    const std::int64_t begun = a_run(store, RunStatus::queued);
    store.set_shape(begun, {100, 25, 3200, 1, 64, "CPU"});
    store.set_archived(begun, true);
    store.unqueue_run(begun);
    QVERIFY(store.run(begun).archived);
  }

  void many_programs_take_each_queued_run_once() {
    const fs::path folder = fresh();
    constexpr int count = 40, takers = 4;
    {
      Store store(folder);
      for (int i = 0; i < count; ++i) a_run(store, RunStatus::queued);
    }
    std::vector<std::vector<std::int64_t>> taken(takers);
    std::vector<std::thread> threads;
    for (auto& mine : taken)
      threads.emplace_back([&] {
        Store store(folder);
        while (const auto run = store.take_queued()) mine.push_back(*run);
      });
    for (auto& thread : threads) thread.join();
    std::vector<std::int64_t> all;
    for (const auto& mine : taken) all.insert(all.end(), mine.begin(), mine.end());
    std::sort(all.begin(), all.end());
    QCOMPARE(all.size(), std::size_t(count));
    QVERIFY(std::adjacent_find(all.begin(), all.end()) == all.end());
  }

  void a_process_that_cannot_be_seen_from_here_shows_its_life() {
    const fs::path folder = fresh();
    make_database(folder,
                  version_1() + "UPDATE run SET status = 'running', process = 'elsewhere/7/99';");
    const fs::path sign = folder / "processes" / "elsewhere-7-99";
    fs::create_directories(sign.parent_path());
    const int held = ::open(sign.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    QCOMPARE(::flock(held, LOCK_EX), 0);
    QCOMPARE(Store(folder).run(4).status, RunStatus::running);
    QVERIFY(contains(refusal([&] { Store(folder).claim_run(4); }), "another"));
    ::close(held);  // as when it ends
    QCOMPARE(Store(folder).run(4).status, RunStatus::interrupted);
    QVERIFY(!fs::exists(sign));
    Store(folder).claim_run(4);
    std::string own = this_process();
    std::ranges::replace(own, '/', '-');
    const auto shown = [&] {
      const int looked = ::open((folder / "processes" / own).c_str(), O_RDONLY | O_CLOEXEC);
      const bool locked = looked >= 0 && ::flock(looked, LOCK_SH | LOCK_NB) != 0;
      ::close(looked);
      return locked;
    };
    QVERIFY(shown());
    fs::remove_all(folder / "processes");
    QVERIFY(!shown());
    Store(folder).claim_run(4);
    QVERIFY(shown());
  }

  void a_process_number_used_again_is_not_taken_for_the_old_one() {
    const std::string own = this_process();
    const fs::path folder = fresh();
    QVERIFY(lives(own, folder));
    QVERIFY(!lives(own + "1", folder));  // started at another time
    QVERIFY(!lives("0" + own, folder));  // before another boot
    for (const char* nonsense : {"", "/", "a/b/c", "//", "x/-1/3"})
      QVERIFY(!lives(nonsense, folder));
    make_database(folder,
                  version_1() + "UPDATE run SET status = 'running', process = '" + own + "1';");
    QCOMPARE(Store(folder).run(4).status, RunStatus::interrupted);
  }

  void many_open_and_write_at_once() {
    const fs::path folder = fresh();
    constexpr int writers = 6, rounds = 30;
    std::vector<std::string> troubles(writers);
    std::vector<std::int64_t> runs(writers);
    std::vector<std::thread> threads;
    for (std::size_t w = 0; w < writers; ++w)
      threads.emplace_back([&, w] {
        try {
          Store store(folder);
          runs[w] = a_run(store);
          for (int i = 1; i <= rounds; ++i) store.add_metrics(runs[w], {{"loss", {i, 0, 0, 0, 1}}});
        } catch (const std::exception& error) {
          troubles[w] = error.what();
        }
      });
    for (auto& thread : threads) thread.join();
    for (std::size_t w = 0; w < writers; ++w) {
      QCOMPARE(troubles[w], std::string());
      QCOMPARE(Store(folder).metric(runs[w], "loss").size(), std::size_t(rounds));
    }
  }
};

SELFSIGHT_SUITE(TestProcesses, QCoreApplication);
#include "test_processes.moc"
