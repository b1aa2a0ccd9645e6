// Tiny methods and the batches that they are fed.
#pragma once

#include <torch/torch.h>

#include <algorithm>
#include <cstring>

#include "core/base/error.h"
#include "core/methods/method.h"
#include "core/nets/encoder.h"

namespace selfsight {

inline torch::Tensor noise(std::vector<std::int64_t> shape, std::uint64_t seed = 3) {
  torch::Tensor out;
  with_seed(seed, [&] { out = torch::randn(shape); });
  return out;
}

inline Settings options_of(const std::string& method) {
  return Settings(method_info(method).options);
}

inline torch::Tensor parameter(const Method& method, const std::string& name) {
  return method.named_parameters()[name];
}

inline double extra(const StepOutput& output, const std::string& name) {
  for (const auto& [other, value] : output.extra)
    if (other == name) return value.item<double>();
  throw Error("there is no " + name);
}

/// What `work` throws as InputError; empty where it throws none.
inline std::string complaint(const std::function<void()>& work) {
  try {
    work();
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

/// Two images of four patches: the first shows its upper left one, the second its lower right one.
inline torch::Tensor three_hidden() {
  return torch::tensor({{0, 1, 1, 1}, {1, 1, 1, 0}}).to(torch::kBool);
}

/// 8 px, patches of 4 px where there are patches, narrow layers.
inline MethodRequest tiny(const std::string& method) {
  MethodRequest request;
  request.name = method;
  request.options = options_of(method);
  for (const char* width : {"projector_hidden", "projector_out", "predictor_hidden"})
    if (request.options.has(width)) request.options.set(width, std::int64_t{8});
  if (request.options.has("queue_size")) request.options.set("queue_size", std::int64_t{16});
  if (request.options.has("whitening_size"))
    request.options.set("whitening_size", std::int64_t{12});
  const bool transformer = method_info(method).needs_transformer;
  request.encoder = {.name = transformer ? "vit_tiny" : "resnet20", .patch_size = 4, .depth = 2};
  request.view_size = 8;
  return request;
}

inline torch::Tensor normalised(const cv::Mat& image) {
  return torch::from_blob(image.data, {image.rows, image.cols, image.channels()}, torch::kByte)
      .permute({2, 0, 1})
      .to(torch::kFloat)
      .sub(128)
      .div(64);
}

/// `images` random images as this method is fed them: views, masks, puzzles, labels 0 and 1.
inline Batch batch_for(const MethodInfo& info, std::int64_t images, int channels) {
  InputOptions options{.kind = info.input, .patch_size = 4};
  options.views.size = options.tiles.size = 8;
  options.crops.size = 4;
  options.crops.number = 1;
  std::vector<std::vector<torch::Tensor>> views, masks;
  std::vector<std::int64_t> targets, labels;
  const auto put = [](auto& columns, std::size_t at, torch::Tensor value) {
    columns.resize(std::max(columns.size(), at + 1));
    columns[at].push_back(std::move(value));
  };
  for (std::int64_t i = 0; i < images; ++i) {
    cv::Mat image(16, 16, CV_8UC(channels));
    cv::RNG(static_cast<std::uint64_t>(i) + 1).fill(image, cv::RNG::UNIFORM, 0, 256);
    const Input input = make_input(image, options, {1, 0, static_cast<std::uint64_t>(i), 0});
    for (std::size_t v = 0; v < input.views.size(); ++v)
      put(views, v, normalised(input.views[v].image));
    for (std::size_t m = 0; m < input.masks.size(); ++m)
      put(masks, m,
          torch::tensor(
              std::vector<std::int64_t>(input.masks[m].hidden.begin(), input.masks[m].hidden.end()))
              .to(torch::kBool));
    targets.push_back(input.target);
    labels.push_back(i % 2);
  }
  Batch batch;
  for (const auto& view : views) batch.views.push_back(torch::stack(view));
  for (const auto& mask : masks) batch.masks.push_back(torch::stack(mask));
  if (input_shape(options).target) batch.targets = torch::tensor(targets);
  if (info.needs_labels) batch.labels = torch::tensor(labels);
  return batch;
}

}  // namespace selfsight
