#include "core/nets/token_kernels.h"

#include <cmath>
#include <limits>
#include <type_traits>

#include "core/base/clones.h"
#include "core/nets/lanes.h"

namespace selfsight {
namespace {

template <class T>
SELFSIGHT_LANES T* memory(const Values& values) {
  return static_cast<T*>(values.data);
}

SELFSIGHT_LANES Floats or_nothing(const float* from, std::int64_t i, std::int64_t count) {
  return from ? load(from + i, count) : Floats{};
}

SELFSIGHT_LANES void add_to(float* sums, Floats values, std::int64_t count) {
  store(sums, load(sums, count) + values, count);
}

template <class Branch, class Y>
SELFSIGHT_LANES void norm_rows_of(const NormRows& at) {
  const std::int64_t d = at.width;
  const auto size = static_cast<float>(d);
  for (std::int64_t row = 0; row < at.rows; ++row) {
    const float* x = at.x + row * d;
    Floats added{};
    if (at.branch) {
      const Branch* branch = memory<Branch>(at.branch) + row * d;
      float* out = at.sum + row * d;
      for (std::int64_t i = 0; i < d; i += lanes) {
        const Floats v = load(x + i, d - i) + load(branch + i, d - i) + load(at.bias + i, d - i);
        store(out + i, v, d - i);
        added += v;
      }
      x = out;
    } else {
      for (std::int64_t i = 0; i < d; i += lanes) added += load(x + i, d - i);
    }
    const float mean = sum(added) / size;
    Floats squares{};
    for (std::int64_t i = 0; i < d; i += lanes) {
      const Floats away = first(load(x + i, d - i) - mean, d - i, 0);
      squares += away * away;
    }
    const float variance = sum(squares) / size;
    // What has overflowed would be normed to zeros, and nobody would notice.
    const float inverse = std::isfinite(variance) ? 1 / std::sqrt(variance + at.eps)
                                                  : std::numeric_limits<float>::quiet_NaN();
    Y* y = memory<Y>(at.y) + row * d;
    for (std::int64_t i = 0; i < d; i += lanes)
      store(y + i,
            (load(x + i, d - i) - mean) * inverse * load(at.weight + i, d - i) +
                load(at.shift + i, d - i),
            d - i);
    at.mean[row] = mean;
    at.inverse[row] = inverse;
  }
}

template <class Given, class Branch>
SELFSIGHT_LANES void norm_gradient_rows_of(const NormGradientRows& at) {
  const std::int64_t d = at.width;
  const auto size = static_cast<float>(d);
  for (std::int64_t row = 0; row < at.rows; ++row) {
    const float* x = at.sum + row * d;
    const Given* given = memory<Given>(at.given) + row * d;
    const float mean = at.mean[row], inverse = at.inverse[row];
    Floats plain{}, along{};
    for (std::int64_t i = 0; i < d; i += lanes) {
      const Floats g = load(given + i, d - i), normed = (load(x + i, d - i) - mean) * inverse,
                   weighed = g * load(at.weight + i, d - i);
      plain += weighed;
      along += weighed * normed;
      add_to(at.of_weight + i, g * normed, d - i);
      add_to(at.of_shift + i, g, d - i);
    }
    const float a = sum(plain) / size, b = sum(along) / size;
    for (std::int64_t i = 0; i < d; i += lanes) {
      const Floats normed = (load(x + i, d - i) - mean) * inverse;
      Floats out = inverse * (load(given + i, d - i) * load(at.weight + i, d - i) - a - normed * b);
      out += or_nothing(at.given_sum ? at.given_sum + row * d : nullptr, i, d - i);
      store(at.of_x + row * d + i, out, d - i);
      if (!at.of_branch) continue;
      store(memory<Branch>(at.of_branch) + row * d + i, out, d - i);
      add_to(at.of_bias + i, out, d - i);
    }
  }
}

/// The normal distribution's share below x, and its density.
struct Normal {
  Floats below, density;
};

SELFSIGHT_LANES Normal normal(Floats x) {
  const Floats size = x < 0.0f ? -x : x;
  const Floats t = 1.0f / (1.0f + 0.23164189f * size);  // 0.3275911 / sqrt(2)
  Floats p = t * 1.061405429f - 1.453152027f;
  p = p * t + 1.421413741f;
  p = p * t - 0.284496736f;
  p = p * t + 0.254829592f;
  const Floats fall = exponential(-0.5f * x * x);
  const Floats above = 0.5f * p * t * fall;  // of |x|
  return {x < 0.0f ? above : 1.0f - above, 0.39894228f * fall};
}

template <class T>
SELFSIGHT_LANES void gelu_rows_of(const GeluRows& at) {
  const std::int64_t d = at.width;
  const T* x = memory<T>(at.x);
  T *y = memory<T>(at.y), *slope = memory<T>(at.slope);
  for (std::int64_t row = 0; row < at.rows; ++row, x += d, y += d)
    for (std::int64_t i = 0; i < d; i += lanes) {
      const Floats v = load(x + i, d - i) + load(at.bias + i, d - i);
      const Normal n = normal(v);
      store(y + i, v * n.below, d - i);
      if (slope) store(slope + row * d + i, n.below + v * n.density, d - i);
    }
}

template <class T>
SELFSIGHT_LANES void gelu_gradient_rows_of(const GeluGradientRows& at) {
  const std::int64_t d = at.width;
  const T *slope = memory<T>(at.slope), *given = memory<T>(at.given);
  T* of_x = memory<T>(at.of_x);
  for (std::int64_t row = 0; row < at.rows; ++row, slope += d, given += d, of_x += d)
    for (std::int64_t i = 0; i < d; i += lanes) {
      const Floats out = load(given + i, d - i) * load(slope + i, d - i);
      store(of_x + i, out, d - i);
      add_to(at.of_bias + i, out, d - i);
    }
}

template <class T>
SELFSIGHT_LANES void softmax_rows_of(T* row, std::int64_t rows, std::int64_t width) {
  constexpr float lowest = -std::numeric_limits<float>::infinity();
  for (std::int64_t r = 0; r < rows; ++r, row += width) {
    Floats tops = Floats{} + lowest;
    for (std::int64_t i = 0; i < width; i += lanes)
      tops = larger(tops, first(load(row + i, width - i), width - i, lowest));
    const float most = largest(tops);
    Floats added{};
    for (std::int64_t i = 0; i < width; i += lanes)
      added += first(exponential(load(row + i, width - i) - most), width - i, 0);
    const float share = 1 / sum(added);
    for (std::int64_t i = 0; i < width; i += lanes)
      store(row + i, exponential(load(row + i, width - i) - most) * share, width - i);
  }
}

template <class T>
SELFSIGHT_LANES void softmax_gradient_rows_of(const T* share, T* given, std::int64_t rows,
                                              std::int64_t width) {
  for (std::int64_t r = 0; r < rows; ++r, share += width, given += width) {
    Floats added{};
    for (std::int64_t i = 0; i < width; i += lanes)
      added += load(share + i, width - i) * load(given + i, width - i);
    const float along = sum(added);
    for (std::int64_t i = 0; i < width; i += lanes)
      store(given + i, load(share + i, width - i) * (load(given + i, width - i) - along),
            width - i);
  }
}

template <class T>
SELFSIGHT_LANES void split_heads_of(const HeadRows& at) {
  const std::int64_t d = at.width;
  for (std::int64_t token = 0; token < at.length; ++token)
    for (std::int64_t h = 0; h < at.heads; ++h) {
      const T* from = memory<T>(at.tokens) + token * at.row + h * d;
      T* to = memory<T>(at.apart) + (h * at.length + token) * d;
      for (std::int64_t i = 0; i < d; i += lanes) {
        const Floats added = or_nothing(at.bias, h * d + i, d - i);
        store(to + i, (load(from + i, d - i) + added) * at.scale, d - i);
      }
    }
}

template <class T>
SELFSIGHT_LANES void join_heads_of(const HeadRows& at, float* of_bias) {
  const std::int64_t d = at.width;
  for (std::int64_t token = 0; token < at.length; ++token)
    for (std::int64_t h = 0; h < at.heads; ++h) {
      const T* from = memory<T>(at.apart) + (h * at.length + token) * d;
      T* to = memory<T>(at.tokens) + token * at.row + h * d;
      for (std::int64_t i = 0; i < d; i += lanes) {
        const Floats v = load(from + i, d - i) * at.scale;
        store(to + i, v, d - i);
        if (of_bias) add_to(of_bias + h * d + i, v, d - i);
      }
    }
}

}  // namespace

SELFSIGHT_CLONES void norm_rows(const NormRows& at) {
  const bool branch = at.branch.halves, y = at.y.halves;
  if (branch)
    y ? norm_rows_of<Half, Half>(at) : norm_rows_of<Half, float>(at);
  else
    y ? norm_rows_of<float, Half>(at) : norm_rows_of<float, float>(at);
}

SELFSIGHT_CLONES void norm_gradient_rows(const NormGradientRows& at) {
  const bool given = at.given.halves, branch = at.of_branch.halves;
  if (given)
    branch ? norm_gradient_rows_of<Half, Half>(at) : norm_gradient_rows_of<Half, float>(at);
  else
    branch ? norm_gradient_rows_of<float, Half>(at) : norm_gradient_rows_of<float, float>(at);
}

SELFSIGHT_CLONES void gelu_rows(const GeluRows& at) {
  at.x.halves ? gelu_rows_of<Half>(at) : gelu_rows_of<float>(at);
}

SELFSIGHT_CLONES void gelu_gradient_rows(const GeluGradientRows& at) {
  at.given.halves ? gelu_gradient_rows_of<Half>(at) : gelu_gradient_rows_of<float>(at);
}

SELFSIGHT_CLONES void softmax_rows(Values scores, std::int64_t rows, std::int64_t width) {
  scores.halves ? softmax_rows_of(memory<Half>(scores), rows, width)
                : softmax_rows_of(memory<float>(scores), rows, width);
}

SELFSIGHT_CLONES void softmax_gradient_rows(Values shares, Values given, std::int64_t rows,
                                            std::int64_t width) {
  shares.halves
      ? softmax_gradient_rows_of(memory<Half>(shares), memory<Half>(given), rows, width)
      : softmax_gradient_rows_of(memory<float>(shares), memory<float>(given), rows, width);
}

SELFSIGHT_CLONES void split_heads(const HeadRows& at) {
  at.tokens.halves ? split_heads_of<Half>(at) : split_heads_of<float>(at);
}

SELFSIGHT_CLONES void join_heads(const HeadRows& at, float* of_bias) {
  at.tokens.halves ? join_heads_of<Half>(at, of_bias) : join_heads_of<float>(at, of_bias);
}

}  // namespace selfsight
