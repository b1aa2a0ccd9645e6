// Loops over tokens, each row by itself: norms, GELU, softmax, and heads put beside each other.
// Numbers are floats or bfloat16 in memory and floats in between. Private to this room.
#pragma once

#include "core/nets/values.h"

namespace selfsight {

/// LayerNorm of x + branch + bias, [rows, width]. Without a branch it has no bias and no sum.
struct NormRows {
  std::int64_t rows, width;
  const float* x;
  Values branch;
  const float* bias;  // [width]
  const float *weight, *shift;
  float eps;
  float* sum;
  Values y;
  float *mean, *inverse;  // [rows]; 1 / deviation
};
void norm_rows(const NormRows& at);

/// Its gradients. `given_sum` may be null; so may `of_branch`, and `of_bias` with it. The sums over
/// rows are added to what is there.
struct NormGradientRows {
  std::int64_t rows, width;
  Values given;
  const float* given_sum;
  const float* sum;  // what was normed
  const float *mean, *inverse, *weight;
  float* of_x;
  Values of_branch;
  float *of_weight, *of_shift, *of_bias;  // [width]
};
void norm_gradient_rows(const NormGradientRows& at);

/// y = gelu(x + bias), with the exact normal distribution (Abramowitz and Stegun 7.1.26), and its
/// slope there, unless nobody wants that.
struct GeluRows {
  std::int64_t rows, width;
  Values x;
  const float* bias;
  Values y, slope;
};
void gelu_rows(const GeluRows& at);

struct GeluGradientRows {
  std::int64_t rows, width;
  Values slope, given, of_x;
  float* of_bias;
};
void gelu_gradient_rows(const GeluGradientRows& at);

/// Each row becomes its softmax.
void softmax_rows(Values scores, std::int64_t rows, std::int64_t width);
/// `given` becomes the gradient of the scores.
void softmax_gradient_rows(Values shares, Values given, std::int64_t rows, std::int64_t width);

/// One part (queries, keys or values) of one image: its rows among the tokens, [length, row] from
/// `tokens` on, and by itself, [heads, length, width].
struct HeadRows {
  std::int64_t length, heads, width, row;
  Values tokens, apart;
  const float* bias;  // [heads * width], or null
  float scale;
};
/// apart = (tokens + bias) * scale.
void split_heads(const HeadRows& at);
/// tokens = apart * scale, and its sums over rows are added to `of_bias`, unless that is null.
void join_heads(const HeadRows& at, float* of_bias);

}  // namespace selfsight
