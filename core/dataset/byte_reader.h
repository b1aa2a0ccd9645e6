// Numbers out of bytes that strangers wrote. Private to this room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "core/dataset/dataset.h"

namespace selfsight {

/// What deflated bytes unpack to at most, for each of them: zlib's technical note.
inline constexpr std::uint64_t best_deflate_ratio = 1032;

/// Reads within bounds or throws ImageError.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::uint64_t number(std::size_t at, int width, bool big_endian) const {
    if (at > bytes_.size() || static_cast<std::size_t>(width) > bytes_.size() - at)
      throw ImageError("is cut off within its header");
    std::uint64_t value = 0;
    for (int i = 0; i < width; ++i) {
      const auto offset = static_cast<std::size_t>(big_endian ? i : width - 1 - i);
      value = value << 8 | std::to_integer<std::uint64_t>(bytes_[at + offset]);
    }
    return value;
  }
  std::uint64_t big(std::size_t at, int width) const { return number(at, width, true); }
  std::uint64_t little(std::size_t at, int width) const { return number(at, width, false); }

  bool says(std::size_t at, std::string_view text) const {
    return bytes_.size() >= text.size() && at <= bytes_.size() - text.size() &&
           std::memcmp(bytes_.data() + at, text.data(), text.size()) == 0;
  }
  std::size_t size() const { return bytes_.size(); }
  /// What follows `at`, or nothing.
  std::span<const std::byte> from(std::size_t at) const {
    return bytes_.subspan(at < bytes_.size() ? at : bytes_.size());
  }

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace selfsight
