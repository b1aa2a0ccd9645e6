// Losses that tell the other view of an image from other images. Rows are normalised inside; keys,
// queues and neighbours are taken as they are given, with the gradients that they have.
#pragma once

#include <torch/torch.h>

namespace selfsight {

/// Rows divided by their length, which counts as 1e-12 at least.
torch::Tensor unit_rows(const torch::Tensor& rows);

/// DCL (Yeh et al. 2022): NT-Xent without the positive in the denominator, so each of `z0`, `z1`
/// [N, D] is held against the 2 (N - 1) views of other images. Mean over both views. May be
/// negative.
torch::Tensor decoupled_loss(const torch::Tensor& z0, const torch::Tensor& z1, double temperature);

/// DCLW: the same with each positive weighted by 2 - N softmax(cosine / sigma), so that pairs that
/// already agree count less. No gradient through the weights, as in lightly.
torch::Tensor weighted_decoupled_loss(const torch::Tensor& z0, const torch::Tensor& z1,
                                      double temperature, double sigma);

/// MoCo (He et al. 2020): cosine / temperature of each query [N, D] with its key [N, D] in column
/// 0, then with every row of `queue` [K, D]: [N, 1 + K].
torch::Tensor queue_logits(const torch::Tensor& queries, const torch::Tensor& keys,
                           const torch::Tensor& queue, double temperature);
/// InfoNCE on those: the key must be found.
torch::Tensor queue_loss(const torch::Tensor& queries, const torch::Tensor& keys,
                         const torch::Tensor& queue, double temperature);

/// MoCo v3 (Chen et al. 2021), one direction: each query must find its key among the N keys; times
/// 2 temperature, as the authors' code has it. They add both directions.
torch::Tensor in_batch_loss(const torch::Tensor& queries, const torch::Tensor& keys,
                            double temperature);

/// The row of `queue` [K, D] nearest to each row of `z` [N, D] by cosine: [N] int64.
torch::Tensor nearest_in(const torch::Tensor& queue, const torch::Tensor& z);

/// NNCLR (Dwibedi et al. 2021), one direction: each neighbour must find the prediction of its own
/// image's other view among the N of the batch. The mean of both directions is the paper's loss;
/// lightly uses nt_xent(neighbours, predictions) instead.
torch::Tensor neighbour_loss(const torch::Tensor& neighbours, const torch::Tensor& predictions,
                             double temperature);

/// SupCon (Khosla et al. 2020, eq. 2): every other view of the same class is a positive, and each
/// counts alike, outside the logarithm. An image without a label (-1) has only its other view. The
/// authors' code also multiplies by temperature / 0.07, its base_temperature; the paper does not.
torch::Tensor supervised_contrastive_loss(const torch::Tensor& z0, const torch::Tensor& z1,
                                          const torch::Tensor& labels, double temperature);

}  // namespace selfsight
