// Losses that let two views agree without telling them from other images; what keeps the answer
// from being the same for everything is a predictor and a stopped gradient, or a term that spreads
// the features.
#pragma once

#include <torch/torch.h>

namespace selfsight {

/// SimSiam (Chen and He 2021): minus the mean cosine of prediction and projection, mean of both
/// directions, in [-1, 1]. The gradient stops at the projections where `stop_gradient` is true, as
/// it must; without it everything collapses (section 4.1).
torch::Tensor negative_cosine_loss(const torch::Tensor& p1, const torch::Tensor& p2,
                                   const torch::Tensor& z1, const torch::Tensor& z2,
                                   bool stop_gradient = true);

/// BYOL (Grill et al. 2020): 2 - 2 mean cosine, both directions added, in [0, 8]. No gradient
/// through the targets `z1`, `z2`. lightly's is a quarter of this, less one.
torch::Tensor byol_loss(const torch::Tensor& p1, const torch::Tensor& p2, const torch::Tensor& z1,
                        const torch::Tensor& z2);

/// Barlow Twins (Zbontar et al. 2021): the cross-correlation of the views' dimensions [D, D]. Each
/// column is standardised over the batch with its biased variance (+ 1e-5).
torch::Tensor cross_correlation(const torch::Tensor& z0, const torch::Tensor& z1);
/// Its diagonal should be 1 and, weighted by `lambda`, all else 0: sums of squares, not means,
/// times `scale`.
torch::Tensor barlow_twins_loss(const torch::Tensor& z0, const torch::Tensor& z1, double lambda,
                                double scale);

/// VICReg (Bardes et al. 2022) as the authors' code has it.
struct VicregTerms {
  torch::Tensor invariance;  // mean square of the difference, over N and D
  torch::Tensor variance;    // mean over views and dimensions of max(0, 1 - deviation)
  torch::Tensor covariance;  // sum of squared covariances off the diagonal / D, both views added
};
VicregTerms vicreg_terms(const torch::Tensor& z0, const torch::Tensor& z1);

/// W-MSE (Ermolov et al. 2021): rows centred and multiplied by the inverse of the Cholesky factor
/// of their covariance, (1 - eps) C + eps I: uncorrelated columns of variance 1. Throws Error if C
/// has no such factor: fewer rows than columns, or columns that depend on each other. Rows that are
/// no numbers give none.
torch::Tensor whitened(const torch::Tensor& rows, double eps);
/// 2 - 2 mean cosine of the whitened views, each whitened by itself in groups of `group` rows; rows
/// that fill no group join the last one.
torch::Tensor whitened_mse_loss(const torch::Tensor& z0, const torch::Tensor& z1,
                                std::int64_t group, double eps);

/// Diagnostics, detached. Mean cosine of the rows of two views.
torch::Tensor mean_cosine(const torch::Tensor& z0, const torch::Tensor& z1);
/// Mean over dimensions of the deviation over the batch of normalised rows (Chen and He 2021,
/// section 4.1), times sqrt(D): near 1 where they are spread, 0 where all are one.
torch::Tensor output_spread(const torch::Tensor& z);

}  // namespace selfsight
