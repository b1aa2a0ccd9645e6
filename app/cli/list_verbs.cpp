#include <iostream>
#include <nlohmann/json.hpp>

#include "app/cli/terminal.h"
#include "app/cli/verbs.h"
#include "core/base/files.h"
#include "core/dataset/statistics.h"
#include "core/spec/preset.h"

namespace selfsight {
namespace {

using Json = nlohmann::ordered_json;

Json field_json(const Field& field) {
  Json json{{"key", field.key}, {"default", to_text(field.fallback)}, {"help", field.help}};
  if (!field.unit.empty()) json["unit"] = field.unit;
  if (std::isfinite(field.min)) json["min"] = field.min;
  if (std::isfinite(field.max)) json["max"] = field.max;
  if (!field.choices.empty()) json["choices"] = field.choices;
  return json;
}

std::string list(const std::vector<double>& numbers) {
  std::string out;
  for (double number : numbers) out += (out.empty() ? "" : " ") + digits(number, 3);
  return out;
}

std::string range(int low, int high) {
  return low == high ? std::to_string(low) : std::to_string(low) + " to " + std::to_string(high);
}

struct Counts {
  std::size_t train, validation, test;
};

Counts counts(const Dataset& dataset) {
  return {dataset.indices(Split::train).size(), dataset.indices(Split::validation).size(),
          dataset.indices(Split::test).size()};
}

Json data_json(const Dataset& dataset, const DatasetStatistics& statistics) {
  const Counts split = counts(dataset);
  Json broken = Json::array();
  for (const auto* from : {&dataset.broken(), &statistics.broken})
    for (const BrokenImage& image : *from)
      broken.push_back({{"name", image.name}, {"reason", image.reason}});
  return {
      {"name", dataset.name()},
      {"location", dataset.location()},
      {"images", dataset.size()},
      {"unreadable", statistics.broken.size()},  // of those
      {"channels", dataset.channels()},
      {"classes", dataset.classes()},
      {"split", {{"train", split.train}, {"validation", split.validation}, {"test", split.test}}},
      {"measured", statistics.measured},
      {"width", {statistics.min_width, statistics.max_width}},
      {"height", {statistics.min_height, statistics.max_height}},
      {"mean", statistics.mean},
      {"std", statistics.std},
      {"broken", broken},
      {"fingerprint", dataset.fingerprint()}};
}

/// Files that show only when they are decoded to be no images were counted before.
std::string images_words(const Dataset& dataset, const DatasetStatistics& s) {
  const std::string all = grouped(dataset.size());
  if (s.broken.empty()) return all;
  return all + ", " + grouped(static_cast<long long>(s.broken.size())) + " of which cannot be read";
}

void show_data(const Dataset& dataset, const DatasetStatistics& s) {
  const Counts split = counts(dataset);
  std::cout << dataset.name() << ", " << dataset.location() << "\n\n";
  print_table(
      {{"images", images_words(dataset, s)},
       {"size", range(s.min_width, s.max_width) + " x " + range(s.min_height, s.max_height)},
       {"channels", std::to_string(dataset.channels())},
       {"mean", list(s.mean)},
       {"std", list(s.std)},
       {"train / validation / test", grouped(static_cast<long long>(split.train)) + " / " +
                                         grouped(static_cast<long long>(split.validation)) + " / " +
                                         grouped(static_cast<long long>(split.test))},
       {"labels", dataset.labelled() ? std::to_string(dataset.classes().size()) : "none"}});
  const std::size_t bad = dataset.broken().size() + s.broken.size();
  if (bad == 0) return;
  std::cout << "\n" << bad << " left out:\n";
  for (const auto* from : {&dataset.broken(), &s.broken})
    for (const BrokenImage& image : *from)
      std::cout << "  " << image.name << ": " << image.reason << '\n';
}

/// A line that the plots draw, for a run with the method's own options and this batch size.
Json reference_json(MethodInfo::ReferenceOf reference, const MethodInfo& method,
                    std::int64_t batch_size) {
  const auto value = reference ? reference(Settings(method.options), batch_size) : std::nullopt;
  if (!value) return nullptr;
  return {{"loss", value->value}, {"label", value->label}};
}

Json method_json(const MethodInfo& method) {
  Json options = Json::array(), diagnostics = Json::object();
  for (const Field& field : method.options) options.push_back(field_json(field));
  for (const std::string& name : method.diagnostics) diagnostics[name] = diagnostic_help(name);
  const auto batch_size = Settings(run_schema(method.name)).get<std::int64_t>("train.batch_size");
  Json json{{"name", method.name},
            {"title", method.title},
            {"family", method.family},
            {"paper", method.paper},
            {"help", method.help},
            {"input", input_name(method.input)},
            {"batch_size", batch_size},
            {"chance", reference_json(method.chance, method, batch_size)},
            {"collapse", reference_json(method.collapse, method, batch_size)},
            {"diagnostics", diagnostics},
            {"options", options}};
  if (method.measured_chance)
    json["chance"] = {{"metric", method.measured_chance->metric},
                      {"label", method.measured_chance->label}};
  return json;
}

}  // namespace

int methods_verb(const Common& common) {
  for (const MethodInfo& method : method_infos()) {
    if (common.json) {
      print_json(method_json(method));
      continue;
    }
    std::cout << method.name << "  " << method.title << ", " << method.family << " ("
              << method.paper << ")\n  " << method.help << '\n';
    for (const Field& field : method.options)
      std::cout << "  method." << field.key << " = " << to_text(field.fallback) << "  "
                << field.help << '\n';
    std::cout << '\n';
  }
  return 0;
}

int presets_verb(const Common& common) {
  for (const Preset& preset : all_presets(run_schema)) {
    if (common.json)
      print_json({{"name", preset.name},
                  {"title", preset.title},
                  {"provenance", preset.provenance},
                  {"expect", preset.expect},
                  {"options", selfsight::to_json(preset.settings)}});
    else
      std::cout << preset.name << "  " << preset.title << "\n  From: " << preset.provenance
                << "\n  Expect: " << preset.expect << "\n\n";
  }
  return 0;
}

int data_verb(const Common& common, const std::string& path, Control& control) {
  const auto dataset = open_data(common.store, path, control);
  constexpr std::int64_t sample = 5000;
  const auto statistics = measure(*dataset, sample, control);
  require_decodable(statistics, *dataset);
  if (common.json)
    print_json(data_json(*dataset, statistics));
  else
    show_data(*dataset, statistics);
  return 0;
}

}  // namespace selfsight
