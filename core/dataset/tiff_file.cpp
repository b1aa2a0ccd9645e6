#include "core/dataset/tiff_file.h"

#include <tiffio.h>

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>
#include <opencv2/imgproc.hpp>
#include <string>
#include <vector>

#include "core/base/files.h"
#include "core/dataset/dataset.h"
#include "core/dataset/frames.h"
#include "core/dataset/pixels.h"

namespace selfsight {
namespace {

/// A file in memory, and the last thing that libtiff found wrong with it.
struct Source {
  std::span<const std::byte> bytes;
  std::size_t at = 0;
  std::string problem;
};

Source& source(thandle_t handle) {
  return *static_cast<Source*>(handle);
}

tmsize_t read_bytes(thandle_t handle, void* to, tmsize_t size) {
  Source& in = source(handle);
  const std::size_t left = in.bytes.size() - std::min(in.at, in.bytes.size());
  const std::size_t count = std::min(left, static_cast<std::size_t>(std::max<tmsize_t>(size, 0)));
  if (count > 0) std::memcpy(to, in.bytes.data() + in.at, count);
  in.at += count;
  return static_cast<tmsize_t>(count);
}

tmsize_t write_nothing(thandle_t, void*, tmsize_t) {
  return 0;
}

toff_t seek_to(thandle_t handle, toff_t offset, int whence) {
  Source& in = source(handle);
  const std::size_t base = whence == SEEK_CUR ? in.at : whence == SEEK_END ? in.bytes.size() : 0;
  in.at = base + static_cast<std::size_t>(offset);
  return in.at;
}

int close_nothing(thandle_t) {
  return 0;
}

toff_t size_of(thandle_t handle) {
  return source(handle).bytes.size();
}

int keep_problem(TIFF*, void* user, const char*, const char* format, std::va_list words) {
  Source& in = source(user);
  char text[160];
  if (std::vsnprintf(text, sizeof text, format, words) > 0) in.problem = text;
  return 1;
}

int ignore_warning(TIFF*, void*, const char*, const char*, std::va_list) {
  return 1;
}

[[noreturn]] void damaged_tiff(const Source& in) {
  const bool short_of_data = in.problem.find("Read error") != std::string::npos ||
                             in.problem.find("Not enough data") != std::string::npos ||
                             in.problem.find("byte count") != std::string::npos;
  throw ImageError(short_of_data ? "is a TIFF that is cut off or damaged"
                                 : "is a TIFF that is damaged or of an unusual kind" +
                                       (in.problem.empty() ? "" : " (" + in.problem + ")"));
}

using Tiff = std::unique_ptr<TIFF, decltype(&TIFFClose)>;

Tiff open_tiff(Source& in, std::int64_t max_bytes) {
  const std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(
      TIFFOpenOptionsAlloc(), &TIFFOpenOptionsFree);
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), max_bytes);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), keep_problem, &in);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), ignore_warning, nullptr);
  // "m": not mapped, the bytes are in memory already.
  Tiff file(TIFFClientOpenExt("image", "rm", &in, read_bytes, write_nothing, seek_to, close_nothing,
                              size_of, nullptr, nullptr, options.get()),
            &TIFFClose);
  if (!file) damaged_tiff(in);
  return file;
}

void go_to_page(TIFF* file, std::int64_t page, const Source& in) {
  if (page == 0) return;  // where libtiff begins
  const auto pages = tiff_pages(bytes_at(in.bytes), in.bytes.size());
  if (static_cast<std::size_t>(page) >= pages.size())
    throw ImageError("is a TIFF of fewer pages than it had");
  if (TIFFSetSubDirectory(file, pages[static_cast<std::size_t>(page)]) != 1) damaged_tiff(in);
}

template <class T>
T tag(TIFF* file, std::uint32_t which, T otherwise) {
  T value{};
  return TIFFGetFieldDefaulted(file, which, &value) == 1 ? value : otherwise;
}

/// How the values lie in the file.
struct Layout {
  std::uint32_t width = 0, height = 0, block_width = 0, block_height = 0;
  std::uint16_t bits = 1, samples = 1, format = 1, photometric = 0, orientation = 1;
  bool planar = false, tiled = false, alpha = false, premultiplied = false;
  bool three_greys = false;  // colours that are not called so, as GDAL writes them

