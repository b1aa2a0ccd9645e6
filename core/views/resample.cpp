// Crop, resize and flip in one go, with the very numbers of Pillow's resampling.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/base/clones.h"
#include "core/views/planes.h"
#include "core/views/views.h"

namespace selfsight {
namespace {

constexpr int precision_bits = 32 - 8 - 2;  // of Pillow's 8-bit resampling

double triangle(double x) {
  return std::max(0.0, 1.0 - std::abs(x));
}

double cubic(double x) {
  constexpr double a = -0.5;
  x = std::abs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

/// For each output pixel: which input pixels count, and how much.
struct Taps {
  struct Span {
    int first = 0, count = 0;
  };
  int length = 0;  // room for each output pixel in `weights`
  std::vector<Span> spans;
  std::vector<std::int32_t> weights;
  std::vector<double> row;  // of one output pixel, while they are computed
};

/// Pillow's precompute_coeffs and normalize_coeffs_8bpc.
void compute_taps(int in, int out, bool bicubic, Taps& taps) {
  const double scale = static_cast<double>(in) / out;
  const double stretch = std::max(1.0, scale);
  const double support = (bicubic ? 2.0 : 1.0) * stretch;
  taps.length = static_cast<int>(std::ceil(support)) * 2 + 1;
  taps.spans.resize(static_cast<std::size_t>(out));
  taps.weights.assign(static_cast<std::size_t>(out * taps.length), 0);
  std::vector<double>& row = taps.row;
  row.resize(static_cast<std::size_t>(taps.length));
  for (int x = 0; x < out; ++x) {
    const double centre = (x + 0.5) * scale;
    const int first = std::max(0, static_cast<int>(centre - support + 0.5));
    const int count = std::min(in, static_cast<int>(centre + support + 0.5)) - first;
    double sum = 0;
    for (int i = 0; i < count; ++i) {
      const double at = (i + first - centre + 0.5) * (1.0 / stretch);
      sum += row[static_cast<std::size_t>(i)] = bicubic ? cubic(at) : triangle(at);
    }
    for (int i = 0; i < count; ++i) {
      double weight = row[static_cast<std::size_t>(i)];
      if (sum != 0) weight /= sum;
      weight *= 1 << precision_bits;
      taps.weights[static_cast<std::size_t>(x * taps.length + i)] =
          static_cast<std::int32_t>(weight < 0 ? weight - 0.5 : weight + 0.5);
    }
    taps.spans[static_cast<std::size_t>(x)] = {first, count};
  }
}

using Bytes = std::uint8_t __attribute__((vector_size(16)));
using Sums = std::int32_t __attribute__((vector_size(64)));
constexpr std::size_t lanes = 16;

/// Sixteen values side by side are sixteen values of the result: several rows of the image with
/// all their channels, see pack(). `in` and `out` hold them for each pixel of a row.
SELFSIGHT_CLONES void across(const std::uint8_t* in, const Taps& taps, bool mirror,
                             std::uint8_t* out) {
  const std::size_t n = taps.spans.size();
  for (std::size_t x = 0; x < n; ++x) {
    const std::size_t from = mirror ? n - 1 - x : x;
    const Taps::Span span = taps.spans[from];
    const std::int32_t* weights =
        taps.weights.data() + from * static_cast<std::size_t>(taps.length);
    Sums sum = Sums{} + (1 << (precision_bits - 1));
    const std::uint8_t* p = in + static_cast<std::size_t>(span.first) * lanes;
    for (int i = 0; i < span.count; ++i, p += lanes) {
      Bytes values;
      std::memcpy(&values, p, lanes);
      sum += __builtin_convertvector(values, Sums) * weights[i];
    }
    sum >>= precision_bits;
    sum = sum < 0 ? Sums{} : sum;
    sum = sum > 255 ? Sums{} + 255 : sum;
    const Bytes values = __builtin_convertvector(sum, Bytes);
    std::memcpy(out + x * lanes, &values, lanes);
  }
}

/// One row of the result; reads and writes up to lanes - 1 bytes behind it.
SELFSIGHT_CLONES void down(const std::uint8_t* in, std::size_t width, const std::int32_t* weights,
                           int count, std::uint8_t* out) {
  for (std::size_t x = 0; x < width; x += lanes) {
    Sums sum = Sums{} + (1 << (precision_bits - 1));
    const std::uint8_t* p = in + x;
    for (int i = 0; i < count; ++i, p += width) {
      Bytes values;
      std::memcpy(&values, p, lanes);
      sum += __builtin_convertvector(values, Sums) * weights[i];
    }
    sum >>= precision_bits;
    sum = sum < 0 ? Sums{} : sum;
    sum = sum > 255 ? Sums{} + 255 : sum;
    const Bytes values = __builtin_convertvector(sum, Bytes);
    std::memcpy(out + x, &values, lanes);
  }
}

/// Kept per thread: a view needs no memory of its own.
struct ResampleWorkspace {
  Taps taps;
  std::vector<std::uint8_t> packed, sums;
  Planes between;
};

/// Colours are packed as four rows of three channels and a lane that does not count, grey as
/// sixteen rows.
int lanes_of_a_row(int channels) {
  return channels == 3 ? 4 : 1;
}

/// Rows y, y + 1, … of the source, as many as there are lanes for; the last one stands in for
/// those beyond the end.
void pack(const cv::Mat& source, int y, std::uint8_t* out) {
  const bool colour = source.channels() == 3;
  const std::size_t step = colour ? 4 : 1;
  const auto width = static_cast<std::size_t>(source.cols);
  for (std::size_t lane = 0; lane < lanes; lane += step) {
    const int row = std::min(y + static_cast<int>(lane / step), source.rows - 1);
    const std::uint8_t* p = source.ptr<std::uint8_t>(row);
    std::uint8_t* to = out + lane;
    if (!colour) {
      for (std::size_t x = 0; x < width; ++x, to += lanes) *to = p[x];
      continue;
    }
    for (std::size_t x = 0; x + 1 < width; ++x, p += 3, to += lanes) std::memcpy(to, p, 4);
    std::memcpy(to, p, 3);  // a fourth byte might lie behind the image
  }
}

void unpack(const std::uint8_t* packed, int y, Planes& out) {
  const int step = lanes_of_a_row(out.channels());
  const auto width = static_cast<std::size_t>(out.width());
  const int rows = std::min(static_cast<int>(lanes) / step, out.height() - y);
  for (int row = 0; row < rows; ++row)
    for (int c = 0; c < out.channels(); ++c) {
      std::uint8_t* to = out.plane(c) + static_cast<std::size_t>(y + row) * width;
      const std::uint8_t* p = packed + row * step + c;
      for (std::size_t x = 0; x < width; ++x, p += lanes) to[x] = *p;
    }
}

/// As Pillow: a direction that keeps its size is not resampled.
void resample_across(const cv::Mat& source, int width, bool bicubic, bool mirror, Planes& out,
                     ResampleWorkspace& work) {
  out.create(source.channels(), source.rows, width);
  if (width == source.cols) {
    out.take(source);
    if (!mirror) return;
    for (int c = 0; c < out.channels(); ++c)
      for (int y = 0; y < source.rows; ++y) {
        std::uint8_t* row = out.plane(c) + static_cast<std::size_t>(y * width);
        std::reverse(row, row + width);
      }
    return;
  }
  compute_taps(source.cols, width, bicubic, work.taps);
  work.packed.resize(static_cast<std::size_t>(source.cols) * lanes);
  work.sums.resize(static_cast<std::size_t>(width) * lanes);
  const int rows = static_cast<int>(lanes) / lanes_of_a_row(source.channels());
  for (int y = 0; y < source.rows; y += rows) {
    pack(source, y, work.packed.data());
    across(work.packed.data(), work.taps, mirror, work.sums.data());
    unpack(work.sums.data(), y, out);
  }
}

void resample_down(const Planes& in, int height, bool bicubic, bool mirror, Planes& out,
                   ResampleWorkspace& work) {
  const auto width = static_cast<std::size_t>(in.width());
  out.create(in.channels(), height, in.width());
  const bool same = height == in.height();
  if (!same) compute_taps(in.height(), height, bicubic, work.taps);
  // In ascending order: what is written behind a row is then overwritten by the next.
  for (int c = 0; c < in.channels(); ++c)
    for (int y = 0; y < height; ++y) {
      const auto from = static_cast<std::size_t>(mirror ? height - 1 - y : y);
      std::uint8_t* to = out.plane(c) + static_cast<std::size_t>(y) * width;
      if (same) {
        std::copy_n(in.plane(c) + from * width, width, to);
        continue;
      }
      const Taps::Span span = work.taps.spans[from];
      down(in.plane(c) + static_cast<std::size_t>(span.first) * width, width,
           work.taps.weights.data() + from * static_cast<std::size_t>(work.taps.length), span.count,
           to);
    }
}

/// Bands one after the other, each as a grey image.
void resample_bands(const cv::Mat& image, int width, int height, const std::string& interpolation,
                    const Flips& flips, Planes& out) {
  thread_local cv::Mat band;
  thread_local Planes resampled;
  out.create(image.channels(), height, width);
  for (int c = 0; c < image.channels(); ++c) {
    cv::extractChannel(image, band, c);
    resample(band, {0, 0, band.cols, band.rows}, width, height, interpolation, flips, resampled);
    std::copy_n(resampled.plane(0), resampled.pixels(), out.plane(c));
  }
}

/// As Pillow: the pixel under the centre of each new one, where the centres are counted up.
void nearest_pixels(int in, int out, bool mirror, std::vector<int>& pixels) {
  pixels.resize(static_cast<std::size_t>(out));
  const double scale = static_cast<double>(in) / out;
  double centre = scale * 0.5;
  for (int& pixel : pixels) {
    pixel = std::min(in - 1, static_cast<int>(centre));
    centre += scale;
  }
  if (mirror) std::reverse(pixels.begin(), pixels.end());
}

void resample_nearest(const cv::Mat& source, int width, int height, const Flips& flips,
                      Planes& out) {
  thread_local std::vector<int> columns, rows;
  nearest_pixels(source.cols, width, flips.horizontal, columns);
  nearest_pixels(source.rows, height, flips.vertical, rows);
  const int channels = source.channels();
  out.create(channels, height, width);
  for (int c = 0; c < channels; ++c) {
    std::uint8_t* to = out.plane(c);
    for (const int y : rows) {
      const std::uint8_t* const row = source.ptr<std::uint8_t>(y) + c;
      for (const int x : columns) *to++ = row[x * channels];
    }
  }
}

}  // namespace

void resample(const cv::Mat& image, const cv::Rect& box, int width, int height,
              const std::string& interpolation, const Flips& flips, Planes& out) {
  if (interpolation == "nearest") return resample_nearest(image(box), width, height, flips, out);
  if (are_bands(image.channels()))
    return resample_bands(image(box), width, height, interpolation, flips, out);
  thread_local ResampleWorkspace work;
  const bool bicubic = interpolation == "bicubic";
  resample_across(image(box), width, bicubic, flips.horizontal, work.between, work);
  resample_down(work.between, height, bicubic, flips.vertical, out, work);
}

}  // namespace selfsight
