#include "core/spec/field.h"

#include <charconv>
#include <cmath>
#include <sstream>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/trimmed.h"
#include "core/spec/value_words.h"

namespace selfsight {
namespace {

template <class... Cases>
struct Overload : Cases... {
  using Cases::operator()...;
};

std::string number_text(double number) {
  char buffer[32];
  const auto [end, problem] = std::to_chars(buffer, buffer + sizeof buffer, number);
  return problem == std::errc() ? std::string(buffer, end) : "nan";
}

/// In a sentence: 100000 rather than 1e+05.
std::string told(double number) {
  constexpr double most = 1e15;
  return std::abs(number) < most && number == std::trunc(number)
             ? std::to_string(static_cast<std::int64_t>(number))
             : number_text(number);
}

std::string range_text(const Field& field) {
  const bool low = std::isfinite(field.min), high = std::isfinite(field.max);
  const auto with_unit = [&](double number) {
    return told(number) + (field.unit.empty() ? "" : " " + unit_of(number, field.unit));
  };
  if (low && high) return "between " + told(field.min) + " and " + with_unit(field.max);
  if (low) return with_unit(field.min) + " or more";
  if (high) return with_unit(field.max) + " or less";
  return "any number";
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

template <class Number>
bool parse_number(std::string_view text, Number& number) {
  text = trimmed(text);
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  return problem == std::errc() && end == text.data() + text.size() && !text.empty();
}

[[noreturn]] void refuse(const Field& field, std::string_view got, const std::string& wanted) {
  throw InputError(field.key + " is " + (got.empty() ? "empty" : std::string(got)) +
                   "; it must be " + wanted + ".");
}

void check_range(const Field& field, double number) {
  if (!(number >= field.min && number <= field.max)) refuse(field, told(number), range_text(field));
}

std::vector<double> parse_list(const Field& field, std::string_view text) {
  std::string clean(trimmed(text));
  if (clean.size() >= 2 && clean.front() == '[' && clean.back() == ']')
    clean = clean.substr(1, clean.size() - 2);
  std::vector<double> list;
  std::istringstream in(clean);
  for (std::string part; std::getline(in, part, ',');) {
    double number = 0;
    if (!parse_number(part, number)) refuse(field, text, "numbers with commas between them");
    list.push_back(number);
  }
  return list;
}

}  // namespace

std::string to_text(const Value& value) {
  return std::visit(
      Overload{[](bool b) { return std::string(b ? "true" : "false"); },
               [](std::int64_t i) { return std::to_string(i); },
               [](double d) { return number_text(d); }, [](const std::string& s) { return s; },
               [](const std::vector<double>& list) {
                 std::vector<std::string> words;
                 for (double d : list) words.push_back(number_text(d));
                 return joined(words);
               }},
      value);
}

Value parse_value(const Field& field, std::string_view text) {
  const auto parse =
      Overload{[&](bool) -> Value {
                 const auto word = trimmed(text);
                 if (word == "true" || word == "on" || word == "yes" || word == "1") return true;
                 if (word == "false" || word == "off" || word == "no" || word == "0") return false;
                 refuse(field, text, "true or false");
               },
               [&](std::int64_t number) -> Value {
                 if (!parse_number(text, number))
                   refuse(field, text, "a whole number, " + range_text(field));
                 return number;
               },
               [&](double number) -> Value {
                 if (!parse_number(text, number))
                   refuse(field, text, "a number, " + range_text(field));
                 return number;
               },
               [&](const std::string&) -> Value { return std::string(trimmed(text)); },
               [&](const std::vector<double>&) -> Value { return parse_list(field, text); }};
  Value value = std::visit(parse, field.fallback);
  check_value(field, value);
  return value;
}

void check_value(const Field& field, const Value& value) {
  if (value.index() != field.fallback.index())
    refuse(field, to_text(value), kind_of(field.fallback));
  std::visit(
      Overload{[](bool) {}, [&](std::int64_t i) { check_range(field, static_cast<double>(i)); },
               [&](double d) { check_range(field, d); },
               [&](const std::string& s) {
                 if (field.choices.empty()) return;
                 for (const std::string& choice : field.choices)
                   if (choice == s) return;
                 const std::string near = nearest_word(s, field.choices);
                 refuse(field, s,
                        "one of " + joined(field.choices) +
                            (near.empty() ? "" : " (did you mean " + near + "?)"));
               },
               [&](const std::vector<double>& list) {
                 for (double d : list) check_range(field, d);
               }},
      value);
}

}  // namespace selfsight
