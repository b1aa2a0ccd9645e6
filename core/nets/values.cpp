#include "core/nets/values.h"

#include <cstring>

#include "core/base/clones.h"

namespace selfsight {
namespace {

SELFSIGHT_CLONES void widen_values(const std::uint16_t* halves, std::int64_t count,
                                   std::uint32_t* __restrict out) {
  for (std::int64_t i = 0; i < count; ++i) out[i] = static_cast<std::uint32_t>(halves[i]) << 16;
}

/// To the nearest, ties to even; what is no number stays none.
SELFSIGHT_CLONES void narrow_values(const std::uint32_t* floats, std::int64_t count,
                                    std::uint16_t* __restrict out) {
  for (std::int64_t i = 0; i < count; ++i) {
    const std::uint32_t bits = floats[i];
    const std::uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
    out[i] = static_cast<std::uint16_t>((bits & 0x7fffffffu) > 0x7f800000u ? 0x7fc0u : rounded);
  }
}

}  // namespace

void widen(const Values& values, std::int64_t count, float* out) {
  if (values.halves)
    widen_values(static_cast<const std::uint16_t*>(values.data), count,
                 reinterpret_cast<std::uint32_t*>(out));
  else
    std::memcpy(out, values.data, static_cast<std::size_t>(count) * sizeof(float));
}

void narrow(const float* floats, std::int64_t count, const Values& out) {
  if (out.halves)
    narrow_values(reinterpret_cast<const std::uint32_t*>(floats), count,
                  static_cast<std::uint16_t*>(out.data));
  else
    std::memcpy(out.data, floats, static_cast<std::size_t>(count) * sizeof(float));
}

}  // namespace selfsight
