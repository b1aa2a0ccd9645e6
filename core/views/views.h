// What the encoder is shown: augmentations. The same code draws the previews and feeds training.
#pragma once

#include <cstdint>
#include <opencv2/core.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/base/random.h"
#include "core/spec/field.h"

namespace selfsight {

/// Words, ranges and defaults are torchvision's; `brightness` and the rest are the strengths of
/// its ColorJitter. The defaults are SimCLR's for 32 px (Chen et al. 2020, appendix A and B.9).
struct ViewOptions {
  std::int64_t size = 32, test_size = 0;
  double crop_min = 0.08, crop_max = 1.0;
  double ratio_min = 3.0 / 4, ratio_max = 4.0 / 3;
  std::string interpolation = "bicubic";
  double hflip = 0.5, vflip = 0.0;
  double jitter = 0.8;
  double brightness = 0.4, contrast = 0.4, saturation = 0.4, hue = 0.1;
  double greyscale = 0.2;
  double blur = 0.5, sigma_min = 0.1, sigma_max = 2.0;
  std::string blur_kind = "gaussian";
  double solarize = 0.0, solarize_threshold = 128;
  double posterize = 0.0;
  std::int64_t posterize_bits = 4;
  double equalize = 0.0, autocontrast = 0.0;
  double sharpness = 0.0, sharpness_factor = 2.0;
  double invert = 0.0;
  double rotation = 0.0;

  /// Side of the clean views that are measured, mapped and searched.
  std::int64_t clean_size() const { return test_size > 0 ? test_size : size; }

  template <class Options, class Visit>
  static void describe(Options& o, Visit&& visit);
};

/// What one operation drew: {"crop", {{"x", 3}, {"y", 0}, {"width", 20}, {"height", 18}}}.
struct Drawn {
  std::string operation;
  std::vector<std::pair<std::string, double>> values;
};

struct View {
  cv::Mat image;             // 8-bit, size x size, as many channels as the original
  cv::Rect crop;             // in pixels of the original
  std::vector<Drawn> drawn;  // only what was applied, in the order of application
};

/// The whole chain: random resized crop, flips, rotation, colour jitter in random order, greyscale,
/// blur, solarize, posterize, equalize, autocontrast, sharpness, inversion; results as
/// torchvision's on PIL images (8-bit). A pure function of its arguments. Grey images skip
/// saturation, hue and greyscale; those of bands all that concerns colours, see colours_left_out().
View make_view(const cv::Mat& image, const ViewOptions& options, const ViewKey& key);

/// Whether a view says what was drawn for it.
enum class Notes : bool { no, yes };

/// The same into a view that is used again: without notes no memory is taken where the last view
/// was as large. Nobody else may hold its image.
void make_view(const cv::Mat& image, const ViewOptions& options, const ViewKey& key, Notes notes,
               View& view);

/// Whether images of so many channels are neither grey nor RGB.
inline bool are_bands(int channels) {
  return channels != 1 && channels != 3;
}

/// Whether operations that are made for red, green and blue (jitter, greyscale, solarize) were
/// asked for and are left out, as these images have bands.
bool colours_left_out(const ViewOptions& options, int channels);

/// A view without chance, for evaluation: resized so that the shorter side fits, centre-cropped.
cv::Mat clean_view(const cv::Mat& image, std::int64_t size, const std::string& interpolation);

/// Per channel, in the unit [0, 1].
struct Normalisation {
  std::vector<double> mean{0.5, 0.5, 0.5};
  std::vector<double> std{0.25, 0.25, 0.25};
};

/// (pixel / 255 - mean) / std into planar order [C, H, W]; a grey image given to an encoder of
/// three channels is repeated, a colour one given to an encoder of one becomes grey.
void to_planar(const cv::Mat& view, const Normalisation& normalisation, int channels,
               std::span<float> out);
/// The reverse, clipped to 8 bits.
cv::Mat from_planar(std::span<const float> planar, const Normalisation& normalisation, int channels,
                    int height, int width);

}  // namespace selfsight

#include "core/views/view_fields.h"
