// The passes over memory of norm_relu(). Matrices of `lines` x `width` floats; vectors of `width`.
// Private to this room.
#pragma once

#include <cstdint>

namespace selfsight {

/// Adds, per column, sums of x - first and of its square to sums[0 … width) and [width … 2 width).
void add_moments(const float* x, std::int64_t lines, std::int64_t width, const float* first,
                 double* sums);

/// y = x * scale + shift (+ added), cut at zero with `relu`. `added` may be null.
void apply_norm(const float* x, const float* added, std::int64_t lines, std::int64_t width,
                const float* scale, const float* shift, bool relu, float* y);

/// inside = given where y is above zero, else 0; with no y, `inside` is `given` and stays. Adds,
/// per column, sums of it and of it times x - mean to `sums`.
void add_gradient_sums(const float* given, const float* y, const float* x, std::int64_t lines,
                       std::int64_t width, const float* mean, float* inside, double* sums);

/// out = a * g + b * x + c; `out` may be `g`.
void combine(const float* g, const float* x, std::int64_t lines, std::int64_t width, const float* a,
             const float* b, const float* c, float* out);

}  // namespace selfsight
