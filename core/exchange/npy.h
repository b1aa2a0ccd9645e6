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

/// Reads a one- or two-dimensional little-endian array of float32 or float64 (narrowed), in C or
/// Fortran order. Every length is checked against the file first. Throws InputError.
NpyMatrix load_npy(const std::filesystem::path& path);

/// Writes float32 in C order (aside, synced, renamed). Throws Error.
void save_npy(const std::filesystem::path& path, const NpyMatrix& matrix);

}  // namespace selfsight
