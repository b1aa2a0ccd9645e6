// Losses of methods that predict what the encoder was not shown: SimMIM, I-JEPA.
#pragma once

#include <torch/torch.h>

namespace selfsight {

/// `hidden` [N, L] on a square grid of patches, for each pixel of a side: [N, 1, side, side] bool.
torch::Tensor hidden_pixels(const torch::Tensor& hidden, std::int64_t side);

/// SimMIM (Xie et al. 2022): |image - rebuilt| summed over the hidden pixels and their channels,
/// divided by (hidden pixels + 1e-5) and by the channels. Images [N, C, S, S], `hidden` [N, L].
torch::Tensor simmim_loss(const torch::Tensor& images, const torch::Tensor& rebuilt,
                          const torch::Tensor& hidden);

/// Each row of `targets` [..., D] without its mean and deviation: LayerNorm without scale and
/// shift, epsilon 1e-5, without gradient.
torch::Tensor ijepa_target(const torch::Tensor& targets);

/// I-JEPA (Assran et al. 2023, as in its code): smooth L1 with beta 1 between `predicted` and the
/// normalised targets, both [..., D]; the mean over all entries.
torch::Tensor ijepa_loss(const torch::Tensor& predicted, const torch::Tensor& targets);

}  // namespace selfsight
