// Residual networks (He et al. 2016), with torchvision's names and first weights.
#pragma once

#include <array>

#include "core/nets/encoder.h"

namespace selfsight {

struct ResNetShape {
  bool bottleneck = false;
  std::vector<int> blocks{2, 2, 2, 2};         // per stage
  std::vector<int> widths{64, 128, 256, 512};  // per stage
  /// 3x3, padding 1, no max-pool instead of 7x7, stride 2, max-pool.
  bool small_stem = false;
  int stem_stride = 2;
  int channels = 3;
};

/// resnet18/34/50 as torchvision's (v1.5: a bottleneck strides in its 3x3); resnet20 as the CIFAR
/// network of He et al. 2016, section 4.2, with 1x1 projection shortcuts (their option B) and
/// always a 3x3 stem; resnet8 the same with one block a stage, of twice the width.
ResNetShape resnet_shape(const EncoderOptions& options, int channels);

/// torchvision's ResNet with fc = identity: features are the average-pooled last stage.
class ResNet : public Encoder {
 public:
  explicit ResNet(const ResNetShape& shape);
  torch::Tensor forward(const torch::Tensor& images) override;
  torch::Tensor feature_map(const torch::Tensor& images) override;
  std::int64_t dimensions() const override { return dimensions_; }

  torch::nn::Conv2d conv1{nullptr};
  torch::nn::BatchNorm2d bn1{nullptr};
  std::vector<torch::nn::Sequential> layers;
  bool max_pool;

 private:
  std::int64_t dimensions_ = 0;
};

}  // namespace selfsight
