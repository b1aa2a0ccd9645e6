// From 8-bit images to rows of features through a network.
#pragma once

#include <torch/torch.h>

#include <span>
#include <string>
#include <vector>

#include "core/methods/method.h"
#include "core/training/session.h"

namespace selfsight {

/// How a network takes its images. `size` is that of clean views; those of training may differ.
struct ModelInput {
  std::int64_t size = 32;
  std::string interpolation = "bicubic";
  int channels = 3;
  Normalisation normalisation;
  torch::Device device = torch::kCPU;
  bool channels_last = false;
};

/// What an encoder of this spec takes; the number of channels follows from the normalisation.
ModelInput model_input(const RunSpec& spec, const Normalisation& normalisation,
                       torch::Device device);

/// The method of a spec, with first weights from `seed`, laid out for the device.
std::shared_ptr<Method> build_method(const RunSpec& spec, const ModelInput& input,
                                     std::uint64_t seed);

/// Square views of one size as one tensor [N, C, H, W] on the device.
torch::Tensor views_to_tensor(const std::vector<cv::Mat>& views, const ModelInput& input);

struct PlanarShape {
  std::int64_t images, side;
};

/// The same layout for values [images, C, side, side] that are normalised already. On the CPU and
/// without channels_last it is no copy: `values` must live as long as the tensor. To a GPU it may
/// be copied later: `values` must stay as they are until something computed from it is read.
torch::Tensor planar_to_tensor(std::span<float> values, const PlanarShape& shape,
                               const ModelInput& input);

/// Features of the clean views of `images`, in eval mode and without gradients; the mode is put
/// back. Neither BatchNorm's statistics nor any random state change. ids and labels stay empty.
Features encode(Method& method, const std::vector<cv::Mat>& images, const ModelInput& input);

}  // namespace selfsight
