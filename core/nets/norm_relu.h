// What follows a convolution in a residual network, in as few passes over memory as it takes.
#pragma once

#include <torch/torch.h>

namespace selfsight {

struct NormTail {
  torch::Tensor shortcut{};  // added after the norm; undefined: nothing is
  bool relu = true;
};

/// relu(norm(x) + shortcut), with the norm's running statistics kept as BatchNorm2d keeps them.
/// In training, on the CPU, for floats or bfloat16 laid out with the channel last, it takes two
/// passes forward and two backward where the operations one by one take five and six; narrow layers
/// are bound by them. Sums are taken in an order that does not depend on the number of threads.
/// Elsewhere it is the operations one by one.
torch::Tensor norm_relu(torch::nn::BatchNorm2d& norm, const torch::Tensor& x,
                        const NormTail& tail = {});

}  // namespace selfsight
