#include "core/views/planes.h"

#include <algorithm>
#include <array>

#include "core/views/operations.h"

namespace selfsight {
namespace {

/// Applies an operation on planes to an image.
template <class Operation>
void in_place(cv::Mat& image, Operation&& operation) {
  thread_local Planes planes;
  planes.take(image);
  operation(planes);
  planes.give(image);
}

}  // namespace

void Planes::create(int channels, int height, int width) {
  channels_ = channels, height_ = height, width_ = width;
  if (values_.size() < values() + slack) values_.resize(values() + slack);
}

void Planes::take(const cv::Mat& image) {
  create(image.channels(), image.rows, image.cols);
  if (channels_ == 1) {
    image.copyTo(cv::Mat(height_, width_, CV_8UC1, plane(0)));
  } else if (channels_ == 3) {
    std::array<cv::Mat, 3> parts;
    for (int c = 0; c < 3; ++c) parts[index(c)] = cv::Mat(height_, width_, CV_8UC1, plane(c));
    cv::split(image, parts.data());
  } else {
    std::vector<cv::Mat> parts;
    for (int c = 0; c < channels_; ++c) parts.emplace_back(height_, width_, CV_8UC1, plane(c));
    cv::split(image, parts.data());
  }
}

void Planes::give(cv::Mat& image) const {
  image.create(height_, width_, CV_8UC(channels_));
  const auto part = [&](int c) {
    return cv::Mat(height_, width_, CV_8UC1, const_cast<std::uint8_t*>(plane(c)));
  };
  if (channels_ == 1) {
    part(0).copyTo(image);
  } else if (channels_ == 3) {
    const std::array<cv::Mat, 3> parts{part(0), part(1), part(2)};
    cv::merge(parts.data(), parts.size(), image);
  } else {
    std::vector<cv::Mat> parts;
    for (int c = 0; c < channels_; ++c) parts.push_back(part(c));
    cv::merge(parts.data(), parts.size(), image);
  }
}

void adjust_brightness_in_place(cv::Mat& image, double factor) {
  in_place(image, [&](Planes& planes) { adjust_brightness(planes, factor); });
}

void adjust_contrast_in_place(cv::Mat& image, double factor) {
  in_place(image, [&](Planes& planes) { adjust_contrast(planes, factor); });
}

void adjust_saturation_in_place(cv::Mat& image, double factor) {
  in_place(image, [&](Planes& planes) { adjust_saturation(planes, factor); });
}

void adjust_hue_in_place(cv::Mat& image, double factor) {
  in_place(image, [&](Planes& planes) { adjust_hue(planes, factor); });
}

void greyscale_in_place(cv::Mat& image) {
  in_place(image, [](Planes& planes) { greyscale(planes); });
}

void solarize_in_place(cv::Mat& image, double threshold) {
  in_place(image, [&](Planes& planes) { solarize(planes, threshold); });
}

void posterize_in_place(cv::Mat& image, int bits) {
  in_place(image, [&](Planes& planes) { posterize(planes, bits); });
}

void equalize_in_place(cv::Mat& image) {
  in_place(image, [](Planes& planes) { equalize(planes); });
}

void autocontrast_in_place(cv::Mat& image) {
  in_place(image, [](Planes& planes) { autocontrast(planes); });
}

void invert_in_place(cv::Mat& image) {
  in_place(image, [](Planes& planes) { invert(planes); });
}

void adjust_sharpness_in_place(cv::Mat& image, double factor) {
  in_place(image, [&](Planes& planes) { adjust_sharpness(planes, factor); });
}

cv::Mat pillow_gaussian_blur(const cv::Mat& image, double radius) {
  cv::Mat out = image.clone();
  in_place(out, [&](Planes& planes) { pillow_gaussian_blur(planes, radius); });
  return out;
}

cv::Mat gaussian_blur(const cv::Mat& image, int kernel, double sigma) {
  cv::Mat out = image.clone();
  in_place(out, [&](Planes& planes) { gaussian_blur(planes, kernel, sigma); });
  return out;
}

cv::Mat resized_crop(const cv::Mat& image, const cv::Rect& box, int width, int height,
                     const std::string& interpolation) {
  thread_local Planes planes;
  resample(image, box, width, height, interpolation, {}, planes);
  cv::Mat out;
  planes.give(out);
  return out;
}

}  // namespace selfsight
