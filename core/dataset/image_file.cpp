// Files that strangers made: identified, measured and bounded before a decoder sees them.
#include <algorithm>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <string_view>

#include "core/base/files.h"
#include "core/dataset/byte_reader.h"
#include "core/dataset/dataset.h"
#include "core/dataset/decoder_messages.h"
#include "core/dataset/dicom_file.h"
#include "core/dataset/dicom_outline.h"
#include "core/dataset/frames.h"
#include "core/dataset/image_header.h"
#include "core/dataset/pixels.h"
#include "core/dataset/tiff_file.h"

namespace selfsight {
namespace {

using Bytes = std::span<const std::byte>;

// Together they keep one decoding within 1 GiB, and within 2 s on a machine of today.
constexpr std::uintmax_t largest_file = 260'000'000;
constexpr std::int64_t most_decoded_bytes = 300'000'000;
constexpr std::int64_t most_deep_bytes = 160'000'000;    // of 16-bit values, which are slower
constexpr std::int64_t most_jpeg_passes = 600'000'000;   // values, each time a scan visits them
constexpr std::int64_t most_jpeg2000_work = 16'000'000;  // coded bytes, and a third of the values

void check_cost(ImageFormat format, const ImageHeader& h, std::size_t size,
                std::int64_t max_pixels) {
  if (h.width > max_pixels / h.height)
    throw ImageError("has " + std::to_string(h.width) + " x " + std::to_string(h.height) +
                     " pixels, more than the " + grouped(max_pixels) + " that are allowed");
  const std::int64_t pixels = h.width * h.height, values = pixels * h.components;
  const std::int64_t most = h.bits == 16 ? most_deep_bytes : most_decoded_bytes;
  if (values > most / ((h.bits + 7) / 8))
    throw ImageError("would take more than the " + grouped(most / 1'000'000) +
                     " MB that are allowed to decode");
  if ((format == ImageFormat::jpeg && h.passes > most_jpeg_passes / pixels) ||
      (format == ImageFormat::jpeg2000 &&
       static_cast<std::int64_t>(size) + values / 3 > most_jpeg2000_work))
    throw ImageError("would take too long to decode");
}

/// A PNG without what its pixels do not need: texts and profiles may unpack to gigabytes, and all
/// other chunks are ways into the decoder. Empty if there is nothing to leave out.
std::vector<std::byte> bare_png(Bytes bytes) {
  constexpr std::string_view kept[] = {"IHDR", "PLTE", "tRNS", "IDAT", "IEND"};
  const ByteReader in(bytes);
  std::vector<std::byte> out;
  std::size_t copied = 0;
  const auto copy_up_to = [&](std::size_t end) {
    out.insert(out.end(), bytes.begin() + static_cast<std::ptrdiff_t>(copied),
               bytes.begin() + static_cast<std::ptrdiff_t>(end));
  };
  for (std::size_t at = 8; in.size() - at >= 12;) {
    const auto next = at + std::min(12 + static_cast<std::size_t>(in.big(at, 4)), in.size() - at);
    if (std::none_of(std::begin(kept), std::end(kept),
                     [&](std::string_view name) { return in.says(at + 4, name); })) {
      copy_up_to(at);
      copied = next;
    }
    at = next;
  }
  if (copied > 0) copy_up_to(bytes.size());
  return out;
}

/// What libjpeg says when it has painted over missing data, and goes on.
bool tells_of_damage(const std::string& messages) {
  constexpr std::string_view signs[] = {"Premature end", "premature end", "bad Huffman code",
                                        "bad arithmetic", "instead of RST"};
  return std::any_of(std::begin(signs), std::end(signs), [&](std::string_view sign) {
    return messages.find(sign) != std::string::npos;
  });
}

/// How OpenCV shall decode a JPEG: by how much its transform may leave out, see
/// Dataset::reduced_image().
int jpeg_flags(const ImageHeader& header, std::int64_t least_side) {
  const bool grey = header.components == 1;
  int flags = grey ? cv::IMREAD_GRAYSCALE : cv::IMREAD_COLOR;
  const std::int64_t side = std::min(header.width, header.height);
  if (least_side > 0) {
    if (side / 8 >= least_side)
      flags = grey ? cv::IMREAD_REDUCED_GRAYSCALE_8 : cv::IMREAD_REDUCED_COLOR_8;
    else if (side / 4 >= least_side)
      flags = grey ? cv::IMREAD_REDUCED_GRAYSCALE_4 : cv::IMREAD_REDUCED_COLOR_4;
    else if (side / 2 >= least_side)
      flags = grey ? cv::IMREAD_REDUCED_GRAYSCALE_2 : cv::IMREAD_REDUCED_COLOR_2;
  }
  return flags | cv::IMREAD_IGNORE_ORIENTATION;
}

/// As OpenCV gives it: BGR, any depth, perhaps with alpha.
cv::Mat decode(ImageFormat format, const ImageHeader& header, Bytes bytes,
               std::int64_t least_side) {
  std::vector<std::byte> bare;
  if (format == ImageFormat::png) bare = bare_png(bytes);
  if (!bare.empty()) bytes = bare;
  const int flags =
      format == ImageFormat::jpeg ? jpeg_flags(header, least_side) : cv::IMREAD_UNCHANGED;
  const cv::Mat raw(1, static_cast<int>(bytes.size()), CV_8U, const_cast<std::byte*>(bytes.data()));
  const DecoderMessages messages;
  cv::Mat image = cv::imdecode(raw, flags);
  if (image.empty() || tells_of_damage(messages.text()))
    throw ImageError("is a " + to_string(format) + " that is damaged");
  return image;
}

/// From OpenCV's order and depth to what Dataset::image() promises.
cv::Mat as_promised(cv::Mat image, const ValueWindow& window) {
  const bool alpha = image.channels() == 2 || image.channels() == 4;
  if (image.depth() != CV_8U && alpha) {
    cv::Mat opacity;
    cv::extractChannel(image, opacity, image.channels() - 1);
    opacity.convertTo(opacity, CV_8U, 1.0 / 257);
    image = with_alpha(to_8_bits(first_channels(image, image.channels() - 1), window), opacity);
  }
  image = to_8_bits(image, window);
  if (alpha) image = on_white(image, false);
  if (image.channels() == 3) cv::cvtColor(image, image, cv::COLOR_BGR2RGB);
  return image;
}

cv::Mat decode_one(Bytes bytes, std::int64_t frame, std::int64_t least_side,
                   std::int64_t max_pixels, const ValueWindow& window) {
  if (bytes.empty()) throw ImageError("is empty");
  if (bytes.size() > largest_file)
    throw ImageError("is larger than " + grouped(largest_file / 1'000'000) + " MB");
  const ImageFormat format = identify(bytes);
  if (!readable(format)) throw ImageError(refusal(format));
  cv::Mat image;
  try {
    if (format == ImageFormat::tiff) {
      image = decode_tiff(bytes, max_pixels, most_decoded_bytes, window, frame);
    } else if (format == ImageFormat::dicom) {
      image = decode_dicom(bytes, max_pixels, most_decoded_bytes, frame, window);
    } else {
      const ImageHeader header = read_header(format, bytes);
      check_cost(format, header, bytes.size(), max_pixels);
      image = upright(as_promised(decode(format, header, bytes, least_side), window),
                      header.orientation);
    }
  } catch (const cv::Exception&) {
    throw ImageError("is a " + to_string(format) + " that is damaged");
  } catch (const std::bad_alloc&) {
    throw ImageError("needs more memory than there is");
  }
  return image.isContinuous() ? image : image.clone();
}

}  // namespace

cv::Mat decode_values(ImageFormat format, Bytes bytes, std::int64_t max_pixels) {
  const ImageHeader header = read_header(format, bytes);
  check_cost(format, header, bytes.size(), max_pixels);
  return decode(format, header, bytes, 0);
}

bool has_deep_values(Bytes bytes) {
  try {
    const ImageFormat format = identify(bytes);
    if (format == ImageFormat::dicom) return read_dicom(bytes).outline.stored > 8;
    if (format == ImageFormat::tiff) return tiff_is_deep(bytes, most_decoded_bytes);
    return readable(format) && read_header(format, bytes).bits > 8;
  } catch (const ImageError&) {
    return false;
  }
}

cv::Mat decode_image(Bytes bytes, std::int64_t least_side, std::int64_t max_pixels,
                     const ValueWindow& window) {
  return decode_one(bytes, 0, least_side, max_pixels, window);
}

cv::Mat decode_frame(Bytes bytes, std::int64_t frame, std::int64_t least_side,
                     const ValueWindow& window) {
  return decode_one(bytes, std::max<std::int64_t>(frame, 0), least_side, most_pixels, window);
}

std::vector<std::byte> image_bytes(const std::filesystem::path& path) {
  std::error_code problem;
  const auto size = std::filesystem::file_size(path, problem);
  if (problem) throw ImageError("could not be read: " + problem.message());
  if (size > largest_file)
    throw ImageError("is larger than " + grouped(largest_file / 1'000'000) + " MB");
  try {
    return read_file(path, largest_file);
  } catch (const InputError&) {
    throw ImageError("could not be read");
  }
}

cv::Mat load_image(const std::filesystem::path& path, std::int64_t least_side,
                   std::int64_t max_pixels, const ValueWindow& window) {
  return decode_image(image_bytes(path), least_side, max_pixels, window);
}

}  // namespace selfsight
