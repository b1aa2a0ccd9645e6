#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>
#include "app/cli/cli.h"
#include "app/cli/terminal.h"
#include "app/cli/verbs.h"
#include "app/jobs/pipeline.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/spec/preset.h"
#include "core/training/step_clock.h"

namespace selfsight {
namespace {

using Json = nlohmann::ordered_json;

constexpr char quickstart_preset[] = "simclr-fashion-quick";

Json number_or_null(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

class JsonLines : public Observer {
 public:
  explicit JsonLines(std::int64_t run) : run_(run) {}
  void on_shape(const RunShape& s) override {
    print_json({{"event", "start"},
                {"run", run_},
                {"steps", s.steps},
                {"steps_per_epoch", s.steps_per_epoch},
                {"train_images", s.train_images},
                {"parameters", s.parameters},
                {"device", s.device}});
  }
  void on_step(const StepMetrics& m) override {
    Json line{{"event", "step"},
              {"run", run_},
              {"step", m.step},
              {"epoch", m.epoch},
              {"loss", m.loss},
              {"lr", m.lr},
              {"images_per_second", m.images_per_second}};
    for (const auto& [name, value] : m.extra) line[name] = value;
    print_json(line);
  }
  void on_notice(const std::string& sentence) override {
    print_json({{"event", "notice"}, {"run", run_}, {"message", sentence}});
  }
  void on_epoch(const EpochMetrics& m) override {
    print_json(
        {{"event", "epoch"},
         {"run", run_},
         {"step", m.step},
         {"epoch", m.epoch},
         {"knn", number_or_null(m.knn)},
         {"feature_std", m.feature_std},
         {"feature_std_healthy", m.feature_std_healthy},
         {"output_spread", number_or_null(m.output_spread)},
         {"verdict", spread_verdict(m.feature_std, m.feature_std_healthy, m.output_spread)}});
  }
  void on_checkpoint(const CheckpointInfo& c) override {
    print_json({{"event", "checkpoint"},
                {"run", run_},
                {"step", c.step},
                {"file", c.file.string()},
                {"sha256", c.sha256}});
  }

 private:
  std::int64_t run_;
};

class BarLines : public Observer {
 public:
  BarLines(const std::string& title, std::string dataset)
      : bar_(title), dataset_(std::move(dataset)) {}
  void on_shape(const RunShape& shape) override {
    shape_ = shape;
    bar_.say("Training on " + dataset_ + ", " + grouped(shape.train_images) + " images, " +
             grouped(shape.parameters) + " parameters, " + grouped(shape.steps) + " steps on " +
             shape.device);
  }
  void on_step(const StepMetrics& m) override {
    clock_.follow(m);
    const auto each = clock_.step_seconds();
    const double left = each ? *each * static_cast<double>(shape_.steps - m.step) : -1;
    bar_.show(
        static_cast<double>(m.step) / static_cast<double>(shape_.steps), left,
        "loss " + digits(m.loss) + "  " + grouped(std::llround(m.images_per_second)) + " images/s");
  }
  void on_epoch(const EpochMetrics& m) override {
    std::string line = "epoch " + digits(m.epoch, 3);
    if (m.knn) line += "  kNN " + percent(*m.knn) + " (validation)";
    if (m.step > 0)
      line += "  " + spread_verdict(m.feature_std, m.feature_std_healthy, m.output_spread);
    bar_.say(line);
  }
  void on_notice(const std::string& sentence) override { bar_.say(sentence); }

 private:
  ProgressBar bar_;
  std::string dataset_;
  RunShape shape_;
  StepClock clock_;
};

/// "1.4 GB".
std::string bytes_words(std::int64_t bytes) {
  return digits(static_cast<double>(bytes) / 1e9, 2) + " GB";
}

int tell_estimate(const Common& common, const Settings& settings,
                  const std::shared_ptr<const Dataset>& dataset, Control& control) {
  const Estimate e = estimate_run(settings, dataset, control);
  if (common.json)
    print_json({{"steps", e.steps},
                {"steps_per_epoch", e.steps_per_epoch},
                {"measured_steps", e.measured_steps},
                {"step_seconds", e.step_seconds},
                {"images_per_second", e.images_per_second},
                {"monitor_seconds", e.monitor_seconds},
                {"checkpoint_seconds", e.checkpoint_seconds},
                {"epoch_seconds", e.epoch_seconds},
                {"total_seconds", e.total_seconds},
                {"peak_bytes", e.peak_bytes},
                {"device", e.device}});
  else
    std::cout << duration(e.epoch_seconds) << " an epoch, " << duration(e.total_seconds)
              << " in all, " << bytes_words(e.peak_bytes)
              << " of memory at most: " << grouped(e.steps) << " steps at "
              << grouped(std::llround(e.images_per_second)) << " images/s on " << e.device
              << ", from " << e.measured_steps << " measured steps.\n";
  return 0;
}

/// Says which file it is that cannot be used.
Settings settings_in(const std::string& file) {
  const std::string text = read_text(file);
  try {
    return settings_from_toml(text, run_schema);
  } catch (const InputError& error) {
    throw InputError(file + ": " + error.what());
  }
}

/// Nothing is installed yet, so the program is named as it was called, or shorter.
std::string own_name(const std::filesystem::path& called) {
  if (!called.is_absolute()) return called.string();
  const auto near = called.lexically_proximate(std::filesystem::current_path());
  return near.has_parent_path() && *near.begin() != ".." ? near.string() : called.string();
}

}  // namespace

Settings settings_of(const TrainArguments& arguments) {
  Settings settings;
  if (!arguments.preset.empty())
    settings = find_preset(arguments.preset, run_schema).settings;
  else if (!arguments.spec.empty())
    settings = settings_in(arguments.spec);
  else
    throw InputError(
        "Name a preset with --preset or a file of options with --spec; "
        "`selfsight presets` lists the presets.");
  apply_assignments(settings, arguments.set, run_schema);
  if (!arguments.data.empty()) settings.set_text("data.path", arguments.data);
  return settings;
}

int train_on_terminal(const Common& common, std::int64_t run,
                      std::shared_ptr<const Dataset> dataset, Control& control) {
  TrainResult result;
  if (common.json) {
    JsonLines lines(run);
    result = run_training(common.store, run, std::move(dataset), &lines, control);
  } else {
    BarLines lines("run " + std::to_string(run), dataset->name());
    result = run_training(common.store, run, std::move(dataset), &lines, control);
  }
  const bool stopped = result.end == TrainResult::End::stopped;
  if (common.json)
    print_json({{"event", stopped ? "stopped" : "done"},
                {"run", run},
                {"step", result.step},
                {"epoch", result.epoch},
                {"loss", result.last_loss},
                {"seconds", result.active_seconds}});
  else if (stopped)
    std::cerr << "Stopped at step " << result.step << "; the state is saved. Go on with: selfsight "
              << "resume " << run << std::endl;
  else
    std::cout << "Run " << run << " is done: " << result.step << " steps in "
              << duration(result.active_seconds) << ", loss " << digits(result.last_loss) << "."
              << std::endl;
  return stopped ? 130 : 0;
}

int train_verb(const Common& common, const TrainArguments& arguments, Control& control) {
  const Settings settings = settings_of(arguments);
  if (arguments.queue) return queue_settings(common, {{settings, {}}}, control);
  run_spec(settings);  // a contradiction is told before a large folder is read
  const auto dataset = open_data(common.store, settings.get<std::string>("data.path"), control);
  if (arguments.estimate) return tell_estimate(common, settings, dataset, control);
  Store store(common.store);
  const std::int64_t run = prepare_run(store, settings, *dataset);
  return train_on_terminal(common, run, dataset, control);
}

int resume_verb(const Common& common, const std::string& word, Control& control) {
  Store store(common.store);
  const Run run = find_run(store, word);
  if (run.status == RunStatus::finished)
    throw InputError("Run " + std::to_string(run.id) + " is finished; there is nothing to resume.");
  return train_on_terminal(common, run.id, dataset_of(common.store, run, {}, control), control);
}

int run_quickstart(const std::filesystem::path& called) {
  std::cerr << "No display here, so this is the quickstart: an encoder learns from pictures of "
               "clothes, without their labels.\n";
  if (const int status = run_cli({"train", "--preset", quickstart_preset}); status != 0)
    return status;
  const auto pictures = default_store() / "quickstart.html";
  // As README.md has measured it.
  int status = run_cli(
      {"probe", "last", "--kind", "knn", "-k", "20", "--temperature", "0.1", "--bank", "20000"});
  if (status == 0) status = run_cli({"report", "last", "--out", pictures.string()});
  if (status == 0) {
    const std::string self = own_name(called);
    std::cout << "\nIts curves are in " << pictures.string()
              << ", a page for any browser. The run is kept in " << default_store().string()
              << "; `" << self << " show last` tells all of it.\nPictures of every place: `" << self
              << " tour --out FOLDER`.\n";
  }
  return status;
}

}  // namespace selfsight
