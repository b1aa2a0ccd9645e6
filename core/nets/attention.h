// What stands between the matrix products of a transformer block.
#pragma once

#include <torch/torch.h>

namespace selfsight {

/// softmax(q k^T / sqrt(width)) v, head by head: `qkv` [N, L, 3 * heads * width] as one Linear
/// makes it, q of all heads first, then k, then v -> [N, L, heads * width].
/// Short sequences of floats or bfloat16 on the CPU are read once, image by image, where the
/// operations one by one copy every head away and back. Sums are floats and their order does not
/// depend on the number of threads.
torch::Tensor self_attention(const torch::Tensor& qkv, std::int64_t heads);

/// x times the normal distribution's share below x (Hendrycks and Gimpel 2016, the exact form).
/// bfloat16 on the CPU takes one pass, to within 2e-7 before it is rounded.
torch::Tensor exact_gelu(const torch::Tensor& x);

}  // namespace selfsight
