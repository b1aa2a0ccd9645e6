#include "core/spec/value_words.h"

#include <string_view>

namespace selfsight {
namespace {

struct KindWords {
  const char* operator()(bool) const { return "true or false"; }
  const char* operator()(std::int64_t) const { return "a whole number"; }
  const char* operator()(double) const { return "a number"; }
  const char* operator()(const std::string&) const { return "text"; }
  const char* operator()(const std::vector<double>&) const { return "a list of numbers"; }
};

}  // namespace

const char* kind_of(const Value& value) {
  return std::visit(KindWords(), value);
}

std::string unit_of(double number, const std::string& unit) {
  if (number != 1) return unit;
  for (const std::string_view plural : {"ches", "s"})
    if (unit.ends_with(plural)) return unit.substr(0, unit.size() - (plural == "s" ? 1 : 2));
  return unit;
}

}  // namespace selfsight
