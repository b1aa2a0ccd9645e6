// SGD, LARS and AdamW as the authors' codes compute them, with a state that can be stored and put
// back whole.
#pragma once

#include <torch/torch.h>

#include <string>
#include <utility>
#include <vector>

#include "core/training/optimiser_options.h"

namespace selfsight {

using NamedTensors = std::vector<std::pair<std::string, torch::Tensor>>;

struct TrainedParameter {
  std::string name;
  torch::Tensor tensor;
  bool plain = false;        // neither decayed nor scaled by LARS
  bool constant_lr = false;  // at the peak learning rate from the first step to the last
  double lr_scale = 1;
};

/// What the schedules say at a step.
struct Pace {
  double lr = 0;
  double weight_decay = 0;
};

/// Moves parameters against their gradients; those without a gradient are left alone.
///
/// sgd: torch.optim.SGD, dampening 0, the decay added to the gradient.
/// lars, lightly's form (You et al. 2017, equation 6; lightly, solo-learn): the decayed gradient is
/// scaled by trust * |p| / (|g| + decay * |p| + eps); where |p| or |g| is 0 the gradient is taken
/// as it is, without decay. With clip_lr the scale times the learning rate is at most the latter.
/// lars, facebook's form (MoCo v3, Barlow Twins, VICReg, DINO): u = g + decay * p is scaled by
/// trust * |p| / |u|, and by 1 where one of them is 0.
/// Both: SGD's momentum follows the scaling, and the learning rate the momentum.
/// adamw: torch.optim.AdamW, the decay apart (Loshchilov and Hutter 2019). Each parameter has its
/// own count of steps, those with a gradient: a layer that thaws late begins with its first.
class Optimiser {
 public:
  Optimiser(const OptimiserOptions& options, std::vector<TrainedParameter> parameters);

  void step(const Pace& pace);
  void zero_grad();

  /// The live tensors: copying into them restores a state.
  NamedTensors state() const;

 private:
  struct Slot {
    TrainedParameter parameter;
    torch::Tensor first, second;  // momentum; or the means of gradients and of their squares
    torch::Tensor steps;          // AdamW's steps with a gradient: int64 scalar, on the CPU
  };

  /// Parameters that go the same pace, with what belongs to each: a GPU moves them all at once.
  struct Group {
    std::vector<torch::Tensor> parameters, gradients, first, second;
  };

  /// The gradient with its decay, scaled to the layer's size.
  torch::Tensor lars(const TrainedParameter& parameter, const Pace& pace) const;
  void momentum_step(Group& group, const Pace& pace) const;
  void adamw(Group& group, const Pace& pace, std::int64_t steps) const;

  OptimiserOptions options_;
  std::vector<Slot> slots_;
  torch::Tensor steps_;  // of sgd and lars, which only store it: int64 scalar, on the CPU
};

/// The Euclidean norm of all gradients together, as a scalar tensor on their device.
torch::Tensor gradient_norm(const std::vector<TrainedParameter>& parameters);

/// Shortens the gradients, whose common norm is `norm`, to `most`: torch's clip_grad_norm_.
void clip_gradients(const std::vector<TrainedParameter>& parameters, const torch::Tensor& norm,
                    double most);

}  // namespace selfsight
