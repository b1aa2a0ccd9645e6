// The head of DINO and iBOT.
#pragma once

#include <torch/torch.h>

namespace selfsight {

struct DinoHeadShape {
  std::int64_t in = 384, hidden = 2048, bottleneck = 256, out = 4096;
  bool batch_norm = false;  // the authors' use_bn: after the first two linear layers
};

/// Linear, GELU, Linear, GELU, Linear to the bottleneck, its direction alone, and a last layer of
/// `out` unit vectors (DINO's weight norm with norm_last_layer).
class DinoHead : public torch::nn::Module {
 public:
  explicit DinoHead(const DinoHeadShape& shape);
  torch::Tensor forward(const torch::Tensor& rows);  // [..., in] -> [..., out]

  /// Forgets the gradients of the last layer, so that the optimiser leaves it as it is.
  void freeze_last_layer();

 private:
  torch::Tensor through_mlp(const torch::Tensor& rows);

  torch::nn::Sequential mlp_{nullptr};
  torch::Tensor last_layer_;
};

}  // namespace selfsight
