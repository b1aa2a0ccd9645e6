#include "core/views/views.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "core/base/clones.h"
#include "core/views/operations.h"
#include "core/views/planes.h"

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
  Chain(const cv::Mat& image, const ViewOptions& options, const ViewKey& key, Notes notes,
        View& view)
      : o_(options), key_(key), notes_(notes), view_(view) {
    view_.drawn.clear();
    view_.crop = draw_crop(image.size(), o_, Random(key, Stream::crop));
    const Flips flips{Random(key_, Stream::flip).chance(o_.hflip),
                      Random(key_, Stream::vertical_flip).chance(o_.vflip)};
    const int size = static_cast<int>(o_.size);
    resample(image, view_.crop, size, size, o_.interpolation, flips, planes_);
    if (notes_ == Notes::no) return;
    const double whole = static_cast<double>(image.cols) * image.rows;
    note("crop", {{"x", view_.crop.x},
                  {"y", view_.crop.y},
                  {"width", view_.crop.width},
                  {"height", view_.crop.height},
                  {"area", view_.crop.area() / whole}});
    if (flips.horizontal) note("flip", {});
    if (flips.vertical) note("upside down", {});
  }

  void rotation() {
    if (o_.rotation <= 0) return;
    const double degrees = Random(key_, Stream::rotation).uniform(-o_.rotation, o_.rotation);
    planes_.give(view_.image);
    planes_.take(rotate(view_.image, degrees));
    note("rotation", {{"degrees", degrees}});
  }

  void jitter() {
    if (are_bands(planes_.channels())) return;  // see colours_left_out()
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
    const bool colour = planes_.channels() == 3;
    Drawn drawn{"jitter", {}};
    const auto tell = [&](const char* name, double value) {
      if (notes_ == Notes::yes) drawn.values.emplace_back(name, value);
    };
    for (const int which : order) {
      if (which == 0 && o_.brightness > 0) {
        adjust_brightness(planes_, brightness);
        tell("brightness", brightness);
      } else if (which == 1 && o_.contrast > 0) {
        adjust_contrast(planes_, contrast);
        tell("contrast", contrast);
      } else if (which == 2 && o_.saturation > 0 && colour) {
        adjust_saturation(planes_, saturation);
        tell("saturation", saturation);
      } else if (which == 3 && o_.hue > 0 && colour) {
        adjust_hue(planes_, hue);
        tell("hue", hue);
      }
    }
    if (!drawn.values.empty()) view_.drawn.push_back(std::move(drawn));
  }

  void greyscale() {
    if (planes_.channels() != 3 || !Random(key_, Stream::greyscale).chance(o_.greyscale)) return;
    selfsight::greyscale(planes_);
    note("grey", {});
  }

  void blur() {
    Random random(key_, Stream::blur);
    if (!random.chance(o_.blur)) return;
    const double sigma = random.uniform(o_.sigma_min, o_.sigma_max);
    // SimCLR's kernel: a tenth of the side, odd.
    const int kernel = std::max(3, static_cast<int>(o_.size / 10) | 1);
    if (o_.blur_kind == "pillow")
      pillow_gaussian_blur(planes_, sigma);
    else
      gaussian_blur(planes_, kernel, sigma);
    note("blur", {{"sigma", sigma}});
  }

  void solarize() {
    if (are_bands(planes_.channels()) || !Random(key_, Stream::solarize).chance(o_.solarize))
      return;
    selfsight::solarize(planes_, o_.solarize_threshold);
    note("solarize", {});
  }

  /// Each channel by itself, so that they mean the same for images of bands.
  void tone() {
    if (drawn(o_.posterize, Stream::posterize)) {
      selfsight::posterize(planes_, static_cast<int>(o_.posterize_bits));
      note("posterize", {});
    }
    if (drawn(o_.equalize, Stream::equalize)) {
      selfsight::equalize(planes_);
      note("equalize", {});
    }
    if (drawn(o_.autocontrast, Stream::autocontrast)) {
      selfsight::autocontrast(planes_);
      note("autocontrast", {});
    }
    if (drawn(o_.sharpness, Stream::sharpness)) {
      adjust_sharpness(planes_, o_.sharpness_factor);
      note("sharpness", {});
    }
    if (drawn(o_.invert, Stream::invert)) {
      selfsight::invert(planes_);
      note("invert", {});
    }
  }

  void finish() { planes_.give(view_.image); }

 private:
  bool drawn(double probability, Stream stream) const {
    return probability > 0 && Random(key_, stream).chance(probability);
  }

  using Values = std::initializer_list<std::pair<std::string_view, double>>;
  void note(std::string_view operation, Values values) {
    if (notes_ == Notes::no) return;
    view_.drawn.push_back({std::string(operation), {values.begin(), values.end()}});
  }

  const ViewOptions& o_;
  const ViewKey& key_;
  const Notes notes_;
  View& view_;
  Planes& planes_ = of_this_thread();

  /// Kept per thread: a view needs no memory of its own.
  static Planes& of_this_thread() {
    thread_local Planes planes;
    return planes;
  }
};

/// Grey to colour or colour to grey, where an encoder wants the other.
cv::Mat with_channels(const cv::Mat& image, int channels) {
  if (image.channels() == channels) return image;
  cv::Mat out;
  cv::cvtColor(image, out, channels == 3 ? cv::COLOR_GRAY2RGB : cv::COLOR_RGB2GRAY);
  return out;
}

SELFSIGHT_CLONES void scale_and_shift(const std::uint8_t* in, std::size_t n, float scale,
                                      float shift, float* __restrict out) {
  for (std::size_t i = 0; i < n; ++i) out[i] = static_cast<float>(in[i]) * scale + shift;
}

}  // namespace

View make_view(const cv::Mat& image, const ViewOptions& options, const ViewKey& key) {
  View view;
  make_view(image, options, key, Notes::yes, view);
  return view;
}

void make_view(const cv::Mat& image, const ViewOptions& options, const ViewKey& key, Notes notes,
               View& view) {
  Chain chain(image, options, key, notes, view);
  chain.rotation();
  chain.jitter();
  chain.greyscale();
  chain.blur();
  chain.solarize();
  chain.tone();
  chain.finish();
}

bool colours_left_out(const ViewOptions& o, int channels) {
  return are_bands(channels) && (o.jitter > 0 || o.greyscale > 0 || o.solarize > 0);
}

cv::Mat clean_view(const cv::Mat& image, std::int64_t size, const std::string& interpolation) {
  const int side = std::min(image.cols, image.rows);
  const cv::Rect centre((image.cols - side) / 2, (image.rows - side) / 2, side, side);
  return resized_crop(image, centre, static_cast<int>(size), static_cast<int>(size), interpolation);
}

void to_planar(const cv::Mat& view, const Normalisation& normalisation, int channels,
               std::span<float> out) {
  thread_local Planes planes;
  planes.take(view.channels() == channels ? view : with_channels(view, channels));
  const std::size_t pixels = planes.pixels();
  CV_Assert(out.size() == planes.values());
  for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c) {
    const double mean = normalisation.mean[std::min(c, normalisation.mean.size() - 1)];
    const double std = normalisation.std[std::min(c, normalisation.std.size() - 1)];
    scale_and_shift(planes.plane(static_cast<int>(c)), pixels, static_cast<float>(1 / (255 * std)),
                    static_cast<float>(-mean / std), out.data() + c * pixels);
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
