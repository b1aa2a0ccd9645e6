#include "core/nets/attention_kernels.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <vector>

#include "core/base/clones.h"

namespace selfsight {
namespace {

constexpr std::int64_t lanes = attention_lanes;
constexpr std::int64_t rows_at_once = 4;

/// e^x to within a few units of the last place (Cephes' polynomial), for x from -87 to 0; beyond
/// these, that of the nearer one. What is no number stays none.
inline float exponential(float x) {
  x = x < -87.0f ? -87.0f : x > 0.0f ? 0.0f : x;
  const float n = static_cast<float>(static_cast<std::int32_t>(x * 1.44269504f - 0.5f));
  const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  const auto power = static_cast<std::uint32_t>(static_cast<std::int32_t>(n) + 127) << 23;
  return p * std::bit_cast<float>(power);
}

/// The normal distribution's share below x, and its density (Abramowitz and Stegun 7.1.26).
struct Normal {
  float below, density;
};

inline Normal normal(float x) {
  const float z = x < 0 ? -x : x;
  const float t = 1.0f / (1.0f + 0.3275911f * 0.70710678f * z);
  float p = 1.061405429f;
  p = p * t - 1.453152027f;
  p = p * t + 1.421413741f;
  p = p * t - 0.284496736f;
  p = p * t + 0.254829592f;
  const float fall = exponential(-0.5f * x * x);
  const float above = 0.5f * p * t * fall;  // of |x|
  return {x < 0 ? above : 1.0f - above, 0.39894228f * fall};
}

/// c [rows x columns] = a [rows x inner] b [inner x columns]; columns a multiple of `lanes`. Rows
/// are the strides apart.
SELFSIGHT_CLONES void multiply(const float* a, std::int64_t a_stride, const float* b,
                               std::int64_t b_stride, float* __restrict c, std::int64_t c_stride,
                               std::int64_t rows, std::int64_t inner, std::int64_t columns) {
  std::int64_t i = 0;
  for (; i + rows_at_once <= rows; i += rows_at_once)
    for (std::int64_t j = 0; j < columns; j += lanes) {
      float sums[rows_at_once][lanes] = {};
      for (std::int64_t k = 0; k < inner; ++k)
        for (std::int64_t r = 0; r < rows_at_once; ++r)
          for (std::int64_t l = 0; l < lanes; ++l)
            sums[r][l] += a[(i + r) * a_stride + k] * b[k * b_stride + j + l];
      for (std::int64_t r = 0; r < rows_at_once; ++r)
        for (std::int64_t l = 0; l < lanes; ++l) c[(i + r) * c_stride + j + l] = sums[r][l];
    }
  for (; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; j += lanes) {
      float sums[lanes] = {};
      for (std::int64_t k = 0; k < inner; ++k)
        for (std::int64_t l = 0; l < lanes; ++l)
          sums[l] += a[i * a_stride + k] * b[k * b_stride + j + l];
      for (std::int64_t l = 0; l < lanes; ++l) c[i * c_stride + j + l] = sums[l];
    }
}

/// out [columns x out_stride] = a^T; what is past `rows` in a row of out is zero.
void transpose(const float* a, std::int64_t a_stride, std::int64_t rows, std::int64_t columns,
               float* out, std::int64_t out_stride) {
  std::fill(out, out + columns * out_stride, 0.0f);
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j) out[j * out_stride + i] = a[i * a_stride + j];
}

/// Each row of `scores` becomes its softmax; what is past `length` becomes zero.
SELFSIGHT_CLONES void softmax_rows(float* scores, std::int64_t length, std::int64_t stride,
                                   float scale) {
  for (std::int64_t i = 0; i < length; ++i) {
    float* row = scores + i * stride;
    for (std::int64_t j = length; j < stride; ++j) row[j] = row[0];
    float tops[lanes], sums[lanes] = {};
    for (std::int64_t l = 0; l < lanes; ++l) tops[l] = row[l];
    for (std::int64_t j = 0; j < stride; j += lanes)
      for (std::int64_t l = 0; l < lanes; ++l)
        tops[l] = row[j + l] > tops[l] ? row[j + l] : tops[l];
    const float most = *std::max_element(tops, tops + lanes);
    for (std::int64_t j = 0; j < stride; ++j) row[j] = exponential(scale * (row[j] - most));
    for (std::int64_t j = length; j < stride; ++j) row[j] = 0;
    for (std::int64_t j = 0; j < stride; j += lanes)
      for (std::int64_t l = 0; l < lanes; ++l) sums[l] += row[j + l];
    const float share = 1.0f / std::accumulate(sums, sums + lanes, 0.0f);
    for (std::int64_t j = 0; j < stride; ++j) row[j] *= share;
  }
}

/// of = scale * p * (of - sum(of * p)), row by row.
SELFSIGHT_CLONES void softmax_backward_rows(const float* p, float* of, std::int64_t length,
                                            std::int64_t stride, float scale) {
  for (std::int64_t i = 0; i < length; ++i, p += stride, of += stride) {
    float sums[lanes] = {};
    for (std::int64_t j = 0; j < stride; j += lanes)
      for (std::int64_t l = 0; l < lanes; ++l) sums[l] += of[j + l] * p[j + l];
    const float sum = std::accumulate(sums, sums + lanes, 0.0f);
    for (std::int64_t j = 0; j < stride; ++j) of[j] = scale * p[j] * (of[j] - sum);
  }
}

/// The memory of one thread: matrices of `length` or `width` rows.
struct Scratch {
  explicit Scratch(const Head& head)
      : stride((head.length + lanes - 1) / lanes * lanes),
        wide((head.width + lanes - 1) / lanes * lanes) {
    const auto squares = static_cast<std::size_t>(head.length * stride);
    for (auto* square : {&scores, &gradients, &turned}) square->resize(squares);
    flat.resize(static_cast<std::size_t>(head.width * stride));
  }
  std::int64_t stride, wide;
  std::vector<float> scores, gradients, turned, flat;
};

Scratch& scratch(const Head& head) {
  thread_local Scratch kept{head};
  thread_local std::int64_t length = head.length, width = head.width;
  if (length != head.length || width != head.width) {
    kept = Scratch(head);
    length = head.length;
    width = head.width;
  }
  return kept;
}

void shares(const Head& head, const float* q, const float* k, Scratch& s) {
  transpose(k, head.stride, head.length, head.width, s.flat.data(), s.stride);
  multiply(q, head.stride, s.flat.data(), s.stride, s.scores.data(), s.stride, head.length,
           head.width, s.stride);
  softmax_rows(s.scores.data(), head.length, s.stride, static_cast<float>(head.scale));
}

SELFSIGHT_CLONES void gelu_loop(const float* x, std::int64_t count, float* __restrict out) {
  for (std::int64_t i = 0; i < count; ++i) out[i] = x[i] * normal(x[i]).below;
}

SELFSIGHT_CLONES void gelu_gradient_loop(const float* x, const float* given, std::int64_t count,
                                         float* __restrict out) {
  for (std::int64_t i = 0; i < count; ++i) {
    const Normal n = normal(x[i]);
    out[i] = given[i] * (n.below + x[i] * n.density);
  }
}

}  // namespace

