// A ring of features of earlier batches: MoCo's negatives, NNCLR's support set.
#pragma once

#include <torch/torch.h>

namespace selfsight {

/// What is in it is part of a checkpoint.
class FeatureQueue : public torch::nn::Module {
 public:
  /// Starts full of random directions, drawn from torch's generator.
  FeatureQueue(std::int64_t size, std::int64_t dimensions);

  /// [size, dimensions], rows of length one.
  const torch::Tensor& rows() const { return rows_; }
  std::int64_t pointer() const { return pointer_.item<std::int64_t>(); }

  /// The rows [N, dimensions] take the place of the oldest; no gradient. Rows that would go past
  /// the end are left out and the next begin at the start, as in lightly, so the size need not be a
  /// multiple of the batch. (The authors' MoCo requires that it is.)
  void push(const torch::Tensor& rows);

 private:
  torch::Tensor rows_, pointer_;
};

}  // namespace selfsight
