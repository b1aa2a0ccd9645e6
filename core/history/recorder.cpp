#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "core/base/error.h"
#include "core/history/store.h"

namespace selfsight {
namespace {

constexpr auto flush_every = std::chrono::milliseconds(500);

}  // namespace

/// What waits to be written, and the thread that writes it.
struct Recorder::Work {
  Work(const std::filesystem::path& folder, std::int64_t of)
      : run(of), store(folder), thread([this] { follow(); }) {}

  void follow() {
    std::unique_lock lock(mutex);
    while (!over) {
      wake.wait_for(lock, flush_every, [&] { return over || wanted > done; });
      write_waiting(lock);
    }
    write_waiting(lock);  // what came during the last writing
  }

  /// Takes what waits, writes it without holding the lock, and puts it back if that failed.
  void write_waiting(std::unique_lock<std::mutex>& lock) {
    const std::uint64_t goal = wanted;
    auto points = std::exchange(waiting, {});
    const auto at = std::exchange(last, std::nullopt);
    const auto shape_now = std::exchange(shape, std::nullopt);
    auto checkpoints_now = std::exchange(checkpoints, {});
    lock.unlock();
    std::string trouble;
    try {
      if (shape_now) store.set_shape(run, *shape_now);
      if (!points.empty()) store.add_metrics(run, points);
      if (at) store.set_progress(run, at->step, at->epoch, at->seconds);
      for (const CheckpointInfo& checkpoint : checkpoints_now)
        store.add_checkpoint(run, checkpoint);
    } catch (const std::exception& error) {
      trouble = error.what();
    }
    lock.lock();
    problem = trouble;
    if (!trouble.empty()) {
      points.insert(points.end(), waiting.begin(), waiting.end());
      waiting = std::move(points);
      if (!shape) shape = shape_now;
      if (!last) last = at;
      checkpoints_now.insert(checkpoints_now.end(), checkpoints.begin(), checkpoints.end());
      checkpoints = std::move(checkpoints_now);
    }
    done = goal;
    written.notify_all();
  }

  std::int64_t run;
  Store store;
  std::mutex mutex;
  std::condition_variable wake, written;
  std::vector<std::pair<std::string, MetricPoint>> waiting;
  std::vector<CheckpointInfo> checkpoints;
  std::optional<RunShape> shape;
  std::optional<MetricPoint> last;
  std::string problem;
  std::uint64_t wanted = 0, done = 0;  // flushes asked for and made
  bool over = false;
  std::thread thread;  // the last member: it uses the others
};

Recorder::Recorder(const std::filesystem::path& store, std::int64_t run)
    : work_(std::make_unique<Work>(store, run)) {}

Recorder::~Recorder() {
  {
    const std::lock_guard lock(work_->mutex);
    work_->over = true;
  }
  work_->wake.notify_all();
  work_->thread.join();
}

void Recorder::on_shape(const RunShape& shape) {
  const std::lock_guard lock(work_->mutex);
  work_->shape = shape;
}

void Recorder::on_step(const StepMetrics& m) {
  const MetricPoint at{m.step, m.epoch, m.active_seconds, m.segment, 0};
  const auto point = [&](double value) {
    MetricPoint p = at;
    p.value = value;
    return p;
  };
  const std::lock_guard lock(work_->mutex);
  auto& waiting = work_->waiting;
  waiting.emplace_back("loss", point(m.loss));
  waiting.emplace_back("lr", point(m.lr));
  waiting.emplace_back("images_per_second", point(m.images_per_second));
  for (const auto& [name, value] : m.extra) waiting.emplace_back(name, point(value));
  work_->last = at;
}

void Recorder::on_epoch(const EpochMetrics& m) {
  MetricPoint point{m.step, m.epoch, m.active_seconds, m.segment, m.feature_std};
  const std::lock_guard lock(work_->mutex);
  work_->waiting.emplace_back("feature_std", point);
  if (m.knn) {
    point.value = *m.knn;
    work_->waiting.emplace_back("knn", point);
  }
}

void Recorder::on_checkpoint(const CheckpointInfo& checkpoint) {
  {
    const std::lock_guard lock(work_->mutex);
    work_->checkpoints.push_back(checkpoint);
    ++work_->wanted;
  }
  work_->wake.notify_all();
}

void Recorder::flush() {
  std::unique_lock lock(work_->mutex);
  const std::uint64_t goal = ++work_->wanted;
  work_->wake.notify_all();
  work_->written.wait(lock, [&] { return work_->done >= goal; });
  if (!work_->problem.empty()) throw Error(work_->problem);
}

std::string Recorder::problem() const {
  const std::lock_guard lock(work_->mutex);
  return work_->problem;
}

}  // namespace selfsight
