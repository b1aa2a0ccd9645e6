// Operations on 8-bit images, each with fixed parameters. They follow one backend throughout:
// torchvision on PIL images (Pillow's integer arithmetic, with its truncations), exactly.
// Images are 1 (grey) or 3 (RGB) channels, continuous. The others leave the argument as it was;
// those that end in _in_place change it.
#pragma once

#include <opencv2/core.hpp>
#include <string>

namespace selfsight {

/// Pillow's blend with black: factor 0 is black, 1 the image. Truncated and clipped.
void adjust_brightness_in_place(cv::Mat& image, double factor);
/// Blend with a constant image of the mean grey value, rounded.
void adjust_contrast_in_place(cv::Mat& image, double factor);
/// Blend with the grey image. A grey image is left alone.
void adjust_saturation_in_place(cv::Mat& image, double factor);
/// Turns the hue by `factor` of the colour circle, [-0.5, 0.5], in Pillow's 8-bit HSV. A grey
/// image is left alone.
void adjust_hue_in_place(cv::Mat& image, double factor);
/// Luma in all channels: (19595 R + 38470 G + 7471 B + 32768) >> 16.
void greyscale_in_place(cv::Mat& image);
/// Inverts values at or above the threshold.
void solarize_in_place(cv::Mat& image, double threshold);
/// Keeps the `bits` highest bits of each value, [1, 8].
void posterize_in_place(cv::Mat& image, int bits);
/// Spreads the values of each channel so that all come equally often. A channel of one value, or
/// an image of fewer than 256 pixels, is left alone.
void equalize_in_place(cv::Mat& image);
/// Stretches each channel to the full range.
void autocontrast_in_place(cv::Mat& image);
void invert_in_place(cv::Mat& image);
/// Blend with the image smoothed by (1 1 1, 1 5 1, 1 1 1) / 13: 0 is the smooth one, 1 the image.
/// The border keeps its values.
void adjust_sharpness_in_place(cv::Mat& image, double factor);

cv::Mat hflip(const cv::Mat& image);
cv::Mat vflip(const cv::Mat& image);

/// Anticlockwise about the centre, same size, nearest neighbour, corners black: Pillow's rotate.
cv::Mat rotate(const cv::Mat& image, double degrees);

/// Anticlockwise by so many quarters, [0, 3].
cv::Mat quarter_turn(const cv::Mat& image, int quarters);

/// torchvision's gaussian_blur: `kernel` odd, borders reflected, float arithmetic, rounded.
cv::Mat gaussian_blur(const cv::Mat& image, int kernel, double sigma);

/// Pillow's ImageFilter.GaussianBlur, which most recipes were trained with: three box blurs each
/// way whose radius gives the standard deviation `radius` (Gwosdek et al. 2011), borders repeated.
cv::Mat pillow_gaussian_blur(const cv::Mat& image, double radius);

/// The part `box` resized to width x height as Pillow's crop and resize do: `interpolation` is
/// bilinear or bicubic (a = -0.5), antialiased, 8 bits between the horizontal and the vertical
/// pass; or nearest, which takes the pixel under each centre.
cv::Mat resized_crop(const cv::Mat& image, const cv::Rect& box, int width, int height,
                     const std::string& interpolation);

}  // namespace selfsight
