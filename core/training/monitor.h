// How good the representation is while it is trained: features of clean views, now and then.
#pragma once

#include <vector>

#include "core/training/encode.h"

namespace selfsight {

class Monitor {
 public:
  /// Draws its images from the training split (the bank) and the validation split (the queries),
  /// stratified, from `seed`. A set without a validation split is asked on its training images,
  /// and then has no kNN accuracy.
  Monitor(const Dataset& dataset, const std::vector<std::int64_t>& train_images,
          const MonitorOptions& options, std::uint64_t seed, KnnScore knn);

  /// Fills feature_std, feature_std_healthy and knn. Throws Cancelled.
  EpochMetrics measure(Method& method, const ModelInput& input, const Control& control) const;

 private:
  const Dataset& dataset_;
  KnnScore knn_;
  std::vector<std::int64_t> bank_, queries_;
};

}  // namespace selfsight
