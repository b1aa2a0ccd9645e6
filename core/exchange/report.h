// A report of runs as one HTML file that needs nothing else: no script, no network.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/history/store.h"

namespace selfsight {

/// What was run and what came of it, in the order given: numbers, curves overlaid, the options in
/// which the runs differ, every evaluation with its protocol, maps, all options. Plots are inline
/// SVG. Throws InputError if there is no run in the list or none of such a number in the store.
std::string report_html(const Store& store, const std::vector<std::int64_t>& runs);

}  // namespace selfsight
