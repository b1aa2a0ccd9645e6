// NumPy's .npy files, for matrices that come and go.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace selfsight {

/// A row-major matrix of floats.
struct NpyMatrix {
  std::int64_t rows = 0, columns = 0;
  std::vector<float> values;
};

/// Reads a one- or two-dimensional array of floats (16, 32 or 64 bits), whole numbers (8 to 64) or
/// booleans, of either byte order, in C or Fortran order, made into float32. Every length is
/// checked against the file first. Throws InputError.
NpyMatrix load_npy(const std::filesystem::path& path);

/// Writes float32 in C order (aside, synced, renamed). Throws Error.
void save_npy(const std::filesystem::path& path, const NpyMatrix& matrix);

}  // namespace selfsight
