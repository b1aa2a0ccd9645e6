// SGD and AdamW with torch's conventions, and with a state that can be stored and put back whole.
#pragma once

#include <torch/torch.h>

#include <string>
#include <utility>
#include <vector>

#include "core/training/run_spec.h"

namespace selfsight {

using NamedTensors = std::vector<std::pair<std::string, torch::Tensor>>;

/// Moves parameters against their gradients. Parameters of one dimension or none (biases, norms)
/// are not decayed; those without a gradient are left alone.
///
/// sgd: torch.optim.SGD, dampening 0, the decay added to the gradient.
/// adamw: torch.optim.AdamW, epsilon 1e-8, the decay apart (Loshchilov and Hutter 2019).
class Optimiser {
 public:
  Optimiser(const OptimiserOptions& options, NamedTensors parameters);

  void step(double lr);
  void zero_grad();

  /// The live tensors: copying into them restores a state.
  NamedTensors state() const;

 private:
  struct Slot {
    std::string name;
    torch::Tensor parameter;
    double weight_decay = 0;
    torch::Tensor first, second;  // momentum; or the means of gradients and of their squares
  };

  void sgd(Slot& slot, double lr) const;
  void adamw(Slot& slot, double lr, std::int64_t steps) const;

  OptimiserOptions options_;
  bool adaptive_ = false;
  std::vector<Slot> slots_;
  torch::Tensor steps_;  // int64 scalar, on the CPU
};

}  // namespace selfsight