void attend(const Head& head, const float* q, const float* k, const float* v, float* out,
            std::int64_t out_stride) {
  Scratch& s = scratch(head);
  shares(head, q, k, s);
  multiply(s.scores.data(), s.stride, v, head.stride, out, out_stride, head.length, head.length,
           head.width);
}

void attend_backward(const Head& head, const float* q, const float* k, const float* v,
                     const float* of_out, std::int64_t out_stride, float* of_q, float* of_k,
                     float* of_v) {
  Scratch& s = scratch(head);
  const std::int64_t length = head.length, width = head.width;
  shares(head, q, k, s);
  transpose(s.scores.data(), s.stride, length, length, s.turned.data(), s.stride);
  multiply(s.turned.data(), s.stride, of_out, out_stride, of_v, head.stride, length, length, width);
  transpose(v, head.stride, length, width, s.flat.data(), s.stride);
  multiply(of_out, out_stride, s.flat.data(), s.stride, s.gradients.data(), s.stride, length, width,
           s.stride);
  softmax_backward_rows(s.scores.data(), s.gradients.data(), length, s.stride,
                        static_cast<float>(head.scale));
  multiply(s.gradients.data(), s.stride, k, head.stride, of_q, head.stride, length, length, width);
  transpose(s.gradients.data(), s.stride, length, length, s.turned.data(), s.stride);
  multiply(s.turned.data(), s.stride, q, head.stride, of_k, head.stride, length, length, width);
}

void gelu_values(const float* x, std::int64_t count, float* out) {
  gelu_loop(x, count, out);
}

void gelu_gradients(const float* x, const float* given, std::int64_t count, float* out) {
  gelu_gradient_loop(x, given, count, out);
}

}  // namespace selfsight
