#include "core/dataset/frames.h"

#include <algorithm>
#include <cstring>

#include "core/dataset/dicom_file.h"
#include "core/dataset/image_header.h"
#include "core/dataset/sets.h"

namespace selfsight {

namespace fs = std::filesystem;

ReadAt bytes_at(std::span<const std::byte> bytes) {
  return [bytes](std::uint64_t at, std::span<std::uint8_t> to) {
    const auto there =
        bytes.subspan(static_cast<std::size_t>(std::min<std::uint64_t>(at, bytes.size())));
    const std::size_t count = std::min(to.size(), there.size());
    if (count > 0) std::memcpy(to.data(), there.data(), count);
    return count;
  };
}

ReadAt bytes_at(const ByteFile& file, std::uint64_t begin, std::uint64_t size) {
  return [&file, begin, size](std::uint64_t at, std::span<std::uint8_t> to) {
    const std::uint64_t there = size - std::min(at, size);
    const auto part = to.first(static_cast<std::size_t>(std::min<std::uint64_t>(to.size(), there)));
    return file.read(begin + at, part) ? part.size() : 0;
  };
}

bool may_hold_frames(const fs::path& name) {
  const std::string suffix = lower(name.extension().string());
  return suffix == ".dcm" || suffix == ".tif" || suffix == ".tiff" || !has_image_suffix(name);
}

std::int64_t count_frames(const ReadAt& read, std::uint64_t size) {
  std::vector<std::uint8_t> head(identifying_bytes);
  head.resize(read(0, head));
  const ImageFormat format = identify(std::as_bytes(std::span(head)));
  if (format == ImageFormat::tiff)
    return std::max<std::int64_t>(1, static_cast<std::int64_t>(tiff_pages(read, size).size()));
  if (format != ImageFormat::dicom) return 1;
  head.resize(telling_bytes);
  head.resize(read(0, head));
  return dicom_frames(std::as_bytes(std::span(head)), size);
}

std::int64_t count_frames(const fs::path& path) {
  try {
    const ByteFile file(path);
    return count_frames(bytes_at(file, 0, file.size()), file.size());
  } catch (const InputError&) {
    return 1;
  }
}

std::vector<std::byte> frame_alone(const ReadAt& read, std::uint64_t size, std::int64_t frame) {
  if (frame < 0 || size <= telling_bytes) return {};
  std::vector<std::uint8_t> head(identifying_bytes);
  head.resize(read(0, head));
  if (identify(std::as_bytes(std::span(head))) != ImageFormat::dicom) return {};
  return dicom_frame_alone(read, size, frame);
}

cv::Mat load_frame(const fs::path& path, std::int64_t frame, std::int64_t least_side,
                   const ValueWindow& window) {
  if (frame >= 0) {
    std::vector<std::byte> alone;
    try {
      const ByteFile file(path);
      alone = frame_alone(bytes_at(file, 0, file.size()), file.size(), frame);
    } catch (const InputError&) {
      throw ImageError("could not be read");
    }
    if (!alone.empty()) return decode_frame(alone, 0, least_side, window);
  }
  return decode_frame(image_bytes(path), frame, least_side, window);
}

std::string frame_name(const std::string& file, std::int64_t frame) {
  return frame < 0 ? file : file + " frame " + std::to_string(frame);
}

std::string file_of_frame(const std::string& name) {
  const std::size_t file_end = name.find_last_not_of("0123456789") + 1;
  const std::string_view words = std::string_view(name).substr(0, file_end);
  constexpr std::string_view frame = " frame ";
  return file_end < name.size() && words.ends_with(frame) ? name.substr(0, file_end - frame.size())
                                                          : name;
}

std::vector<std::size_t> files_of_frames(const std::vector<std::int64_t>& frames) {
  std::vector<std::size_t> out;
  std::size_t files = 0;
  for (const std::int64_t frame : frames) out.push_back((files += frame <= 0) - 1);
  return out;
}

}  // namespace selfsight
