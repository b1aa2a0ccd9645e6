// What an image file says of itself, read before any decoder sees it. Private to this room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <opencv2/core.hpp>
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
  dicom,
  // Known by name only, so that the refusal can name them.
  gif,
  psd,
  icon,
  openexr,
  hdr,
  avif,
  heif,
  jpeg_xl,
  pcx,
  dds,
  sgi,
  sun,
  fits,
  xpm,
  icns,
  tga,
  pdf,
};

/// How a person calls it: "JPEG".
std::string to_string(ImageFormat format);

/// Whether there is a decoder for it here.
bool readable(ImageFormat format);

/// "is in GIF format; convert it to PNG or JPEG first".
std::string refusal(ImageFormat format);

/// How many leading bytes identify() looks at.
inline constexpr std::size_t identifying_bytes = 160;
ImageFormat identify(std::span<const std::byte> head);

struct ImageHeader {
  std::int64_t width = 0, height = 0;
  int components = 3;       // the most that a decoder makes of it where the header does not say
  int bits = 8;             // per component
  int orientation = 1;      // as EXIF counts, 1 to 8
  std::int64_t passes = 0;  // JPEG: components over all scans, what decoding time grows with
};

/// Throws ImageError if the header is cut off, makes no sense, or tells of a kind that cannot be
/// read. Walks a JPEG and a PNG to their end. TIFF has no header of one piece: see tiff_file.h.
ImageHeader read_header(ImageFormat format, std::span<const std::byte> bytes);

/// The values of a picture with such a header as OpenCV decodes them: BGR, any depth, perhaps with
/// alpha. Throws ImageError if it is damaged, has more than `max_pixels` or would cost too much;
/// cv::Exception likewise.
cv::Mat decode_values(ImageFormat format, std::span<const std::byte> bytes,
                      std::int64_t max_pixels);

/// EXIF's orientation, 1 to 8, of a TIFF structure; 1 if it has none or makes no sense.
int exif_orientation(std::span<const std::byte> tiff);

/// Whether the file holds more than 8 bits a value. False for what cannot be read.
bool has_deep_values(std::span<const std::byte> bytes);

}  // namespace selfsight
