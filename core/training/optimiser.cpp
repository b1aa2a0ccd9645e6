#include "core/training/optimiser.h"

#include <cmath>

namespace selfsight {

Optimiser::Optimiser(const OptimiserOptions& options, NamedTensors parameters)
    : options_(options),
      adaptive_(options.name == "adamw"),
      steps_(torch::zeros({}, torch::kLong)) {
  for (auto& [name, parameter] : parameters) {
    if (!parameter.requires_grad()) continue;
    Slot slot{name, parameter, parameter.dim() > 1 ? options.weight_decay : 0, {}, {}};
    // torch's first step copies the gradient; from zeros the sum gives the same bits.
    slot.first = torch::zeros_like(parameter, torch::TensorOptions().requires_grad(false));
    if (adaptive_) slot.second = torch::zeros_like(slot.first);
    slots_.push_back(std::move(slot));
  }
}

void Optimiser::step(double lr) {
  const torch::NoGradGuard no_grad;
  steps_ += 1;
  const auto steps = steps_.item<std::int64_t>();
  for (Slot& slot : slots_) {
    if (!slot.parameter.grad().defined()) continue;
    if (adaptive_)
      adamw(slot, lr, steps);
    else
      sgd(slot, lr);
  }
}

void Optimiser::sgd(Slot& slot, double lr) const {
  torch::Tensor gradient = slot.parameter.grad();
  if (slot.weight_decay != 0) gradient = gradient.add(slot.parameter, slot.weight_decay);
  slot.first.mul_(options_.momentum).add_(gradient);
  slot.parameter.add_(slot.first, -lr);
}

void Optimiser::adamw(Slot& slot, double lr, std::int64_t steps) const {
  constexpr double epsilon = 1e-8;
  const double t = static_cast<double>(steps);
  const torch::Tensor& gradient = slot.parameter.grad();
  slot.parameter.mul_(1 - lr * slot.weight_decay);
  slot.first.mul_(options_.beta1).add_(gradient, 1 - options_.beta1);
  slot.second.mul_(options_.beta2).addcmul_(gradient, gradient, 1 - options_.beta2);
  const double correction = std::sqrt(1 - std::pow(options_.beta2, t));
  const torch::Tensor scale = slot.second.sqrt().div_(correction).add_(epsilon);
  slot.parameter.addcdiv_(slot.first, scale, -lr / (1 - std::pow(options_.beta1, t)));
}

void Optimiser::zero_grad() {
  for (Slot& slot : slots_) slot.parameter.mutable_grad().reset();
}

NamedTensors Optimiser::state() const {
  NamedTensors out{{"steps", steps_}};
  for (const Slot& slot : slots_) {
    out.emplace_back((adaptive_ ? "mean." : "momentum.") + slot.name, slot.first);
    if (adaptive_) out.emplace_back("square." + slot.name, slot.second);
  }
  return out;
}

}  // namespace selfsight
