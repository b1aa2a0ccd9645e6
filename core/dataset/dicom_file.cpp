#include "core/dataset/dicom_file.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "core/base/files.h"
#include "core/dataset/byte_reader.h"
#include "core/dataset/dicom_outline.h"
#include "core/dataset/image_header.h"
#include "core/dataset/lossless_jpeg.h"
#include "core/dataset/pixels.h"

namespace selfsight {
namespace {

using Bytes = std::span<const std::byte>;

constexpr std::uint64_t fewest_piece_bytes = 8;       // of coded pixels: its tag and its length
constexpr std::size_t best_run_ratio = 64;            // two bytes stand for 128 at most
constexpr std::uint64_t largest_alone = 300'000'000;  // bytes of a frame; none so large is decoded
// Where the first segment of a JPEG 2000 tells of its channels, and of the bits of the first.
constexpr std::size_t jpeg2000_channels = 40, jpeg2000_bits = 42;
constexpr std::uint8_t jpeg2000_sign = 0x80;

void check_outline(const DicomOutline& o, std::int64_t max_pixels, std::int64_t max_bytes) {
  if (o.rows < 1 || o.columns < 1) throw ImageError("says that it has no pixels");
  if (o.columns > max_pixels / o.rows)
    throw ImageError("has " + std::to_string(o.columns) + " x " + std::to_string(o.rows) +
                     " pixels, more than the " + grouped(max_pixels) + " that are allowed");
  if (o.samples != 1 && o.samples != 3)
    throw ImageError("is a DICOM of " + std::to_string(o.samples) + " channels");
  if (o.allocated != 8 && o.allocated != 16 && o.allocated != 32)
    throw ImageError("is a DICOM of " + std::to_string(o.allocated) + " bits per value");
  if (o.stored < 1 || o.stored > o.allocated || o.high_bit + 1 < o.stored ||
      o.high_bit >= o.allocated)
    throw ImageError("is a DICOM whose description contradicts itself");
  if (o.rows * o.columns * o.samples > max_bytes / (o.allocated / 8))
    throw ImageError("would take more than the " + grouped(max_bytes / 1'000'000) +
                     " MB that are allowed to decode");
}

std::size_t frame_values(const DicomOutline& o) {
  return static_cast<std::size_t>(o.rows * o.columns * o.samples);
}

std::uint64_t frame_bytes(const DicomOutline& o) {
  // Each is below 65,536, so that the product just fits.
  std::uint64_t bits = 1;
  for (const std::int64_t factor :
       {o.rows, o.columns, std::int64_t{o.samples}, std::int64_t{o.allocated}})
    bits *= static_cast<std::uint64_t>(factor);
  return bits / 8;
}

bool is_run_lengths(const DicomOutline& o) {
  return o.syntax == "1.2.840.10008.1.2.5";
}

bool is_images(const DicomOutline& o) {
  return o.syntax.starts_with("1.2.840.10008.1.2.4.");
}

/// The stored bits of a value, with their sign.
std::int64_t value_of(std::uint64_t raw, const DicomOutline& o) {
  const std::uint64_t bits =
      raw >> (o.high_bit + 1 - o.stored) & ((std::uint64_t(1) << o.stored) - 1);
  const bool negative = o.is_signed && bits >> (o.stored - 1) & 1;
  return static_cast<std::int64_t>(bits) - (negative ? std::int64_t(1) << o.stored : 0);
}

/// Room for the values of one frame, side by side.
cv::Mat room_for(const DicomOutline& o) {
  const int depth = o.allocated == 8    ? (o.is_signed ? CV_8S : CV_8U)
                    : o.allocated == 16 ? (o.is_signed ? CV_16S : CV_16U)
                                        : CV_32F;
  return cv::Mat(static_cast<int>(o.rows), static_cast<int>(o.columns),
                 CV_MAKETYPE(depth, o.samples));
}

void put(cv::Mat& image, std::size_t index, std::int64_t value) {
  switch (image.depth()) {
    case CV_8U:
    case CV_8S:
      image.data[index] = static_cast<std::uint8_t>(value);
      break;
    case CV_16U:
    case CV_16S:
      reinterpret_cast<std::uint16_t*>(image.data)[index] = static_cast<std::uint16_t>(value);
      break;
    default:
      reinterpret_cast<float*>(image.data)[index] = static_cast<float>(value);
  }
}

/// Where the i-th value of the file goes.
std::size_t value_place(std::size_t i, const DicomOutline& o) {
  if (!o.planar || o.samples == 1) return i;
  const auto plane = static_cast<std::size_t>(o.rows * o.columns);
  return i % plane * static_cast<std::size_t>(o.samples) + i / plane;
}

cv::Mat native_frame(Bytes bytes, const DicomOutline& o, std::int64_t frame) {
  const std::size_t count = frame_values(o), width = static_cast<std::size_t>(o.allocated / 8);
  if (o.photometric.starts_with("YBR") && o.photometric.find("42") != std::string::npos)
    throw ImageError("is a DICOM with fewer colours than pixels, which cannot be read");
  const std::size_t held = o.native.length / (count * width);
  if (static_cast<std::uint64_t>(frame) >= held)
    throw ImageError("is a DICOM with fewer pixels than it says");
  const ByteReader in(
      bytes.subspan(o.native.at + static_cast<std::size_t>(frame) * count * width, count * width));
  cv::Mat out = room_for(o);
  for (std::size_t i = 0; i < count; ++i)
    put(out, value_place(i, o),
        value_of(in.number(i * width, static_cast<int>(width), o.big_endian), o));
  return out;
}

// ---- Coded pixels

/// The bytes of one coded frame; frames are whole pieces, or all pieces are one frame.
std::vector<std::byte> coded_frame(Bytes bytes, const DicomOutline& o, std::int64_t frame) {
  if (o.fragments.size() < 2) throw ImageError("is a DICOM without an image");
  const std::size_t pieces = o.fragments.size() - 1;
  std::size_t begin = 1, end = o.fragments.size();
  if (o.frames > 1) {
    if (pieces != static_cast<std::size_t>(o.frames))
      throw ImageError("is a DICOM whose frames are in several pieces each");
    if (frame >= o.frames) throw ImageError("is a DICOM with fewer frames than it says");
    begin = 1 + static_cast<std::size_t>(frame);
    end = begin + 1;
  }
  std::vector<std::byte> out;
  for (std::size_t i = begin; i < end; ++i) {
    const Bytes piece = bytes.subspan(o.fragments[i].at, o.fragments[i].length);
    out.insert(out.end(), piece.begin(), piece.end());
  }
  return out;
}

/// PackBits, as PS3.5 annex G has it. False if it ends early.
bool unpack_runs(Bytes from, std::vector<std::uint8_t>& to) {
  std::size_t out = 0;
  for (std::size_t at = 0; at < from.size() && out < to.size();) {
    const int control = static_cast<std::int8_t>(std::to_integer<std::uint8_t>(from[at++]));
    if (control == -128) continue;
    const auto count = static_cast<std::size_t>(control >= 0 ? control + 1 : 1 - control);
    for (std::size_t i = 0; i < count && out < to.size(); ++i) {
      if (at >= from.size()) return false;
      to[out++] = std::to_integer<std::uint8_t>(from[at]);
      if (control >= 0) ++at;
    }
    if (control < 0) ++at;
  }
  return out == to.size();
}

/// One segment for each byte of each channel, the highest byte first.
cv::Mat rle_frame(Bytes coded, const DicomOutline& o) {
  const ByteReader in(coded);
  const auto width = static_cast<std::size_t>(o.allocated / 8);
  const auto channels = static_cast<std::size_t>(o.samples), segments = channels * width;
  if (in.little(0, 4) != segments) throw ImageError("is a DICOM that is damaged");
  const auto pixels = static_cast<std::size_t>(o.rows * o.columns);
  if (coded.size() * best_run_ratio < pixels * segments)
    throw ImageError("is a DICOM that is cut off");
  std::vector<std::uint64_t> values(pixels);
  std::vector<std::uint8_t> plane(pixels);
  cv::Mat out = room_for(o);
  for (std::size_t c = 0; c < channels; ++c) {
    std::fill(values.begin(), values.end(), 0);
    for (std::size_t b = 0; b < width; ++b) {
      const auto start = static_cast<std::size_t>(in.little(4 + 4 * (c * width + b), 4));
      if (start < 64 || !unpack_runs(in.from(start), plane))
        throw ImageError("is a DICOM that is damaged");
      for (std::size_t i = 0; i < pixels; ++i) values[i] = values[i] << 8 | plane[i];
    }
    for (std::size_t i = 0; i < pixels; ++i) put(out, i * channels + c, value_of(values[i], o));
  }
  return out;
}

[[noreturn]] void not_readable(const DicomOutline& o) {
  constexpr std::pair<std::string_view, std::string_view> names[] = {
      {"1.2.840.10008.1.2.4.8", "JPEG-LS"}, {"1.2.840.10008.1.2.4.10", "video"}};
  std::string kind;
  for (const auto& [syntax, name] : names)
    if (o.syntax.starts_with(syntax)) kind = " (" + std::string(name) + ")";
  throw ImageError("is a DICOM with transfer syntax " + o.syntax + kind +
                   ", which cannot be read; convert it first");
}

cv::Mat lossless_jpeg_frame(Bytes coded, const DicomOutline& o, std::int64_t max_pixels) {
  const cv::Mat raw = decode_lossless_jpeg(coded, max_pixels);
  cv::Mat out = room_for(o);
  if (raw.size() != out.size() || raw.channels() != out.channels())
    throw ImageError("is a DICOM whose description contradicts itself");
  const auto* values = raw.ptr<std::uint16_t>();
  for (std::size_t i = 0; i < frame_values(o); ++i) put(out, i, value_of(values[i], o));
  return out;
}

/// Signed values of one channel in JPEG 2000, for which OpenCV has no decoder. Called unsigned they
/// come out larger by half of their range (T.800, annex G.1), which is then taken away.
bool is_signed_jpeg2000(Bytes coded) {
  const ByteReader in(coded);
  return in.says(0, "\xFF\x4F\xFF\x51") && in.big(jpeg2000_channels, 2) == 1 &&
         in.big(jpeg2000_bits, 1) & jpeg2000_sign;
}

cv::Mat signed_jpeg2000_frame(std::vector<std::byte> coded, std::int64_t max_pixels) {
  coded[jpeg2000_bits] &= std::byte{jpeg2000_sign - 1};
  const int bits = std::to_integer<int>(coded[jpeg2000_bits]) + 1;
  if (bits > 16) throw ImageError("is a DICOM of " + std::to_string(bits) + " bits per value");
  cv::Mat out;
  decode_values(ImageFormat::jpeg2000, coded, max_pixels)
      .convertTo(out, CV_16S, 1, -(1 << (bits - 1)));
  return out;
}

// ---- Colours

cv::Mat through_palette(Bytes bytes, const DicomOutline& o, const cv::Mat& indices) {
  cv::Mat out(indices.size(), CV_8UC3);
  for (std::size_t c = 0; c < 3; ++c) {
    const auto [said, first, bits] = o.palette_form[c];
    const std::size_t entries = said == 0 ? 65536 : static_cast<std::size_t>(said);
    const DicomPart table = o.palette[c];
    // Of 8 bits the entries may still lie in words.
    const std::size_t width = table.length >= 2 * entries ? 2 : 1;
    if (table.length < entries * width) throw ImageError("is a DICOM without its palette");
    const ByteReader in(bytes.subspan(table.at, table.length));
    for (std::size_t i = 0; i < indices.total(); ++i) {
      const int index = indices.depth() == CV_8U
                            ? indices.data[i]
                            : reinterpret_cast<const std::uint16_t*>(indices.data)[i];
      const auto entry = static_cast<std::size_t>(
          std::clamp<std::int64_t>(index - first, 0, static_cast<std::int64_t>(entries) - 1));
      const auto value = in.number(entry * width, static_cast<int>(width), o.big_endian);
      out.data[3 * i + c] = static_cast<std::uint8_t>(bits > 8 ? value >> 8 : value);
    }
  }
  return out;
}

cv::Mat rgb_of(const cv::Mat& ybr) {
  cv::Mat swapped(ybr.size(), ybr.type()), out;
  const int pairs[] = {0, 0, 1, 2, 2, 1};  // OpenCV has Cr before Cb
  cv::mixChannels(&ybr, 1, &swapped, 1, pairs, 3);
  cv::cvtColor(swapped, out, cv::COLOR_YCrCb2RGB);
  return out;
}

/// From the modality's units to the values that are stored.
ValueWindow stored_window(ValueWindow window, const DicomOutline& o) {
  for (auto* edges : {&window.low, &window.high})
    for (double& edge : *edges) edge = (edge - o.intercept) / o.slope;
  return window;
}

cv::Mat with_colours(Bytes bytes, const DicomOutline& o, const cv::Mat& samples,
                     const ValueWindow& window) {
  if (o.photometric == "PALETTE COLOR") {
    if (samples.depth() != CV_8U && samples.depth() != CV_16U)
      throw ImageError("is a DICOM whose palette is of an unusual kind");
    return through_palette(bytes, o, samples);
  }
  cv::Mat out = to_8_bits(samples, window);
  if (o.photometric.starts_with("YBR_FULL") && out.channels() == 3) out = rgb_of(out);
  return out;
}

}  // namespace

std::int64_t dicom_frames(Bytes head, std::uint64_t size) {
  try {
    const ReadDicom file = read_dicom(head, true);
    const DicomOutline& o = file.outline;
    const std::uint64_t each =
        is_run_lengths(o) || is_images(o) ? fewest_piece_bytes : frame_bytes(o);
    const std::uint64_t most = file.unpacked.empty() ? size : size * best_deflate_ratio;
    const std::uint64_t room = most / std::max<std::uint64_t>(each, 1);
    return std::clamp<std::int64_t>(o.frames, 1, std::max<std::int64_t>(1, room));
  } catch (const ImageError&) {
    return 1;  // decoding will say what is wrong
  }
}

std::vector<std::byte> dicom_frame_alone(const ReadAt& read, std::uint64_t size,
                                         std::int64_t frame) {
  const auto read_into = [&](std::uint64_t at, std::span<std::byte> to) {
    return read(at, {reinterpret_cast<std::uint8_t*>(to.data()), to.size()});
  };
  std::vector<std::byte> out(
      static_cast<std::size_t>(std::min<std::uint64_t>(size, telling_bytes)));
  out.resize(read_into(0, out));
  try {
    const ReadDicom head = read_dicom(out, true);
    const DicomOutline& o = head.outline;
    const std::uint64_t each = frame_bytes(o);
    if (!head.unpacked.empty() || o.native.length == 0 || o.native.at > size ||
        o.native.length > size - o.native.at || each == 0 || each > largest_alone ||
        o.allocated % 8 != 0 || frame < 0 ||
        static_cast<std::uint64_t>(frame) >= o.native.length / each)
      return {};
    // Nearly always the length stands right before the pixels, in four bytes.
    const std::size_t length_at = o.native.at - 4;
    if (ByteReader(out).number(length_at, 4, o.big_endian) != o.native.length) return {};
    for (std::size_t i = 0; i < 4; ++i)
      out[length_at + i] = static_cast<std::byte>(each >> 8 * (o.big_endian ? 3 - i : i));
    out.resize(o.native.at + static_cast<std::size_t>(each));
    const auto pixels = std::span(out).subspan(o.native.at);
    if (read_into(o.native.at + static_cast<std::uint64_t>(frame) * each, pixels) == each)
      return out;
  } catch (const ImageError&) {
    // Decoding all of it will say what is wrong.
  }
  return {};
}

cv::Mat decode_dicom(Bytes whole, std::int64_t max_pixels, std::int64_t max_bytes,
                     std::int64_t frame, const ValueWindow& asked) {
  const ReadDicom file = read_dicom(whole);
  const DicomOutline& o = file.outline;
  const Bytes bytes = file.bytes;
  if (!o.pixels) throw ImageError("is a DICOM without an image");
  check_outline(o, max_pixels, max_bytes);
  const ValueWindow window = stored_window(asked, o);
  cv::Mat out;
  if (o.fragments.empty()) {
    if (o.native.length == 0) throw ImageError("is a DICOM without an image");
    out = with_colours(bytes, o, native_frame(bytes, o, frame), window);
  } else if (is_run_lengths(o)) {
    out = with_colours(bytes, o, rle_frame(coded_frame(bytes, o, frame), o), window);
  } else if (is_images(o)) {
    const auto coded = coded_frame(bytes, o, frame);
    const ImageFormat format = identify(coded);
    if (format == ImageFormat::jpeg && is_lossless_jpeg(coded))
      out = with_colours(bytes, o, lossless_jpeg_frame(coded, o, max_pixels), window);
    else if (is_signed_jpeg2000(coded))
      out = with_colours(bytes, o, signed_jpeg2000_frame(coded, max_pixels), window);
    else if (format == ImageFormat::jpeg || format == ImageFormat::jpeg2000)
      out = decode_image(coded, 0, max_pixels, window);
    else
      not_readable(o);
  } else {
    not_readable(o);
  }
  if (o.photometric == "MONOCHROME1") cv::bitwise_not(out, out);
  return out;
}

}  // namespace selfsight
