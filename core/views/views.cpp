#include "core/views/views.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "core/views/operations.h"

namespace selfsight {
namespace {

/// torchvision's RandomResizedCrop.get_params: ten proposals of an area and a log-uniform aspect
/// ratio, then the largest centred crop whose ratio fits. Sides round half to even.
cv::Rect draw_crop(cv::Size size, const ViewOptions& o, Random random) {
  const double area = static_cast<double>(size.width) * size.height;
  const double log_low = std::log(o.ratio_min), log_high = std::log(o.ratio_max);
  for (int attempt = 0; attempt < 10; ++attempt) {
    const double target = area * random.uniform(o.crop_min, o.crop_max);
    const double ratio = std::exp(random.uniform(log_low, log_high));
    const int w = static_cast<int>(std::nearbyint(std::sqrt(target * ratio)));
    const int h = static_cast<int>(std::nearbyint(std::sqrt(target / ratio)));
    if (w < 1 || h < 1 || w > size.width || h > size.height) continue;
    const auto y = random.below(static_cast<std::uint64_t>(size.height - h + 1));
    const auto x = random.below(static_cast<std::uint64_t>(size.width - w + 1));
    return {static_cast<int>(x), static_cast<int>(y), w, h};
  }
  int w = size.width, h = size.height;
  const double ratio = static_cast<double>(w) / h;
  if (ratio < o.ratio_min) h = std::max(1, static_cast<int>(std::nearbyint(w / o.ratio_min)));
  if (ratio > o.ratio_max) w = std::max(1, static_cast<int>(std::nearbyint(h * o.ratio_max)));
  w = std::min(w, size.width), h = std::min(h, size.height);
  return {(size.width - w) / 2, (size.height - h) / 2, w, h};
}

/// The view under construction: one operation after the other, each with its own stream.
class Chain {
 public:
  Chain(const cv::Mat& image, const ViewOptions& options, const ViewKey& key)
      : o_(options), key_(key) {
    view_.crop = draw_crop(image.size(), o_, Random(key, Stream::crop));
    const int size = static_cast<int>(o_.size);
    view_.image = resized_crop(image, view_.crop, size, size, o_.interpolation);
    const double whole = static_cast<double>(image.cols) * image.rows;
    note("crop", {{"x", view_.crop.x},
                  {"y", view_.crop.y},
                  {"width", view_.crop.width},
                  {"height", view_.crop.height},
                  {"area", view_.crop.area() / whole}});
  }

  void flips() {
    if (Random(key_, Stream::flip).chance(o_.hflip)) {
      view_.image = hflip(view_.image);
      note("flip", {});
    }
    if (Random(key_, Stream::vertical_flip).chance(o_.vflip)) {
      view_.image = vflip(view_.image);
      note("upside down", {});
    }
  }

  void rotation() {
    if (o_.rotation <= 0) return;
    const double degrees = Random(key_, Stream::rotation).uniform(-o_.rotation, o_.rotation);
    view_.image = rotate(view_.image, degrees);
    note("rotation", {{"degrees", degrees}});
  }

  void jitter() {
    Random random(key_, Stream::jitter);
    // Everything is drawn before the first is applied, so a strength of zero moves nothing else.
    const bool applied = random.chance(o_.jitter);
    std::array<int, 4> order{0, 1, 2, 3};
    for (std::size_t i = 3; i > 0; --i) std::swap(order[i], order[random.below(i + 1)]);
    const auto factor = [&](double strength) {
      return random.uniform(std::max(0.0, 1 - strength), 1 + strength);
    };
    const double brightness = factor(o_.brightness), contrast = factor(o_.contrast),
                 saturation = factor(o_.saturation), hue = random.uniform(-o_.hue, o_.hue);
    if (!applied) return;
    const bool colour = view_.image.channels() == 3;
    Drawn drawn{"jitter", {}};
    for (const int which : order) {
      if (which == 0 && o_.brightness > 0) {
        adjust_brightness_in_place(view_.image, brightness);
        drawn.values.emplace_back("brightness", brightness);
      } else if (which == 1 && o_.contrast > 0) {
        adjust_contrast_in_place(view_.image, contrast);
        drawn.values.emplace_back("contrast", contrast);
      } else if (which == 2 && o_.saturation > 0 && colour) {
        adjust_saturation_in_place(view_.image, saturation);
        drawn.values.emplace_back("saturation", saturation);
      } else if (which == 3 && o_.hue > 0 && colour) {
        adjust_hue_in_place(view_.image, hue);
        drawn.values.emplace_back("hue", hue);
      }
    }
    if (!drawn.values.empty()) view_.drawn.push_back(std::move(drawn));
  }

