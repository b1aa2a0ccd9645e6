#include <algorithm>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "core/views/operations.h"

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
};

/// Pillow's precompute_coeffs and normalize_coeffs_8bpc.
void compute_taps(int in, int out, bool bicubic, Taps& taps) {
  const double scale = static_cast<double>(in) / out;
  const double stretch = std::max(1.0, scale);
  const double support = (bicubic ? 2.0 : 1.0) * stretch;
  taps.length = static_cast<int>(std::ceil(support)) * 2 + 1;
  taps.spans.resize(static_cast<std::size_t>(out));
  taps.weights.assign(static_cast<std::size_t>(out * taps.length), 0);
  std::vector<double> row(static_cast<std::size_t>(taps.length));
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

std::uint8_t clip8(int value) {
  return static_cast<std::uint8_t>(std::clamp(value >> precision_bits, 0, 255));
}

template <int channels>
void horizontal_row(const std::uint8_t* in, std::uint8_t* out, const Taps& taps) {
  const std::int32_t* weights = taps.weights.data();
  for (const Taps::Span& span : taps.spans) {
    int sum[channels];
    std::fill_n(sum, channels, 1 << (precision_bits - 1));
    const std::uint8_t* p = in + span.first * channels;
    for (int i = 0; i < span.count; ++i, p += channels)
      for (int c = 0; c < channels; ++c) sum[c] += p[c] * weights[i];
    for (int c = 0; c < channels; ++c) *out++ = clip8(sum[c]);
    weights += taps.length;
  }
}

/// Columns side by side, so that the compiler can take several at a time.
void vertical_row(const std::uint8_t* in, std::size_t stride, std::uint8_t* out, std::size_t width,
                  const Taps& taps, std::size_t y, std::vector<std::int32_t>& sums) {
  const Taps::Span span = taps.spans[y];
  const std::int32_t* weights = taps.weights.data() + y * static_cast<std::size_t>(taps.length);
  sums.assign(width, 1 << (precision_bits - 1));
  const std::uint8_t* row = in + static_cast<std::size_t>(span.first) * stride;
  for (int i = 0; i < span.count; ++i, row += stride)
    for (std::size_t x = 0; x < width; ++x) sums[x] += row[x] * weights[i];
  for (std::size_t x = 0; x < width; ++x) out[x] = clip8(sums[x]);
}

/// Kept per thread: a view needs no memory of its own.
struct Workspace {
  Taps horizontal, vertical;
  std::vector<std::uint8_t> between;
  std::vector<std::int32_t> sums;
};

}  // namespace

cv::Mat resized_crop(const cv::Mat& image, const cv::Rect& box, int width, int height,
                     const std::string& interpolation) {
  thread_local Workspace work;
  const int channels = image.channels();
  const bool bicubic = interpolation == "bicubic";
  const auto row_bytes = static_cast<std::size_t>(width * channels);
  cv::Mat source = image(box);
  // As Pillow: a direction that keeps its size is not resampled.
  if (width != box.width) {
    compute_taps(box.width, width, bicubic, work.horizontal);
    work.between.resize(row_bytes * static_cast<std::size_t>(box.height));
    for (int y = 0; y < box.height; ++y) {
      std::uint8_t* to = work.between.data() + static_cast<std::size_t>(y) * row_bytes;
      if (channels == 1)
        horizontal_row<1>(source.ptr<std::uint8_t>(y), to, work.horizontal);
      else
        horizontal_row<3>(source.ptr<std::uint8_t>(y), to, work.horizontal);
    }
    source = cv::Mat(box.height, width, image.type(), work.between.data());
  }
  cv::Mat out(height, width, image.type());
  if (height == box.height) {
    source.copyTo(out);
    return out;
  }
  compute_taps(box.height, height, bicubic, work.vertical);
  for (int y = 0; y < height; ++y)
    vertical_row(source.data, source.step, out.ptr<std::uint8_t>(y), row_bytes, work.vertical,
                 static_cast<std::size_t>(y), work.sums);
  return out;
}

cv::Mat hflip(const cv::Mat& image) {
  cv::Mat out;
  cv::flip(image, out, 1);
  return out;
}

cv::Mat vflip(const cv::Mat& image) {
  cv::Mat out;
  cv::flip(image, out, 0);
  return out;
}

cv::Mat rotate(const cv::Mat& image, double degrees) {
  // Pillow's Image.rotate and affine_fixed: 16.16 fixed point, from output to input.
  const double angle = -degrees * std::numbers::pi / 180;
  const auto rounded = [](double v) { return std::round(v * 1e15) / 1e15; };
  const double a = rounded(std::cos(angle)), b = rounded(std::sin(angle)),
               d = rounded(-std::sin(angle)), e = rounded(std::cos(angle));
  const double cx = image.cols / 2.0, cy = image.rows / 2.0;
  const double c = a * -cx + b * -cy + cx, f = d * -cx + e * -cy + cy;
  const auto fixed = [](double v) {
    return static_cast<std::int64_t>(std::floor(v * 65536.0 + 0.5));
  };
  std::int64_t x0 = fixed(c + a * 0.5 + b * 0.5), y0 = fixed(f + d * 0.5 + e * 0.5);
  const std::int64_t ax = fixed(a), bx = fixed(b), dy = fixed(d), ey = fixed(e);
  cv::Mat out = cv::Mat::zeros(image.size(), image.type());
  const std::size_t pixel = image.elemSize();
  for (int y = 0; y < out.rows; ++y, x0 += bx, y0 += ey) {
    std::int64_t xx = x0, yy = y0;
    for (int x = 0; x < out.cols; ++x, xx += ax, yy += dy) {
      const std::int64_t from_x = xx >> 16, from_y = yy >> 16;
      if (from_x < 0 || from_x >= image.cols || from_y < 0 || from_y >= image.rows) continue;
      std::copy_n(image.ptr<std::uint8_t>(static_cast<int>(from_y)) +
                      static_cast<std::size_t>(from_x) * pixel,
                  pixel, out.ptr<std::uint8_t>(y) + static_cast<std::size_t>(x) * pixel);
    }
  }
  return out;
}

cv::Mat gaussian_blur(const cv::Mat& image, int kernel, double sigma) {
  std::vector<float> weights(static_cast<std::size_t>(kernel));
  double sum = 0;
  const double half = (kernel - 1) * 0.5;
  for (int i = 0; i < kernel; ++i) sum += std::exp(-0.5 * std::pow((i - half) / sigma, 2));
  for (int i = 0; i < kernel; ++i)
    weights[static_cast<std::size_t>(i)] =
        static_cast<float>(std::exp(-0.5 * std::pow((i - half) / sigma, 2)) / sum);
  cv::Mat real, out;
  image.convertTo(real, CV_32F);
  cv::sepFilter2D(real, real, CV_32F, weights, weights, {-1, -1}, 0, cv::BORDER_REFLECT_101);
  real.convertTo(out, CV_8U);
  return out;
}

}  // namespace selfsight
