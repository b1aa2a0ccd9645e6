// The engine by itself, on whatever device LibTorch has: how fast each preset's method steps, that
// its numbers are numbers, and that its checkpoint goes on. Needs neither Qt nor a history, so that
// it can be built where only LibTorch is (see docs/performance.md).
//
// bench_engine DATA SECONDS PRESET[,PRESET...] [same_batch] [option=value...]
// prints a JSON object per preset.
#include <algorithm>
#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>

#include "core/base/scratch_folder.h"
#include "core/spec/preset.h"
#include "core/training/session.h"

using namespace selfsight;

namespace {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

constexpr std::int64_t warm_steps = 10;  // before anything is measured
constexpr std::size_t told_losses = 3;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Stops at the end of a step, once it has measured for `seconds`; where that is 0, once it has
/// heard the first losses.
class StepClock : public Observer {
 public:
  StepClock(double seconds, Control& control) : seconds_(seconds), control_(control) {}

  void on_shape(const RunShape& shape) override { device = shape.device; }
  void on_checkpoint(const CheckpointInfo& info) override { checkpoint = info.file; }
  void on_step(const StepMetrics& metrics) override {
    const auto now = Clock::now();
    if (losses.size() < told_losses) losses.push_back(metrics.loss);
    if (++count_ == warm_steps) start_ = now;
    if (count_ > warm_steps)
      durations.push_back(std::chrono::duration<double>(now - last_).count());
    last_ = now;
    const bool measured = count_ > warm_steps && seconds_since(start_) >= seconds_;
    if (measured || (seconds_ == 0 && losses.size() == told_losses)) control_.request_stop();
  }

  double images_per_second(std::int64_t batch) const {
    const double seconds = std::chrono::duration<double>(last_ - start_).count();
    return static_cast<double>(batch) * static_cast<double>(durations.size()) / seconds;
  }

  std::string device;
  std::filesystem::path checkpoint;
  std::vector<double> losses, durations;  // of the first steps; seconds of those after the warm-up

 private:
  double seconds_;
  Control& control_;
  std::int64_t count_ = 0;
  Clock::time_point start_, last_;
};

Settings settings_of(const std::string& preset, const std::vector<std::string>& assignments) {
  Settings settings = find_preset(preset, run_schema).settings;
  settings.set("train.epochs", 100000.0);
  settings.set("train.checkpoint_minutes", 1440.0);
  settings.set("monitor.every_epochs", 10000.0);
  settings.set("monitor.bank", std::int64_t{10});
  settings.set("monitor.queries", std::int64_t{10});
  apply_assignments(settings, assignments, run_schema);
  return settings;
}

Json measured(TrainRequest request, double seconds) {
  Control control;
  StepClock clock(seconds, control);
  train(request, clock, control);
  request.resume_from = clock.checkpoint;
  Control again;
  StepClock resumed(0, again);
  train(request, resumed, again);
  std::vector<double> durations = clock.durations;
  std::ranges::sort(durations);
  const RunSpec spec = run_spec(request.settings);
  return {{"method", spec.method},
          {"encoder", spec.encoder.name},
          {"device", clock.device},
          {"batch_size", images_per_step(spec)},
          {"images_per_second", clock.images_per_second(images_per_step(spec))},
          {"step_seconds", durations.empty() ? Json() : Json(durations[durations.size() / 2])},
          {"steps", durations.size()},
          {"first_losses", clock.losses},
          {"resumed_losses", resumed.losses}};
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 4) {
    std::cerr << "bench_engine DATA SECONDS PRESET[,PRESET...] [same_batch] [option=value...]\n";
    return 2;
  }
  std::vector<std::string> assignments(arguments + 4, arguments + count);
  const bool same_batch = std::erase(assignments, "same_batch") > 0;
  const auto dataset = open_dataset(arguments[1]);
  std::stringstream presets(arguments[3]);
  bool well = true;
  for (std::string preset; std::getline(presets, preset, ',');) {
    Json line = {{"preset", preset}};
    try {
      const ScratchFolder folder("for the bench");
      line.update(measured({.settings = settings_of(preset, assignments),
                            .dataset = dataset,
                            .folder = folder.path(),
                            .resume_from = {},
                            .knn = {},
                            .same_batch = same_batch},
                           std::stod(arguments[2])));
    } catch (const std::exception& problem) {
      line["problem"] = problem.what();
      well = false;
    }
    std::cout << line << std::endl;
  }
  return well ? 0 : 1;
}
