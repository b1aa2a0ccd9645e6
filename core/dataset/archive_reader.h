// Archives of strangers, read with libarchive where they lie.
#pragma once

#include <archive.h>
#include <archive_entry.h>

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "core/dataset/byte_file.h"

namespace selfsight {

/// One entry, as its header tells.
struct ArchiveEntry {
  std::string name;
  std::uint64_t header_at = 0;  // where reading may begin for this entry; of a plain archive
  std::uint64_t data_at = 0;    // of a plain tar: where its bytes lie
  std::optional<std::uint64_t> size;
  std::string refusal;  // why it cannot be used: "is a link"; empty if it can
};

/// Goes through a .tar, .tar.gz, .tar.zst or .zip from the front, or from the header of an entry.
class ArchiveReader {
 public:
  explicit ArchiveReader(const ByteFile& file, std::uint64_t from = 0);

  /// The next regular file or what stands for one; nothing at the end. Throws InputError with a
  /// clause ("is damaged: …"), and one for an entry by whose end a compressed archive would have
  /// unpacked to more than 64 GB, or to more than 1 GB and 200 times its size.
  std::optional<ArchiveEntry> next();
  /// The bytes of the entry that next() gave. Throws ImageError if they are damaged or more than
  /// `limit`.
  std::vector<std::byte> bytes(std::uint64_t limit);
  /// Its first bytes, up to so many; bytes() gives what follows. Throws ImageError likewise.
  std::vector<std::byte> head(std::size_t count);
  /// The same, written on as they come; may be larger than memory. Says how many they were. Throws
  /// InputError if they are damaged or more than `room`.
  std::uint64_t copy_to(std::ostream& out, std::uint64_t room);
  /// Whether the bytes lie in the file as they are, one after the other.
  bool plain_tar() const;
  /// Whether all of it is packed as one stream, so that reading begins at the front. Known once
  /// next() was called.
  bool compressed() const;

 private:
  static constexpr std::size_t least_part = 4096;

  static la_ssize_t read_some(archive*, void* self, const void** buffer);
  static la_int64_t skip(archive*, void* self, la_int64_t request);

  const ByteFile& file_;
  std::uint64_t at_;
  std::size_t part_ = least_part;  // read at a time; grows while nothing is skipped
  std::array<std::uint8_t, 65536> buffer_;
  std::unique_ptr<archive, int (*)(archive*)> archive_;
};

}  // namespace selfsight
