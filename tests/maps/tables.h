// Made-up tables for tests of maps.
#pragma once

#include <cmath>
#include <vector>

#include "core/base/random.h"
#include "core/maps/maps.h"

namespace selfsight::tests {

/// Row i belongs to blob i % count; blobs are far apart.
inline Matrix blobs(std::int64_t rows, std::int64_t columns, std::int64_t count,
                    std::uint64_t noise_seed = 2) {
  Matrix out{rows, columns, {}};
  for (std::int64_t i = 0; i < rows; ++i) {
    Random centre{1, static_cast<std::uint64_t>(i % count)};
    Random noise{noise_seed, static_cast<std::uint64_t>(i)};
    for (std::int64_t j = 0; j < columns; ++j)
      out.values.push_back(8 * centre.normal() + noise.normal());
  }
  return out;
}

inline std::vector<int> blob_labels(std::int64_t rows, std::int64_t count) {
  std::vector<int> out;
  for (std::int64_t i = 0; i < rows; ++i) out.push_back(static_cast<int>(i % count));
  return out;
}

inline std::vector<double> scattered(std::size_t size, double scale, std::uint64_t seed = 5) {
  Random random{seed};
  std::vector<double> y(size);
  for (double& value : y) value = scale * random.normal();
  return y;
}

inline double length(const std::vector<double>& a) {
  double squares = 0;
  for (const double value : a) squares += value * value;
  return std::sqrt(squares);
}

inline double difference(const std::vector<double>& a, const std::vector<double>& b) {
  double squares = 0;
  for (std::size_t i = 0; i < a.size(); ++i) squares += (a[i] - b[i]) * (a[i] - b[i]);
  return std::sqrt(squares);
}

}  // namespace selfsight::tests
