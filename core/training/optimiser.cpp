#include "core/training/optimiser.h"

#include <cmath>
#include <map>
#include <tuple>

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
    Slot slot{std::move(parameter), zeros, torch::Tensor(), torch::Tensor()};
    if (adaptive(options_)) {
      slot.second = zeros.clone();
      slot.steps = torch::zeros({}, torch::kLong);
    }
    slots_.push_back(std::move(slot));
  }
}

void Optimiser::step(const Pace& pace) {
  const torch::NoGradGuard no_grad;
  steps_ += 1;
  // By learning rate, decay and, for AdamW, the number of the step.
  std::map<std::tuple<double, double, std::int64_t>, Group> groups;
  for (const Slot& slot : slots_) {
    const TrainedParameter& p = slot.parameter;
    if (!p.tensor.grad().defined()) continue;
    Pace own{(p.constant_lr ? options_.lr : pace.lr) * p.lr_scale, p.plain ? 0 : pace.weight_decay};
    torch::Tensor gradient = p.tensor.grad();
    if (options_.name == "lars" && !p.plain) {
      gradient = lars(p, own);
      own.weight_decay = 0;  // it is in there
    }
    const std::int64_t steps = adaptive(options_) ? ++*slot.steps.data_ptr<std::int64_t>() : 0;
    Group& group = groups[std::tuple(own.lr, own.weight_decay, steps)];
    group.parameters.push_back(p.tensor);
    group.gradients.push_back(gradient);
    group.first.push_back(slot.first);
    group.second.push_back(slot.second);
  }
  for (auto& [key, group] : groups) {
    const auto& [lr, weight_decay, steps] = key;
    const Pace own{lr, weight_decay};
    adaptive(options_) ? adamw(group, own, steps) : momentum_step(group, own);
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

void Optimiser::momentum_step(Group& group, const Pace& pace) const {
  const std::vector<torch::Tensor> directions =
      pace.weight_decay == 0
          ? group.gradients
          : at::_foreach_add(group.gradients, group.parameters, pace.weight_decay);
  at::_foreach_mul_(group.first, options_.momentum);
  at::_foreach_add_(group.first, directions);
  at::_foreach_add_(group.parameters,
                    options_.nesterov ? at::_foreach_add(directions, group.first, options_.momentum)
                                      : group.first,
                    -pace.lr);
}

void Optimiser::adamw(Group& group, const Pace& pace, std::int64_t steps) const {
  const double t = static_cast<double>(steps);
  at::_foreach_mul_(group.parameters, 1 - pace.lr * pace.weight_decay);
  at::_foreach_mul_(group.first, options_.beta1);
  at::_foreach_add_(group.first, group.gradients, 1 - options_.beta1);
  at::_foreach_mul_(group.second, options_.beta2);
  at::_foreach_addcmul_(group.second, group.gradients, group.gradients, 1 - options_.beta2);
  std::vector<torch::Tensor> scales = at::_foreach_sqrt(group.second);
  at::_foreach_div_(scales, std::sqrt(1 - std::pow(options_.beta2, t)));
  at::_foreach_add_(scales, options_.eps);
  at::_foreach_addcdiv_(group.parameters, group.first, scales,
                        -pace.lr / (1 - std::pow(options_.beta1, t)));
}

void Optimiser::zero_grad() {
  for (Slot& slot : slots_) slot.parameter.tensor.mutable_grad().reset();
}

NamedTensors Optimiser::state() const {
  const bool two = adaptive(options_);
  NamedTensors out;
  if (!two) out.emplace_back("steps", steps_);
  for (const Slot& slot : slots_) {
    out.emplace_back((two ? "mean." : "momentum.") + slot.parameter.name, slot.first);
    if (!two) continue;
    out.emplace_back("square." + slot.parameter.name, slot.second);
    out.emplace_back("steps." + slot.parameter.name, slot.steps);
  }
  return out;
}

torch::Tensor gradient_norm(const std::vector<TrainedParameter>& parameters) {
  std::vector<torch::Tensor> gradients;
  for (const TrainedParameter& parameter : parameters)
    if (parameter.tensor.grad().defined()) gradients.push_back(parameter.tensor.grad());
  return gradients.empty() ? torch::zeros({}) : torch::stack(at::_foreach_norm(gradients)).norm();
}

void clip_gradients(const std::vector<TrainedParameter>& parameters, const torch::Tensor& norm,
                    double most) {
  const torch::Tensor part = (most / (norm + 1e-6)).clamp_max(1);
  for (const TrainedParameter& parameter : parameters)
    if (parameter.tensor.grad().defined()) parameter.tensor.mutable_grad().mul_(part);
}

}  // namespace selfsight
