#include "core/exchange/card.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/methods/method_info.h"

namespace selfsight {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kBegunFrom[] = "begun_from";

/// Whether it is of another checkpoint than the card; what does not say of which, is not.
bool is_of_another(const Json& protocol, const std::optional<CardEncoder>& encoder) {
  if (!encoder || !protocol.is_object()) return false;
  const auto step = protocol.find("checkpoint_step");
  return step != protocol.end() && step->is_number_integer() && *step != encoder->checkpoint.step;
}

/// Of what was measured twice in the same way, the newest.
Json results_of(const Store& store, std::int64_t run, const std::optional<CardEncoder>& encoder) {
  Json out = Json::array();
  for (const Evaluation& e : store.evaluations(run)) {
    Json result{{"kind", e.kind},
                {"metric", e.metric},
                {"value", e.value},
                {"protocol", Json::parse(short_protocol(e), nullptr, false)},
                {"measured", e.created}};
    if (is_of_another(result["protocol"], encoder)) continue;
    const auto same = std::ranges::find_if(out, [&](const Json& other) {
      return other["kind"] == result["kind"] && other["metric"] == result["metric"] &&
             other["protocol"] == result["protocol"];
    });
    if (same == out.end())
      out.push_back(std::move(result));
    else
      *same = std::move(result);
  }
  return out;
}

Json last_metrics(const Store& store, std::int64_t run) {
  Json out = Json::object();
  for (const std::string& name : store.metric_names(run)) {
    const auto points = store.metric(run, name);
    if (!points.empty() && std::isfinite(points.back().value)) out[name] = points.back().value;
  }
  return out;
}

std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

/// Cells of a table must not end it.
std::string markdown_cell(std::string text) {
  for (std::size_t at = 0; (at = text.find_first_of("|\n", at)) != std::string::npos; at += 2)
    text.replace(at, 1, text[at] == '|' ? "\\|" : "  ");
  return text;
}

std::string table_of(const Json& object) {
  std::string out = "| | |\n|---|---|\n";
  for (const auto& [key, value] : object.items())
    out += "| " + markdown_cell(key) + " | " + markdown_cell(text_of(value)) + " |\n";
  return out;
}

std::string options_of(const Json& settings) {
  Json flat = Json::object();
  for (const auto& [group, options] : settings.items())
    for (const auto& [key, value] : options.items()) flat[group + "." + key] = value;
  return table_of(flat);
}

std::string results_table(const Json& results) {
  if (results.empty()) return "Nothing has been measured.\n";
  std::string out = "| measure | value | protocol |\n|---|---|---|\n";
  for (const Json& r : results) {
    char value[32];
    std::snprintf(value, sizeof value, "%.4f", r.at("value").get<double>());
    out += "| " + markdown_cell(text_of(r.at("kind")) + " " + text_of(r.at("metric"))) + " | " +
           value + " | " + markdown_cell(r.at("protocol").dump()) + " |\n";
  }
  return out;
}

/// What an image must be made into before the encoder sees it.
Json input_of(const Settings& settings, const std::optional<CardEncoder>& encoder) {
  Json out{{"view_size", settings.read<ViewOptions>("views.").clean_size()},
           {"interpolation", settings.get<std::string>("views.interpolation")}};
  if (encoder) {
    out["channels"] = encoder->normalisation.mean.size();
    out["mean"] = encoder->normalisation.mean;
    out["std"] = encoder->normalisation.std;
  }
  return out;
}

Json training_of(const Store& store, const Run& run, const std::optional<CardEncoder>& encoder) {
  Json out{{"status", to_string(run.status)},
           {"created", run.created},
           {"steps", run.step},
           {"epochs", run.epoch},
           {"active_seconds", run.active_seconds},
           {"device", run.shape.device},
           {"last", last_metrics(store, run.id)}};
  // Its name; the options have the whole path.
  const std::filesystem::path begun_from = run.settings.get<std::string>("encoder.weights");
  if (!begun_from.empty()) out[kBegunFrom] = begun_from.filename().string();
  if (encoder) {
    out["checkpoint_step"] = encoder->checkpoint.step;
    out["checkpoint_epoch"] = encoder->checkpoint.epoch;
  }
  return out;
}

/// Of a method that this version does not know, its name.
Json method_words(const std::string& name) {
  try {
    const MethodInfo& method = method_info(name);
    return {{"name", method.title}, {"paper", method.paper}, {"needs_labels", method.needs_labels}};
  } catch (const InputError&) {
    return {{"name", name}, {"paper", "not known to this version"}};
  }
}

/// What it learned from. Whether a file that it began from had seen labels, nobody here knows.
std::string history_of(const Json& card) {
  const Json& method = card.at("method");
  const std::string by =
      "by " + text_of(method.at("name")) + " (" + text_of(method.at("paper")) + ")";
  const std::string images = text_of(card.at("data").at("name"));
  const bool known = method.contains("needs_labels"), labels = method.value("needs_labels", false);
  const std::string out =
      labels ? "trained with the labels of " + images + " " + by
             : std::string("pretrained ") + (known ? "without labels " : "") + by + " on " + images;
  const std::string begun_from = card.at("training").value(kBegunFrom, "");
  if (begun_from.empty()) return out;
  return out + ", beginning from " + begun_from +
         (labels ? "" : ", which may have learned from labels");
}

std::string tags_of(const Json& card) {
  const bool alone =
      !card.at("method").value("needs_labels", true) && !card.at("training").contains(kBegunFrom);
  return alone ? "self-supervised, image-feature-extraction" : "image-feature-extraction";
}

}  // namespace

Json model_card(const Store& store, std::int64_t id, const std::string& license,
                const std::optional<CardEncoder>& encoder) {
  const Run run = store.run(id);
  return {{"name", run.name},
          {"license", license},
          {"encoder", run.settings.get<std::string>("encoder.name")},
          {"feature_dimensions", run.shape.feature_dimensions},
          {"parameters", run.shape.parameters},
          {"input", input_of(run.settings, encoder)},
          {"method", method_words(run.settings.get<std::string>("method.name"))},
          {"data",
           {{"name", run.dataset_name},
            {"fingerprint", run.dataset_fingerprint},
            {"training_images", run.shape.train_images}}},
          {"training", training_of(store, run, encoder)},
          {"results", results_of(store, id, encoder)},
          {"note", run.note},
          {"options", to_json(run.settings)}};
}

std::string card_markdown(const Json& card) {
  const std::string license = card.at("license").get<std::string>();
  std::string out = "---\nlibrary_name: selfsight\ntags: [" + tags_of(card) + "]\n";
  if (!license.empty()) out += "license: " + license + "\n";
  out += "---\n\n# " + card.at("name").get<std::string>() + "\n\n";
  out += "An encoder of images, " + text_of(card.at("encoder")) + ", " + history_of(card) +
         ". It gives " + text_of(card.at("feature_dimensions")) + " numbers for an image.\n\n";
  out += "License: " + (license.empty() ? "not stated" : license) + ".\n\n";
  if (const std::string note = text_of(card.at("note")); !note.empty()) out += note + "\n\n";
  out += "## Results\n\n" + results_table(card.at("results")) + "\n";
  out += "## Input\n\n" + table_of(card.at("input")) + "\n";
  out += "## Data\n\n" + table_of(card.at("data")) + "\n";
  out += "## Training\n\n" + table_of(card.at("training")) + "\n";
  out += "## Options\n\n" + options_of(card.at("options"));
  return out;
}

}  // namespace selfsight
