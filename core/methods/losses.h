// Losses as pure functions. Each is held to the golden values of its public reference.
#pragma once

#include <torch/torch.h>

namespace selfsight {

/// NT-Xent (Chen et al. 2020, eq. 1), mean over all 2N anchors: each view of `z0`, `z1` [N, D] must
/// find the other view of its image among the 2N - 1 others, by cosine / temperature.
/// google-research/simclr adds the two means of N instead and gets twice this.
torch::Tensor nt_xent(const torch::Tensor& z0, const torch::Tensor& z1, double temperature);

/// [N, C, H, W] -> [N, L, patch * patch * C], patches row by row; inside a patch row, column,
/// channel, the channel fastest (MAE's order).
torch::Tensor patchify(const torch::Tensor& images, std::int64_t patch);
/// The reverse, for square images.
torch::Tensor unpatchify(const torch::Tensor& patches, std::int64_t patch, std::int64_t channels);

/// Mean squared error over the hidden patches (He et al. 2022): the mean inside each patch, then
/// the mean over those where `hidden` [N, L] is 1. With `norm_pix_loss` each target patch is first
/// standardised by its own mean and unbiased variance (+ 1e-6). `predicted` is [N, L, P].
torch::Tensor mae_pixel_loss(const torch::Tensor& images, const torch::Tensor& predicted,
                             const torch::Tensor& hidden, std::int64_t patch, bool norm_pix_loss);

/// That loss when each hidden patch is answered by its own mean: what a network that has learnt no
/// structure can reach at best. It depends on the images, because flat patches cost nothing.
torch::Tensor patch_mean_loss(const torch::Tensor& images, const torch::Tensor& hidden,
                              std::int64_t patch, bool norm_pix_loss);

}  // namespace selfsight
