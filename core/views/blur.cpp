#include <algorithm>
#include <cmath>

#include "core/base/clones.h"
#include "core/views/planes.h"

namespace selfsight {
namespace {

constexpr float least_weight = 1e-8F;  // of 255, far below what rounding to 8 bits can tell

/// torchvision's kernel from its middle outwards, without the ends that change nothing.
void half_kernel(int kernel, double sigma, std::vector<float>& out) {
  const double half = (kernel - 1) * 0.5;
  double sum = 0;
  for (int i = 0; i < kernel; ++i) sum += std::exp(-0.5 * std::pow((i - half) / sigma, 2));
  out.clear();
  for (int i = 0; i <= static_cast<int>(half); ++i) {
    const auto weight = static_cast<float>(std::exp(-0.5 * std::pow(i / sigma, 2)) / sum);
    if (weight < least_weight) break;
    out.push_back(weight);
  }
}

/// Mirrored at the first and last one, which are not repeated.
int mirrored(int at, int size) {
  while (at < 0 || at >= size) at = size == 1 ? 0 : at < 0 ? -at : 2 * (size - 1) - at;
  return at;
}

SELFSIGHT_CLONES void widen(const std::uint8_t* in, float* out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = in[i];
}

SELFSIGHT_CLONES void scale(const float* in, float weight, float* __restrict out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = weight * in[i];
}

SELFSIGHT_CLONES void add_pair(const float* a, const float* b, float weight, float* __restrict out,
                               std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] += weight * (a[i] + b[i]);
}

/// Half to even, as torch's round.
SELFSIGHT_CLONES void narrow(const float* in, std::uint8_t* __restrict out, std::size_t n) {
  constexpr float whole = 12582912;  // 1.5 * 2^23: floats of this size have no fractions
  for (std::size_t i = 0; i < n; ++i)
    out[i] = static_cast<std::uint8_t>(static_cast<int>((in[i] + whole) - whole));
}

/// Kept per thread: a view needs no memory of its own.
struct Workspace {
  std::vector<float> weights, padded, rows, sum;
};

void blur_across(const std::uint8_t* plane, int height, int width, Workspace& work) {
  const auto n = static_cast<std::size_t>(width);
  const int half = static_cast<int>(work.weights.size()) - 1;
  work.rows.resize(n * static_cast<std::size_t>(height));
  work.padded.resize(n + 2 * static_cast<std::size_t>(half));
  float* const middle = work.padded.data() + half;
  for (int y = 0; y < height; ++y) {
    widen(plane + static_cast<std::size_t>(y) * n, middle, n);
    for (int k = 1; k <= half; ++k) {
      middle[-k] = middle[mirrored(-k, width)];
      middle[width - 1 + k] = middle[mirrored(width - 1 + k, width)];
    }
    float* const out = work.rows.data() + static_cast<std::size_t>(y) * n;
    scale(middle, work.weights[0], out, n);
    for (int k = 1; k <= half; ++k)
      add_pair(middle - k, middle + k, work.weights[static_cast<std::size_t>(k)], out, n);
  }
}

void blur_down(std::uint8_t* plane, int height, int width, Workspace& work) {
  const auto n = static_cast<std::size_t>(width);
  const int half = static_cast<int>(work.weights.size()) - 1;
  work.sum.resize(n);
  const auto row = [&](int y) {
    return work.rows.data() + static_cast<std::size_t>(mirrored(y, height)) * n;
  };
  for (int y = 0; y < height; ++y) {
    scale(row(y), work.weights[0], work.sum.data(), n);
    for (int k = 1; k <= half; ++k)
      add_pair(row(y - k), row(y + k), work.weights[static_cast<std::size_t>(k)], work.sum.data(),
               n);
    narrow(work.sum.data(), plane + static_cast<std::size_t>(y) * n, n);
  }
}

}  // namespace

void gaussian_blur(Planes& planes, int kernel, double sigma) {
  thread_local Workspace work;
  half_kernel(kernel, sigma, work.weights);
  for (int c = 0; c < planes.channels(); ++c) {
    blur_across(planes.plane(c), planes.height(), planes.width(), work);
    blur_down(planes.plane(c), planes.height(), planes.width(), work);
  }
}

}  // namespace selfsight
