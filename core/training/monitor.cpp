#include "core/training/monitor.h"

#include <cmath>

#include "core/training/features.h"

namespace selfsight {

Monitor::Monitor(const Dataset& dataset, const std::vector<std::int64_t>& train_images,
                 const MonitorOptions& options, std::uint64_t seed, KnnScore knn)
    : dataset_(dataset), knn_(std::move(knn)) {
  const auto validation = dataset.indices(Split::validation);
  if (validation.empty() || !dataset.labelled()) knn_ = nullptr;
  if (knn_) bank_ = stratified_sample(dataset, train_images, options.bank, seed);
  queries_ = stratified_sample(dataset, validation.empty() ? train_images : validation,
                               options.queries, seed);
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
  if (knn_ && queries.rows > 0) metrics.knn = knn_(rows_of(bank_), queries);
  return metrics;
}

}  // namespace selfsight
