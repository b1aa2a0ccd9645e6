// Which kind of file it is, by its first bytes.
#include <array>

#include "core/dataset/byte_reader.h"
#include "core/dataset/image_header.h"

namespace selfsight {
namespace {

using namespace std::string_view_literals;

struct Magic {
  std::size_t offset;
  std::string_view text;
  ImageFormat format;
};

// DICOM comes first: its free first 128 bytes may look like a TIFF.
constexpr Magic magics[] = {
    {128, "DICM"sv, ImageFormat::dicom},
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
    {0, "8BPS"sv, ImageFormat::psd},
    {0, "\0\0\1\0"sv, ImageFormat::icon},
    {0, "\x76\x2F\x31\x01"sv, ImageFormat::openexr},
    {0, "#?RADIANCE"sv, ImageFormat::hdr},
    {4, "ftypavif"sv, ImageFormat::avif},
    {4, "ftypavis"sv, ImageFormat::avif},
    {4, "ftypheic"sv, ImageFormat::heif},
    {4, "ftypheix"sv, ImageFormat::heif},
    {4, "ftypmif1"sv, ImageFormat::heif},
    {0, "\0\0\0\x0CJXL \r\n\x87\n"sv, ImageFormat::jpeg_xl},
    {0, "\xFF\x0A"sv, ImageFormat::jpeg_xl},
    {0, "DDS "sv, ImageFormat::dds},
    {0, "\x01\xDA"sv, ImageFormat::sgi},
    {0, "\x59\xA6\x6A\x95"sv, ImageFormat::sun},
    {0, "SIMPLE  ="sv, ImageFormat::fits},
    {0, "/* XPM */"sv, ImageFormat::xpm},
    {0, "icns"sv, ImageFormat::icns},
    {0, "%PDF"sv, ImageFormat::pdf},
};

constexpr std::array format_names{
    "unknown"sv, "JPEG"sv,  "PNG"sv,        "BMP"sv, "TIFF"sv, "WebP"sv, "JPEG 2000"sv,
    "PNM"sv,     "DICOM"sv, "GIF"sv,        "PSD"sv, "icon"sv, "EXR"sv,  "HDR"sv,
    "AVIF"sv,    "HEIF"sv,  "JPEG XL"sv,    "PCX"sv, "DDS"sv,  "SGI"sv,  "Sun raster"sv,
    "FITS"sv,    "XPM"sv,   "Apple icon"sv, "TGA"sv, "PDF"sv};
static_assert(format_names.size() == static_cast<std::size_t>(ImageFormat::pdf) + 1);

// Formats whose first bytes are a weak sign: what follows must fit as well.

bool looks_like_bmp(const ByteReader& in) {
  return in.says(0, "BM") && in.size() >= 18 && in.little(14, 4) <= 1024;
}

bool looks_like_pnm(const ByteReader& in) {
  if (in.size() < 3 || !in.says(0, "P")) return false;
  return "123456"sv.find(static_cast<char>(in.big(1, 1))) != std::string_view::npos &&
         " \n\r\t#"sv.find(static_cast<char>(in.big(2, 1))) != std::string_view::npos;
}

bool looks_like_pcx(const ByteReader& in) {
  return in.size() >= 128 && in.big(0, 1) == 0x0A && in.big(1, 1) <= 5 && in.big(2, 1) == 1 &&
         in.big(64, 1) == 0;
}

bool looks_like_tga(const ByteReader& in) {
  if (in.size() < 18 || in.big(1, 1) > 1) return false;
  const auto kind = in.big(2, 1), depth = in.big(16, 1);
  const bool palette = in.big(1, 1) == 1;
  return (kind & ~8u) >= 1 && (kind & ~8u) <= 3 && ((kind & ~8u) == 1) == palette &&
         (depth == 8 || depth == 15 || depth == 16 || depth == 24 || depth == 32) &&
         in.little(12, 2) > 0 && in.little(14, 2) > 0 && (in.big(17, 1) & 0xC0) == 0;
}

}  // namespace

std::string to_string(ImageFormat format) {
  return std::string(format_names.at(static_cast<std::size_t>(format)));
}

bool readable(ImageFormat format) {
  return format >= ImageFormat::jpeg && format <= ImageFormat::dicom;
}

std::string refusal(ImageFormat format) {
  if (format == ImageFormat::unknown) return "is no image of a known kind";
  return "is in " + to_string(format) + " format; convert it to PNG or JPEG first";
}

ImageFormat identify(std::span<const std::byte> head) {
  const ByteReader in(head);
  for (const Magic& magic : magics)
    if (in.says(magic.offset, magic.text)) return magic.format;
  if (in.says(0, "RIFF") && in.says(8, "WEBP")) return ImageFormat::webp;
  if (looks_like_bmp(in)) return ImageFormat::bmp;
  if (looks_like_pnm(in)) return ImageFormat::pnm;
  if (looks_like_pcx(in)) return ImageFormat::pcx;
  if (looks_like_tga(in)) return ImageFormat::tga;
  return ImageFormat::unknown;
}

}  // namespace selfsight
