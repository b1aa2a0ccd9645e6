#include "core/training/optimiser.h"

#include <cmath>

namespace selfsight {
namespace {

bool adaptive(const OptimiserOptions& options) {
  return options.name == "adamw";
}

}  // namespace

Optimiser::Optimiser(const OptimiserOptions& options, std::vector<TrainedParameter> parameters)
    : options_(options), steps_(torch::zeros({}, torch::kLong)) {
  for (TrainedParameter& parameter : parameters) {
    // torch's first step copies the gradient; from zeros the sum gives the same bits.
    const torch::Tensor zeros =
        torch::zeros_like(parameter.tensor, torch::TensorOptions().requires_grad(false));
    slots_.push_back(
        {std::move(parameter), zeros, adaptive(options_) ? zeros.clone() : torch::Tensor()});
  }
}

void Optimiser::step(const Pace& pace) {
  const torch::NoGradGuard no_grad;
  steps_ += 1;
  const auto steps = steps_.item<std::int64_t>();
  for (Slot& slot : slots_) {
    const TrainedParameter& p = slot.parameter;
    if (!p.tensor.grad().defined()) continue;
    const Pace own{(p.constant_lr ? options_.lr : pace.lr) * p.lr_scale,
                   p.plain ? 0 : pace.weight_decay};
    if (adaptive(options_))
      adamw(slot, own, steps);
    else if (options_.name == "lars" && !p.plain)
      momentum_step(slot, lars(p, own), own.lr);
    else if (own.weight_decay != 0)
      momentum_step(slot, p.tensor.grad().add(p.tensor, own.weight_decay), own.lr);
    else
      momentum_step(slot, p.tensor.grad(), own.lr);
  }
}

torch::Tensor Optimiser::lars(const TrainedParameter& parameter, const Pace& pace) const {
  const torch::Tensor &p = parameter.tensor, &gradient = p.grad();
  const torch::Tensor decayed = gradient.add(p, pace.weight_decay);
  const torch::Tensor length = p.norm();
  if (options_.lars_form == "facebook") {
    const torch::Tensor update_length = decayed.norm();
    const torch::Tensor usable = (length > 0).logical_and(update_length > 0);
    const torch::Tensor trust = options_.trust_coefficient * length / update_length;
    return decayed * torch::where(usable, trust, torch::ones_like(trust));
  }
  const torch::Tensor gradient_length = gradient.norm();
  torch::Tensor trust = options_.trust_coefficient * length /
                        (gradient_length + pace.weight_decay * length + options_.eps);
  if (options_.clip_lr) trust = (trust / pace.lr).clamp_max(1);
  const torch::Tensor usable = (length > 0).logical_and(gradient_length > 0);
  return torch::where(usable, decayed * trust, gradient);
}

void Optimiser::momentum_step(Slot& slot, const torch::Tensor& direction, double lr) const {
  slot.first.mul_(options_.momentum).add_(direction);
  slot.parameter.tensor.add_(
      options_.nesterov ? direction.add(slot.first, options_.momentum) : slot.first, -lr);
}

void Optimiser::adamw(Slot& slot, const Pace& pace, std::int64_t steps) const {
  const double t = static_cast<double>(steps);
  torch::Tensor& p = slot.parameter.tensor;
  const torch::Tensor& gradient = p.grad();
  p.mul_(1 - pace.lr * pace.weight_decay);
  slot.first.mul_(options_.beta1).add_(gradient, 1 - options_.beta1);
  slot.second.mul_(options_.beta2).addcmul_(gradient, gradient, 1 - options_.beta2);
  const double correction = std::sqrt(1 - std::pow(options_.beta2, t));
  const torch::Tensor scale = slot.second.sqrt().div_(correction).add_(options_.eps);
  p.addcdiv_(slot.first, scale, -pace.lr / (1 - std::pow(options_.beta1, t)));
}

void Optimiser::zero_grad() {
  for (Slot& slot : slots_) slot.parameter.tensor.mutable_grad().reset();
}

NamedTensors Optimiser::state() const {
  const bool two = adaptive(options_);
  NamedTensors out{{"steps", steps_}};
  for (const Slot& slot : slots_) {
    out.emplace_back((two ? "mean." : "momentum.") + slot.parameter.name, slot.first);
    if (two) out.emplace_back("square." + slot.parameter.name, slot.second);
  }
  return out;
}

torch::Tensor gradient_norm(const std::vector<TrainedParameter>& parameters) {
  std::vector<torch::Tensor> norms;
  for (const TrainedParameter& parameter : parameters)
    if (parameter.tensor.grad().defined()) norms.push_back(parameter.tensor.grad().norm());
  return norms.empty() ? torch::zeros({}) : torch::stack(norms).norm();
}

void clip_gradients(const std::vector<TrainedParameter>& parameters, const torch::Tensor& norm,
                    double most) {
  const torch::Tensor part = (most / (norm + 1e-6)).clamp_max(1);
  for (const TrainedParameter& parameter : parameters)
    if (parameter.tensor.grad().defined()) parameter.tensor.mutable_grad().mul_(part);
}

}  // namespace selfsight
