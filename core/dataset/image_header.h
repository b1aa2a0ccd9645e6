// What the first bytes of an image file say, read before any decoder sees it. Private to this room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace selfsight {

enum class ImageFormat : std::uint8_t {
  unknown,
  jpeg,
  png,
  bmp,
  tiff,
  webp,
  jpeg2000,
  pnm,
  // Known by name so that the refusal can name them.
  gif,
  dicom,
  psd,
  ico,
  openexr,
  hdr,
  avif,
  pcx,
  dds,
  sgi,
  sun,
  fits,
  xpm,
  icns,
  pdf,
};

/// How a person calls it: "JPEG".
std::string to_string(ImageFormat format);

ImageFormat identify(std::span<const std::byte> head);

struct ImageHeader {
  std::int64_t width = 0, height = 0;
  int components = 0;  // 0: the header does not say
};

/// Size and, where the format says so early, components. Throws ImageError if the header is cut
/// off or makes no sense.
ImageHeader read_header(ImageFormat format, std::span<const std::byte> bytes);

/// Walks the segments of a JPEG to its end marker. Throws ImageError where it is cut off.
void check_jpeg_is_whole(std::span<const std::byte> bytes);

}  // namespace selfsight
