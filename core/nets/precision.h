// In which numbers networks multiply: mixed precision (Micikevicius et al. 2018, arXiv:1710.03740)
// with bfloat16, whose range is that of floats, so that no loss has to be scaled.
#pragma once

#include <torch/torch.h>

#include "core/nets/values.h"

namespace selfsight {

/// Whether this processor multiplies bfloat16 faster than floats (AMX or AVX-512 BF16).
bool fast_bfloat16();

/// While one lives with `on`, the networks that its thread runs multiply in bfloat16. Weights,
/// norms' statistics, what networks return, losses and the optimiser stay floats.
class Bfloat16 {
 public:
  explicit Bfloat16(bool on);
  ~Bfloat16();
  Bfloat16(const Bfloat16&) = delete;
  Bfloat16& operator=(const Bfloat16&) = delete;

 private:
  bool before_;
};

/// Put by a network around its own work: torch's autocast where a Bfloat16 lives, else nothing.
/// What is returned goes through floats().
class NetworkPrecision {
 public:
  NetworkPrecision();
  ~NetworkPrecision();
  NetworkPrecision(const NetworkPrecision&) = delete;
  NetworkPrecision& operator=(const NetworkPrecision&) = delete;

 private:
  bool on_;
};

/// What networks multiply in here and now: bfloat16 inside a NetworkPrecision that is on.
at::ScalarType network_type();

/// The memory of a tensor of floats or bfloat16; nothing where it has none.
inline Values values_in(const torch::Tensor& x) {
  if (!x.defined() || x.numel() == 0) return {};
  return {x.data_ptr(), x.scalar_type() == torch::kBFloat16};
}

inline torch::Tensor floats(const torch::Tensor& x) {
  return x.scalar_type() == torch::kBFloat16 ? x.to(torch::kFloat) : x;
}

}  // namespace selfsight
