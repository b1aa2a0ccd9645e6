#include <algorithm>
#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>

#include "app/cli/terminal.h"
#include "app/cli/verbs.h"
#include "core/base/error.h"
#include "core/base/files.h"

namespace selfsight {
namespace {

using Json = nlohmann::ordered_json;

struct Summary {
  std::optional<double> loss, loss_best, knn, knn_best, feature_std;
};

std::optional<double> last(const std::vector<MetricPoint>& points) {
  if (points.empty()) return std::nullopt;
  return points.back().value;
}

std::optional<double> extreme(const std::vector<MetricPoint>& points, bool largest) {
  std::optional<double> best;
  for (const MetricPoint& point : points)
    if (std::isfinite(point.value) &&
        (!best || (largest ? point.value > *best : point.value < *best)))
      best = point.value;
  return best;
}

Summary summary(const Store& store, std::int64_t run) {
  const auto loss = store.metric(run, "loss"), knn = store.metric(run, "knn");
  return {last(loss), extreme(loss, false), last(knn), extreme(knn, true),
          last(store.metric(run, "feature_std"))};
}

std::string text(const std::optional<double>& value) {
  return value ? digits(*value) : "–";
}

Json to_json(const Store& store, const Run& run) {
  const Summary s = summary(store, run.id);
  return {{"run", run.id},
          {"name", run.name},
          {"status", to_string(run.status)},
          {"reason", run.reason},
          {"method", run.settings.get<std::string>("method.name")},
          {"encoder", run.settings.get<std::string>("encoder.name")},
          {"dataset", run.dataset_name},
          {"created", run.created},
          {"step", run.step},
          {"steps", run.steps},
          {"epoch", run.epoch},
          {"seconds", run.active_seconds},
          {"loss", number(s.loss)},
          {"loss_best", number(s.loss_best)},
          {"knn", number(s.knn)},
          {"knn_best", number(s.knn_best)},
          {"feature_std", number(s.feature_std)},
          {"archived", run.archived},
          {"tags", run.tags}};
}

void show_measurements(const Store& store, const Run& run) {
  const Summary s = summary(store, run.id);
  print_table({{"loss", text(s.loss), "best " + text(s.loss_best)},
               {"kNN, validation", share(s.knn), "best " + share(s.knn_best)},
               {"feature std", text(s.feature_std), ""}});
  const auto evaluations = store.evaluations(run.id);
  const auto points = std::count_if(evaluations.begin(), evaluations.end(),
                                    [](const Evaluation& e) { return e.kind == "labels"; });
  if (points > 0)
    std::cout << "label efficiency, " << points << " points; `selfsight probe " << run.id
              << " --kind labels` shows the curve\n";
  for (const Evaluation& e : evaluations)
    if (e.kind != "labels")
      std::cout << e.kind << " " << e.metric << " "
                << (e.kind == "health" ? digits(e.value) : percent(e.value)) << "  "
                << short_protocol(e) << '\n';
  for (const StoredCheckpoint& c : store.checkpoints(run.id))
    std::cout << "checkpoint at step " << c.info.step << "  " << c.info.file.string() << '\n';
}

}  // namespace

Run find_run(const Store& store, const std::string& word) {
  if (word == "last") {
    const auto runs = store.runs();
    if (runs.empty()) throw InputError("There is no run yet; `selfsight train` makes one.");
    return runs.back();
  }
  const bool whole =
      !word.empty() && word.size() < 18 &&
      std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!whole)
    throw InputError("A run is named by its number or by the word last, not by " + word +
                     "; `selfsight runs` lists them.");
  return store.run(std::stoll(word));
}

std::shared_ptr<const Dataset> dataset_of(const std::filesystem::path& store, const Run& run,
                                          const std::string& word, const Control& control) {
  return open_data(store, word.empty() ? run.dataset_location : word, control);
}

void check_out(const std::filesystem::path& out) {
  std::error_code unknown;
  if (std::filesystem::is_directory(out, unknown))
    throw InputError(out.string() + " is a folder; name a file in it.");
  const auto folder = out.parent_path();
  if (!folder.empty() && !std::filesystem::is_directory(folder, unknown))
    throw InputError("The folder " + folder.string() + " is not there; make it or name another.");
}

nlohmann::ordered_json Subject::json() const {
  if (source.is_run()) return {{"run", source.run}};
  return {{"encoder", source.file.string()}};
}

std::string Subject::words() const {
  return source.is_run() ? "run " + std::to_string(source.run) : source.file.filename().string();
}

