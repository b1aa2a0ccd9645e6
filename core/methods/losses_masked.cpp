#include "core/methods/losses_masked.h"

namespace selfsight {

torch::Tensor hidden_pixels(const torch::Tensor& hidden, std::int64_t side) {
  std::int64_t grid = 1;
  while (grid * grid < hidden.size(1)) ++grid;
  return hidden.reshape({-1, 1, grid, grid})
      .repeat_interleave(side / grid, 2)
      .repeat_interleave(side / grid, 3);
}

torch::Tensor simmim_loss(const torch::Tensor& images, const torch::Tensor& rebuilt,
                          const torch::Tensor& hidden) {
  const torch::Tensor mask = hidden_pixels(hidden, images.size(2)).to(images.dtype());
  return ((images - rebuilt).abs() * mask).sum() / (mask.sum() + 1e-5) /
         static_cast<double>(images.size(1));
}

torch::Tensor ijepa_target(const torch::Tensor& targets) {
  return torch::layer_norm(targets.detach(), {targets.size(-1)});
}

torch::Tensor ijepa_loss(const torch::Tensor& predicted, const torch::Tensor& targets) {
  return torch::smooth_l1_loss(predicted, ijepa_target(targets));
}

}  // namespace selfsight