  void greyscale() {
    if (view_.image.channels() != 3 || !Random(key_, Stream::greyscale).chance(o_.greyscale))
      return;
    greyscale_in_place(view_.image);
    note("grey", {});
  }

  void blur() {
    Random random(key_, Stream::blur);
    if (!random.chance(o_.blur)) return;
    const double sigma = random.uniform(o_.sigma_min, o_.sigma_max);
    // SimCLR's kernel: a tenth of the side, odd.
    const int kernel = std::max(3, static_cast<int>(o_.size / 10) | 1);
    view_.image = gaussian_blur(view_.image, kernel, sigma);
    note("blur", {{"sigma", sigma}});
  }

  void solarize() {
    if (!Random(key_, Stream::solarize).chance(o_.solarize)) return;
    solarize_in_place(view_.image, o_.solarize_threshold);
    note("solarize", {});
  }

  View take() { return std::move(view_); }

 private:
  void note(std::string operation, std::vector<std::pair<std::string, double>> values) {
    view_.drawn.push_back({std::move(operation), std::move(values)});
  }

  const ViewOptions& o_;
  const ViewKey& key_;
  View view_;
};

/// Grey to colour or colour to grey, where an encoder wants the other.
cv::Mat with_channels(const cv::Mat& image, int channels) {
  if (image.channels() == channels) return image;
  cv::Mat out;
  cv::cvtColor(image, out, channels == 3 ? cv::COLOR_GRAY2RGB : cv::COLOR_RGB2GRAY);
  return out;
}

}  // namespace

View make_view(const cv::Mat& image, const ViewOptions& options, const ViewKey& key) {
  Chain chain(image, options, key);
  chain.flips();
  chain.rotation();
  chain.jitter();
  chain.greyscale();
  chain.blur();
  chain.solarize();
  return chain.take();
}

cv::Mat clean_view(const cv::Mat& image, std::int64_t size, const std::string& interpolation) {
  const int side = std::min(image.cols, image.rows);
  const cv::Rect centre((image.cols - side) / 2, (image.rows - side) / 2, side, side);
  return resized_crop(image, centre, static_cast<int>(size), static_cast<int>(size), interpolation);
}

void to_planar(const cv::Mat& view, const Normalisation& normalisation, int channels,
               std::span<float> out) {
  const cv::Mat image = with_channels(view, channels);
  const auto n = static_cast<std::size_t>(channels);
  const std::size_t pixels = image.total();
  CV_Assert(image.isContinuous() && out.size() == pixels * n);
  for (std::size_t c = 0; c < n; ++c) {
    const double mean = normalisation.mean[std::min(c, normalisation.mean.size() - 1)];
    const double std = normalisation.std[std::min(c, normalisation.std.size() - 1)];
    std::array<float, 256> table;
    for (std::size_t v = 0; v < 256; ++v)
      table[v] = static_cast<float>((static_cast<double>(v) / 255 - mean) / std);
    const std::uint8_t* p = image.ptr<std::uint8_t>() + c;
    float* to = out.data() + c * pixels;
    for (std::size_t i = 0; i < pixels; ++i, p += n) to[i] = table[*p];
  }
}

cv::Mat from_planar(std::span<const float> planar, const Normalisation& normalisation, int channels,
                    int height, int width) {
  cv::Mat image(height, width, CV_8UC(channels));
  const std::size_t pixels = image.total();
  const auto n = static_cast<std::size_t>(channels);
  for (std::size_t c = 0; c < n; ++c) {
    const double mean = normalisation.mean[std::min(c, normalisation.mean.size() - 1)];
    const double std = normalisation.std[std::min(c, normalisation.std.size() - 1)];
    for (std::size_t i = 0; i < pixels; ++i)
      image.data[i * n + c] =
          cv::saturate_cast<std::uint8_t>((planar[c * pixels + i] * std + mean) * 255);
  }
  return image;
}

}  // namespace selfsight
