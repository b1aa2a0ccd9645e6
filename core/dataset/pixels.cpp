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

/// About `window_sample` finite values, from every part of the image.
std::vector<float> sampled_values(const cv::Mat& image) {
  const std::size_t count = image.total() * static_cast<std::size_t>(image.channels());
  const std::size_t step = std::max<std::size_t>(1, count / window_sample);
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

}  // namespace

cv::Mat to_8_bits(const cv::Mat& image) {
  if (image.depth() == CV_8U) return image;
  std::vector<float> values = sampled_values(image);
  if (values.empty()) throw ImageError("holds no finite values");
  const auto percentile = [&](double part) {
    const auto rank =
        static_cast<std::ptrdiff_t>(std::lround(part * static_cast<double>(values.size() - 1)));
    std::nth_element(values.begin(), values.begin() + rank, values.end());
    return static_cast<double>(values[static_cast<std::size_t>(rank)]);
  };
  const double low = percentile(window_tail), high = percentile(1 - window_tail);
  double scale = high > low ? 255 / (high - low) : 1, shift = -low * scale;
  const double full = image.channels() == 1 ? 0x8000 : 0x1000;
  if (image.depth() == CV_16U && (high >= full || high <= low)) scale = 1.0 / 257, shift = 0;
  cv::Mat out;
  if (image.depth() != CV_32F) {
    image.convertTo(out, CV_8U, scale, shift);
    return out;
  }
  cv::Mat finite = image.clone();
  cv::patchNaNs(finite, low);
  finite.convertTo(out, CV_8U, scale, shift);
  return out;
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
