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
  std::vector<torch::Tensor> views{};  // each [N, C, H, W], normalised; sizes may differ
  std::vector<torch::Tensor> masks{};  // each [N, L] bool, true = hidden; see make_input()
  torch::Tensor targets{};             // [N] int64: which puzzle was posed
  torch::Tensor labels{};              // [N] int64, -1 without one; if MethodInfo::needs_labels
};

/// Where in a run a step stands.
struct Position {
  std::int64_t step = 0;  // steps done before this one
  std::int64_t total_steps = 1, steps_per_epoch = 1;

  double epoch() const { return static_cast<double>(step) / static_cast<double>(steps_per_epoch); }
};

struct StepOutput {
  torch::Tensor loss;                                        // a scalar with its graph
  std::vector<std::pair<std::string, torch::Tensor>> extra;  // diagnostics, detached scalars
};

class Encoder;

class Method : public torch::nn::Module {
 public:
  virtual StepOutput step(const Batch& batch, const Position& position) = 0;

  /// The representation that is measured and exported, [N, C, H, W] -> [N, feature_dimensions()].
  virtual torch::Tensor features(const torch::Tensor& images) = 0;
  virtual std::int64_t feature_dimensions() const = 0;
  /// The network whose features those are: the teacher's, where the teacher is what is measured.
  /// Null where it is no Encoder.
  virtual std::shared_ptr<Encoder> measured_encoder() const = 0;

  /// Between the gradients and the optimiser's step: layers that are frozen for a while.
  virtual void before_update(const Position& position);
  /// After the optimiser's step: moving averages of the weights, normalised prototypes. Queues and
  /// centres belong to step(). What must survive a resume is a parameter or a buffer.
  virtual void after_update(const Position& position);
  /// Parameters whose learning rate follows no schedule (SimSiam's predictor), by name.
  virtual bool constant_lr(const std::string& parameter) const;

  /// How probable each prototype of the head is for each image, [N, K], as what is learned from
  /// takes it: DINO's and iBOT's teacher, centred, at its last temperature; SwAV's guess. Undefined
  /// where !MethodInfo::has_prototypes.
  virtual torch::Tensor assignments(const torch::Tensor& images);

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
  std::uint64_t seed = 0;         // of the first weights, which depend on nothing else
  Normalisation normalisation{};  // of the images, for methods that speak of pixels and colours
};

/// Throws InputError for an unknown method, an encoder that it cannot use, or contradicting
/// options.
std::shared_ptr<Method> make_method(const MethodRequest& request);

/// What a line of methods.def, the register, stands for.
/// Each method's file defines a function that gives it.
struct RegisteredMethod {
  MethodInfo info;
  std::shared_ptr<Method> (*make)(const MethodRequest& request);
};

}  // namespace selfsight
