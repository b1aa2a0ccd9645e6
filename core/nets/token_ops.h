// What a transformer does between its matrix products, in few passes over memory: an addition, a
// bias and a norm in one, a bias and GELU, attention without copies of queries, keys and values.
// Elsewhere than on the CPU, torch's own operations one after the other.
#pragma once

#include <torch/torch.h>

#include <optional>

namespace selfsight {

/// Tokens [N, L, D] on their way through blocks: x + branch + bias, yet to be added up. Without a
/// branch they are x. x is of floats, the branch of whatever networks multiply in.
struct Tokens {
  torch::Tensor x, branch, bias;
};

struct NormedTokens {
  torch::Tensor sum;   // of floats
  torch::Tensor norm;  // LayerNorm of the sum
};

/// Adds tokens up and norms them. The norm is of `type`, or else of what networks multiply in
/// here; see NetworkPrecision.
NormedTokens add_and_norm(const Tokens& tokens, torch::nn::LayerNorm& norm,
                          std::optional<at::ScalarType> type = std::nullopt);

/// gelu(x + bias), exact; [N, L, D] and [D].
torch::Tensor gelu_with_bias(const torch::Tensor& x, const torch::Tensor& bias);

/// Softmax attention (Vaswani et al. 2017, equation 1) of all heads: `qkv` [N, L, 3 D] without its
/// bias [3 D] to [N, L, D]; queries, keys and values one behind the other, each head by head.
torch::Tensor attention(const torch::Tensor& qkv, const torch::Tensor& bias, std::int64_t heads);

}  // namespace selfsight
