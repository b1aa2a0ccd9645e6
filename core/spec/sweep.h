// A grid over options: every combination of the values that some of them are given.
#pragma once

#include <string>
#include <vector>

#include "core/spec/settings.h"

namespace selfsight {

struct SweepPoint {
  Settings settings;
  std::vector<std::string> varied;  // "key=value" of the options that have more than one value
};

inline constexpr std::size_t max_sweep = 1000;

/// `assignments` are "key=a,b,c"; values of an option that is itself a list are parted by
/// semicolons. The last option varies fastest. Throws InputError as apply_assignments() does, for a
/// value given twice, an option varied twice, and for more than max_sweep combinations.
std::vector<SweepPoint> sweep(const Settings& base, const std::vector<std::string>& assignments,
                              const SchemaFor& schema_for);

}  // namespace selfsight
