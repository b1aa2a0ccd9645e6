// Text as people and files write it, without what stands around it.
#pragma once

#include <string_view>

namespace selfsight {

/// Without the blanks and ends of lines at either side.
inline std::string_view trimmed(std::string_view text) {
  constexpr std::string_view around = " \t\n\r";
  const auto first = text.find_first_not_of(around);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(around) - first + 1);
}

}  // namespace selfsight
