#include "core/nets/picture_decoder.h"

#include <algorithm>

#include "core/nets/precision.h"

namespace selfsight {
namespace {

torch::Tensor resized(const torch::Tensor& map, std::int64_t side) {
  namespace functional = torch::nn::functional;
  if (map.size(2) == side) return map;
  return functional::interpolate(map, functional::InterpolateFuncOptions()
                                          .size(std::vector<std::int64_t>{side, side})
                                          .mode(torch::kBilinear)
                                          .align_corners(false));
}

}  // namespace

PictureDecoder::PictureDecoder(const PictureDecoderShape& shape, std::int64_t map_side)
    : size_(shape.size) {
  using torch::nn::Conv2dOptions;
  std::int64_t in = shape.in, width = shape.width;
  for (std::int64_t side = map_side; side < size_; side *= 2) {
    stages_.push_back(register_module(
        "stage" + std::to_string(stages_.size() + 1),
        torch::nn::Sequential(torch::nn::Conv2d(Conv2dOptions(in, width, 3).padding(1).bias(false)),
                              torch::nn::BatchNorm2d(width), torch::nn::ReLU())));
    in = width;
    width = std::max<std::int64_t>(16, width / 2);
  }
  last_ = register_module("last", torch::nn::Conv2d(Conv2dOptions(in, shape.out, 1)));
}

torch::Tensor PictureDecoder::forward(const torch::Tensor& map) {
  const NetworkPrecision precision;
  torch::Tensor x = map;
  for (auto& stage : stages_)
    x = stage->forward(resized(x, std::min<std::int64_t>(size_, 2 * x.size(2))));
  return floats(last_(resized(x, size_)));
}

std::int64_t map_side(Encoder& encoder, std::int64_t channels, std::int64_t view_size) {
  const torch::NoGradGuard no_grad;
  const bool training = encoder.is_training();
  encoder.eval();
  const auto side = encoder.feature_map(torch::zeros({1, channels, view_size, view_size})).size(2);
  encoder.train(training);
  return side;
}

}  // namespace selfsight
