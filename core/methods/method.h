// A pretext task: what the encoder is asked, and how wrong its answer is.
#pragma once

#include <torch/torch.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/methods/method_info.h"
#include "core/nets/encoder_options.h"
#include "core/spec/settings.h"

namespace selfsight {

/// What one step is fed; which parts are filled follows from MethodInfo::input.
struct Batch {
  std::vector<torch::Tensor> views;  // each [N, C, H, W], normalised
  /// [N, L] bool, true = hidden, the same number in every row; masked methods.
  torch::Tensor hidden;
};

struct StepOutput {
  torch::Tensor loss;                                        // a scalar with its graph
  std::vector<std::pair<std::string, torch::Tensor>> extra;  // diagnostics, detached scalars
};

class Method : public torch::nn::Module {
 public:
  virtual StepOutput step(const Batch& batch) = 0;

  /// The representation that is measured and exported, [N, C, H, W] -> [N, feature_dimensions()].
  virtual torch::Tensor features(const torch::Tensor& images) = 0;
  virtual std::int64_t feature_dimensions() const = 0;

  /// After the optimiser's step: moving averages, queues. `step` counts from 1.
  virtual void after_step(std::int64_t step, std::int64_t total_steps);

  virtual bool reconstructs() const { return false; }
  /// The images with the patches that `hidden` [N, L] hides rebuilt, in the space of the normalised
  /// input; visible patches are the originals. Throws Error where !reconstructs().
  virtual torch::Tensor reconstruct(const torch::Tensor& images, const torch::Tensor& hidden);
};

struct MethodRequest {
  std::string name;
  Settings options;  // keys without prefix
  EncoderOptions encoder;
  int channels = 3;
  std::int64_t view_size = 32;
  std::uint64_t seed = 0;  // of the first weights, which depend on nothing else
};

/// Throws InputError for an unknown method, an encoder that it cannot use, or contradicting
/// options.
std::shared_ptr<Method> make_method(const MethodRequest& request);

/// One line of the register.
struct RegisteredMethod {
  MethodInfo info;
  std::shared_ptr<Method> (*make)(const MethodRequest& request);
};

RegisteredMethod simclr();
RegisteredMethod mae();

}  // namespace selfsight
