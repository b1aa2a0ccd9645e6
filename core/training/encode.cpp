#include "core/training/encode.h"

#include "core/training/device.h"

namespace selfsight {
namespace {

/// Eval mode while it lives.
class EvalMode {
 public:
  explicit EvalMode(torch::nn::Module& module) : module_(module), before_(module.is_training()) {
    module_.eval();
  }
  ~EvalMode() { module_.train(before_); }
  EvalMode(const EvalMode&) = delete;
  EvalMode& operator=(const EvalMode&) = delete;

 private:
  torch::nn::Module& module_;
  bool before_;
};

}  // namespace

ModelInput model_input(const RunSpec& spec, const Normalisation& normalisation,
                       torch::Device device) {
  return {spec.input.views.clean_size(),
          spec.input.views.interpolation,
          static_cast<int>(normalisation.mean.size()),
          normalisation,
          device,
          !is_transformer(spec.encoder)};
}

std::shared_ptr<Method> build_method(const RunSpec& spec, const ModelInput& input,
                                     std::uint64_t seed) {
  auto method = make_method({spec.method, spec.method_options, spec.encoder, input.channels,
                             spec.input.views.size, seed, input.normalisation});
  if (input.channels_last) to_channels_last(*method);
  method->to(input.device);
  return method;
}

torch::Tensor planar_to_tensor(std::span<float> values, const PlanarShape& shape,
                               const ModelInput& input) {
  torch::Tensor out =
      torch::from_blob(values.data(), {shape.images, input.channels, shape.side, shape.side});
  // First, as a GPU changes the layout faster.
  out = out.to(input.device, /*non_blocking=*/true);
  return input.channels_last ? to_channels_last(out) : out;
}

torch::Tensor views_to_tensor(const std::vector<cv::Mat>& views, const ModelInput& input) {
  if (views.empty()) return torch::empty({0, input.channels, input.size, input.size});
  const std::int64_t side = views.front().rows;
  const auto floats = static_cast<std::size_t>(input.channels * side * side);
  std::vector<float> values(views.size() * floats);
  for (std::size_t i = 0; i < views.size(); ++i)
    to_planar(views[i], input.normalisation, input.channels,
              std::span(values).subspan(i * floats, floats));
  // `values` goes away with this function.
  return planar_to_tensor(values, {static_cast<std::int64_t>(views.size()), side}, input).clone();
}

Features encode(Method& method, const std::vector<cv::Mat>& images, const ModelInput& input) {
  const torch::NoGradGuard no_grad;
  const EvalMode eval(method);
  std::vector<cv::Mat> views;
  for (const cv::Mat& image : images)
    views.push_back(clean_view(image, input.size, input.interpolation));
  const torch::Tensor rows =
      method.features(views_to_tensor(views, input)).to(torch::kCPU, torch::kFloat).contiguous();
  Features out;
  out.rows = rows.size(0);
  out.columns = rows.size(1);
  const float* data = rows.data_ptr<float>();
  out.values.assign(data, data + rows.numel());
  return out;
}

}  // namespace selfsight
