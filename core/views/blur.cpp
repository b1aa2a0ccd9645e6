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
struct BlurWorkspace {
  std::vector<float> weights, padded, rows, sum;
};

void blur_across(const std::uint8_t* plane, int height, int width, BlurWorkspace& work) {
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

void blur_down(std::uint8_t* plane, int height, int width, BlurWorkspace& work) {
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

/// Pillow's box of a width that need not be whole: `inner` pixels each way at full weight and one
/// more at the weight `outer`, in units of 2^-24.
struct Box {
  int inner = 0;
  std::uint32_t full = 0, outer = 0;
};

/// Three such boxes have the standard deviation `radius` (Gwosdek et al. 2011, equations 7 to 14).
Box box_of(double radius) {
  constexpr float passes = 3;
  const auto sigma = static_cast<float>(radius);
  const float variance = sigma * sigma / passes;
  const float length = static_cast<float>(std::sqrt(12.0 * variance + 1.0));
  const float whole = std::floor((length - 1) / 2);
  float part = (2 * whole + 1) * (whole * (whole + 1) - 3 * variance);
  part /= 6 * (variance - (whole + 1) * (whole + 1));
  const float half = whole + part;
  const int inner = static_cast<int>(half);
  const auto full = static_cast<std::uint32_t>(16777216.0F / (half * 2 + 1));
  const auto rest = 16777216U - static_cast<std::uint32_t>(2 * inner + 1) * full;
  return {inner, full, rest / 2};
}

/// `count` values that lie `step` apart, the first and last repeated beyond the ends.
void box_line(std::uint8_t* values, int count, std::ptrdiff_t step, const Box& box,
              std::vector<std::uint8_t>& line) {
  const int reach = box.inner + 1;
  line.resize(static_cast<std::size_t>(count + 2 * reach));
  for (int i = -reach; i < count + reach; ++i)
    line[static_cast<std::size_t>(i + reach)] = values[std::clamp(i, 0, count - 1) * step];
  std::uint32_t sum = 0;
  for (int i = 1; i < 2 * reach; ++i) sum += line[static_cast<std::size_t>(i)];
  for (int i = 0; i < count; ++i) {
    const auto first = static_cast<std::size_t>(i), last = static_cast<std::size_t>(i + 2 * reach);
    const std::uint32_t ends = std::uint32_t{line[first]} + line[last];
    values[i * step] =
        static_cast<std::uint8_t>((sum * box.full + ends * box.outer + (1U << 23)) >> 24);
    sum += line[last];
    sum -= line[first + 1];
  }
}

}  // namespace

void pillow_gaussian_blur(Planes& planes, double radius) {
  if (radius <= 0) return;
  thread_local std::vector<std::uint8_t> line;
  const Box box = box_of(radius);
  const int width = planes.width(), height = planes.height();
  for (int c = 0; c < planes.channels(); ++c) {
    std::uint8_t* const plane = planes.plane(c);
    for (int pass = 0; pass < 3; ++pass)
      for (int y = 0; y < height; ++y) box_line(plane + y * width, width, 1, box, line);
    for (int pass = 0; pass < 3; ++pass)
      for (int x = 0; x < width; ++x) box_line(plane + x, height, width, box, line);
  }
}

void gaussian_blur(Planes& planes, int kernel, double sigma) {
  thread_local BlurWorkspace work;
  half_kernel(kernel, sigma, work.weights);
  for (int c = 0; c < planes.channels(); ++c) {
    blur_across(planes.plane(c), planes.height(), planes.width(), work);
    blur_down(planes.plane(c), planes.height(), planes.width(), work);
  }
}

}  // namespace selfsight
