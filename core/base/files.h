// Files that are either whole or not there, and a few words about them.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/control.h"

namespace selfsight {

/// Writes aside, syncs, renames: a reader sees the old file or the new one, never a half.
/// Throws Error (naming the path and the reason, e.g. a full disk); the old file is then intact.
void write_file(const std::filesystem::path& path, std::span<const std::byte> bytes);
void write_file(const std::filesystem::path& path, std::string_view text);

/// The whole file. Throws InputError if it cannot be read or is larger than `limit` bytes.
std::vector<std::byte> read_file(const std::filesystem::path& path,
                                 std::uintmax_t limit = std::uintmax_t(16) << 30);
std::string read_text(const std::filesystem::path& path, std::uintmax_t limit = 64 << 20);

/// SHA-256 of what comes in parts.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  void add(const void* data, std::size_t size);
  std::string hex();  // in lower case; once, at the end

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

/// SHA-256 in lower-case hexadecimal.
std::string sha256(std::span<const std::byte> bytes);
std::string sha256_file(const std::filesystem::path& path, const Control& control = Control());

/// "12,345".
std::string grouped(long long number);

/// The member of `known` nearest to `word` by edit distance; empty if none is near.
std::string nearest_word(std::string_view word, const std::vector<std::string>& known);

}  // namespace selfsight
