// Golden inputs as tensors, and tensors as plain numbers.
#pragma once

#include <torch/torch.h>

#include "tests/reference/reference.h"

namespace selfsight::reference {

inline torch::Tensor tensor(const std::vector<double>& values, torch::Dtype type) {
  return torch::tensor(values, torch::kDouble).to(type);
}

/// An input in its own shape.
inline torch::Tensor tensor(const Json& description, torch::Dtype type) {
  return tensor(input(description), type)
      .reshape(description.at("shape").get<std::vector<std::int64_t>>());
}

inline std::vector<double> numbers(const torch::Tensor& tensor) {
  const torch::Tensor plain = tensor.detach().to(torch::kDouble).contiguous();
  const double* data = plain.data_ptr<double>();
  return {data, data + plain.numel()};
}

}  // namespace selfsight::reference
