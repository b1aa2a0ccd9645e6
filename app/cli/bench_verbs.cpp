// selfsight bench methods: each method's quick preset trained, measured and told in one table.
#include <algorithm>
#include <cmath>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "app/cli/terminal.h"
#include "app/cli/verbs.h"
#include "app/jobs/pipeline.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/spec/preset.h"

namespace selfsight {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kQuick = "-quick";

/// The quick presets of a method.
std::vector<Preset> quick_presets(const std::vector<Preset>& all, const std::string& method) {
  std::vector<Preset> out;
  for (const Preset& preset : all)
    if (preset.name.ends_with(kQuick) && preset.settings.get<std::string>("method.name") == method)
      out.push_back(preset);
  return out;
}

/// Accuracies of one kind of probe, of the trained encoder and of its first weights.
struct Accuracy {
  std::optional<double> trained, random;
  bool known() const { return trained && random; }
  bool beats_random() const { return known() && *trained > *random; }
};

/// A line of the table; `run` is 0 where no finished run is in the store.
struct Row {
  std::string method, preset;
  std::int64_t run = 0;
  double minutes = 0, feature_std = 0, healthy_std = 0;
  Accuracy knn{}, linear{};
  std::optional<double> pixels_knn{}, pixels_linear{};
};

/// The newest run of exactly these options, whatever its data set is called there.
std::optional<Run> run_of(const Store& store, const Preset& preset, const Dataset& dataset) {
  Settings wanted = preset.settings;
  wanted.set("data.path", dataset.location());
  std::optional<Run> found;
  for (Run& run : store.runs())
    if (run.settings == wanted && run.dataset_fingerprint == dataset.fingerprint() &&
        (!found || run.status == RunStatus::finished || found->status != RunStatus::finished))
      found = std::move(run);
  return found;
}

/// The run of a preset, trained to its end: an older one of the store where there is one.
std::int64_t trained_run(const Common& common, const Preset& preset,
                         const std::shared_ptr<const Dataset>& dataset, Control& control) {
  Store store(common.store);
  const auto found = run_of(store, preset, *dataset);
  if (found && found->status == RunStatus::finished) return found->id;
  const bool goes_on =
      found && (found->status == RunStatus::stopped || found->status == RunStatus::interrupted);
  const std::int64_t run = goes_on ? found->id : prepare_run(store, preset.settings, *dataset);
  if (train_on_terminal(common, run, dataset, control) != 0) throw Cancelled();
  return run;
}

std::optional<double> evaluated(const Store& store, std::int64_t run, const std::string& kind,
                                const std::string& metric) {
  std::optional<double> value;
  for (const Evaluation& e : store.evaluations(run))
    if (e.kind == kind && e.metric == metric) value = e.value;
  return value;
}

Accuracy accuracy_of(const Store& store, std::int64_t run, const std::string& kind) {
  return {evaluated(store, run, kind, "accuracy"),
          evaluated(store, run, kind, "accuracy_random_encoder")};
}

/// Whether some run has measured the pixels of these images.
bool pixels_known(const Store& store, const Dataset& dataset, const std::string& kind) {
  const auto runs = store.runs();
  return std::any_of(runs.begin(), runs.end(), [&](const Run& run) {
    return run.dataset_fingerprint == dataset.fingerprint() &&
           evaluated(store, run.id, kind, "accuracy_raw_pixels");
  });
}

void measure_run(const Common& common, std::int64_t run, const Dataset& dataset, Control& control) {
  for (const char* kind : {"knn", "linear"}) {
    const Store store(common.store);
    if (accuracy_of(store, run, kind).known()) continue;
    ProgressBar bar(kind);
    ProbeRequest request;
    request.kind = kind;
    request.choose = false;  // the table has one protocol, which it states
    request.bank = 20000;
    request.raw_pixels = !pixels_known(store, dataset, kind);
    evaluate(common.store, run, dataset, request, control,
             [&](double done) { bar.show(done, -1, ""); });
  }
}

/// What the store knows of a preset's run.
Row row_of(const Common& common, const MethodInfo& info, const Preset& preset,
           const Dataset& dataset) {
  const Store store(common.store);
  Row row{.method = info.title, .preset = preset.name};
  const auto found = run_of(store, preset, dataset);
  if (!found || found->status != RunStatus::finished) return row;
  row.run = found->id;
  row.minutes = found->active_seconds / 60;
  const auto spread = store.metric(row.run, "feature_std");
  if (!spread.empty()) row.feature_std = spread.back().value;
  row.healthy_std = 1 / std::sqrt(static_cast<double>(found->shape.feature_dimensions));
  row.knn = accuracy_of(store, row.run, "knn");
  row.linear = accuracy_of(store, row.run, "linear");
  row.pixels_knn = evaluated(store, row.run, "knn", "accuracy_raw_pixels");
  row.pixels_linear = evaluated(store, row.run, "linear", "accuracy_raw_pixels");
  return row;
}

std::string line_of(const Row& row) {
  const std::string head = "| " + row.method + " | " + row.preset + " | ";
  if (row.run == 0) return head + "not run | | | | | |\n";
  const auto change = [](const Accuracy& a) { return share(a.random) + " → " + share(a.trained); };
  const bool collapsed = row.feature_std < collapsed_share * row.healthy_std;
  const bool learnt = row.knn.beats_random() || row.linear.beats_random();
  return head + digits(row.minutes, 2) + " | " + change(row.knn) + " | " + change(row.linear) +
         " | " + digits(row.feature_std, 2) + " (" + digits(row.healthy_std, 2) + ") | " +
         (collapsed ? "**yes**" : "no") + " | " + (learnt ? "yes" : "**no**") + " |\n";
}

std::string table_of(const std::vector<Row>& rows) {
  std::string text =
      "# What each method learns in minutes\n\n"
      "Made by `selfsight bench methods --out docs/methods.md`, which trains each method's quick "
      "preset, measures the encoder and writes this file; runs that are in the store already are "
      "not trained again.\n\n"
      "kNN: k 20, T 0.1, a bank of 20,000 training images. Linear: logistic regression on 20,000 "
      "training images, the penalty chosen on the validation split. Both on 10,000 test images, "
      "clean views, eval mode, at the end of the run. Each is given as random encoder → trained "
      "encoder: the random one has the run's own first weights. Feature std is the mean deviation "
      "of the normalised features, and in brackets where it would be if they were spread evenly; "
      "below a tenth of that they have collapsed. A method beats random where kNN or linear does. "
      "Minutes are those of the training, and "
      "say as much of the machine as of the method.\n\n"
      "| method | preset | minutes | kNN | linear | feature std | collapsed | beats random |\n"
      "|---|---|---|---|---|---|---|---|\n";
  for (const Row& row : rows) text += line_of(row);
  const auto pixels = std::find_if(rows.begin(), rows.end(), [](const Row& row) {
    return row.pixels_knn && row.pixels_linear && row.preset.find("fashion") != std::string::npos;
  });
  if (pixels != rows.end())
    text += "\nRaw pixels of Fashion-MNIST, measured alike: kNN " + share(pixels->pixels_knn) +
            ", linear " + share(pixels->pixels_linear) + ".\n";
  return text;
}

Json json_of(const Row& row) {
  return {{"event", "method"},
          {"method", row.method},
          {"preset", row.preset},
          {"run", row.run == 0 ? Json(nullptr) : Json(row.run)},
          {"minutes", row.minutes},
          {"knn", number(row.knn.trained)},
          {"knn_random_encoder", number(row.knn.random)},
          {"linear", number(row.linear.trained)},
          {"linear_random_encoder", number(row.linear.random)},
          {"feature_std", row.feature_std},
          {"feature_std_healthy", row.healthy_std}};
}

/// Data sets by their path: most presets want the same one.
using Sets = std::map<std::string, std::shared_ptr<const Dataset>>;

/// Trains and measures where that is wanted, and tells what the store has in the end. A data set
/// that is not on this machine leaves the row empty.
Row bench_preset(const Common& common, const MethodInfo& info, const Preset& preset, bool train,
                 Sets& sets, Control& control) {
  const auto path = preset.settings.get<std::string>("data.path");
  auto& dataset = sets[path];
  try {
    if (!dataset) dataset = open_data(common.store, path, control);
  } catch (const InputError& error) {
    std::cerr << preset.name << " is left out: " << error.what() << std::endl;
    return {.method = info.title, .preset = preset.name};
  }
  if (train) measure_run(common, trained_run(common, preset, dataset, control), *dataset, control);
  return row_of(common, info, preset, *dataset);
}

}  // namespace

int bench_methods_verb(const Common& common, const BenchMethodsArguments& arguments,
                       Control& control) {
  check_out(arguments.out);
  for (const std::string& name : arguments.only) method_info(name);  // throws for a wrong one
  const auto wanted = [&](const std::string& method) {
    return !arguments.table_only &&
           (arguments.only.empty() || std::find(arguments.only.begin(), arguments.only.end(),
                                                method) != arguments.only.end());
  };
  std::vector<Row> rows;
  Sets sets;
  const auto all = all_presets(run_schema);
  for (const MethodInfo& info : method_infos()) {
    const auto presets = quick_presets(all, info.name);
    if (presets.empty()) rows.push_back({.method = info.title, .preset = "no quick preset"});
    for (const Preset& preset : presets) {
      rows.push_back(bench_preset(common, info, preset, wanted(info.name), sets, control));
      if (common.json) print_json(json_of(rows.back()));
    }
  }
  const std::string table = table_of(rows);
  if (!arguments.out.empty()) write_file(arguments.out, table);
  if (!common.json) std::cout << table;
  return 0;
}

}  // namespace selfsight
