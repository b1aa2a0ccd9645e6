#include "core/dataset/image_header.h"

#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

#include "core/dataset/dataset.h"

namespace selfsight {
namespace {

using Bytes = std::span<const std::byte>;

/// Reads within bounds or throws.
class Cursor {
 public:
  explicit Cursor(Bytes bytes) : bytes_(bytes) {}

  std::uint64_t number(std::size_t at, int width, bool big) const {
    if (at > bytes_.size() || static_cast<std::size_t>(width) > bytes_.size() - at)
      throw ImageError("is cut off within its header");
    std::uint64_t value = 0;
    for (int i = 0; i < width; ++i) {
      const auto b = std::to_integer<std::uint64_t>(
          bytes_[at + static_cast<std::size_t>(big ? i : width - 1 - i)]);
      value = value << 8 | b;
    }
    return value;
  }
  std::uint64_t big(std::size_t at, int width) const { return number(at, width, true); }
  std::uint64_t little(std::size_t at, int width) const { return number(at, width, false); }
  std::size_t size() const { return bytes_.size(); }

 private:
  Bytes bytes_;
};

bool at(Bytes bytes, std::size_t offset, std::string_view text) {
  return bytes.size() >= offset + text.size() &&
         std::memcmp(bytes.data() + offset, text.data(), text.size()) == 0;
}

ImageHeader sized(std::uint64_t width, std::uint64_t height, int components = 0) {
  if (width == 0 || height == 0) throw ImageError("says that it has no pixels");
  if (width > (1u << 30) || height > (1u << 30))
    throw ImageError("says that it is impossibly large");
  return {static_cast<std::int64_t>(width), static_cast<std::int64_t>(height), components};
}

bool is_frame(std::uint64_t marker) {  // SOF0 to SOF15, less DHT, JPG and DAC
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

/// Calls `visit(marker, offset of its payload, length)` for each segment up to a start of scan;
/// returns the offset behind that segment.
template <class Visit>
std::size_t jpeg_segments(const Cursor& in, std::size_t from, Visit&& visit) {
  for (std::size_t at = from;;) {
    if (in.big(at, 1) != 0xFF) throw ImageError("has a damaged JPEG structure");
    while (in.big(at + 1, 1) == 0xFF) ++at;  // fill bytes
    const auto marker = in.big(at + 1, 1);
    at += 2;
    if (marker == 0xD9) return 0;
    if (marker == 0x01 || (marker >= 0xD0 && marker <= 0xD7)) continue;
    const auto length = in.big(at, 2);
    if (length < 2) throw ImageError("has a damaged JPEG structure");
    visit(marker, at + 2, static_cast<std::size_t>(length - 2));
    at += length;
    if (marker == 0xDA) return at;
  }
}

ImageHeader jpeg_header(const Cursor& in) {
  ImageHeader header;
  jpeg_segments(in, 2, [&](std::uint64_t marker, std::size_t payload, std::size_t) {
    if (is_frame(marker) && header.width == 0)
      header = sized(in.big(payload + 3, 2), in.big(payload + 1, 2),
                     static_cast<int>(in.big(payload + 5, 1)));
  });
  if (header.width == 0) throw ImageError("is a JPEG without an image");
  return header;
}

ImageHeader bmp_header(const Cursor& in) {
  if (in.little(14, 4) == 12) return sized(in.little(18, 2), in.little(20, 2));
  const auto height = static_cast<std::int32_t>(in.little(22, 4));
  return sized(in.little(18, 4), static_cast<std::uint64_t>(std::llabs(height)));
}

ImageHeader webp_header(const Cursor& in, Bytes bytes) {
  if (at(bytes, 12, "VP8X")) return sized(in.little(24, 3) + 1, in.little(27, 3) + 1);
  if (at(bytes, 12, "VP8L")) {
    const auto bits = in.little(21, 4);
    return sized((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1);
  }
  if (at(bytes, 12, "VP8 ")) return sized(in.little(26, 2) & 0x3FFF, in.little(28, 2) & 0x3FFF);
  throw ImageError("is a WebP of an unknown kind");
}

ImageHeader jpeg2000_header(const Cursor& in, Bytes bytes) {
  // The SIZ segment follows the start of the codestream, wherever the boxes put that.
  constexpr std::string_view start("\xFF\x4F\xFF\x51", 4);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const auto found = text.find(start);
  if (found == std::string_view::npos) throw ImageError("is a JPEG 2000 without an image");
  const std::size_t siz = found + 4;
  const auto width = in.big(siz + 4, 4), height = in.big(siz + 8, 4);
  const auto left = in.big(siz + 12, 4), top = in.big(siz + 16, 4);
  if (left >= width || top >= height) throw ImageError("says that it has no pixels");
  return sized(width - left, height - top, static_cast<int>(in.big(siz + 36, 2)));
}

ImageHeader pnm_header(Bytes bytes) {
  const std::string text(reinterpret_cast<const char*>(bytes.data()),
                         std::min<std::size_t>(bytes.size(), 4096));
  std::vector<std::uint64_t> numbers;
  std::size_t i = 2;
  while (numbers.size() < 2 && i < text.size()) {
    if (text[i] == '#') {
      while (i < text.size() && text[i] != '\n') ++i;
    } else if (text[i] >= '0' && text[i] <= '9') {
      std::uint64_t value = 0;
      while (i < text.size() && text[i] >= '0' && text[i] <= '9' && value < (1ull << 40))
        value = value * 10 + static_cast<std::uint64_t>(text[i++] - '0');
      numbers.push_back(value);
    } else if (text[i] == ' ' || text[i] == '\t' || text[i] == '\r' || text[i] == '\n') {
      ++i;
    } else {
      break;
    }
  }
  if (numbers.size() < 2) throw ImageError("is cut off within its header");
  const bool colour = text[1] == '3' || text[1] == '6';
  return sized(numbers[0], numbers[1], colour ? 3 : 1);
}

ImageHeader tiff_header(const Cursor& in, Bytes bytes) {
  const bool big = at(bytes, 0, "MM");
  const auto read = [&](std::size_t offset, int width) { return in.number(offset, width, big); };
  if (read(2, 2) == 43) throw ImageError("is a BigTIFF, which cannot be read");
  const auto directory = static_cast<std::size_t>(read(4, 4));
  ImageHeader header;
  std::uint64_t width = 0, height = 0, samples = 1;
  for (std::uint64_t i = 0, count = read(directory, 2); i < count; ++i) {
    const std::size_t entry = directory + 2 + 12 * static_cast<std::size_t>(i);
    const auto tag = read(entry, 2), type = read(entry + 2, 2);
    const int bytes_each = type == 3 ? 2 : type == 4 ? 4 : 1;
    if (tag == 256) width = read(entry + 8, bytes_each);
    if (tag == 257) height = read(entry + 8, bytes_each);
    if (tag == 277) samples = read(entry + 8, bytes_each);
  }
  return sized(width, height, static_cast<int>(std::min<std::uint64_t>(samples, 1 << 16)));
}

struct Magic {
  std::size_t offset;
  std::string_view text;
  ImageFormat format;
};

using namespace std::string_view_literals;

constexpr Magic magics[] = {
    {0, "\xFF\xD8\xFF"sv, ImageFormat::jpeg},
    {0, "\x89PNG\r\n\x1A\n"sv, ImageFormat::png},
    {0, "II*\0"sv, ImageFormat::tiff},
    {0, "MM\0*"sv, ImageFormat::tiff},
    {0, "II+\0"sv, ImageFormat::tiff},
    {0, "MM\0+"sv, ImageFormat::tiff},
    {0, "\0\0\0\x0CjP  \r\n\x87\n"sv, ImageFormat::jpeg2000},
    {0, "\xFF\x4F\xFF\x51"sv, ImageFormat::jpeg2000},
    {0, "GIF87a"sv, ImageFormat::gif},
    {0, "GIF89a"sv, ImageFormat::gif},
    {128, "DICM"sv, ImageFormat::dicom},
    {0, "8BPS"sv, ImageFormat::psd},
    {0, "\0\0\1\0"sv, ImageFormat::ico},
    {0, "\x76\x2F\x31\x01"sv, ImageFormat::openexr},
    {0, "#?RADIANCE"sv, ImageFormat::hdr},
    {4, "ftypavif"sv, ImageFormat::avif},
    {0, "DDS "sv, ImageFormat::dds},
    {0, "\x01\xDA"sv, ImageFormat::sgi},
    {0, "\x59\xA6\x6A\x95"sv, ImageFormat::sun},
    {0, "SIMPLE  ="sv, ImageFormat::fits},
    {0, "/* XPM */"sv, ImageFormat::xpm},
    {0, "icns"sv, ImageFormat::icns},
    {0, "%PDF"sv, ImageFormat::pdf},
};

}  // namespace

std::string to_string(ImageFormat format) {
  static const std::vector<std::string> names{"unknown",    "JPEG", "PNG",  "BMP",   "TIFF", "WebP",
                                              "JPEG 2000",  "PNM",  "GIF",  "DICOM", "PSD",  "icon",
                                              "OpenEXR",    "HDR",  "AVIF", "PCX",   "DDS",  "SGI",
                                              "Sun raster", "FITS", "XPM",  "ICNS",  "PDF"};
  return names.at(static_cast<std::size_t>(format));
}

ImageFormat identify(Bytes head) {
  for (const Magic& magic : magics)
    if (at(head, magic.offset, magic.text)) return magic.format;
  if (at(head, 0, "RIFF") && at(head, 8, "WEBP")) return ImageFormat::webp;
  // Two letters are a weak sign: what follows must fit as well.
  if (at(head, 0, "BM") && head.size() >= 18 && std::to_integer<int>(head[15]) == 0 &&
      std::to_integer<int>(head[16]) == 0 && std::to_integer<int>(head[17]) == 0)
    return ImageFormat::bmp;
  if (head.size() >= 3 && head[0] == std::byte{'P'}) {
    const int kind = std::to_integer<int>(head[1]) - '0', next = std::to_integer<int>(head[2]);
    const bool space = next == ' ' || next == '\n' || next == '\r' || next == '\t' || next == '#';
    if (kind >= 1 && kind <= 6 && space) return ImageFormat::pnm;
  }
  return ImageFormat::unknown;
}

ImageHeader read_header(ImageFormat format, Bytes bytes) {
  const Cursor in(bytes);
  switch (format) {
    case ImageFormat::jpeg:
      return jpeg_header(in);
    case ImageFormat::png:
      return sized(in.big(16, 4), in.big(20, 4));
    case ImageFormat::bmp:
      return bmp_header(in);
    case ImageFormat::tiff:
      return tiff_header(in, bytes);
    case ImageFormat::webp:
      return webp_header(in, bytes);
    case ImageFormat::jpeg2000:
      return jpeg2000_header(in, bytes);
    case ImageFormat::pnm:
      return pnm_header(bytes);
    default:
      throw ImageError("is a " + to_string(format) + " file, which cannot be read");
  }
}

void check_jpeg_is_whole(Bytes bytes) {
  const Cursor in(bytes);
  const auto ignore = [](std::uint64_t, std::size_t, std::size_t) {};
  try {
    for (std::size_t at = jpeg_segments(in, 2, ignore); at != 0;) {
      // Coded data: FF is followed by 00 or a restart marker until the next segment.
      for (;; ++at) {
        if (in.big(at, 1) != 0xFF) continue;
        const auto next = in.big(at + 1, 1);
        if (next != 0 && next != 0xFF && !(next >= 0xD0 && next <= 0xD7)) break;
      }
      at = jpeg_segments(in, at, ignore);
    }
  } catch (const ImageError&) {
    throw ImageError("is a JPEG that is cut off or damaged");
  }
}

}  // namespace selfsight
