// Lossless JPEG (ITU T.81, annex H), as scanners write it; libjpeg cannot read it. Private to this
// room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <opencv2/core.hpp>
#include <span>

namespace selfsight {

/// Whether the first frame of a JPEG is of that kind.
bool is_lossless_jpeg(std::span<const std::byte> bytes);

/// The values as they are, 16-bit unsigned, 1 or 3 channels. Throws ImageError with the reason:
/// damaged, cut off, more than `max_pixels`, channels of different sizes.
cv::Mat decode_lossless_jpeg(std::span<const std::byte> bytes, std::int64_t max_pixels);

}  // namespace selfsight
