// TIFF, read with libtiff: of all kinds that it knows, 1 to 64 bits. Private to this room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <opencv2/core.hpp>
#include <span>

#include "core/dataset/dataset.h"

namespace selfsight {

/// A page of a TIFF or BigTIFF, counted as tiff_pages() does, as Dataset::image() promises it.
/// Throws ImageError with the reason: above `max_pixels` or `max_bytes` of decoded values, damaged,
/// cut off, more than most_bands. Grey and RGB with further samples that are not said to be alpha
/// are bands.
cv::Mat decode_tiff(std::span<const std::byte> bytes, std::int64_t max_pixels,
                    std::int64_t max_bytes, const ValueWindow& window = {}, std::int64_t page = 0);

/// Whether the values of its first page have more than 8 bits. Throws ImageError if it is no TIFF
/// that can be read.
bool tiff_is_deep(std::span<const std::byte> bytes, std::int64_t max_bytes);

/// The bands of its first page as they lie in the file, in any depth, also three that are not said
/// to be colours and have more than 8 bits; empty if the picture has none. Throws ImageError
/// likewise.
cv::Mat tiff_bands(std::span<const std::byte> bytes, std::int64_t max_pixels,
                   std::int64_t max_bytes);

}  // namespace selfsight
