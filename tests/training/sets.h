// Small data sets for tests.
#pragma once

#include <set>

#include "core/dataset/dataset.h"

namespace selfsight {

/// Flat 8x8 grey squares, brightness = index; two classes; the last `held_out` are the validation
/// split. The images in `broken` cannot be decoded.
class Squares : public Dataset {
 public:
  Squares(std::int64_t size, std::int64_t held_out, std::set<std::int64_t> broken = {})
      : size_(size), held_out_(held_out), broken_(std::move(broken)) {}

  std::string name() const override { return "Squares"; }
  std::string location() const override { return "squares"; }
  std::int64_t size() const override { return size_; }
  cv::Mat image(std::int64_t index) const override {
    if (broken_.contains(index)) throw ImageError("is cut off");
    cv::Mat square(8, 8, CV_8U);
    for (int i = 0; i < 64; ++i)
      square.data[i] = static_cast<unsigned char>((index * 7 + i * (1 + index % 3)) % 256);
    return square;
  }
  std::string image_name(std::int64_t index) const override {
    return "square " + std::to_string(index);
  }
  int label(std::int64_t index) const override { return static_cast<int>(index % 2); }
  const std::vector<std::string>& classes() const override { return classes_; }
  Split split(std::int64_t index) const override {
    return index < size_ - held_out_ ? Split::train : Split::validation;
  }
  const std::vector<BrokenImage>& broken() const override { return none_; }
  int channels() const override { return 1; }
  std::string fingerprint() const override { return "squares"; }

 private:
  std::int64_t size_, held_out_;
  std::set<std::int64_t> broken_;
  std::vector<std::string> classes_{"even", "odd"};
  std::vector<BrokenImage> none_;
};

/// The same with 13 bands, each brighter than the one before.
class Tiles : public Squares {
 public:
  using Squares::Squares;
  std::string name() const override { return "Tiles"; }
  cv::Mat image(std::int64_t index) const override {
    const cv::Mat square = Squares::image(index);
    std::vector<cv::Mat> bands;
    for (int band = 0; band < 13; ++band) bands.push_back(square + cv::Scalar(10 * band));
    cv::Mat out;
    cv::merge(bands, out);
    return out;
  }
  int channels() const override { return 13; }
  std::string fingerprint() const override { return "tiles"; }
};

}  // namespace selfsight