  bool plain() const { return grey() || photometric == PHOTOMETRIC_RGB; }
  bool grey() const {
    return photometric == PHOTOMETRIC_MINISBLACK || photometric == PHOTOMETRIC_MINISWHITE;
  }
  bool cmyk() const { return photometric == PHOTOMETRIC_SEPARATED && samples == 4; }
  int colours() const { return grey() ? 1 : cmyk() ? 4 : 3; }
  /// Neither grey nor colours, with alpha or without, but more: as satellites see.
  bool bands() const { return plain() && (samples > 4 || (!alpha && samples > colours())); }
  /// Separate planes that are read.
  int planes() const { return !planar ? 1 : bands() ? samples : colours() + alpha; }
  /// Values that are more than 8 unsigned bits of grey or RGB: libtiff would not window them.
  bool deep() const {
    return (plain() && (bits > 8 || format == SAMPLEFORMAT_INT || format == SAMPLEFORMAT_IEEEFP)) ||
           (cmyk() && bits == 16);
  }
  /// Whether its values are measured by sensors that have nothing to do with each other.
  bool own_windows() const { return bands() || (three_greys && deep()); }
};

/// Planes at the end that are announced, but of which nothing was written, are no bands.
void leave_out_missing_planes(TIFF* file, Layout& l) {
  const std::uint32_t each =
      (l.tiled ? TIFFNumberOfTiles(file) : TIFFNumberOfStrips(file)) / l.samples;
  while (l.planar && l.bands()) {
    const std::uint32_t plane = l.samples - 1u;
    for (std::uint32_t i = 0; i < each; ++i)
      if (TIFFGetStrileByteCount(file, plane * each + i) > 0) return;
    --l.samples;
  }
}

Layout layout_of(TIFF* file, const Source& in) {
  Layout l;
  l.width = tag<std::uint32_t>(file, TIFFTAG_IMAGEWIDTH, 0);
  l.height = tag<std::uint32_t>(file, TIFFTAG_IMAGELENGTH, 0);
  if (l.width == 0 || l.height == 0) throw ImageError("says that it has no pixels");
  l.bits = tag<std::uint16_t>(file, TIFFTAG_BITSPERSAMPLE, 1);
  l.samples = std::max<std::uint16_t>(1, tag<std::uint16_t>(file, TIFFTAG_SAMPLESPERPIXEL, 1));
  l.format = tag<std::uint16_t>(file, TIFFTAG_SAMPLEFORMAT, 1);
  if (TIFFGetField(file, TIFFTAG_PHOTOMETRIC, &l.photometric) != 1)
    l.photometric = l.samples >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK;
  l.orientation = tag<std::uint16_t>(file, TIFFTAG_ORIENTATION, 1);
  if (l.orientation < 1 || l.orientation > 8) l.orientation = 1;
  l.planar = tag<std::uint16_t>(file, TIFFTAG_PLANARCONFIG, 1) == PLANARCONFIG_SEPARATE;
  l.tiled = TIFFIsTiled(file) != 0;
  l.block_width = l.tiled ? tag<std::uint32_t>(file, TIFFTAG_TILEWIDTH, 0) : l.width;
  l.block_height = l.tiled ? tag<std::uint32_t>(file, TIFFTAG_TILELENGTH, 0)
                           : tag<std::uint32_t>(file, TIFFTAG_ROWSPERSTRIP, l.height);
  if (!l.tiled) l.block_height = std::min(l.block_height, l.height);
  if (l.block_width == 0 || l.block_height == 0) damaged_tiff(in);
  std::uint16_t extras = 0;
  const std::uint16_t* kinds = nullptr;
  TIFFGetFieldDefaulted(file, TIFFTAG_EXTRASAMPLES, &extras, &kinds);
  l.alpha = extras > 0 && l.samples == l.colours() + extras && kinds[0] != EXTRASAMPLE_UNSPECIFIED;
  l.premultiplied = l.alpha && kinds[0] == EXTRASAMPLE_ASSOCALPHA;
  // libtiff would take the first of them for all.
  l.three_greys = l.photometric == PHOTOMETRIC_MINISBLACK && l.samples == 3 && !l.alpha;
  if (l.three_greys) l.photometric = PHOTOMETRIC_RGB;
  leave_out_missing_planes(file, l);
  return l;
}

void check_layout(const Layout& l, std::int64_t max_pixels, std::int64_t max_bytes) {
  if (l.width > max_pixels / l.height)
    throw ImageError("has " + std::to_string(l.width) + " x " + std::to_string(l.height) +
                     " pixels, more than the " + grouped(max_pixels) + " that are allowed");
  if (l.samples > (l.bands() ? most_bands : 4))
    throw ImageError("has " + std::to_string(l.samples) + " channels, more than can be used");
  // Blocks reach over the edges: tiles far larger than the picture would cost without end.
  const auto whole = [](double size, double block) { return std::ceil(size / block) * block; };
  const double values = whole(l.width, l.block_width) * whole(l.height, l.block_height) * l.samples;
  if (values * std::max<int>(l.bits, 8) / 8 > 2.0 * static_cast<double>(max_bytes) ||
      static_cast<double>(l.width) * l.height * l.samples * l.bits / 8 >
          static_cast<double>(max_bytes))
    throw ImageError("would take more than the " + grouped(max_bytes / 1'000'000) +
                     " MB that are allowed to decode");
}

