// Sketched isotropic Gaussian regularisation: the one term by which LeJEPA cannot collapse.
#pragma once

#include <torch/torch.h>

namespace selfsight {

/// Where characteristic functions are compared: `knots` frequencies from 0 to `t_max`.
struct SigRegGrid {
  std::int64_t knots = 17;
  double t_max = 3;
};

/// Epps and Pulley's test of normality along each of the unit `directions` [D, M] (Balestriero and
/// LeCun 2025, algorithm 1): the squared distance between the characteristic function of the N
/// projected rows and exp(-t^2 / 2), weighted with that window, integrated from -t_max to t_max by
/// the trapezoidal rule, times N; the mean over directions and views. `rows` [V, N, D].
torch::Tensor sigreg(const torch::Tensor& rows, const torch::Tensor& directions,
                     const SigRegGrid& grid);

/// That loss when all rows are zero: the least that a collapsed encoder pays.
double collapsed_sigreg(std::int64_t batch_size, const SigRegGrid& grid);

/// The mean squared distance of every view of `all` [V, N, D] from the mean of the `global` ones.
torch::Tensor lejepa_invariance(const torch::Tensor& all, const torch::Tensor& global);

}  // namespace selfsight
