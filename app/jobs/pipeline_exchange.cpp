#include "app/jobs/pipeline_exchange.h"

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/exchange/card.h"
#include "core/exchange/encoder_export.h"
#include "core/exchange/npy.h"
#include "core/exchange/onnx_export.h"
#include "core/exchange/records.h"
#include "core/exchange/run_archive.h"
#include "core/probes/classification.h"

namespace selfsight {
namespace {

ExportReport export_encoder(const Store& store, std::int64_t run, const ExportRequest& request) {
  const CheckpointInfo checkpoint = checkpoint_at(store, run, request.step);
  ExportReport report{checkpoint.step, encoder_of_checkpoint(checkpoint.file)};
  if (request.format == "onnx")
    save_onnx(request.out, report.encoder,
              request.input == "pixels" ? OnnxInput::pixels : OnnxInput::normalised);
  else
    save_encoder_file(request.out, report.encoder);
  report.encoder.weights.clear();
  return report;
}

/// Of the newest checkpoint where none is asked for; a run without one has a card as well.
ExportReport export_card(const Store& store, std::int64_t run, const ExportRequest& request) {
  std::optional<CardEncoder> encoder;
  if (request.step || !store.checkpoints(run).empty()) {
    const CheckpointInfo checkpoint = checkpoint_at(store, run, request.step);
    encoder = CardEncoder{checkpoint, normalisation_of_checkpoint(checkpoint.file)};
  }
  const auto card = model_card(store, run, request.license, encoder);
  const bool json = request.out.string().ends_with(".json");
  // Names need not be UTF-8.
  constexpr auto replace = nlohmann::ordered_json::error_handler_t::replace;
  write_file(request.out, json ? card.dump(2, ' ', false, replace) + "\n" : card_markdown(card));
  return {};
}

const char* split_word(Split split) {
  return split == Split::train ? "train" : split == Split::validation ? "validation" : "test";
}

/// A text as a field of CSV.
std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + '"';
}

/// One line per row of the matrix: which image it is, and its label.
std::string table_of(const Features& features, const Dataset& dataset) {
  std::string out = "id,split,label,class,name\n";
  for (std::size_t row = 0; row < features.ids.size(); ++row) {
    const std::int64_t id = features.ids[row];
    const int label = features.labels[row];
    out += std::to_string(id) + ',' + split_word(dataset.split(id)) + ',' + std::to_string(label) +
           ',' + (label < 0 ? "" : quoted(dataset.classes().at(static_cast<std::size_t>(label)))) +
           ',' + quoted(dataset.image_name(id)) + '\n';
  }
  return out;
}

}  // namespace

ExportReport export_run(const std::filesystem::path& store_folder, std::int64_t run,
                        const ExportRequest& request, const Control& control) {
  const Store store(store_folder);
  control.check();
  if (request.format == "safetensors" || request.format == "onnx")
    return export_encoder(store, run, request);
  if (request.format == "card") return export_card(store, run, request);
  if (request.step)
    throw InputError("Metrics and whole runs are not those of one step; leave the step out.");
  if (request.format == "csv") {
    save_metrics_csv(request.out, store, run);
  } else if (request.format == "tensorboard") {
    save_tensorboard(request.out, store, run);
  } else {
    save_run(request.out, store, run, request.checkpoints, control);
  }
  return {};
}

std::vector<std::int64_t> images_of(const Dataset& dataset, const std::string& split) {
  std::vector<std::int64_t> out;
  for (std::int64_t i = 0; i < dataset.size(); ++i) {
    const bool held_out = split == "held-out" && dataset.split(i) != Split::train;
    if (split == "all" || held_out || split == split_word(dataset.split(i))) out.push_back(i);
  }
  if (out.empty())
    throw InputError(dataset.name() + " has no " + split +
                     " images; choose those of another split, or all.");
  return out;
}

std::filesystem::path table_beside(const std::filesystem::path& matrix) {
  auto table = matrix;
  table.replace_extension(".csv");
  if (table == matrix)
    throw InputError("The ids and labels of the features would take the place of " +
                     matrix.string() + "; name a file ending in .npy.");
  return table;
}

FeaturesReport export_features(const std::filesystem::path& store_folder,
                               const EncoderSource& source, const Dataset& dataset,
                               const std::vector<std::int64_t>& ids,
                               const std::filesystem::path& matrix, Control& control,
                               const Progress& progress) {
  const std::filesystem::path table = table_beside(matrix);
  const Store store(store_folder);
  const auto model = open_model(store, source);
  FeaturesReport report{extract(feature_cache(store), *model, dataset, ids, control, progress),
                        model->checkpoint()};
  const Features& features = report.features;
  check_finite(features);
  save_npy(matrix, {features.rows, features.columns, features.values});
  write_file(table, table_of(features, dataset));
  return report;
}

}  // namespace selfsight