// ---- Everything that fits 8 bits: libtiff makes RGBA of palettes, CMYK, YCbCr, Lab and few bits

cv::Mat decode_shallow(TIFF* file, const Layout& l, Source& in) {
  char why[1024] = "";
  if (!TIFFRGBAImageOK(file, why)) {
    if (in.problem.empty()) in.problem = why;
    damaged_tiff(in);
  }
  cv::Mat rgba(static_cast<int>(l.height), static_cast<int>(l.width), CV_8UC4);
  // As it lies in the file: libtiff would mirror but not turn.
  if (!TIFFReadRGBAImageOriented(file, l.width, l.height, rgba.ptr<std::uint32_t>(), l.orientation,
                                 1))
    damaged_tiff(in);
  cv::Mat image;
  if (l.alpha)
    image = on_white(rgba, l.premultiplied || !l.grey());  // libtiff multiplies colours itself
  else
    cv::cvtColor(rgba, image, cv::COLOR_RGBA2RGB);
  if (l.grey()) cv::extractChannel(image, image, 0);
  return image;
}

// ---- More than 8 bits, signed and real values

int depth_of(const Layout& l, const Source& in) {
  const bool whole_bytes = l.bits == 8 || l.bits == 16 || l.bits == 32;
  if (l.format == SAMPLEFORMAT_IEEEFP && (l.bits == 32 || l.bits == 64)) return CV_32F;
  if (l.format == SAMPLEFORMAT_INT && whole_bytes)
    return l.bits == 8 ? CV_8S : l.bits == 16 ? CV_16S : CV_32S;
  if (l.format == SAMPLEFORMAT_UINT && l.bits == 32) return CV_32F;
  if (l.format == SAMPLEFORMAT_UINT && l.bits == 8) return CV_8U;
  if (l.format == SAMPLEFORMAT_UINT && l.bits <= 16) return CV_16U;
  damaged_tiff(in);
}

template <class From, class To>
void copy_values(const std::uint8_t* from, std::size_t count, std::uint8_t* to, std::size_t step) {
  for (std::size_t i = 0; i < count; ++i) {
    From value;
    std::memcpy(&value, from + i * sizeof(From), sizeof(From));
    const To out = static_cast<To>(value);
    std::memcpy(to + i * step * sizeof(To), &out, sizeof(To));
  }
}

/// 9 to 15 bits, packed from the highest bit on.
void unpack_bits(const std::uint8_t* from, std::size_t count, int bits, std::uint8_t* to,
                 std::size_t step) {
  std::uint32_t buffer = 0;
  int held = 0;
  for (std::size_t i = 0; i < count; ++i) {
    while (held < bits) buffer = buffer << 8 | *from++, held += 8;
    held -= bits;
    const auto value = static_cast<std::uint16_t>(buffer >> held & ((1u << bits) - 1));
    std::memcpy(to + i * step * 2, &value, 2);
  }
}

/// `count` values of one row, to every `step`-th place.
void unpack_row(const Layout& l, const std::uint8_t* from, std::size_t count, std::uint8_t* to,
                std::size_t step) {
  if (l.format == SAMPLEFORMAT_IEEEFP)
    return l.bits == 32 ? copy_values<float, float>(from, count, to, step)
                        : copy_values<double, float>(from, count, to, step);
  if (l.bits == 8) return copy_values<std::uint8_t, std::uint8_t>(from, count, to, step);
  if (l.bits == 16) return copy_values<std::uint16_t, std::uint16_t>(from, count, to, step);
  if (l.bits == 32 && l.format == SAMPLEFORMAT_INT)
    return copy_values<std::int32_t, std::int32_t>(from, count, to, step);
  if (l.bits == 32) return copy_values<std::uint32_t, float>(from, count, to, step);
  unpack_bits(from, count, l.bits, to, step);
}

