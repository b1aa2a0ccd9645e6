// How much memory this process takes.
#pragma once

#include <cstdint>

namespace selfsight {

/// Bytes resident at most since the start or the last reset; 0 where the system does not tell.
std::int64_t peak_memory();
void reset_peak_memory();

}  // namespace selfsight
