#include "core/training/updater.h"

#include <cmath>
#include <map>

#include "core/training/layer_decay.h"
#include "core/training/schedule.h"

namespace selfsight {
namespace {

constexpr std::string_view kEncoder = "encoder.";

/// Scalars read in one go: every reading waits until the device is done.
std::vector<double> read(const std::vector<torch::Tensor>& scalars) {
  std::vector<torch::Tensor> alike;
  for (const torch::Tensor& scalar : scalars)
    alike.push_back(scalar.detach().to(scalars.front().device(), torch::kDouble));
  const torch::Tensor all = torch::stack(alike).cpu();
  return {all.data_ptr<double>(), all.data_ptr<double>() + all.numel()};
}

/// Scales of the encoder's learning rates by the parameters' full names.
std::map<std::string, double> layer_scales(const Method& method, double decay) {
  std::vector<std::string> full, inside;
  for (const auto& item : method.named_parameters())
    if (item.key().starts_with(kEncoder)) {
      full.push_back(item.key());
      inside.push_back(item.key().substr(kEncoder.size()));
    }
  const auto rates = layer_decay(inside, decay);
  std::map<std::string, double> out;
  for (std::size_t i = 0; i < full.size(); ++i) out[full[i]] = rates[i].scale;
  return out;
}

std::vector<TrainedParameter> trained_parameters(const Method& method,
                                                 const OptimiserOptions& options) {
  const auto scales = layer_scales(method, options.layer_decay);
  std::vector<TrainedParameter> out;
  for (const auto& item : method.named_parameters()) {
    if (!item.value().requires_grad()) continue;
    const auto scale = scales.find(item.key());
    out.push_back({.name = item.key(),
                   .tensor = item.value(),
                   .plain = options.exclude_bias_n_norm && item.value().dim() <= 1,
                   .constant_lr = method.constant_lr(item.key()),
                   .lr_scale = scale == scales.end() ? 1 : scale->second});
  }
  return out;
}

}  // namespace

Updater::Updater(Method& method, const OptimiserOptions& options, const RunLength& length)
    : method_(method),
      options_(options),
      length_(length),
      parameters_(trained_parameters(method, options)),
      optimiser_(options, parameters_) {}

Pace Updater::pace_at(std::int64_t step) const {
  const auto at = static_cast<double>(step), total = static_cast<double>(length_.total_steps);
  const double warmup = options_.warmup_epochs * static_cast<double>(length_.steps_per_epoch);
  Pace pace;
  pace.lr = warmup_cosine({.peak = options_.lr,
                           .last = options_.final_lr,
                           .warmup = warmup,
                           .total = total,
                           .start = options_.warmup_start_lr},
                          at);
  pace.weight_decay =
      options_.weight_decay_schedule == "cosine"
          ? half_cosine(options_.weight_decay, options_.weight_decay_end, at / total)
          : options_.weight_decay;
  return pace;
}

StepOutput Updater::backward(const Batch& batch, const Position& position) {
  const auto batches = static_cast<double>(options_.accumulate_grad_batches);
  StepOutput output = method_.step(batch, position);
  (options_.accumulate_grad_batches == 1 ? output.loss : output.loss / batches).backward();
  return output;
}

Updater::Outcome Updater::step(std::int64_t step, const std::function<Batch()>& next_batch) {
  const Position position{step, length_.total_steps, length_.steps_per_epoch};
  const auto batches = static_cast<double>(options_.accumulate_grad_batches);
  Outcome outcome;
  outcome.pace = pace_at(step);
  optimiser_.zero_grad();
  torch::Tensor norm;
  for (std::int64_t left = options_.accumulate_grad_batches; left > 0; --left) {
    const StepOutput output = backward(next_batch(), position);
    std::vector<torch::Tensor> scalars{output.loss};
    for (const auto& [name, value] : output.extra) scalars.push_back(value);
    if (left == 1) {
      // First, so that the gradients of a frozen layer do not count in the norm.
      method_.before_update(position);
      scalars.push_back(norm = gradient_norm(parameters_));
    }
    const std::vector<double> values = read(scalars);
    outcome.loss += values.front() / batches;
    outcome.extra.resize(output.extra.size());
    for (std::size_t i = 0; i < output.extra.size(); ++i) {
      outcome.extra[i].first = output.extra[i].first;
      outcome.extra[i].second += values[i + 1] / batches;
    }
    if (left == 1) outcome.gradient_norm = values.back();
    if (!std::isfinite(outcome.loss)) return outcome;
  }
  if (!std::isfinite(outcome.gradient_norm)) return outcome;
  if (options_.clip_grad > 0) clip_gradients(parameters_, norm, options_.clip_grad);
  optimiser_.step(outcome.pace);
  method_.after_update(position);
  return outcome;
}

}  // namespace selfsight
