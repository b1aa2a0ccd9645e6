// How values are told: their kinds and their units.
#pragma once

#include <string>

#include "core/spec/field.h"

namespace selfsight {

/// What a value must be to be of this one's kind: "a whole number", "true or false".
const char* kind_of(const Value& value);

/// Units of options are plural ("epochs", "patches", "px"): "epoch" of one.
std::string unit_of(double number, const std::string& unit);

}  // namespace selfsight
