// From what decoders give to what Dataset::image() promises. Private to this room.
#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "core/dataset/dataset.h"

namespace selfsight {

/// Whether an image of so many channels, alpha aside, is neither grey nor RGB.
inline bool is_bands(int channels) {
  return channels != 1 && channels != 3;
}

/// Any depth as 8 bits. Values are windowed: the range between the 0.5th and the 99.5th percentile
/// over all channels is spread over 0 to 255, for a few hot or dead pixels must not decide.
/// Unsigned 16-bit images that fill their range (grey into the upper half and over more than 13
/// bits, colour beyond 12 bits) are divided by 257 instead, so that the pictures of one camera keep
/// their relation. Of bands each has a window of its own. A `window` that is not empty is taken as
/// it is. Throws ImageError if no value is finite.
cv::Mat to_8_bits(const cv::Mat& image, const ValueWindow& window = {});

/// The range between these percentiles of each channel, over all the images together. They have
/// equally many channels.
ValueWindow window_of(const std::vector<cv::Mat>& images);

/// The first `count` channels; and the channels of one image with one more behind them.
cv::Mat first_channels(const cv::Mat& image, int count);
cv::Mat with_alpha(const cv::Mat& image, const cv::Mat& alpha);

/// Lays an image whose last channel is alpha (8-bit, 2 or 4 channels) on white: 1 or 3 channels.
/// `premultiplied`: the colours are already multiplied by alpha.
cv::Mat on_white(const cv::Mat& image, bool premultiplied);

/// Turns and mirrors as EXIF's orientation, 1 to 8, asks for.
cv::Mat upright(const cv::Mat& image, int orientation);

}  // namespace selfsight