Subject subject_of(const Store& store, const EncoderArguments& arguments, const Control& control) {
  if (arguments.run.empty() == arguments.file.empty())
    throw InputError("Name either a run or an encoder with --encoder.");
  if (!arguments.run.empty()) {
    const Run run = find_run(store, arguments.run);
    EncoderSource source(run.id);
    source.step = arguments.step;
    return {source, dataset_of(store.folder(), run, arguments.data, control)};
  }
  if (arguments.data.empty())
    throw InputError("Name the images that the encoder is to see with --data.");
  return {{arguments.file, EncoderInput{arguments.size, arguments.mean, arguments.std}},
          open_data(store.folder(), arguments.data, control)};
}

int runs_verb(const Common& common) {
  const Store store(common.store);
  const auto runs = store.runs();
  if (common.json) {
    for (const Run& run : runs) print_json(to_json(store, run));
    return 0;
  }
  if (runs.empty()) {
    std::cout << "No runs yet in " << store.folder().string()
              << ". `selfsight train --preset simclr-fashion-quick` makes the first.\n";
    return 0;
  }
  std::vector<std::vector<std::string>> table{
      {"no.", "run", "status", "epoch", "loss", "kNN, best", "time"}};
  for (const Run& run : runs) {
    const Summary s = summary(store, run.id);
    table.push_back({std::to_string(run.id), run.name, to_string(run.status), digits(run.epoch, 3),
                     text(s.loss), share(s.knn_best), duration(run.active_seconds)});
  }
  print_table(table);
  return 0;
}

int show_verb(const Common& common, const std::string& word) {
  const Store store(common.store);
  const Run run = find_run(store, word);
  if (common.json) {
    Json json = to_json(store, run);
    json["options"] = selfsight::to_json(run.settings);
    json["evaluations"] = Json::array();
    for (const Evaluation& e : store.evaluations(run.id))
      json["evaluations"].push_back({{"kind", e.kind},
                                     {"metric", e.metric},
                                     {"value", e.value},
                                     {"protocol", Json::parse(e.protocol, nullptr, false)}});
    json["checkpoints"] = Json::array();
    for (const StoredCheckpoint& c : store.checkpoints(run.id))
      json["checkpoints"].push_back({{"file", c.info.file.string()},
                                     {"step", c.info.step},
                                     {"epoch", c.info.epoch},
                                     {"sha256", c.info.sha256}});
    print_json(json);
    return 0;
  }
  std::cout << "Run " << run.id << ", " << run.name << ": " << to_string(run.status)
            << (run.reason.empty() ? "" : " (" + run.reason + ")") << ", epoch "
            << digits(run.epoch, 3) << ", step " << run.step << " of " << run.steps << ", "
            << duration(run.active_seconds) << "\n\n";
  show_measurements(store, run);
  std::cout << '\n' << to_toml(run.settings);
  return 0;
}

int compare_verb(const Common& common, const std::vector<std::string>& words) {
  const Store store(common.store);
  std::vector<Run> runs;
  std::vector<Settings> settings;
  for (const std::string& word : words) {
    runs.push_back(find_run(store, word));
    settings.push_back(runs.back().settings);
  }
  const auto rows = differences(settings);
  if (common.json) {
    Json options = Json::object(), list = Json::array();
    for (const Difference& row : rows) options[row.key] = row.values;
    for (const Run& run : runs) list.push_back(to_json(store, run));
    print_json({{"runs", list}, {"differences", options}});
    return 0;
  }
  std::vector<std::vector<std::string>> table{{""}};
  for (const Run& run : runs) table[0].push_back("run " + std::to_string(run.id));
  const auto add = [&](const std::string& name, auto&& cell) {
    table.push_back({name});
    for (const Run& run : runs) table.back().push_back(cell(summary(store, run.id)));
  };
  add("loss, last", [](const Summary& s) { return text(s.loss); });
  add("loss, best", [](const Summary& s) { return text(s.loss_best); });
  add("kNN, last", [](const Summary& s) { return share(s.knn); });
  add("kNN, best", [](const Summary& s) { return share(s.knn_best); });
  add("feature std", [](const Summary& s) { return text(s.feature_std); });
  for (const Difference& row : rows) {
    table.push_back({row.key});
    table.back().insert(table.back().end(), row.values.begin(), row.values.end());
  }
  print_table(table);
  std::cout << rows.size() << " of " << settings.front().schema().size() << " options differ.\n";
  return 0;
}

}  // namespace selfsight
