#include "core/methods/losses_clusters.h"

#include <algorithm>
#include <cmath>

namespace selfsight {
namespace {

/// -sum(wanted * log softmax(logits)) of each row.
torch::Tensor cross_entropies(const torch::Tensor& wanted, const torch::Tensor& log_softmax) {
  return -(wanted * log_softmax).sum(-1);
}

torch::Tensor sharpened(const torch::Tensor& teacher, const torch::Tensor& centre,
                        double temperature) {
  return torch::softmax((teacher.detach() - centre) / temperature, -1);
}

}  // namespace

torch::Tensor sinkhorn(const torch::Tensor& scores, double epsilon, std::int64_t iterations) {
  const torch::NoGradGuard no_grad;
  torch::Tensor codes = scores / epsilon;
  // Without iterations only the sum is fixed: each image's share of it is 1 on average.
  if (iterations == 0)
    codes = codes - torch::logsumexp(codes.flatten(), 0) +
            std::log(static_cast<double>(scores.size(0)));
  for (std::int64_t i = 0; i < iterations; ++i) {
    // The shares 1/K and 1/N cancel in the next division; the last one leaves sums of 1.
    codes = codes - torch::logsumexp(codes, 0, /*keepdim=*/true);
    codes = codes - torch::logsumexp(codes, 1, /*keepdim=*/true);
  }
  return codes.exp();
}

torch::Tensor swav_loss(const std::vector<torch::Tensor>& scores,
                        const std::vector<torch::Tensor>& codes, double temperature) {
  std::vector<torch::Tensor> predicted;
  for (const torch::Tensor& crop : scores)
    predicted.push_back(torch::log_softmax(crop / temperature, 1));
  torch::Tensor sum = torch::zeros({}, scores.front().options());
  for (std::size_t assigned = 0; assigned < codes.size(); ++assigned)
    for (std::size_t crop = 0; crop < predicted.size(); ++crop)
      if (crop != assigned)
        sum = sum + cross_entropies(codes[assigned].detach(), predicted[crop]).mean();
  return sum / static_cast<double>(codes.size() * (scores.size() - 1));
}

torch::Tensor dino_loss(const torch::Tensor& student, const torch::Tensor& teacher,
                        const torch::Tensor& centre, std::int64_t crops,
                        const DinoTemperatures& temperatures) {
  const auto wanted = sharpened(teacher, centre, temperatures.teacher).chunk(2);
  const auto predicted = torch::log_softmax(student / temperatures.student, -1).chunk(crops);
  torch::Tensor sum = torch::zeros({}, student.options());
  for (std::size_t t = 0; t < wanted.size(); ++t)
    for (std::size_t s = 0; s < predicted.size(); ++s)
      if (s != t) sum = sum + cross_entropies(wanted[t], predicted[s]).mean();
  return sum / static_cast<double>(2 * (crops - 1));
}

torch::Tensor moved_centre(const torch::Tensor& centre, const torch::Tensor& teacher,
                           double momentum) {
  const torch::Tensor mean = teacher.detach().reshape({-1, centre.size(0)}).mean(0);
  return centre * momentum + mean * (1 - momentum);
}

double teacher_temperature(const TemperatureWarmup& warmup, std::int64_t epoch) {
  if (epoch >= warmup.epochs) return warmup.last;
  const auto steps = static_cast<double>(std::max<std::int64_t>(1, warmup.epochs - 1));
  return warmup.first + (warmup.last - warmup.first) * static_cast<double>(epoch) / steps;
}

torch::Tensor ibot_patch_loss(const torch::Tensor& student, const torch::Tensor& teacher,
                              const torch::Tensor& hidden, const torch::Tensor& centre,
                              const DinoTemperatures& temperatures) {
  const torch::Tensor costs =
      cross_entropies(sharpened(teacher, centre, temperatures.teacher),
                      torch::log_softmax(student / temperatures.student, -1));
  const torch::Tensor counts = hidden.sum(1, /*keepdim=*/true).clamp_min(1).to(costs.dtype());
  const torch::Tensor weights = counts.reciprocal().expand_as(hidden).masked_select(hidden);
  return (costs * weights).sum() / static_cast<double>(hidden.size(0));
}

torch::Tensor koleo_loss(const torch::Tensor& rows) {
  constexpr double eps = 1e-8;
  namespace functional = torch::nn::functional;
  const torch::Tensor x =
      functional::normalize(rows, functional::NormalizeFuncOptions().dim(1).eps(eps));
  const torch::Tensor similarities = torch::matmul(x.detach(), x.detach().t()).fill_diagonal_(-2);
  const torch::Tensor nearest = x.index_select(0, similarities.argmax(1));
  return -(torch::pairwise_distance(x, nearest, 2, eps) + eps).log().mean();
}

}  // namespace selfsight
