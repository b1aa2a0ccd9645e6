// Files of several images: the frames of a DICOM, the pages of a TIFF. Private to this room.
//
// A frame is counted from 0, and -1 says that its file holds but one image.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <opencv2/core.hpp>
#include <span>
#include <string>
#include <vector>

#include "core/dataset/byte_file.h"
#include "core/dataset/dataset.h"
#include "core/dataset/tiff_pages.h"

namespace selfsight {

/// Of bytes in memory, and of a stretch of a file. Both must outlive what is returned.
ReadAt bytes_at(std::span<const std::byte> bytes);
ReadAt bytes_at(const ByteFile& file, std::uint64_t begin, std::uint64_t size);

/// Whether a file of such a name may hold several images. What it is shows when it is read.
bool may_hold_frames(const std::filesystem::path& name);

/// How many images a file of `size` bytes holds, as far as it has room for them; 1 of what cannot
/// be told, for decoding says what is wrong.
std::int64_t count_frames(const ReadAt& read, std::uint64_t size);
std::int64_t count_frames(const std::filesystem::path& path);

/// One image of a file as decode_image() makes it. Throws ImageError with the reason.
cv::Mat decode_frame(std::span<const std::byte> bytes, std::int64_t frame, std::int64_t least_side,
                     const ValueWindow& window);
cv::Mat load_frame(const std::filesystem::path& path, std::int64_t frame, std::int64_t least_side,
                   const ValueWindow& window);

/// One image of a file of several as a file of its own, with the rest unread; empty where that
/// cannot be, and for `frame` -1.
std::vector<std::byte> frame_alone(const ReadAt& read, std::uint64_t size, std::int64_t frame);

/// The whole file. Throws ImageError if it cannot be read or is larger than any image may be.
std::vector<std::byte> image_bytes(const std::filesystem::path& path);

/// "scan.dcm frame 3", or with -1 the name as it is.
std::string frame_name(const std::string& file, std::int64_t frame);
/// The file of such a name.
std::string file_of_frame(const std::string& name);

/// Which file, counted from 0, each image is of, by the frame of each.
std::vector<std::size_t> files_of_frames(const std::vector<std::int64_t>& frames);

}  // namespace selfsight
