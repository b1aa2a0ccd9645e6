#include "core/training/monitor.h"

#include <cmath>

#include "core/training/features.h"
#include "core/training/labelled.h"

namespace selfsight {
namespace {

/// Fewer images say nothing of how far features spread; one has a deviation of zero.
constexpr std::size_t few = 16;

}  // namespace

Monitor::Monitor(const Dataset& dataset, const std::vector<std::int64_t>& train_images,
                 const MonitorOptions& options, std::uint64_t seed, KnnScore knn)
    : dataset_(dataset), knn_(std::move(knn)) {
  const auto validation = dataset.indices(Split::validation);
  const auto bank = labelled_of(dataset, train_images), asked = labelled_of(dataset, validation);
  if (bank.empty() || asked.empty()) knn_ = nullptr;
  if (knn_) bank_ = stratified_sample(dataset, bank, options.bank, seed);
  const auto& looked_at = knn_ ? asked : validation.size() < few ? train_images : validation;
  queries_ = stratified_sample(dataset, looked_at, options.queries, seed);
}

EpochMetrics Monitor::measure(Method& method, const ModelInput& input,
                              const Control& control) const {
  const auto prepare = [&](const cv::Mat& image) {
    return clean_view(image, input.size, input.interpolation);
  };
  const auto rows_of = [&](const std::vector<std::int64_t>& ids) {
    return features_of(
        dataset_, ids, prepare,
        [&](const std::vector<cv::Mat>& images) { return encode(method, images, input); }, control);
  };
  EpochMetrics metrics;
  const Features queries = rows_of(queries_);
  metrics.feature_std = feature_std(queries);
  metrics.feature_std_healthy = 1 / std::sqrt(static_cast<double>(method.feature_dimensions()));
  if (!knn_ || queries.rows == 0) return metrics;
  const Features bank = rows_of(bank_);  // empty where all of them are broken
  if (queries.ids.size() < few && bank.rows > queries.rows) metrics.feature_std = feature_std(bank);
  if (bank.rows > 0) metrics.knn = knn_(bank, queries);
  return metrics;
}

}  // namespace selfsight
