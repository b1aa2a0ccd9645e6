#include "app/jobs/train_job.h"

#include <sys/resource.h>

#include <QTimer>
#include <algorithm>
#include <mutex>

namespace selfsight {
namespace {

constexpr int drain_interval = 1000;  // milliseconds; drawing curves more often takes from training
constexpr int training_niceness = 5;

/// Training takes all cores; this thread, and those that it starts, yield to the window's and to
/// what draws views for it. On an otherwise idle machine they lose nothing.
void yield_to_the_window() {
#ifdef Q_OS_LINUX
  setpriority(PRIO_PROCESS, 0, training_niceness);  // of this thread alone, on Linux
#endif
}

}  // namespace

/// Filled by the training thread, emptied by the window's timer. Nothing is ever dropped.
struct TrainJob::Queue : Observer {
  void on_shape(const RunShape& s) override {
    const std::lock_guard lock(mutex);
    shape = s;
  }
  void on_step(const StepMetrics& m) override {
    const std::lock_guard lock(mutex);
    steps.push_back(m);
  }
  void on_epoch(const EpochMetrics& m) override {
    const std::lock_guard lock(mutex);
    epochs.push_back(m);
  }
  void on_checkpoint(const CheckpointInfo& c) override {
    const std::lock_guard lock(mutex);
    checkpoints.push_back(c);
  }
  void on_notice(const std::string& sentence) override {
    const std::lock_guard lock(mutex);
    notices << QString::fromStdString(sentence);
  }

  std::mutex mutex;
  std::optional<RunShape> shape;
  std::vector<StepMetrics> steps;
  std::vector<EpochMetrics> epochs;
  std::vector<CheckpointInfo> checkpoints;
  QStringList notices;
};

TrainJob::TrainJob(const std::filesystem::path& store, std::int64_t run,
                   std::shared_ptr<const Dataset> dataset, QObject* parent)
    : QObject(parent), run_(run), dataset_(dataset), queue_(std::make_shared<Queue>()) {
  job_ = new Job(
      tr("Run %1").arg(run),
      [store, run, dataset, queue = queue_](Control& control, const Job::Progress&) -> std::any {
        yield_to_the_window();
        run_training(store, run, dataset, queue.get(), control);
        return {};
      },
      this);
  auto* timer = new QTimer(this);
  connect(timer, &QTimer::timeout, this, &TrainJob::drain);
  timer->start(drain_interval);
  const auto over = [this, timer](const QString& problem) {
    timer->stop();
    drain();
    Q_EMIT ended(problem);
  };
  connect(job_, &Job::finished, this, [over](const std::any&) { over({}); });
  connect(job_, &Job::cancelled, this, [over] { over({}); });
  connect(job_, &Job::failed, this, over);
}

TrainJob::~TrainJob() = default;

void TrainJob::start() {
  job_->start();
  Q_EMIT state_changed();
}

void TrainJob::pause() {
  job_->pause();
  Q_EMIT state_changed();
}

void TrainJob::resume() {
  job_->resume();
  Q_EMIT state_changed();
}

void TrainJob::stop() {
  job_->stop();
  Q_EMIT state_changed();
}

bool TrainJob::running() const {
  return job_->running();
}
bool TrainJob::paused() const {
  return job_->paused();
}
bool TrainJob::stopping() const {
  return !job_->ended() && job_->control().stop_requested();
}

void TrainJob::drain() {
  std::vector<StepMetrics> steps;
  std::vector<EpochMetrics> epochs;
  std::vector<CheckpointInfo> checkpoints;
  QStringList notices;
  {
    const std::lock_guard lock(queue_->mutex);
    notices.swap(queue_->notices);
    steps.swap(queue_->steps);
    epochs.swap(queue_->epochs);
    checkpoints.swap(queue_->checkpoints);
    if (queue_->shape) shape_ = *queue_->shape;
  }
  // A full disk pauses it, too.
  if (paused() != was_paused_) {
    was_paused_ = paused();
    Q_EMIT state_changed();
  }
  if (!notices.isEmpty()) Q_EMIT noticed(notices.join(' '));
  for (const StepMetrics& step : steps) clock_.follow(step);
  if (!steps.empty()) last_step_ = steps.back();
  if (!steps.empty() || !epochs.empty()) Q_EMIT drained(steps, epochs);
  if (!checkpoints.empty()) Q_EMIT checkpointed(checkpoints);
}

std::optional<double> TrainJob::seconds_left() const {
  const auto each = clock_.step_seconds();
  if (!each || shape_.steps == 0) return std::nullopt;
  return *each * static_cast<double>(shape_.steps - last_step_->step);
}

std::optional<double> TrainJob::seconds_left_in_epoch() const {
  const auto each = clock_.step_seconds();
  if (!each || shape_.steps_per_epoch == 0) return std::nullopt;
  const auto in_epoch = last_step_->step % shape_.steps_per_epoch;
  const auto left = std::min(shape_.steps_per_epoch - in_epoch, shape_.steps - last_step_->step);
  return *each * static_cast<double>(left);
}

}  // namespace selfsight
