// A file that any thread reads anywhere.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>
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
  /// Open: from now on, even if its name goes away. Recent: only while it is among those that were
  /// read last, for sets of more files than a process may have open.
  enum class Keep : std::uint8_t { open, recent };

  /// Throws InputError if it cannot be opened.
  explicit ByteFile(const std::filesystem::path& path, Keep keep = Keep::open);
  ~ByteFile();
  ByteFile(ByteFile&& other) noexcept;
  ByteFile& operator=(ByteFile&&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::uint64_t size() const { return size_; }
  /// As it is now, of the file that was opened, not of another that took its name.
  FileState state() const;
  /// From now on the system reads only what is asked for. Else it takes neighbours that it still
  /// knows for the traces of one who reads on, and reads ahead for him: in an archive that is
  /// larger than memory, mostly in vain.
  void read_in_any_order();
  /// False if the file does not hold all of it, or is another one by now.
  bool read(std::uint64_t offset, std::span<std::uint8_t> to) const;

 private:
  class Descriptor;
  class Recent;
  static Recent& recent();
  std::shared_ptr<const Descriptor> descriptor() const;

  std::filesystem::path path_;
  std::uint64_t size_ = 0;
  dev_t device_ = 0;
  ino_t inode_ = 0;
  std::shared_ptr<const Descriptor> kept_;  // null if it is one of the recent
  std::uint64_t number_ = 0;                // among the recent; 0 for none
  bool any_order_ = false;
};

}  // namespace selfsight
