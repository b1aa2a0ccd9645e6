#include "core/nets/resnet.h"

#include "core/nets/norm_relu.h"
#include "core/nets/precision.h"

namespace selfsight {
namespace {

using torch::nn::BatchNorm2d;
using torch::nn::Conv2d;
using torch::nn::Conv2dOptions;

Conv2d conv(int in, int out, int kernel, int stride) {
  return Conv2d(Conv2dOptions(in, out, kernel).stride(stride).padding(kernel / 2).bias(false));
}

/// A basic block (two 3x3) or a bottleneck (1x1, 3x3, 1x1 with four times the width).
class Block : public torch::nn::Module {
 public:
  Block(int in, int width, int stride, bool bottleneck) {
    const int out = bottleneck ? 4 * width : width;
    if (bottleneck) {
      add(in, width, 1, 1);
      add(width, width, 3, stride);
      add(width, out, 1, 1);
    } else {
      add(in, width, 3, stride);
      add(width, out, 3, 1);
    }
    if (stride == 1 && in == out) return;
    projection_ = conv(in, out, 1, stride);
    projection_norm_ = BatchNorm2d(out);
    register_module("downsample", torch::nn::Sequential(projection_, projection_norm_));
  }

  torch::Tensor forward(torch::Tensor x) {
    const torch::Tensor before = shortcut(x);
    const std::size_t last = convolutions_.size() - 1;
    for (std::size_t i = 0; i < last; ++i) x = norm_relu(norms_[i], convolutions_[i](x));
    return norm_relu(norms_[last], convolutions_[last](x), {.shortcut = before});
  }

 private:
  void add(int in, int out, int kernel, int stride) {
    const std::string number = std::to_string(convolutions_.size() + 1);
    convolutions_.push_back(register_module("conv" + number, conv(in, out, kernel, stride)));
    norms_.push_back(register_module("bn" + number, BatchNorm2d(out)));
  }

  torch::Tensor shortcut(const torch::Tensor& x) {
    if (projection_.is_empty()) return x;
    return norm_relu(projection_norm_, projection_(x), {.relu = false});
  }

  std::vector<Conv2d> convolutions_;
  std::vector<BatchNorm2d> norms_;
  Conv2d projection_{nullptr};
  BatchNorm2d projection_norm_{nullptr};
};

torch::nn::Sequential stage(int& in, int width, int blocks, int stride, bool bottleneck) {
  torch::nn::Sequential layer;
  for (int i = 0; i < blocks; ++i) {
    layer->push_back(std::make_shared<Block>(in, width, i == 0 ? stride : 1, bottleneck));
    in = bottleneck ? 4 * width : width;
  }
  return layer;
}

/// torchvision: convolutions He-normal by fan-out, norms 1 and 0.
void first_weights(torch::nn::Module& module) {
  for (const auto& part : module.modules(/*include_self=*/false))
    if (auto* convolution = part->as<Conv2d>())
      torch::nn::init::kaiming_normal_(convolution->weight, 0, torch::kFanOut, torch::kReLU);
}

}  // namespace

ResNetShape resnet_shape(const EncoderOptions& options, int channels) {
  ResNetShape shape;
  shape.channels = channels;
  const bool small = options.name == "resnet20" || options.name == "resnet8";
  const std::string stem = small && options.stem == "imagenet" ? "cifar" : options.stem;
  shape.small_stem = stem != "imagenet";
  shape.stem_stride = stem == "cifar" ? 1 : 2;
  if (options.name == "resnet34" || options.name == "resnet50") shape.blocks = {3, 4, 6, 3};
  shape.bottleneck = options.name == "resnet50";
  if (options.name == "resnet20") {
    shape.blocks = {3, 3, 3};
    shape.widths = {16, 32, 64};
  }
  if (options.name == "resnet8") {
    shape.blocks = {1, 1, 1};
    shape.widths = {32, 64, 128};
  }
  for (int& width : shape.widths) width *= static_cast<int>(options.width);
  return shape;
}

ResNet::ResNet(const ResNetShape& shape) : max_pool(!shape.small_stem) {
  int in = shape.widths.front();
  const int kernel = shape.small_stem ? 3 : 7;
  conv1 = register_module("conv1", conv(shape.channels, in, kernel, shape.stem_stride));
  bn1 = register_module("bn1", BatchNorm2d(in));
  for (std::size_t i = 0; i < shape.blocks.size(); ++i)
    layers.push_back(register_module(
        "layer" + std::to_string(i + 1),
        stage(in, shape.widths[i], shape.blocks[i], i == 0 ? 1 : 2, shape.bottleneck)));
  dimensions_ = in;
  first_weights(*this);
}

torch::Tensor ResNet::forward(const torch::Tensor& images) {
  return feature_map(images).mean({2, 3});
}

torch::Tensor ResNet::feature_map(const torch::Tensor& images) {
  const NetworkPrecision precision;
  torch::Tensor x = norm_relu(bn1, conv1(images));
  if (max_pool) x = torch::max_pool2d(x, 3, 2, 1);
  for (auto& layer : layers) x = layer->forward(x);
  return floats(x);
}

}  // namespace selfsight
