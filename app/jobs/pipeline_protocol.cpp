#include "app/jobs/protocol.h"

#include <algorithm>
#include <cmath>

#include "core/base/blocks.h"

namespace selfsight {
namespace {

using Json = nlohmann::ordered_json;

double four_digits(double value) {
  if (!std::isfinite(value) || value == 0) return value;
  const double scale = std::pow(10, 3 - std::floor(std::log10(std::abs(value))));
  return std::round(value * scale) / scale;
}

/// Of a square, row-major matrix: as rows, in hundredths.
std::vector<std::vector<double>> coarse_rows(const std::vector<float>& values, std::int64_t rows) {
  std::vector<std::vector<double>> out(static_cast<std::size_t>(rows));
  for (std::size_t i = 0; i < values.size(); ++i)
    out[i / out.size()].push_back(std::round(100 * static_cast<double>(values[i])) / 100);
  return out;
}

}  // namespace

Json encoder_words(const EncoderSource& source, const FrozenModel& model) {
  const CheckpointInfo checkpoint = model.checkpoint();
  if (source.is_run())
    return {{"checkpoint_step", checkpoint.step},
            {"checkpoint_epoch", checkpoint.epoch},
            {"view_size", run_spec(model.settings()).input.views.clean_size()}};
  return {{"encoder_file", checkpoint.file.filename().string()},
          {"encoder_sha256", checkpoint.sha256},
          {"view_size", run_spec(model.settings()).input.views.clean_size()}};
}

std::string splits_words(const std::string& split) {
  return split == "all"        ? "train, validation and test"
         : split == "held-out" ? "validation and test"
                               : split;
}

void tell_left_out(Json& protocol, const char* key, std::size_t asked, std::int64_t measured) {
  const std::int64_t left_out = static_cast<std::int64_t>(asked) - measured;
  if (left_out > 0) protocol[key] = left_out;
}

Json tsne_words(const TsneOptions& options) {
  Settings settings(schema_of<TsneOptions>("tsne."));
  settings.write("tsne.", options);
  return to_json(settings);
}

Json confusion_words(const Classification& classified, const std::vector<std::string>& classes) {
  constexpr std::size_t most_classes = 200;
  const auto& confusion = classified.confusion;
  if (confusion.empty() || confusion.size() > most_classes || confusion.size() > classes.size())
    return Json::object();
  return {{"class_names",
           std::vector<std::string>(
               classes.begin(), classes.begin() + static_cast<std::ptrdiff_t>(confusion.size()))},
          {"confusion", confusion}};
}

Json picture_words(const Health& health) {
  constexpr std::size_t most_values = 256;
  constexpr std::int64_t most_rows = 64;
  std::vector<double> spectrum;
  for (std::size_t i = 0; i < std::min(health.spectrum.size(), most_values); ++i)
    spectrum.push_back(four_digits(health.spectrum[i]));
  const std::int64_t columns = health.correlation.empty() ? 0 : health.dimensions;
  return {{"verdict", health.verdict},
          {"dimensions", health.dimensions},
          {"spectrum", spectrum},
          {"correlation", coarse_rows(block_means(health.correlation, columns, most_rows),
                                      std::min(columns, most_rows))}};
}

}  // namespace selfsight