/// The samples as they are, tile by tile or strip by strip; of separate planes only those in use.
cv::Mat read_samples(TIFF* file, const Layout& l, Source& in) {
  const int depth = depth_of(l, in);
  const int planes = l.planes();
  cv::Mat out(static_cast<int>(l.height), static_cast<int>(l.width),
              CV_MAKETYPE(depth, l.planar ? planes : l.samples));
  const std::size_t together = l.planar ? 1 : l.samples;  // channels that lie side by side
  const std::size_t row_bytes = (l.block_width * together * l.bits + 7) / 8;
  const auto size = l.tiled ? TIFFTileSize(file) : TIFFStripSize(file);
  if (size <= 0 || static_cast<std::size_t>(size) < row_bytes * l.block_height) damaged_tiff(in);
  std::vector<std::uint8_t> block(static_cast<std::size_t>(size));
  for (std::uint16_t plane = 0; plane < planes; ++plane)
    for (std::uint32_t y = 0; y < l.height; y += l.block_height)
      for (std::uint32_t x = 0; x < l.width; x += l.block_width) {
        const std::uint32_t rows = std::min(l.block_height, l.height - y);
        const std::uint32_t columns = std::min(l.block_width, l.width - x);
        const auto got = l.tiled ? TIFFReadEncodedTile(file, TIFFComputeTile(file, x, y, 0, plane),
                                                       block.data(), size)
                                 : TIFFReadEncodedStrip(file, TIFFComputeStrip(file, y, plane),
                                                        block.data(), size);
        if (got < 0 || static_cast<std::size_t>(got) < row_bytes * rows) damaged_tiff(in);
        for (std::uint32_t r = 0; r < rows; ++r)
          unpack_row(
              l, block.data() + r * row_bytes, columns * together,
              out.ptr(static_cast<int>(y + r)) + x * out.elemSize() + plane * out.elemSize1(),
              static_cast<std::size_t>(planes));
      }
  return out;
}

/// 16-bit CMYK as 8-bit RGB, by the plain rule that libtiff uses for 8 bits: (1 - C)(1 - K).
cv::Mat without_black(const cv::Mat& cmyk) {
  cv::Mat out(cmyk.size(), CV_8UC3);
  out.forEach<cv::Vec3b>([&](cv::Vec3b& rgb, const int* at) {
    const auto& ink = cmyk.at<cv::Vec<std::uint16_t, 4>>(at[0], at[1]);
    for (int c = 0; c < 3; ++c)
      rgb[c] = cv::saturate_cast<std::uint8_t>(255.0 * (65535 - ink[c]) * (65535 - ink[3]) /
                                               (65535.0 * 65535.0));
  });
  return out;
}

cv::Mat decode_deep(TIFF* file, const Layout& l, Source& in, const ValueWindow& window) {
  if (l.samples < l.colours()) damaged_tiff(in);
  cv::Mat image = read_samples(file, l, in), alpha;
  if (l.alpha && image.depth() == CV_16U) {
    cv::extractChannel(image, alpha, l.colours());
    alpha.convertTo(alpha, CV_8U, 255.0 / ((1 << l.bits) - 1));
  }
  if (l.cmyk()) return without_black(image);
  image = to_8_bits(first_channels(image, l.colours()), window);
  if (l.photometric == PHOTOMETRIC_MINISWHITE) cv::bitwise_not(image, image);
  return alpha.empty() ? image : on_white(with_alpha(image, alpha), l.premultiplied);
}

}  // namespace

cv::Mat decode_tiff(std::span<const std::byte> bytes, std::int64_t max_pixels,
                    std::int64_t max_bytes, const ValueWindow& window, std::int64_t page) {
  Source in{bytes, 0, {}};
  const Tiff file = open_tiff(in, max_bytes);
  go_to_page(file.get(), page, in);
  const Layout layout = layout_of(file.get(), in);
  check_layout(layout, max_pixels, max_bytes);
  const cv::Mat image = layout.bands() ? to_8_bits(read_samples(file.get(), layout, in), window)
                        : layout.deep() || layout.three_greys
                            ? decode_deep(file.get(), layout, in, window)
                            : decode_shallow(file.get(), layout, in);
  return upright(image, layout.orientation);
}

bool tiff_is_deep(std::span<const std::byte> bytes, std::int64_t max_bytes) {
  Source in{bytes, 0, {}};
  const Tiff file = open_tiff(in, max_bytes);
  const Layout layout = layout_of(file.get(), in);
  return layout.deep();
}

cv::Mat tiff_bands(std::span<const std::byte> bytes, std::int64_t max_pixels,
                   std::int64_t max_bytes) {
  Source in{bytes, 0, {}};
  const Tiff file = open_tiff(in, max_bytes);
  const Layout layout = layout_of(file.get(), in);
  check_layout(layout, max_pixels, max_bytes);
  return layout.own_windows() ? read_samples(file.get(), layout, in) : cv::Mat();
}

}  // namespace selfsight
