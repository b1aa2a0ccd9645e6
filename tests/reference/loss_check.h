// A golden loss and its gradients.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "tests/reference/tensors.h"

namespace selfsight::reference {

using Inputs = std::map<std::string, torch::Tensor>;
using Loss = std::function<torch::Tensor(const Inputs&)>;

/// The loss and its gradients, in double and in single precision.
inline void check_loss(const Json& c, const Loss& loss, Findings& found) {
  const Json &expected = c.at("expected"), &tol = c.at("tol");
  for (const std::string precision : {"f64", "f32"}) {
    const auto type = precision == "f64" ? torch::kDouble : torch::kFloat;
    Inputs inputs;
    for (const auto& [name, description] : c.at("inputs").items())
      inputs[name] = tensor(description, type).requires_grad_(expected.at("grads").contains(name));
    const torch::Tensor value = loss(inputs);
    value.backward();
    found.near("the loss in " + precision, value.item<double>(),
               expected.at("loss_" + precision).get<double>(),
               tol.at(precision + "_rel").get<double>(), tol.at(precision + "_abs").get<double>());
    for (const auto& [name, wanted] : expected.at("grads").items())
      found.checksum("the gradient of " + name + " in " + precision,
                     numbers(inputs.at(name).grad()), wanted,
                     tol.at("grad_" + precision + "_rel_l2").get<double>());
  }
}

}  // namespace selfsight::reference
