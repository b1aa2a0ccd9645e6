#include "core/dataset/image_header.h"

#include <cstdlib>
#include <string_view>
#include <vector>

#include "core/base/files.h"
#include "core/dataset/byte_reader.h"

namespace selfsight {
namespace {

using Bytes = std::span<const std::byte>;

ImageHeader sized(std::uint64_t width, std::uint64_t height, int components, int bits = 8) {
  if (width == 0 || height == 0) throw ImageError("says that it has no pixels");
  if (width > (1u << 30) || height > (1u << 30))
    throw ImageError("says that it is impossibly large");
  return {.width = static_cast<std::int64_t>(width),
          .height = static_cast<std::int64_t>(height),
          .components = components,
          .bits = bits};
}

[[noreturn]] void unusual(const std::string& what) {
  throw ImageError("is " + what + ", which cannot be read; convert it to PNG or JPEG first");
}

[[noreturn]] void cut_off_image(const std::string& format, const ByteReader& in) {
  throw ImageError("is a " + format + " that is cut off after " +
                   grouped(static_cast<long long>(in.size())) + " bytes");
}

// ---- JPEG (ITU T.81, annex B)

bool is_frame(std::uint64_t marker) {  // SOF0 to SOF15, less DHT, JPG and DAC
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

bool stands_alone(std::uint64_t marker) {  // stuffing, fill, TEM, restarts
  return marker == 0 || marker == 1 || marker == 0xFF || (marker >= 0xD0 && marker <= 0xD7);
}

/// The offset of the next marker's second byte, over coded data or (as libjpeg does) garbage.
std::size_t next_marker(const ByteReader& in, std::size_t at) {
  for (;; ++at) {
    const Bytes rest = in.from(at);
    const void* found = rest.empty() ? nullptr : std::memchr(rest.data(), 0xFF, rest.size());
    if (!found) break;
    at += static_cast<std::size_t>(static_cast<const std::byte*>(found) - rest.data());
    if (at + 1 >= in.size()) break;
    if (!stands_alone(in.big(at + 1, 1))) return at + 1;
  }
  cut_off_image("JPEG", in);
}

void read_frame(const ByteReader& in, std::uint64_t marker, std::size_t payload,
                ImageHeader& header) {
  const auto bits = in.big(payload, 1);
  if (bits != 8) unusual("a JPEG of " + std::to_string(bits) + " bits per channel");
  if (marker != 0xC0 && marker != 0xC1 && marker != 0xC2 && marker != 0xC9 && marker != 0xCA)
    unusual("a lossless or hierarchical JPEG");
  const int orientation = header.orientation;
  header = sized(in.big(payload + 3, 2), in.big(payload + 1, 2),
                 static_cast<int>(in.big(payload + 5, 1)));
  header.orientation = orientation;
  if (header.components != 1 && header.components != 3 && header.components != 4)
    unusual("a JPEG of " + std::to_string(header.components) + " channels");
}

ImageHeader jpeg_header(const ByteReader& in) {
  ImageHeader header;
  for (std::size_t at = 2;;) {
    const std::size_t found = next_marker(in, at);
    const auto marker = in.big(found, 1);
    if (marker == 0xD9) break;
    const std::size_t payload = found + 3;
    if (payload > in.size()) cut_off_image("JPEG", in);
    const auto length = static_cast<std::size_t>(in.big(found + 1, 2));
    if (length < 2) throw ImageError("is a JPEG with a damaged structure");
    if (found + 1 + length > in.size()) cut_off_image("JPEG", in);
    if (is_frame(marker) && header.width == 0) read_frame(in, marker, payload, header);
    if (marker == 0xE1 && length >= 8 && in.says(payload, {"Exif\0\0", 6}))
      header.orientation = exif_orientation(in.from(payload + 6).first(length - 8));
    if (marker == 0xDA) header.passes += static_cast<std::int64_t>(in.big(payload, 1));
    at = found + 1 + length;
  }
  if (header.width == 0 || header.passes == 0) throw ImageError("is a JPEG without an image");
  return header;
}

// ---- The others

ImageHeader png_header(const ByteReader& in) {
  if (!in.says(12, "IHDR")) throw ImageError("is a PNG with a damaged header");
  constexpr int channels[] = {1, 0, 3, 3, 2, 0, 4};  // by colour type; a palette becomes colour
  const auto bits = in.big(24, 1), type = in.big(25, 1);
  if (type > 6 || channels[type] == 0 ||
      (bits != 1 && bits != 2 && bits != 4 && bits != 8 && bits != 16))
    throw ImageError("is a PNG with a damaged header");
  ImageHeader header = sized(in.big(16, 4), in.big(20, 4), channels[type], bits == 16 ? 16 : 8);
  for (std::size_t at = 8;;) {
    if (in.size() - at < 12) cut_off_image("PNG", in);
    const auto length = static_cast<std::size_t>(in.big(at, 4));
    if (in.says(at + 4, "eXIf") && length <= in.size() - at - 12)
      header.orientation = exif_orientation(in.from(at + 8).first(length));
    if (in.says(at + 4, "IEND")) return header;
    at += std::min(12 + length, in.size() - at);
  }
}

ImageHeader bmp_header(const ByteReader& in) {
  const auto info = in.little(14, 4);
  if (info == 12) return sized(in.little(18, 2), in.little(20, 2), 3);
  if (info < 36) unusual("a BMP of OS/2");
  const auto height = static_cast<std::int32_t>(in.little(22, 4));
  const auto bits = in.little(28, 2), packing = in.little(30, 4);
  if (packing == 4 || packing == 5)
    unusual(packing == 4 ? "a BMP with a JPEG inside" : "a BMP with a PNG inside");
  const ImageHeader header =
      sized(in.little(18, 4), static_cast<std::uint64_t>(std::llabs(height)), bits == 32 ? 4 : 3);
  if (bits != 1 && bits != 4 && bits != 8 && bits != 16 && bits != 24 && bits != 32)
    unusual("a BMP of " + std::to_string(bits) + " bits per pixel");
  const auto pixels = in.little(10, 4), colours = bits <= 8 ? in.little(46, 4) : 0;
  if (colours > 256 || (colours > 0 && pixels < 14 + info + 4 * colours))
    throw ImageError("is a BMP whose palette and pixels overlap");
  const std::uint64_t row = (static_cast<std::uint64_t>(header.width) * bits + 31) / 32 * 4;
  const bool plain = packing == 0 || packing == 3;
  if (plain &&
      (pixels > in.size() || row * static_cast<std::uint64_t>(header.height) > in.size() - pixels))
    cut_off_image("BMP", in);
  return header;
}

ImageHeader webp_header(const ByteReader& in) {
  if (in.little(4, 4) + 8 > in.size() + 1)  // the last padding byte is often left out
    cut_off_image("WebP", in);
  if (in.says(12, "VP8L")) {
    const auto bits = in.little(21, 4);
    return sized((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, 4);
  }
  if (in.says(12, "VP8 ")) return sized(in.little(26, 2) & 0x3FFF, in.little(28, 2) & 0x3FFF, 3);
  if (!in.says(12, "VP8X")) throw ImageError("is a WebP with a damaged header");
  if (in.little(20, 1) & 2) unusual("an animated WebP");
  ImageHeader header = sized(in.little(24, 3) + 1, in.little(27, 3) + 1, 4);
  for (std::size_t at = 12; in.size() - at >= 8;) {
    const auto length = static_cast<std::size_t>(in.little(at + 4, 4));
    const std::size_t skip = in.says(at + 8, {"Exif\0\0", 6}) ? 6 : 0;
    if (in.says(at, "EXIF") && length >= skip && length <= in.size() - at - 8)
      header.orientation = exif_orientation(in.from(at + 8 + skip).first(length - skip));
    at += std::min(8 + length + length % 2, in.size() - at);
  }
  return header;
}

ImageHeader jpeg2000_header(const ByteReader& in) {
  // The SIZ segment follows the start of the codestream, wherever the boxes put that.
  constexpr std::string_view start("\xFF\x4F\xFF\x51", 4), end("\xFF\xD9", 2);
  const std::string_view text(reinterpret_cast<const char*>(in.from(0).data()), in.size());
  const auto found = text.find(start);
  if (found == std::string_view::npos) throw ImageError("is a JPEG 2000 without an image");
  const std::size_t siz = found + 4;
  const auto width = in.big(siz + 4, 4), height = in.big(siz + 8, 4);
  const auto left = in.big(siz + 12, 4), top = in.big(siz + 16, 4);
  if (left >= width || top >= height) throw ImageError("says that it has no pixels");
  const auto components = in.big(siz + 36, 2);
  if (components < 1 || components > 4)
    unusual("a JPEG 2000 of " + std::to_string(components) + " channels");
  // OpenJPEG makes up what is missing, without a word.
  if (text.find(end, siz) == std::string_view::npos) cut_off_image("JPEG 2000", in);
  for (std::uint64_t i = 0; i < components; ++i) {
    const std::size_t component = siz + 38 + 3 * static_cast<std::size_t>(i);
    if (in.big(component, 1) & 0x80) unusual("a JPEG 2000 of signed values");
    if (in.big(component + 1, 1) != 1 || in.big(component + 2, 1) != 1)
      unusual("a JPEG 2000 with channels of different sizes");
  }
  // 32: its decoder keeps every value as an int.
  return sized(width - left, height - top, static_cast<int>(components), 32);
}

ImageHeader pnm_header(const ByteReader& in) {
  const auto kind = in.big(1, 1) - '0';
  const std::size_t wanted = kind == 1 || kind == 4 ? 2 : 3;
  std::vector<std::uint64_t> numbers;
  std::size_t at = 2;
  const auto digit = [&] { return in.big(at, 1) >= '0' && in.big(at, 1) <= '9'; };
  while (numbers.size() < wanted) {
    if (in.big(at, 1) == '#') {
      while (in.big(at, 1) != '\n') ++at;
    } else if (digit()) {
      std::uint64_t value = 0;
      for (; digit() && value < (1ull << 40); ++at) value = value * 10 + in.big(at, 1) - '0';
      numbers.push_back(value);
    } else if (std::string_view(" \t\r\n").find(static_cast<char>(in.big(at, 1))) !=
               std::string_view::npos) {
      ++at;
    } else {
      throw ImageError("is a PNM with a damaged header");
    }
  }
  if (wanted == 3 && (numbers[2] < 1 || numbers[2] > 65535))
    throw ImageError("is a PNM with a damaged header");
  const bool deep = wanted == 3 && numbers[2] > 255;
  const ImageHeader header =
      sized(numbers[0], numbers[1], kind == 3 || kind == 6 ? 3 : 1, deep ? 16 : 8);
  const auto values = static_cast<std::uint64_t>(header.width * header.components);
  const std::uint64_t row = kind == 4 ? (values + 7) / 8 : deep && kind > 3 ? 2 * values : values;
  if (row * static_cast<std::uint64_t>(header.height) > in.size() - at) cut_off_image("PNM", in);
  return header;
}

}  // namespace

int exif_orientation(Bytes tiff) {
  const ByteReader in(tiff);
  const bool big = in.says(0, "MM");
  if (!big && !in.says(0, "II")) return 1;
  try {
    const auto directory = static_cast<std::size_t>(in.number(4, 4, big));
    for (std::uint64_t i = 0, count = in.number(directory, 2, big); i < count; ++i) {
      const std::size_t entry = directory + 2 + 12 * static_cast<std::size_t>(i);
      if (in.number(entry, 2, big) != 0x0112) continue;
      const auto value = in.number(entry + 8, 2, big);
      return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
    }
  } catch (const ImageError&) {
    // Broken metadata is no reason to lose a picture.
  }
  return 1;
}

ImageHeader read_header(ImageFormat format, Bytes bytes) {
  const ByteReader in(bytes);
  switch (format) {
    case ImageFormat::jpeg:
      return jpeg_header(in);
    case ImageFormat::png:
      return png_header(in);
    case ImageFormat::bmp:
      return bmp_header(in);
    case ImageFormat::webp:
      return webp_header(in);
    case ImageFormat::jpeg2000:
      return jpeg2000_header(in);
    case ImageFormat::pnm:
      return pnm_header(in);
    default:
      throw ImageError(refusal(format));
  }
}

}  // namespace selfsight
