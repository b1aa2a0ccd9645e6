// Named arrays in one file: the safetensors format, which holds numbers and no code.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"

namespace selfsight {

/// A file that was read, and that does not hold what was written: not one that cannot be read.
class DamagedFile : public InputError {
 public:
  using InputError::InputError;
};

/// The largest file that is read, and so the largest that is written.
inline constexpr std::uintmax_t most_tensor_bytes = std::uintmax_t(16) << 30;

/// One array. `dtype` is safetensors' word: F64 F32 F16 BF16 I64 I32 I16 I8 U8 BOOL.
struct StoredTensor {
  std::string dtype = "F32";
  std::vector<std::int64_t> shape;
  std::vector<std::byte> bytes;  // row-major, little-endian
};

struct TensorFile {
  std::map<std::string, std::string> metadata;
  std::vector<std::pair<std::string, StoredTensor>> tensors;  // order kept

  const StoredTensor* find(const std::string& name) const;
};

/// Bytes of one element, or 0 for a word that is not known.
std::size_t dtype_size(const std::string& dtype);

/// Writes safetensors (aside, synced, renamed). Throws Error, and InputError if there is more than
/// could be read again.
void save_tensors(const std::filesystem::path& path, const TensorFile& file);

/// Reads safetensors. Every length is checked against the file before memory is taken.
/// Throws InputError if it cannot be read, DamagedFile naming what is wrong.
TensorFile load_tensors(const std::filesystem::path& path);

/// The same from the head of the file alone, with tensors that have no bytes.
TensorFile load_layout(const std::filesystem::path& path);

/// Its metadata alone, without reading the tensors. Throws InputError.
std::map<std::string, std::string> load_metadata(const std::filesystem::path& path);

}  // namespace selfsight
