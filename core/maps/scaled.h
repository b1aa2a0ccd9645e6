// Tables brought to a size at which single precision can square them. Private to this room.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

namespace selfsight {

/// The power of two, so that nothing is rounded, that brings the largest entry near 1; 1 where all
/// are 0.
inline double unit_scale(const std::vector<double>& values) {
  double largest = 0;
  for (const double value : values) largest = std::max(largest, std::abs(value));
  return largest > 0 ? std::ldexp(1.0, -std::max(std::ilogb(largest), -1000)) : 1;
}

inline std::vector<float> scaled_floats(const std::vector<double>& values, double scale) {
  std::vector<float> out;
  out.reserve(values.size());
  for (const double value : values) out.push_back(static_cast<float>(value * scale));
  return out;
}

}  // namespace selfsight
