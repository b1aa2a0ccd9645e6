#include "core/nets/norm_kernels.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "core/base/clones.h"

namespace selfsight {
namespace {

constexpr std::int64_t flush_lines = 128;  // summed in single precision before they are added up

/// Calls sum(first line, end line, sums in single precision) for a few lines at a time.
template <class Sum>
void in_pieces(std::int64_t lines, std::int64_t width, double* sums, Sum&& sum) {
  thread_local std::vector<float> piece;
  const auto values = static_cast<std::size_t>(2 * width);
  for (std::int64_t line = 0; line < lines; line += flush_lines) {
    piece.assign(values, 0);
    sum(line, std::min(line + flush_lines, lines), piece.data());
    for (std::size_t i = 0; i < values; ++i) sums[i] += static_cast<double>(piece[i]);
  }
}

SELFSIGHT_CLONES void moments_piece(const float* x, std::int64_t lines, std::int64_t width,
                                    const float* first, float* __restrict sums,
                                    float* __restrict squares) {
  for (std::int64_t line = 0; line < lines; ++line, x += width)
    for (std::int64_t i = 0; i < width; ++i) {
      const float d = x[i] - first[i];
      sums[i] += d;
      squares[i] += d * d;
    }
}

SELFSIGHT_CLONES void norm_lines(const float* x, std::int64_t lines, std::int64_t width,
                                 const float* scale, const float* shift, float low,
                                 float* __restrict y) {
  for (std::int64_t line = 0; line < lines; ++line, x += width, y += width)
    for (std::int64_t i = 0; i < width; ++i) {
      const float v = x[i] * scale[i] + shift[i];
      y[i] = v < low ? low : v;  // what is no number stays none, and is noticed
    }
}

SELFSIGHT_CLONES void norm_add_lines(const float* x, const float* added, std::int64_t lines,
                                     std::int64_t width, const float* scale, const float* shift,
                                     float low, float* __restrict y) {
  for (std::int64_t line = 0; line < lines; ++line, x += width, added += width, y += width)
    for (std::int64_t i = 0; i < width; ++i) {
      const float v = x[i] * scale[i] + shift[i] + added[i];
      y[i] = v < low ? low : v;
    }
}

SELFSIGHT_CLONES void gradient_piece(const float* given, const float* x, std::int64_t lines,
                                     std::int64_t width, const float* mean, float* __restrict sums,
                                     float* __restrict products) {
  for (std::int64_t line = 0; line < lines; ++line, given += width, x += width)
    for (std::int64_t i = 0; i < width; ++i) {
      sums[i] += given[i];
      products[i] += given[i] * (x[i] - mean[i]);
    }
}

SELFSIGHT_CLONES void masked_gradient_piece(const float* given, const float* y, const float* x,
                                            std::int64_t lines, std::int64_t width,
                                            const float* mean, float* __restrict inside,
                                            float* __restrict sums, float* __restrict products) {
  for (std::int64_t line = 0; line < lines;
       ++line, given += width, y += width, x += width, inside += width)
    for (std::int64_t i = 0; i < width; ++i) {
      const float g = y[i] <= 0 ? 0 : given[i];
      inside[i] = g;
      sums[i] += g;
      products[i] += g * (x[i] - mean[i]);
    }
}

SELFSIGHT_CLONES void combine_lines(const float* g, const float* x, std::int64_t lines,
                                    std::int64_t width, const float* a, const float* b,
                                    const float* c, float* out) {
  for (std::int64_t line = 0; line < lines; ++line, g += width, x += width, out += width) {
#pragma GCC ivdep
    for (std::int64_t i = 0; i < width; ++i) out[i] = a[i] * g[i] + (b[i] * x[i] + c[i]);
  }
}

}  // namespace

void add_moments(const float* x, std::int64_t lines, std::int64_t width, const float* first,
                 double* sums) {
  in_pieces(lines, width, sums, [&](std::int64_t begin, std::int64_t end, float* piece) {
    moments_piece(x + begin * width, end - begin, width, first, piece, piece + width);
  });
}

void apply_norm(const float* x, const float* added, std::int64_t lines, std::int64_t width,
                const float* scale, const float* shift, bool relu, float* y) {
  const float low = relu ? 0 : -std::numeric_limits<float>::infinity();
  if (added)
    norm_add_lines(x, added, lines, width, scale, shift, low, y);
  else
    norm_lines(x, lines, width, scale, shift, low, y);
}

void add_gradient_sums(const float* given, const float* y, const float* x, std::int64_t lines,
                       std::int64_t width, const float* mean, float* inside, double* sums) {
  in_pieces(lines, width, sums, [&](std::int64_t begin, std::int64_t end, float* piece) {
    const std::int64_t at = begin * width;
    if (y)
      masked_gradient_piece(given + at, y + at, x + at, end - begin, width, mean, inside + at,
                            piece, piece + width);
    else
      gradient_piece(given + at, x + at, end - begin, width, mean, piece, piece + width);
  });
}

void combine(const float* g, const float* x, std::int64_t lines, std::int64_t width, const float* a,
             const float* b, const float* c, float* out) {
  combine_lines(g, x, lines, width, a, b, c, out);
}

}  // namespace selfsight
