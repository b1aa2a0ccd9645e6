// A file that any thread reads anywhere.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

namespace selfsight {

/// What tells that a file was written since. Zeros where there is no file.
struct FileState {
  std::int64_t modified = 0;  // nanoseconds
  std::uint64_t size = 0;
};
FileState file_state(const std::filesystem::path& path);

class ByteFile {
 public:
  /// Throws InputError if it cannot be opened.
  explicit ByteFile(const std::filesystem::path& path);
  ~ByteFile();
  ByteFile(ByteFile&& other) noexcept;
  ByteFile& operator=(ByteFile&&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::uint64_t size() const { return size_; }
  /// As it is now, of the file that was opened, not of another that took its name.
  FileState state() const;
  /// False if the file does not hold all of it.
  bool read(std::uint64_t offset, std::span<std::uint8_t> to) const;

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace selfsight
