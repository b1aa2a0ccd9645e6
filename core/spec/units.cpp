#include "core/spec/units.h"

#include <string_view>

namespace selfsight {

std::string unit_of(double number, const std::string& unit) {
  if (number != 1) return unit;
  for (const std::string_view plural : {"ches", "s"})
    if (unit.ends_with(plural)) return unit.substr(0, unit.size() - (plural == "s" ? 1 : 2));
  return unit;
}

}  // namespace selfsight
