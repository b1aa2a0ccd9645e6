#include "core/training/estimate.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "core/base/memory.h"
#include "core/base/scratch_folder.h"
#include "core/training/features.h"
#include "core/training/loader.h"

namespace selfsight {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kWarmUp = 3;       // steps: the loader is ahead of the first ones
constexpr double kSeconds = 3;            // of steady steps,
constexpr std::int64_t kFewest = 3;       // but so many at least
constexpr std::int64_t kMonitored = 300;  // images at most; their time is scaled to all
constexpr std::int64_t kDecoded = 32;     // images that tell how large they are in memory

double seconds_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

/// Times the trial and stops it when it knows enough, or when the person no longer wants to know.
class Stopwatch : public Observer {
 public:
  explicit Stopwatch(const Control& asked) : asked_(asked) {}

  void on_shape(const RunShape& s) override {
    shape = s;
    last_ = Clock::now();
  }
  void on_epoch(const EpochMetrics&) override {
    const double took = lap();  // that of a short run's end is none of its checkpoint's
    if (monitor_seconds == 0) monitor_seconds = took;
  }
  void on_checkpoint(const CheckpointInfo&) override { checkpoint_seconds = lap(); }
  void on_step(const StepMetrics& m) override {
    const double took = lap();
    ++seen;
    if (m.step > kWarmUp) {
      ++steady;
      steady_seconds += took;
    }
    all_seconds += took;
    if ((steady >= kFewest && steady_seconds >= kSeconds) || asked_.stop_requested())
      control.request_stop();
  }
  void on_notice(const std::string&) override {
    if (control.paused()) control.request_stop();  // a full disk, which train() then throws
  }

  double step_seconds() const {
    return steady > 0 ? steady_seconds / static_cast<double>(steady)
                      : all_seconds / static_cast<double>(std::max<std::int64_t>(1, seen));
  }

  Control control;
  RunShape shape;
  std::int64_t seen = 0, steady = 0;
  double steady_seconds = 0, all_seconds = 0, monitor_seconds = 0, checkpoint_seconds = 0;

 private:
  double lap() {
    const auto now = Clock::now();
    return seconds_between(std::exchange(last_, now), now);
  }

  const Control& asked_;
  Clock::time_point last_;
};

/// Bytes of the decoded images that a run of this length will keep and that a trial did not.
std::int64_t images_to_come(const Dataset& dataset, const RunSpec& spec, std::int64_t seen_steps) {
  auto train = dataset.indices(Split::train);
  auto images = static_cast<std::int64_t>(train.size());
  if (spec.data.limit > 0) images = std::min(images, spec.data.limit);
  double bytes = 0;
  std::int64_t decoded = 0;
  for (const std::int64_t id : random_sample(std::move(train), kDecoded, 0)) {
    try {
      const cv::Mat image = dataset.reduced_image(id, least_side(spec.input));
      bytes += static_cast<double>(image.total() * image.elemSize());
      ++decoded;
    } catch (const ImageError&) {
      // The run will name it.
    }
  }
  if (decoded == 0) return 0;
  const double each = bytes / static_cast<double>(decoded);
  const auto kept = [&](std::int64_t count) {
    return std::min(static_cast<double>(LoaderOptions{}.cache_bytes),
                    each * static_cast<double>(std::min(count, images)));
  };
  const double passes = std::ceil(spec.train.epochs) * static_cast<double>(images);
  return std::llround(kept(static_cast<std::int64_t>(passes)) -
                      kept(seen_steps * images_per_step(spec)));
}

std::int64_t images_of(const Dataset& dataset, Split split) {
  return static_cast<std::int64_t>(dataset.indices(split).size());
}

}  // namespace

double shorten_monitor(Settings& settings, const Dataset& dataset) {
  const auto full = settings.read<MonitorOptions>("monitor.");
  std::int64_t train = images_of(dataset, Split::train);
  if (const auto limit = settings.get<std::int64_t>("data.limit"); limit > 0)
    train = std::min(train, limit);
  const std::int64_t validation = images_of(dataset, Split::validation);
  const bool bank = validation > 0 && dataset.labelled();
  // As many as a run encodes at a time, for that is what takes memory.
  constexpr auto at_once = static_cast<std::int64_t>(images_at_once);
  MonitorOptions less = full;
  less.bank = std::min(full.bank, at_once);
  less.queries =
      std::min(full.queries, bank && less.bank == at_once ? kMonitored - at_once : at_once);
  less.every_epochs = 10000;
  settings.write("monitor.", less);
  const auto measured = [&](const MonitorOptions& o) {
    return static_cast<double>(std::min(o.queries, validation > 0 ? validation : train) +
                               (bank ? std::min(o.bank, train) : 0));
  };
  return measured(full) / std::max(1.0, measured(less));
}

Estimate estimate(const TrainRequest& request, Control& control) {
  const ScratchFolder scratch("for the trial");
  TrainRequest trial = request;
  trial.folder = scratch.path();
  trial.resume_from.reset();
  const double scale = shorten_monitor(trial.settings, *request.dataset);
  Stopwatch watch(control);
  reset_peak_memory();
  train(trial, watch, watch.control);
  control.check();
  const RunSpec spec = run_spec(request.settings);
  Estimate out;
  out.steps = watch.shape.steps;
  out.steps_per_epoch = watch.shape.steps_per_epoch;
  out.measured_steps = watch.steady > 0 ? watch.steady : watch.seen;
  out.device = watch.shape.device;
  out.step_seconds = watch.step_seconds();
  out.images_per_second = static_cast<double>(images_per_step(spec)) / out.step_seconds;
  out.monitor_seconds = watch.monitor_seconds * scale;
  out.checkpoint_seconds = watch.checkpoint_seconds;
  const auto steps = static_cast<double>(out.steps);
  const double epochs = steps / static_cast<double>(out.steps_per_epoch);
  const double measurements = 1 + epochs / spec.monitor.every_epochs;
  const double stepping = steps * out.step_seconds + measurements * out.monitor_seconds;
  // One after each measurement at most, and one after so many minutes.
  const double checkpoints = measurements + stepping / (60 * spec.train.checkpoint_minutes);
  out.total_seconds = stepping + checkpoints * out.checkpoint_seconds;
  out.epoch_seconds = out.total_seconds / epochs;
  out.peak_bytes = peak_memory() + images_to_come(*request.dataset, spec, watch.seen);
  return out;
}

}  // namespace selfsight
