// The window by hand within a data set's word: "scans?window=40,400".
#pragma once

#include <optional>
#include <string>

namespace selfsight {

struct CentreWidth {
  double centre = 0, width = 0;
};

/// Of a location as Dataset::location() gives it; nothing where values are windowed by percentile.
std::optional<CentreWidth> window_in(const std::string& location);

/// The same place with another window, or with none.
std::string with_window(const std::string& location, const std::optional<CentreWidth>& window);

}  // namespace selfsight
