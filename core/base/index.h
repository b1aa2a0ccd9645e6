// Counts are signed, as torch's are; the containers of C++ want theirs without a sign.
#pragma once

#include <cstddef>
#include <cstdint>

namespace selfsight {

/// An index that is known not to be negative.
inline std::size_t at(std::int64_t index) {
  return static_cast<std::size_t>(index);
}

}  // namespace selfsight
