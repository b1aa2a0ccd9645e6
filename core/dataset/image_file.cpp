// Files that strangers made: identified, measured and bounded before a decoder sees them.
#include <algorithm>
#include <cmath>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "core/base/files.h"
#include "core/dataset/dataset.h"
#include "core/dataset/image_header.h"

namespace selfsight {
namespace {

constexpr std::uintmax_t largest_file = 512u << 20;
/// Parts of the values beyond the window at either end: a few hot or dead pixels must not decide.
constexpr double window_tail = 0.005;

cv::Mat decode(std::span<const std::byte> bytes, int flags) {
  static const int quiet =
      (cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT), 0);
  static_cast<void>(quiet);
  const cv::Mat raw(1, static_cast<int>(bytes.size()), CV_8U, const_cast<std::byte*>(bytes.data()));
  try {
    return cv::imdecode(raw, flags);
  } catch (const cv::Exception&) {
    return {};
  }
}

/// More than 8 bits become 8: the values between two percentiles are spread over 0 to 255.
cv::Mat windowed(const cv::Mat& image) {
  cv::Mat real;
  image.reshape(1).convertTo(real, CV_32F);
  std::vector<float> values;
  const std::size_t step = std::max<std::size_t>(1, real.total() / 1'000'000);
  for (std::size_t i = 0; i < real.total(); i += step)
    if (const float v = real.ptr<float>()[i]; std::isfinite(v)) values.push_back(v);
  if (values.empty()) throw ImageError("holds no finite values");
  const auto at = [&](double part) {
    const auto rank = static_cast<std::ptrdiff_t>(part * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), values.begin() + rank, values.end());
    return values[static_cast<std::size_t>(rank)];
  };
  const double low = at(window_tail), high = at(1 - window_tail);
  cv::patchNaNs(real, low);
  const double scale = high > low ? 255 / (high - low) : 0;
  cv::Mat out;
  real.convertTo(out, CV_8U, scale, -low * scale);
  return out.reshape(image.channels());
}

/// Alpha laid on white; the result has one channel less.
cv::Mat on_white(const cv::Mat& image) {
  const int colours = image.channels() - 1;
  cv::Mat out(image.size(), CV_8UC(colours));
  for (int y = 0; y < image.rows; ++y) {
    const auto* from = image.ptr<std::uint8_t>(y);
    auto* to = out.ptr<std::uint8_t>(y);
    for (int x = 0; x < image.cols; ++x, from += colours + 1)
      for (int c = 0; c < colours; ++c)
        *to++ = static_cast<std::uint8_t>(
            (from[c] * from[colours] + 255 * (255 - from[colours]) + 127) / 255);
  }
  return out;
}

/// What OpenCV gives (BGR, any depth, alpha) as Dataset::image() promises it.
cv::Mat as_promised(cv::Mat image) {
  if (image.depth() != CV_8U) {
    if (image.channels() == 4 || image.channels() == 2) {
      // Alpha is no part of the window: its full range is the depth's, not the picture's.
      std::vector<cv::Mat> planes;
      cv::split(image, planes);
      cv::Mat alpha = planes.back();
      planes.pop_back();
      cv::Mat colours;
      cv::merge(planes, colours);
      cv::Mat alpha8;
      alpha.convertTo(alpha8, CV_8U, alpha.depth() == CV_16U ? 1.0 / 257 : 255.0);
      colours = windowed(colours);
      cv::split(colours, planes);
      planes.push_back(alpha8);
      cv::merge(planes, image);
    } else {
      image = windowed(image);
    }
  }
  if (image.channels() == 2 || image.channels() == 4) image = on_white(image);
  if (image.channels() == 3) cv::cvtColor(image, image, cv::COLOR_BGR2RGB);
  if (image.channels() != 1 && image.channels() != 3)
    throw ImageError("has " + std::to_string(image.channels()) +
                     " channels; only grey and colour images can be used");
  return image.isContinuous() ? image : image.clone();
}

}  // namespace

cv::Mat decode_image(std::span<const std::byte> bytes, std::int64_t max_pixels) {
  if (bytes.empty()) throw ImageError("is empty");
  const ImageFormat format = identify(bytes);
  if (format == ImageFormat::unknown) throw ImageError("is no image of a known kind");
  const ImageHeader header = read_header(format, bytes);
  if (header.width > max_pixels / header.height)
    throw ImageError("has " + std::to_string(header.width) + " x " + std::to_string(header.height) +
                     " pixels, more than the " + grouped(max_pixels) + " that are allowed");
  if (format == ImageFormat::jpeg) check_jpeg_is_whole(bytes);
  if (format == ImageFormat::tiff && header.components > 4)
    throw ImageError("has " + std::to_string(header.components) +
                     " channels; only grey and colour images can be used");
  // Only JPEG is turned by its EXIF orientation, as browsers do; the colour flag asks for that.
  const int flags = format != ImageFormat::jpeg ? cv::IMREAD_UNCHANGED
                    : header.components == 1    ? cv::IMREAD_GRAYSCALE
                                                : cv::IMREAD_COLOR;
  const cv::Mat image = decode(bytes, flags);
  if (image.empty())
    throw ImageError("is a " + to_string(format) + " file that is damaged or of an unusual kind");
  return as_promised(image);
}

cv::Mat load_image(const std::filesystem::path& path, std::int64_t max_pixels) {
  std::vector<std::byte> bytes;
  try {
    bytes = read_file(path, largest_file);
  } catch (const InputError&) {
    throw ImageError("could not be read, or is larger than 512 MB");
  }
  return decode_image(bytes, max_pixels);
}

}  // namespace selfsight
