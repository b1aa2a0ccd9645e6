// Files for the tests of this room, whole and broken ones.
#pragma once

#include <QTemporaryDir>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <opencv2/imgcodecs.hpp>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/dataset/dataset.h"

namespace selfsight {

using Bytes = std::vector<std::uint8_t>;

/// A folder that is gone when the test is.
class Folder {
 public:
  std::filesystem::path path(const std::string& name = "") const {
    return std::filesystem::path(folder_.path().toStdString()) / name;
  }
  std::string operator()(const std::string& name = "") const { return path(name).string(); }
  void write(const std::string& name, const Bytes& bytes) const {
    std::filesystem::create_directories(path(name).parent_path());
    // Not write_file(), which waits for the disk.
    std::ofstream(path(name), std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
  }
  void write(const std::string& name, const std::string& text) const {
    write(name, Bytes(text.begin(), text.end()));
  }

 private:
  QTemporaryDir folder_;
};

/// What it throws says, or nothing.
template <class Problem = Error>
std::string message_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Problem& error) {
    return error.what();
  }
  return {};
}

/// Why there is no data set at `path`.
inline std::string problem_with(const std::string& path) {
  return message_of<InputError>([&] { open_dataset(path); });
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

inline cv::Mat decoded(const Bytes& bytes, std::int64_t max_pixels = 64'000'000) {
  return decode_image(std::as_bytes(std::span(bytes)), 0, max_pixels);
}

inline std::string refusal_of(const Bytes& bytes, std::int64_t max_pixels = 64'000'000) {
  return message_of<ImageError>([&] { decoded(bytes, max_pixels); });
}

/// A picture without symmetry, smooth enough for lossy formats. BGR, as OpenCV encodes.
inline cv::Mat sample_picture(int width = 24, int height = 16) {
  cv::Mat image(height, width, CV_8UC3);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      image.at<cv::Vec3b>(y, x) = cv::Vec3b(
          static_cast<std::uint8_t>(255 * x / width), static_cast<std::uint8_t>(255 * y / height),
          static_cast<std::uint8_t>(200 - 100 * x * y / (width * height)));
  return image;
}

inline Bytes encoded(const std::string& suffix, const cv::Mat& image = sample_picture(),
                     const std::vector<int>& options = {}) {
  Bytes bytes;
  cv::imencode(suffix, image, bytes, options);
  return bytes;
}

inline void append_number(Bytes& to, std::uint64_t number, int width, bool big_endian) {
  for (int i = 0; i < width; ++i)
    to.push_back(static_cast<std::uint8_t>(number >> 8 * (big_endian ? width - 1 - i : i)));
}

inline Bytes idx_file(const std::vector<std::uint32_t>& extents, const Bytes& values,
                      int type = 8) {
  Bytes bytes{0, 0, static_cast<std::uint8_t>(type), static_cast<std::uint8_t>(extents.size())};
  for (const std::uint32_t extent : extents) append_number(bytes, extent, 4, true);
  bytes.insert(bytes.end(), values.begin(), values.end());
  return bytes;
}

}  // namespace selfsight
