#include "core/dataset/pixels.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "core/dataset/dataset.h"

namespace selfsight {
namespace {

constexpr double window_tail = 0.005;
constexpr std::size_t window_sample = 1'000'000;

/// About `wanted` finite values, from every part of the image.
std::vector<float> sampled_values(const cv::Mat& image, std::size_t wanted) {
  const std::size_t count = image.total() * static_cast<std::size_t>(image.channels());
  const std::size_t step = std::max<std::size_t>(1, count / std::max<std::size_t>(wanted, 1));
  std::vector<float> values;
  cv::Mat row;
  std::size_t next = 0;  // within the current row
  for (int y = 0; y < image.rows; ++y) {
    const auto width = static_cast<std::size_t>(image.cols * image.channels());
    if (next < width) image.row(y).reshape(1).convertTo(row, CV_32F);
    for (; next < width; next += step)
      if (const float v = row.ptr<float>()[next]; std::isfinite(v)) values.push_back(v);
    next -= width;
  }
  return values;
}

double percentile(std::vector<float>& values, double part) {
  const auto rank =
      static_cast<std::ptrdiff_t>(std::lround(part * static_cast<double>(values.size() - 1)));
  std::nth_element(values.begin(), values.begin() + rank, values.end());
  return values[static_cast<std::size_t>(rank)];
}

/// One window, of as many channels as there are.
cv::Mat through(const cv::Mat& image, double low, double high) {
  const double scale = high != low ? 255 / (high - low) : 1;
  cv::Mat out;
  if (image.depth() != CV_32F) {
    image.convertTo(out, CV_8U, scale, -low * scale);
    return out;
  }
  cv::Mat finite = image.clone();
  cv::patchNaNs(finite, low);
  finite.convertTo(out, CV_8U, scale, -low * scale);
  return out;
}

cv::Mat through_each(const cv::Mat& image, const ValueWindow& window) {
  cv::Mat out(image.size(), CV_8UC(image.channels())), band;
  for (int c = 0; c < image.channels(); ++c) {
    const auto at = static_cast<std::size_t>(c);
    cv::extractChannel(image, band, c);
    cv::insertChannel(through(band, window.low[at], window.high[at]), out, c);
  }
  return out;
}

}  // namespace

ValueWindow window_of(const std::vector<cv::Mat>& images) {
  ValueWindow window;
  cv::Mat band;
  for (int c = 0; c < images.front().channels(); ++c) {
    std::vector<float> values;
    for (const cv::Mat& image : images) {
      cv::extractChannel(image, band, c);
      const auto some = sampled_values(band, window_sample / images.size());
      values.insert(values.end(), some.begin(), some.end());
    }
    // A band without any value is black.
    window.low.push_back(values.empty() ? 0 : percentile(values, window_tail));
    window.high.push_back(values.empty() ? 1 : percentile(values, 1 - window_tail));
  }
  return window;
}

cv::Mat to_8_bits(const cv::Mat& image, const ValueWindow& window) {
  if (image.depth() == CV_8U) return image;
  if (window.low.size() == 1) return through(image, window.low[0], window.high[0]);
  if (window.low.size() == static_cast<std::size_t>(image.channels()))
    return through_each(image, window);
  if (is_bands(image.channels())) return through_each(image, window_of({image}));
  std::vector<float> values = sampled_values(image, window_sample);
  if (values.empty()) throw ImageError("holds no finite values");
  const double low = percentile(values, window_tail), high = percentile(values, 1 - window_tail);
  // Grey of 12 or 13 bits is often stored with 32,768 for 0: how high it reaches is not enough.
  const bool full = image.channels() == 1 ? high >= 0x8000 && high - low >= 0x2000 : high >= 0x1000;
  if (image.depth() == CV_16U && (full || high <= low)) return through(image, 0, 65535);
  return through(image, low, high);
}

cv::Mat first_channels(const cv::Mat& image, int count) {
  if (image.channels() == count) return image;
  cv::Mat out(image.size(), CV_MAKETYPE(image.depth(), count));
  std::vector<int> pairs;
  for (int c = 0; c < count; ++c) pairs.insert(pairs.end(), {c, c});
  cv::mixChannels({image}, {out}, pairs);
  return out;
}

cv::Mat with_alpha(const cv::Mat& image, const cv::Mat& alpha) {
  std::vector<cv::Mat> planes;
  cv::split(image, planes);
  planes.push_back(alpha);
  cv::Mat out;
  cv::merge(planes, out);
  return out;
}

cv::Mat on_white(const cv::Mat& image, bool premultiplied) {
  const int colours = image.channels() - 1;
  cv::Mat out(image.size(), CV_8UC(colours));
  for (int y = 0; y < image.rows; ++y) {
    const auto* from = image.ptr<std::uint8_t>(y);
    auto* to = out.ptr<std::uint8_t>(y);
    for (int x = 0; x < image.cols; ++x, from += colours + 1) {
      const int alpha = from[colours], white = 255 * (255 - alpha);
      for (int c = 0; c < colours; ++c) {
        const int over = premultiplied ? 255 * from[c] : from[c] * alpha;
        *to++ = static_cast<std::uint8_t>(std::min(255, (over + white + 127) / 255));
      }
    }
  }
  return out;
}

cv::Mat upright(const cv::Mat& image, int orientation) {
  cv::Mat turned = image;
  if (orientation >= 5) cv::transpose(image, turned);
  // After the transposition: what is left is a mirror, none, or both.
  constexpr int none = 2;
  constexpr int flips[] = {none, none, 1, -1, 0, none, 1, -1, 0};
  cv::Mat out;
  if (flips[orientation] == none) return turned;
  cv::flip(turned, out, flips[orientation]);
  return out;
}

}  // namespace selfsight
