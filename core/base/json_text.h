// JSON as text: what strangers wrote, before it is read, and what people named, when it is written.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace selfsight {

/// Whether brackets stand deeper in each other than in any JSON of ours. What copies or writes JSON
/// goes one call deeper with each of them, and a stranger's may hold millions.
inline bool too_deep(std::string_view json) {
  constexpr int deepest = 64;
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (c == '"')
      quoted = !quoted;
    else if (quoted)
      i += c == '\\';  // what follows ends no string
    else if (c == ']' || c == '}')
      --depth;
    else if ((c == '[' || c == '{') && ++depth > deepest)
      return true;
  }
  return false;
}

/// In one line. Names and paths need not be UTF-8; a replacement character beats no text at all.
inline std::string json_text(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace selfsight
