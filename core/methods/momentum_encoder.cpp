#include "core/methods/momentum_encoder.h"

#include <cmath>
#include <numbers>
#include <vector>

namespace selfsight {

void start_as_copy(torch::nn::Module& follower, const torch::nn::Module& leader) {
  const torch::NoGradGuard no_grad;
  const auto buffers = leader.named_buffers();
  for (auto& own : follower.named_buffers()) own.value().copy_(buffers[own.key()]);
  const auto parameters = leader.named_parameters();
  for (auto& own : follower.named_parameters()) {
    own.value().copy_(parameters[own.key()]);
    own.value().set_requires_grad(false);
  }
}

void move_average(torch::nn::Module& follower, const torch::nn::Module& leader, double momentum) {
  const torch::NoGradGuard no_grad;
  const auto parameters = leader.named_parameters();
  std::vector<torch::Tensor> followers, leaders;
  for (const auto& own : follower.named_parameters()) {
    followers.push_back(own.value());
    leaders.push_back(parameters[own.key()]);
  }
  at::_foreach_mul_(followers, momentum);
  at::_foreach_add_(followers, leaders, 1 - momentum);
}

double cosine_momentum(double base, double last, const Position& position) {
  const double done =
      static_cast<double>(position.step) / static_cast<double>(position.total_steps);
  return last - (last - base) * (1 + std::cos(std::numbers::pi * done)) / 2;
}

}  // namespace selfsight
