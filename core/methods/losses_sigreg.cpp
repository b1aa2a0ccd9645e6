#include "core/methods/losses_sigreg.h"

#include <cmath>

namespace selfsight {
namespace {

struct Knots {
  torch::Tensor t;        // [K]
  torch::Tensor normal;   // characteristic function of the standard normal there
  torch::Tensor weights;  // of the trapezoidal rule, both halves, times the window
};

Knots knots_of(const SigRegGrid& grid, const torch::TensorOptions& options) {
  Knots knots;
  knots.t = torch::linspace(0, grid.t_max, grid.knots, options);
  knots.normal = torch::exp(-knots.t.square() / 2);
  const double apart = grid.t_max / static_cast<double>(grid.knots - 1);
  torch::Tensor widths = torch::full({grid.knots}, 2 * apart, options);
  widths[0] = apart;
  widths[-1] = apart;
  knots.weights = widths * knots.normal;
  return knots;
}

}  // namespace

torch::Tensor sigreg(const torch::Tensor& rows, const torch::Tensor& directions,
                     const SigRegGrid& grid) {
  const Knots knots = knots_of(grid, rows.options().requires_grad(false));
  const torch::Tensor angles = torch::matmul(rows, directions).unsqueeze(-1) * knots.t;
  const torch::Tensor real = angles.cos().mean(-3), imaginary = angles.sin().mean(-3);
  const torch::Tensor apart = (real - knots.normal).square() + imaginary.square();
  return torch::matmul(apart, knots.weights).mean() * static_cast<double>(rows.size(-2));
}

double collapsed_sigreg(std::int64_t batch_size, const SigRegGrid& grid) {
  const Knots knots = knots_of(grid, torch::TensorOptions(torch::kDouble));
  return static_cast<double>(batch_size) *
         ((1 - knots.normal).square() * knots.weights).sum().item<double>();
}

torch::Tensor lejepa_invariance(const torch::Tensor& all, const torch::Tensor& global) {
  return (global.mean(0) - all).square().mean();
}

}  // namespace selfsight
