#include "core/methods/losses.h"

#include <limits>

namespace selfsight {

namespace functional = torch::nn::functional;

torch::Tensor nt_xent(const torch::Tensor& z0, const torch::Tensor& z1, double temperature) {
  const auto n = z0.size(0);
  const torch::Tensor z =
      functional::normalize(torch::cat({z0, z1}), functional::NormalizeFuncOptions().dim(1));
  torch::Tensor logits = torch::matmul(z, z.t()) / temperature;
  const torch::Tensor self = torch::eye(2 * n, logits.options().dtype(torch::kBool));
  logits = logits.masked_fill(self, -std::numeric_limits<double>::infinity());
  const torch::Tensor first = torch::arange(n, logits.options().dtype(torch::kLong));
  return functional::cross_entropy(logits, torch::cat({first + n, first}));
}

torch::Tensor patchify(const torch::Tensor& images, std::int64_t patch) {
  const auto n = images.size(0), channels = images.size(1);
  const auto rows = images.size(2) / patch, columns = images.size(3) / patch;
  return images.reshape({n, channels, rows, patch, columns, patch})
      .permute({0, 2, 4, 3, 5, 1})
      .reshape({n, rows * columns, patch * patch * channels});
}

torch::Tensor unpatchify(const torch::Tensor& patches, std::int64_t patch, std::int64_t channels) {
  const auto n = patches.size(0);
  std::int64_t grid = 1;
  while (grid * grid < patches.size(1)) ++grid;
  return patches.reshape({n, grid, grid, patch, patch, channels})
      .permute({0, 5, 1, 3, 2, 4})
      .reshape({n, channels, grid * patch, grid * patch});
}

torch::Tensor mae_pixel_loss(const torch::Tensor& images, const torch::Tensor& predicted,
                             const torch::Tensor& hidden, std::int64_t patch, bool norm_pix_loss) {
  torch::Tensor target = patchify(images, patch);
  if (norm_pix_loss)
    target = (target - target.mean(-1, true)) / (target.var(-1, true, true) + 1e-6).sqrt();
  const torch::Tensor mask = hidden.to(predicted.dtype());
  return ((predicted - target).square().mean(-1) * mask).sum() / mask.sum();
}

torch::Tensor patch_mean_loss(const torch::Tensor& images, const torch::Tensor& hidden,
                              std::int64_t patch, bool norm_pix_loss) {
  const torch::Tensor target = patchify(images, patch);
  // A standardised patch has the mean zero.
  const torch::Tensor predicted =
      norm_pix_loss ? torch::zeros_like(target) : target.mean(-1, true).expand_as(target);
  return mae_pixel_loss(images, predicted, hidden, patch, norm_pix_loss);
}

}  // namespace selfsight
