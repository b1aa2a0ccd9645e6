#include "core/methods/losses_agreement.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/error.h"
#include "core/methods/losses_contrastive.h"

namespace selfsight {
namespace {

torch::Tensor cosine_of(const torch::Tensor& a, const torch::Tensor& b) {
  return (unit_rows(a) * unit_rows(b)).sum(1).mean();
}

torch::Tensor standardised_columns(const torch::Tensor& z) {
  return (z - z.mean(0)) / (z.var(0, /*unbiased=*/false) + 1e-5).sqrt();
}

torch::Tensor off_diagonal(const torch::Tensor& square) {
  return square.masked_fill(torch::eye(square.size(0), square.options().dtype(torch::kBool)), 0);
}

torch::Tensor covariance(const torch::Tensor& centred) {
  return torch::matmul(centred.t(), centred) / static_cast<double>(centred.size(0) - 1);
}

torch::Tensor missing_deviation(const torch::Tensor& z) {
  return (1 - (z.var(0, /*unbiased=*/true) + 1e-4).sqrt()).relu().mean();
}

torch::Tensor mean_covariance(const torch::Tensor& z) {
  return off_diagonal(covariance(z - z.mean(0))).square().sum() / static_cast<double>(z.size(1));
}

torch::Tensor whitened_in_groups(const torch::Tensor& z, std::int64_t group, double eps) {
  const auto n = z.size(0), groups = std::max<std::int64_t>(1, n / group);
  std::vector<torch::Tensor> parts;
  for (std::int64_t i = 0; i < groups; ++i)
    parts.push_back(whitened(z.slice(0, i * group, i + 1 < groups ? (i + 1) * group : n), eps));
  return torch::cat(parts);
}

}  // namespace

torch::Tensor negative_cosine_loss(const torch::Tensor& p1, const torch::Tensor& p2,
                                   const torch::Tensor& z1, const torch::Tensor& z2,
                                   bool stop_gradient) {
  const torch::Tensor t1 = stop_gradient ? z1.detach() : z1, t2 = stop_gradient ? z2.detach() : z2;
  return -(cosine_of(p1, t2) + cosine_of(p2, t1)) / 2;
}

torch::Tensor byol_loss(const torch::Tensor& p1, const torch::Tensor& p2, const torch::Tensor& z1,
                        const torch::Tensor& z2) {
  return 4 - 2 * cosine_of(p1, z2.detach()) - 2 * cosine_of(p2, z1.detach());
}

torch::Tensor cross_correlation(const torch::Tensor& z0, const torch::Tensor& z1) {
  return torch::matmul(standardised_columns(z0).t(), standardised_columns(z1)) / static_cast<double>(z0.size(0));
}

torch::Tensor barlow_twins_loss(const torch::Tensor& z0, const torch::Tensor& z1, double lambda,
                                double scale) {
  const torch::Tensor c = cross_correlation(z0, z1);
  return scale * ((c.diagonal() - 1).square().sum() + lambda * off_diagonal(c).square().sum());
}

VicregTerms vicreg_terms(const torch::Tensor& z0, const torch::Tensor& z1) {
  return {.invariance = (z0 - z1).square().mean(),
          .variance = (missing_deviation(z0) + missing_deviation(z1)) / 2,
          .covariance = mean_covariance(z0) + mean_covariance(z1)};
}

torch::Tensor whitened(const torch::Tensor& rows, double eps) {
  const torch::Tensor centred = rows - rows.mean(0);
  const torch::Tensor identity = torch::eye(rows.size(1), rows.options());
  const auto [factor, failed] =
      torch::linalg_cholesky_ex((1 - eps) * covariance(centred) + eps * identity);
  if (failed.item<int>() != 0) {
    if (!rows.isfinite().all().item<bool>())
      return torch::full_like(rows, std::numeric_limits<double>::quiet_NaN());
    throw Error("The features of " + std::to_string(rows.size(0)) + " images in " +
                std::to_string(rows.size(1)) +
                " dimensions cannot be whitened, as they depend on each other; raise "
                "method.whitening_eps or make method.projector_out smaller.");
  }
  return torch::linalg_solve_triangular(factor, centred.t(), /*upper=*/false).t();
}

torch::Tensor whitened_mse_loss(const torch::Tensor& z0, const torch::Tensor& z1,
                                std::int64_t group, double eps) {
  return 2 - 2 * cosine_of(whitened_in_groups(z0, group, eps), whitened_in_groups(z1, group, eps));
}

torch::Tensor mean_cosine(const torch::Tensor& z0, const torch::Tensor& z1) {
  return cosine_of(z0.detach(), z1.detach());
}

torch::Tensor output_spread(const torch::Tensor& z) {
  return unit_rows(z.detach()).std(0, /*unbiased=*/true).mean() *
         std::sqrt(static_cast<double>(z.size(1)));
}

}  // namespace selfsight
