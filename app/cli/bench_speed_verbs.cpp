#include <algorithm>
#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>

#include "app/cli/terminal.h"
#include "app/cli/verbs.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/scratch_folder.h"
#include "core/training/loader.h"
#include "core/training/session.h"

namespace selfsight {
namespace {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

constexpr std::int64_t warm_steps = 3;      // of training, before anything is measured
constexpr std::int64_t warm_images = 2000;  // decoded once, where they are kept

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

LoaderOptions one_worker(const RunSpec& spec, const Dataset& dataset, bool decode) {
  LoaderOptions options{.input = spec.input,
                        .channels = dataset.channels(),
                        .normalisation = {},
                        .seed = static_cast<std::uint64_t>(spec.train.seed),
                        .batch_size = std::min<std::int64_t>(spec.train.batch_size, 64),
                        .end_step = std::int64_t{1} << 40};
  if (decode) options.cache_bytes = 0;
  return options;
}

/// A store among the temporary files, and what follows a run into it.
class ScratchHistory {
 public:
  ScratchHistory(const std::filesystem::path& folder, const Settings& settings,
                 const Dataset& dataset)
      : store_(folder),
        run_(store_.create_run("bench", settings, dataset)),
        recorder_(folder, run_) {}
  Observer& observer() { return recorder_; }
  /// Steps that are in the store.
  std::size_t steps() {
    recorder_.flush();
    return store_.metric(run_, "loss").size();
  }

 private:
  Store store_;
  std::int64_t run_;
  Recorder recorder_;
};

/// Hears when each step ends, and says when enough was measured. `history`, if there is one, hears
/// it first: what that takes is a part of the step.
class StepClock : public Observer {
 public:
  StepClock(double seconds, Observer* history, Control& control)
      : seconds_(seconds), history_(history), control_(control) {}
  void on_shape(const RunShape& shape) override {
    if (history_) history_->on_shape(shape);
    shape_ = shape;
  }
  void on_step(const StepMetrics& metrics) override {
    if (history_) history_->on_step(metrics);
    if (metrics.step > warm_steps) steps_.push_back(seconds_since(last_));
    if (metrics.step == warm_steps) start_ = Clock::now();
    last_ = Clock::now();
    if (metrics.step > warm_steps && seconds_since(start_) >= seconds_) control_.request_stop();
  }

  std::string problem() const override { return history_ ? history_->problem() : ""; }

  const RunShape& shape() const { return shape_; }
  const std::vector<double>& steps() const { return steps_; }  // seconds of each
  double seconds() const { return std::chrono::duration<double>(last_ - start_).count(); }

 private:
  double seconds_;
  Observer* history_;
  Control& control_;
  RunShape shape_;
  Clock::time_point start_, last_;
  std::vector<double> steps_;
};

/// Nothing but steps: no epoch ends, no checkpoint is written but the last.
Settings steps_only(Settings settings) {
  settings.set("train.epochs", 100000.0);
  settings.set("train.checkpoint_minutes", 1440.0);
  settings.set("monitor.every_epochs", 10000.0);
  settings.set("monitor.bank", std::int64_t{10});
  settings.set("monitor.queries", std::int64_t{10});
  return settings;
}

void check_interrupted(const Control& control, bool enough) {
  if (control.stop_requested() && !enough) throw Cancelled();
}

}  // namespace

int bench_views_verb(const Common& common, const BenchArguments& arguments, Control& control) {
  const RunSpec spec = run_spec(settings_of(arguments.what));
  const auto dataset = open_data(common.store, spec.data.path, control);
  auto images = dataset->indices(Split::train);
  // Few enough that all of them are decoded before the measurement, where they are kept.
  if (!arguments.decode && static_cast<std::int64_t>(images.size()) > warm_images)
    images.resize(static_cast<std::size_t>(warm_images));
  const LoaderOptions options = one_worker(spec, *dataset, arguments.decode);
  Loader loader(*dataset, images, options);
  const auto each_epoch = static_cast<std::int64_t>(images.size()) / options.batch_size;
  for (std::int64_t i = 0; i < (arguments.decode ? 2 : each_epoch + 2); ++i) {
    check_interrupted(control, false);
    loader.next();
  }
  const auto start = Clock::now();
  std::int64_t count = 0;
  for (; seconds_since(start) < arguments.seconds; count += options.batch_size) {
    check_interrupted(control, false);
    loader.next();
  }
  const double seconds = seconds_since(start);
  const auto views = static_cast<std::int64_t>(input_shape(spec.input).sides.size());
  const double rate = static_cast<double>(count * views) / seconds;
  if (common.json)
    print_json({{"event", "bench"},
                {"bench", "views"},
                {"views_per_second", rate},
                {"images", count},
                {"views_per_image", views},
                {"size", spec.input.views.size},
                {"decode", arguments.decode},
                {"workers", 1},
                {"seconds", seconds}});
  else
    std::cout << grouped(std::llround(rate)) << " views/s on one core (" << spec.input.views.size
              << " px, " << (arguments.decode ? "decoding each image" : "images decoded before")
              << ").\n";
  return 0;
}

int bench_train_verb(const Common& common, const BenchArguments& arguments, Control& control) {
  const Settings settings = steps_only(settings_of(arguments.what));
  const RunSpec spec = run_spec(settings);
  const ScratchFolder folder("for the bench");
  const auto dataset = open_data(common.store, spec.data.path, control);
  std::optional<ScratchHistory> history;
  if (arguments.history) history.emplace(folder.path() / "store", settings, *dataset);
  StepClock clock(arguments.seconds, history ? &history->observer() : nullptr, control);
  train({.settings = settings,
         .dataset = dataset,
         .folder = folder.path(),
         .resume_from = {},
         .knn = {},
         .same_batch = arguments.without_views},
        clock, control);
  check_interrupted(control, clock.seconds() >= arguments.seconds);
  if (clock.steps().empty()) throw Error("The run ended before anything was measured.");
  const auto batch = images_per_step(spec);
  const double rate =
      static_cast<double>(batch) * static_cast<double>(clock.steps().size()) / clock.seconds();
  if (common.json)
    print_json({{"event", "bench"},
                {"bench", "train"},
                {"method", spec.method},
                {"encoder", spec.encoder.name},
                {"batch_size", batch},
                {"views", !arguments.without_views},
                {"history_steps", history ? history->steps() : std::size_t{0}},
                {"images_per_second", rate},
                {"step_seconds", median(clock.steps())},
                {"steps", clock.steps().size()},
                {"device", clock.shape().device}});
  else
    std::cout << digits(rate) << " images/s, a step of " << batch << " in "
              << digits(median(clock.steps()), 3) << " s (median of " << clock.steps().size()
              << "), " << clock.shape().device << ".\n";
  return 0;
}

}  // namespace selfsight
