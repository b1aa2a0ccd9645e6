#include "core/probes/classification.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "core/base/error.h"
#include "core/base/files.h"

namespace selfsight {

int class_count(const std::vector<const Features*>& tables) {
  int most = -1;
  for (const Features* table : tables)
    for (const int label : table->labels) most = std::max(most, label);
  return most + 1;
}

void check_finite(const Features& features) {
  const auto columns = static_cast<std::size_t>(features.columns);
  std::int64_t bad = 0;
  for (std::size_t row = 0; row < static_cast<std::size_t>(features.rows); ++row) {
    const float* values = features.values.data() + row * columns;
    bad += !std::all_of(values, values + columns, [](float v) { return std::isfinite(v); });
  }
  if (bad > 0)
    throw InputError("The features of " + grouped(bad) + " of " + grouped(features.rows) +
                     " images hold values that are no numbers, so they cannot be compared; the "
                     "encoder has diverged, take an earlier checkpoint.");
}

Classification classification(std::vector<int> predictions, const std::vector<int>& truth,
                              int classes) {
  Classification out;
  out.confusion.assign(static_cast<std::size_t>(classes),
                       std::vector<std::int64_t>(static_cast<std::size_t>(classes)));
  std::int64_t right = 0, asked = 0;
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    if (truth[i] < 0) continue;
    ++asked;
    right += predictions[i] == truth[i];
    ++out.confusion[static_cast<std::size_t>(truth[i])][static_cast<std::size_t>(predictions[i])];
  }
  out.predictions = std::move(predictions);
  out.top1 = asked ? static_cast<double>(right) / static_cast<double>(asked) : 0;
  return out;
}

}  // namespace selfsight
