#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>

#include "core/views/operations.h"

namespace selfsight {

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

cv::Mat quarter_turn(const cv::Mat& image, int quarters) {
  if (quarters == 0) return image.clone();
  constexpr cv::RotateFlags codes[] = {cv::ROTATE_90_COUNTERCLOCKWISE, cv::ROTATE_180,
                                       cv::ROTATE_90_CLOCKWISE};
  cv::Mat out;
  cv::rotate(image, out, codes[quarters - 1]);
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

}  // namespace selfsight
