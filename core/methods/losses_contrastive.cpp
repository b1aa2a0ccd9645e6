#include "core/methods/losses_contrastive.h"

#include <limits>

namespace selfsight {

namespace functional = torch::nn::functional;

namespace {

constexpr double kNever = -std::numeric_limits<double>::infinity();

torch::Tensor diagonal_of(const torch::Tensor& square) {
  return torch::eye(square.size(0), square.options().dtype(torch::kBool));
}

torch::Tensor first_rows(const torch::Tensor& logits) {
  return torch::arange(logits.size(0), logits.options().dtype(torch::kLong));
}

/// One view's rows `a` against `b`: per row, minus the weighted positive plus the log of the rest.
torch::Tensor decoupled_rows(const torch::Tensor& a, const torch::Tensor& b,
                             const torch::Tensor& weights, double temperature) {
  const torch::Tensor same = torch::matmul(a, a.t()) / temperature,
                      across = torch::matmul(a, b.t()) / temperature;
  const torch::Tensor own = diagonal_of(same);
  const torch::Tensor others =
      torch::cat({same.masked_fill(own, kNever), across.masked_fill(own, kNever)}, 1);
  return others.logsumexp(1) - weights * across.diagonal();
}

torch::Tensor decoupled(const torch::Tensor& a, const torch::Tensor& b,
                        const torch::Tensor& weights, double temperature) {
  return (decoupled_rows(a, b, weights, temperature).mean() +
          decoupled_rows(b, a, weights, temperature).mean()) /
         2;
}

}  // namespace

torch::Tensor unit_rows(const torch::Tensor& rows) {
  return functional::normalize(rows, functional::NormalizeFuncOptions().dim(1));
}

torch::Tensor decoupled_loss(const torch::Tensor& z0, const torch::Tensor& z1, double temperature) {
  return decoupled(unit_rows(z0), unit_rows(z1), torch::ones({z0.size(0)}, z0.options()),
                   temperature);
}

torch::Tensor weighted_decoupled_loss(const torch::Tensor& z0, const torch::Tensor& z1,
                                      double temperature, double sigma) {
  const torch::Tensor a = unit_rows(z0), b = unit_rows(z1);
  const torch::Tensor agreement = (a * b).sum(1).detach() / sigma;
  const auto n = static_cast<double>(z0.size(0));
  return decoupled(a, b, 2 - n * agreement.softmax(0), temperature);
}

torch::Tensor queue_logits(const torch::Tensor& queries, const torch::Tensor& keys,
                           const torch::Tensor& queue, double temperature) {
  const torch::Tensor q = unit_rows(queries);
  const torch::Tensor positive = (q * unit_rows(keys)).sum(1, true);
  return torch::cat({positive, torch::matmul(q, unit_rows(queue).t())}, 1) / temperature;
}

torch::Tensor queue_loss(const torch::Tensor& queries, const torch::Tensor& keys,
                         const torch::Tensor& queue, double temperature) {
  const torch::Tensor logits = queue_logits(queries, keys, queue, temperature);
  return functional::cross_entropy(logits, torch::zeros_like(first_rows(logits)));
}

torch::Tensor in_batch_loss(const torch::Tensor& queries, const torch::Tensor& keys,
                            double temperature) {
  return 2 * temperature * neighbour_loss(queries, keys, temperature);
}

torch::Tensor nearest_in(const torch::Tensor& queue, const torch::Tensor& z) {
  return torch::matmul(unit_rows(z), unit_rows(queue).t()).argmax(1);
}

torch::Tensor neighbour_loss(const torch::Tensor& neighbours, const torch::Tensor& predictions,
                             double temperature) {
  const torch::Tensor logits =
      torch::matmul(unit_rows(neighbours), unit_rows(predictions).t()) / temperature;
  return functional::cross_entropy(logits, first_rows(logits));
}

torch::Tensor supervised_contrastive_loss(const torch::Tensor& z0, const torch::Tensor& z1,
                                          const torch::Tensor& labels, double temperature) {
  const torch::Tensor z = unit_rows(torch::cat({z0, z1}));
  const torch::Tensor logits = torch::matmul(z, z.t()) / temperature;
  const torch::Tensor self = diagonal_of(logits);
  const torch::Tensor image = first_rows(z0), known = labels.ge(0);
  const torch::Tensor alike =
      image.unsqueeze(1).eq(image) | (labels.unsqueeze(1).eq(labels) & known.unsqueeze(1) & known);
  const torch::Tensor positive = alike.repeat({2, 2}).logical_and(self.logical_not());
  const torch::Tensor log_share =
      logits - logits.masked_fill(self, kNever).logsumexp(1, /*keepdim=*/true);
  return -(log_share * positive).sum(1).div(positive.sum(1)).mean();
}

}  // namespace selfsight
