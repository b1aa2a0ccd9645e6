// The passes over memory of norm_relu(). Matrices of `lines` x `width` values; vectors of `width`
// floats. Private to this room.
#pragma once

#include <cstdint>

#include "core/nets/values.h"

namespace selfsight {

/// Adds, per column, sums of x - first and of its square to sums[0 … width) and [width … 2 width).
void add_moments(const Values& x, std::int64_t lines, std::int64_t width, const float* first,
                 double* sums);

/// y = x * scale + shift (+ added), cut at zero with `relu`. `added` may be nothing.
void apply_norm(const Values& x, const Values& added, std::int64_t lines, std::int64_t width,
                const float* scale, const float* shift, bool relu, const Values& y);

/// inside = given where y is above zero, else 0; with no y, `inside` is `given` and stays. Adds,
/// per column, sums of it and of it times x - mean to `sums`.
void add_gradient_sums(const Values& given, const Values& y, const Values& x, std::int64_t lines,
                       std::int64_t width, const float* mean, const Values& inside, double* sums);

/// out = a * g + b * x + c; `out` may be `g`.
void combine(const Values& g, const Values& x, std::int64_t lines, std::int64_t width,
             const float* a, const float* b, const float* c, const Values& out);

}  // namespace selfsight
