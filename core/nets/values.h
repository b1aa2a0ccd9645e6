// Memory that holds floats or bfloat16, for loops that count in floats. Private to this room.
#pragma once

#include <cstdint>

namespace selfsight {

/// Floats in memory, or the upper halves of floats (bfloat16). Sums are made in floats either way.
struct Values {
  void* data = nullptr;
  bool halves = false;

  Values from(std::int64_t at) const {
    return {static_cast<char*>(data) + at * (halves ? 2 : 4), halves};
  }
  explicit operator bool() const { return data != nullptr; }
};

/// Copies `count` values out as floats.
void widen(const Values& values, std::int64_t count, float* out);
/// Copies `count` floats in, to the nearest, ties to even.
void narrow(const float* floats, std::int64_t count, const Values& out);

}  // namespace selfsight
