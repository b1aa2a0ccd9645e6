#include "core/nets/norm_kernels.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "core/base/clones.h"

namespace selfsight {
namespace {

constexpr std::int64_t flush_lines = 128;    // summed in single precision before they are added up
constexpr std::int64_t piece_values = 4096;  // widened at a time: they stay in the nearest cache

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

/// Values as floats for as long as it lives: where they are floats they themselves, else a copy in
/// the scratch memory number `slot` of this thread.
class Floats {
 public:
  enum Slot { first, second, third, fourth, slots };

  static Floats of(const Values& values, std::int64_t count, Slot slot) {
    Floats floats = room(values, count, slot);
    if (values.halves) widen(values, count, floats.data_);
    return floats;
  }
  /// The same without reading the values: they are about to be written.
  static Floats room(const Values& values, std::int64_t count, Slot slot) {
    if (!values || !values.halves) return Floats(static_cast<float*>(values.data));
    thread_local std::vector<float> scratch[slots];
    if (scratch[slot].size() < static_cast<std::size_t>(count))
      scratch[slot].resize(static_cast<std::size_t>(count));
    return Floats(scratch[slot].data());
  }

  float* data() const { return data_; }
  void write(const Values& values, std::int64_t count) const {
    if (values.halves) narrow(data_, count, values);
  }

 private:
  explicit Floats(float* data) : data_(data) {}
  float* data_;
};

/// Calls work(first value, lines) for as many lines at a time as are worth widening together; for
/// floats all at once.
template <class Work>
void for_pieces(bool halves, std::int64_t lines, std::int64_t width, Work&& work) {
  const std::int64_t most =
      halves ? std::max<std::int64_t>(1, piece_values / width) : std::max<std::int64_t>(1, lines);
  for (std::int64_t line = 0; line < lines; line += most)
    work(line * width, std::min(most, lines - line));
}

}  // namespace

void add_moments(const Values& x, std::int64_t lines, std::int64_t width, const float* first,
                 double* sums) {
  in_pieces(lines, width, sums, [&](std::int64_t begin, std::int64_t end, float* piece) {
    for_pieces(x.halves, end - begin, width, [&](std::int64_t at, std::int64_t some) {
      const Floats xs = Floats::of(x.from(begin * width + at), some * width, Floats::first);
      moments_piece(xs.data(), some, width, first, piece, piece + width);
    });
  });
}

void apply_norm(const Values& x, const Values& added, std::int64_t lines, std::int64_t width,
                const float* scale, const float* shift, bool relu, const Values& y) {
  const float low = relu ? 0 : -std::numeric_limits<float>::infinity();
  for_pieces(x.halves, lines, width, [&](std::int64_t at, std::int64_t some) {
    const std::int64_t count = some * width;
    const Floats xs = Floats::of(x.from(at), count, Floats::first);
    const Floats ys = Floats::room(y.from(at), count, Floats::second);
    if (added) {
      const Floats addeds = Floats::of(added.from(at), count, Floats::third);
      norm_add_lines(xs.data(), addeds.data(), some, width, scale, shift, low, ys.data());
    } else {
      norm_lines(xs.data(), some, width, scale, shift, low, ys.data());
    }
    ys.write(y.from(at), count);
  });
}

void add_gradient_sums(const Values& given, const Values& y, const Values& x, std::int64_t lines,
                       std::int64_t width, const float* mean, const Values& inside, double* sums) {
  in_pieces(lines, width, sums, [&](std::int64_t begin, std::int64_t end, float* piece) {
    for_pieces(x.halves, end - begin, width, [&](std::int64_t offset, std::int64_t some) {
      const std::int64_t at = begin * width + offset, count = some * width;
      const Floats gs = Floats::of(given.from(at), count, Floats::first);
      const Floats xs = Floats::of(x.from(at), count, Floats::second);
      if (!y) return gradient_piece(gs.data(), xs.data(), some, width, mean, piece, piece + width);
      const Floats ys = Floats::of(y.from(at), count, Floats::third);
      const Floats insides = Floats::room(inside.from(at), count, Floats::fourth);
      masked_gradient_piece(gs.data(), ys.data(), xs.data(), some, width, mean, insides.data(),
                            piece, piece + width);
      insides.write(inside.from(at), count);
    });
  });
}

void combine(const Values& g, const Values& x, std::int64_t lines, std::int64_t width,
             const float* a, const float* b, const float* c, const Values& out) {
  for_pieces(x.halves, lines, width, [&](std::int64_t at, std::int64_t some) {
    const std::int64_t count = some * width;
    const Floats gs = Floats::of(g.from(at), count, Floats::first);
    const Floats xs = Floats::of(x.from(at), count, Floats::second);
    const Floats outs = Floats::room(out.from(at), count, Floats::third);
    combine_lines(gs.data(), xs.data(), some, width, a, b, c, outs.data());
    outs.write(out.from(at), count);
  });
}

}  // namespace selfsight
