#include "core/methods/colour_space.h"

#include <cmath>
#include <set>
#include <utility>

namespace selfsight {
namespace {

// sRGB to XYZ (IEC 61966-2-1), each row divided by the white of D65.
constexpr double white[3] = {0.950456, 1.0, 1.088754};
constexpr double xyz_of_rgb[3][3] = {
    {0.412453, 0.357580, 0.180423}, {0.212671, 0.715160, 0.072169}, {0.019334, 0.119193, 0.950227}};

torch::Tensor relative_xyz(const torch::TensorOptions& options) {
  torch::Tensor out = torch::empty({3, 3}, torch::kDouble);
  for (int row = 0; row < 3; ++row)
    for (int column = 0; column < 3; ++column)
      out[row][column] = xyz_of_rgb[row][column] / white[row];
  return out.to(options);
}

/// matrix [3, 3] times each pixel of images [N, 3, H, W].
torch::Tensor each_pixel(const torch::Tensor& matrix, const torch::Tensor& images) {
  return torch::einsum("ij,njhw->nihw", {matrix, images});
}

torch::Tensor linear_of(const torch::Tensor& srgb) {
  return torch::where(srgb > 0.04045, ((srgb + 0.055) / 1.055).clamp_min(0).pow(2.4), srgb / 12.92);
}

torch::Tensor srgb_of(const torch::Tensor& linear) {
  const torch::Tensor positive = linear.clamp_min(1e-8);
  return torch::where(linear > 0.0031308, 1.055 * positive.pow(1 / 2.4) - 0.055, 12.92 * linear);
}

constexpr double bend = 6.0 / 29;  // where the cube root of L*a*b* becomes a line

torch::Tensor channel_values(const std::vector<double>& values, const torch::Tensor& like) {
  return torch::tensor(values, torch::kDouble).to(like.options()).reshape({1, -1, 1, 1});
}

}  // namespace

torch::Tensor lab_of_rgb(const torch::Tensor& rgb) {
  const torch::Tensor xyz = each_pixel(relative_xyz(rgb.options()), linear_of(rgb));
  const torch::Tensor f = torch::where(xyz > bend * bend * bend, xyz.clamp_min(1e-8).pow(1.0 / 3),
                                       xyz / (3 * bend * bend) + 4.0 / 29);
  const auto part = f.unbind(1);
  return torch::stack({116 * part[1] - 16, 500 * (part[0] - part[1]), 200 * (part[1] - part[2])},
                      1);
}

torch::Tensor rgb_of_lab(const torch::Tensor& lab) {
  const auto part = lab.unbind(1);
  const torch::Tensor y = (part[0] + 16) / 116;
  const torch::Tensor f = torch::stack({y + part[1] / 500, y, y - part[2] / 200}, 1);
  const torch::Tensor xyz = torch::where(f > bend, f * f * f, 3 * bend * bend * (f - 4.0 / 29));
  const torch::Tensor back = torch::inverse(relative_xyz(torch::TensorOptions(torch::kDouble)));
  return srgb_of(each_pixel(back.to(lab.options()), xyz)).clamp(0, 1);
}

torch::Tensor without_normalisation(const torch::Tensor& images, const Normalisation& n) {
  return images * channel_values(n.std, images) + channel_values(n.mean, images);
}

torch::Tensor with_normalisation(const torch::Tensor& rgb, const Normalisation& n) {
  return (rgb - channel_values(n.mean, rgb)) / channel_values(n.std, rgb);
}

torch::Tensor grey_of(const torch::Tensor& rgb) {
  const torch::Tensor weights = channel_values({0.299, 0.587, 0.114}, rgb);
  return (rgb * weights).sum(1, /*keepdim=*/true).expand_as(rgb);
}

torch::Tensor colour_classes() {
  constexpr std::int64_t levels = 52;  // every fifth of 256; finer ones add no class
  const torch::Tensor level = torch::linspace(0, 1, levels);
  const auto cube = torch::meshgrid({level, level, level}, "ij");
  const torch::Tensor rgb = torch::stack({cube[0].flatten(), cube[1].flatten(), cube[2].flatten()})
                                .reshape({1, 3, levels * levels, levels});
  const torch::Tensor cells = (lab_of_rgb(rgb) / 10).round().to(torch::kLong).contiguous();
  const auto a = cells[0][1].flatten(), b = cells[0][2].flatten();
  const auto *first = a.data_ptr<std::int64_t>(), *second = b.data_ptr<std::int64_t>();
  std::set<std::pair<std::int64_t, std::int64_t>> found;
  for (std::int64_t i = 0; i < a.numel(); ++i) found.emplace(first[i], second[i]);
  std::vector<double> centres;
  for (const auto& [row, column] : found) {
    centres.push_back(10.0 * static_cast<double>(row));
    centres.push_back(10.0 * static_cast<double>(column));
  }
  return torch::tensor(centres).reshape({-1, 2}).to(torch::kFloat);
}

SoftClasses soft_classes(const torch::Tensor& ab, const torch::Tensor& centres) {
  constexpr std::int64_t neighbours = 5;
  constexpr double sigma = 5;
  const auto [distance, classes] = torch::cdist(ab, centres).topk(neighbours, 1, /*largest=*/false);
  // The nearest is taken off first, so that the sum is never zero.
  const torch::Tensor squares = distance.square();
  const torch::Tensor weights =
      torch::exp(-(squares - squares.slice(1, 0, 1)) / (2 * sigma * sigma));
  return {classes, weights / weights.sum(1, /*keepdim=*/true)};
}

}  // namespace selfsight
