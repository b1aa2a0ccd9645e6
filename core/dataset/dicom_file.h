// DICOM (PS3.5, PS3.10), read here element by element, each length checked. Private to this room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <opencv2/core.hpp>
#include <span>
#include <string>
#include <vector>

#include "core/dataset/dataset.h"
#include "core/dataset/tiff_pages.h"

namespace selfsight {

/// How many leading bytes dicom_frames() wants to see.
inline constexpr std::size_t telling_bytes = 1 << 16;

/// How many frames the first bytes of a file of `size` bytes tell of, as far as it has room for
/// them; 1 if they do not.
std::int64_t dicom_frames(std::span<const std::byte> head, std::uint64_t size);

/// A file with this frame for its only one, of which no more is read than that takes. Empty where
/// the pixels are coded or packed, or something is not as it should be: then all of it is wanted.
std::vector<std::byte> dicom_frame_alone(const ReadAt& read, std::uint64_t size,
                                         std::int64_t frame);

/// One frame as Dataset::image() promises it: native, deflated, RLE, JPEG (lossless too) and JPEG
/// 2000; palettes and YBR become RGB, MONOCHROME1 is turned over, more than 8 bits are windowed (a
/// `window` is in the units of the modality, such as Hounsfield's, where the file tells of them).
/// Throws ImageError with the reason: cut off, without an image, coded in another way, more than
/// `max_pixels` or `max_bytes` of values.
cv::Mat decode_dicom(std::span<const std::byte> bytes, std::int64_t max_pixels,
                     std::int64_t max_bytes, std::int64_t frame = 0,
                     const ValueWindow& window = {});

}  // namespace selfsight
