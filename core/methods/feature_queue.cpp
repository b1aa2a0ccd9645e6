#include "core/methods/feature_queue.h"

#include <algorithm>

#include "core/methods/losses_contrastive.h"

namespace selfsight {

FeatureQueue::FeatureQueue(std::int64_t size, std::int64_t dimensions)
    : rows_(register_buffer("rows", unit_rows(torch::randn({size, dimensions})))),
      pointer_(register_buffer("pointer", torch::zeros({1}, torch::kLong))) {}

void FeatureQueue::push(const torch::Tensor& rows) {
  const torch::NoGradGuard no_grad;
  const std::int64_t at = pointer(), fit = std::min(rows.size(0), rows_.size(0) - at);
  rows_.slice(0, at, at + fit).copy_(unit_rows(rows.slice(0, 0, fit)));
  pointer_.fill_((at + fit) % rows_.size(0));
}

}  // namespace selfsight
