// A view in the making: one plane of bytes per channel, so that every operation can take many
// pixels at a time. Private to this room; operations.h has the same for whole images.
#pragma once

#include <cstdint>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

namespace selfsight {

class Planes {
 public:
  /// What is in them afterwards is undefined. Takes no memory where there was as much before.
  void create(int channels, int height, int width);
  void take(const cv::Mat& image);  // 8-bit, of any number of channels
  void give(cv::Mat& image) const;  // interleaved; takes no memory if it fits already
  std::uint8_t* plane(int channel) { return values_.data() + pixels() * index(channel); }
  const std::uint8_t* plane(int channel) const {
    return values_.data() + pixels() * index(channel);
  }

  int channels() const { return channels_; }
  int height() const { return height_; }
  int width() const { return width_; }
  std::size_t pixels() const { return index(height_) * index(width_); }
  std::size_t values() const { return pixels() * index(channels_); }

  /// Whole vectors are read and written: up to so many bytes behind the last plane.
  static constexpr std::size_t slack = 64;

 private:
  static std::size_t index(int value) { return static_cast<std::size_t>(value); }

  int channels_ = 0, height_ = 0, width_ = 0;
  std::vector<std::uint8_t> values_;
};

struct Flips {
  bool horizontal = false, vertical = false;
};

/// resized_crop() and flips in one go.
void resample(const cv::Mat& image, const cv::Rect& box, int width, int height,
              const std::string& interpolation, const Flips& flips, Planes& out);

/// See operations.h.
void adjust_brightness(Planes& planes, double factor);
void adjust_contrast(Planes& planes, double factor);
void adjust_saturation(Planes& planes, double factor);
void adjust_hue(Planes& planes, double factor);
void greyscale(Planes& planes);
void solarize(Planes& planes, double threshold);
void posterize(Planes& planes, int bits);
void equalize(Planes& planes);
void autocontrast(Planes& planes);
void invert(Planes& planes);
void adjust_sharpness(Planes& planes, double factor);
void gaussian_blur(Planes& planes, int kernel, double sigma);
void pillow_gaussian_blur(Planes& planes, double radius);

}  // namespace selfsight
