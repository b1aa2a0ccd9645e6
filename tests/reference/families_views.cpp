#include <algorithm>
#include <cmath>
#include <functional>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/views/operations.h"
#include "core/views/views.h"
#include "tests/reference/reference.h"

namespace selfsight::reference {
cv::Mat picture(const Json& description) {
  const auto seed = description.at("seed").get<std::uint64_t>();
  const auto kind = description.at("kind").get<std::string>();
  cv::Mat image(description.at("height").get<int>(), description.at("width").get<int>(), CV_8UC3);
  std::uint64_t k = 0;
  for (int y = 0; y < image.rows; ++y)
    for (int x = 0; x < image.cols; ++x)
      for (int c = 0; c < 3; ++c, ++k) {
        const int b = static_cast<int>(bits(seed, k) >> 56);
        const int ramp = (20 * y + 11 * x + 57 * c) % 256 + (b & 15) - 8;
        image.data[k] =
            static_cast<std::uint8_t>(kind == "noise"         ? b
                                      : kind == "lowcontrast" ? 80 + (b >> 2)
                                                              : std::clamp(ramp, 0, 255));
      }
  return image;
}

namespace {

cv::Mat jittered(cv::Mat image, const Json& p) {
  for (const int which : p.at("order").get<std::vector<int>>()) {
    if (which == 0) adjust_brightness_in_place(image, p.at("brightness").get<double>());
    if (which == 1) adjust_contrast_in_place(image, p.at("contrast").get<double>());
    if (which == 2) adjust_saturation_in_place(image, p.at("saturation").get<double>());
    if (which == 3) adjust_hue_in_place(image, p.at("hue").get<double>());
  }
  return image;
}

cv::Mat cropped(const cv::Mat& image, const Json& p) {
  const auto how = p.at("interpolation").get<std::string>();
  if (how != "bilinear" && how != "bicubic" && how != "nearest") throw NotComputed();
  const cv::Rect box(p.at("left").get<int>(), p.at("top").get<int>(), p.at("width").get<int>(),
                     p.at("height").get<int>());
  return resized_crop(image, box, p.at("out").at(1).get<int>(), p.at("out").at(0).get<int>(), how);
}

using Operation = std::function<cv::Mat(cv::Mat, const Json&)>;

double factor(const Json& p) {
  return p.at("factor").get<double>();
}

const std::map<std::string, Operation>& operations() {
  static const std::map<std::string, Operation> known{
      {"adjust_brightness",
       [](cv::Mat m, const Json& p) { return adjust_brightness_in_place(m, factor(p)), m; }},
      {"adjust_contrast",
       [](cv::Mat m, const Json& p) { return adjust_contrast_in_place(m, factor(p)), m; }},
      {"adjust_saturation",
       [](cv::Mat m, const Json& p) { return adjust_saturation_in_place(m, factor(p)), m; }},
      {"adjust_hue", [](cv::Mat m, const Json& p) { return adjust_hue_in_place(m, factor(p)), m; }},
      {"rgb_to_grayscale", [](cv::Mat m, const Json&) { return greyscale_in_place(m), m; }},
      {"solarize",
       [](cv::Mat m, const Json& p) {
         return solarize_in_place(m, p.at("threshold").get<double>()), m;
       }},
      {"gaussian_blur",
       [](const cv::Mat& m, const Json& p) {
         return gaussian_blur(m, p.at("kernel").get<int>(), p.at("sigma").get<double>());
       }},
      {"PIL ImageFilter.GaussianBlur",
       [](const cv::Mat& m, const Json& p) {
         return pillow_gaussian_blur(m, p.at("radius").get<double>());
       }},
      {"posterize",
       [](cv::Mat m, const Json& p) { return posterize_in_place(m, p.at("bits").get<int>()), m; }},
      {"equalize", [](cv::Mat m, const Json&) { return equalize_in_place(m), m; }},
      {"autocontrast", [](cv::Mat m, const Json&) { return autocontrast_in_place(m), m; }},
      {"invert", [](cv::Mat m, const Json&) { return invert_in_place(m), m; }},
      {"adjust_sharpness",
       [](cv::Mat m, const Json& p) { return adjust_sharpness_in_place(m, factor(p)), m; }},
      {"rotate",
       [](const cv::Mat& m, const Json& p) {
         const int degrees = p.at("degrees_ccw").get<int>();
         if (degrees % 90 != 0 || !p.value("expand", false)) throw NotComputed();
         return quarter_turn(m, degrees / 90 % 4);
       }},
      {"hflip", [](const cv::Mat& m, const Json&) { return hflip(m); }},
      {"vflip", [](const cv::Mat& m, const Json&) { return vflip(m); }},
      {"crop then resize", cropped},
      {"ColorJitter with fixed parameters", jittered},
  };
  return known;
}

void compare_bytes(const cv::Mat& image, const Json& wanted, const Json& tolerance,
                   Findings& found) {
  const bool blur = wanted.contains("pil_gaussianblur_u8");
  // torchvision blurs PIL images as tensors of bytes, so there is only one answer for both.
  const bool both = !blur && !wanted.contains("pil_u8");
  const auto bytes = wanted.at(blur   ? "pil_gaussianblur_u8"
                               : both ? "tensor_u8"
                                      : "pil_u8")
                         .get<std::vector<int>>();
  found.same("number of values", bytes.size() == image.total() * image.elemSize());
  if (bytes.size() != image.total() * image.elemSize()) return;
  int worst = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    worst = std::max(worst, std::abs(bytes[i] - static_cast<int>(image.data[i])));
  found.at_most(wanted.at("image").get<std::string>() + ", largest difference", worst,
                tolerance.at(both ? "tensor_u8_max_abs" : "pil_u8_max_abs").get<double>());
}

void compare_planar(const cv::Mat& image, const Json& params, const Json& wanted, Findings& found) {
  const Normalisation normalisation{params.at("mean").get<std::vector<double>>(),
                                    params.at("std").get<std::vector<double>>()};
  std::vector<float> planar(image.total() * 3);
  to_planar(image, normalisation, 3, planar);
  const std::vector<double> values(planar.begin(), planar.end());
  found.checksum("planar", values, wanted.at("chw_f32"), 1e-6);
}

void image_operation(const Json& c, Findings& found) {
  const Json& params = c.at("params");
  const auto name = params.at("op").get<std::string>();
  const bool planar = name == "ToTensor + Normalize";
  const auto operation = operations().find(name);
  if (!planar && operation == operations().end()) throw NotComputed();
  for (const Json& wanted : c.at("expected")) {
    const cv::Mat image = picture(c.at("inputs").at(wanted.at("image").get<std::string>()));
    if (planar)
      compare_planar(image, params, wanted, found);
    else
      compare_bytes(operation->second(image, params), wanted, c.at("tol"), found);
  }
}

struct Sample {
  std::vector<double> values;
  double mean() const {
    double sum = 0;
    for (const double v : values) sum += v;
    return sum / static_cast<double>(values.size());
  }
  /// Linear between ranks, as numpy's.
  double quantile(double part) {
    std::sort(values.begin(), values.end());
    const double at = part * static_cast<double>(values.size() - 1);
    const auto low = static_cast<std::size_t>(at);
    const auto high = std::min(low + 1, values.size() - 1);
    return values[low] + (at - static_cast<double>(low)) * (values[high] - values[low]);
  }
};

void compare_sample(const std::string& what, Sample sample, const Json& wanted, const Json& levels,
                    double draws, double quantile_tolerance, Findings& found) {
  const double spread = wanted.at("std").get<double>();
  const double n = static_cast<double>(sample.values.size());
  found.near(what + " mean", sample.mean(), wanted.at("mean").get<double>(), 0,
             4 * spread * std::sqrt(1 / draws + 1 / n));
  for (std::size_t i = 0; i < levels.size(); ++i)
    found.near(what + " quantile", sample.quantile(levels[i].get<double>()),
               wanted.at("quantiles")[i].get<double>(), 0, quantile_tolerance);
}

void crop_distribution(const Json& c, Findings& found) {
  const Json &p = c.at("params"), &expected = c.at("expected"), &tolerance = c.at("tol");
  ViewOptions options;
  options.size = 8;
  options.crop_min = p.at("scale")[0].get<double>();
  options.crop_max = p.at("scale")[1].get<double>();
  options.ratio_min = p.at("ratio")[0].get<double>();
  options.ratio_max = p.at("ratio")[1].get<double>();
  options.jitter = options.greyscale = options.blur = options.hflip = 0;
  const cv::Mat blank = cv::Mat::zeros(p.at("H").get<int>(), p.at("W").get<int>(), CV_8UC1);
  Sample area, ratio;
  for (std::uint64_t i = 0; i < 20000; ++i) {
    const cv::Rect crop = make_view(blank, options, {7, 0, i, 0}).crop;
    area.values.push_back(crop.area() / static_cast<double>(blank.total()));
    ratio.values.push_back(std::log(static_cast<double>(crop.width) / crop.height));
  }
  const auto draws = p.at("draws").get<double>();
  const Json& levels = p.at("quantile_levels");
  compare_sample("area", area, expected.at("area_fraction"), levels, draws,
                 tolerance.at("quantile_abs_area").get<double>(), found);
  compare_sample("log ratio", ratio, expected.at("log_w_over_h"), levels, draws,
                 tolerance.at("quantile_abs_log_ratio").get<double>(), found);
}

}  // namespace

void add_view_families(Families& families) {
  families["image_op"] = image_operation;
  families["random_resized_crop_distribution"] = crop_distribution;
}

}  // namespace selfsight::reference
