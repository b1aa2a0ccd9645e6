// The tables, as an ordered list of migrations. Private to this room.
#pragma once

#include <vector>

namespace selfsight {

/// Element i takes a database from version i to i + 1. Append; never change one that has shipped.
const std::vector<const char*>& migrations();

/// "Sfst" as a number: marks the file as ours.
inline constexpr int application_id = 0x53667374;

}  // namespace selfsight
