// The units of options, which are plural: "epochs", "patches", "px".
#pragma once

#include <string>

namespace selfsight {

/// "epochs", but "epoch" of one.
std::string unit_of(double number, const std::string& unit);

}  // namespace selfsight
