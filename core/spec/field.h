// One description of every option. From it come the form, the TOML file, --set, validation, the
// JSON stored with a run, the diff in Compare and the tables in the documentation.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace selfsight {

/// What an option can hold. The order of the alternatives is not stored anywhere.
using Value = std::variant<bool, std::int64_t, double, std::string, std::vector<double>>;

/// Another option on which this one hangs: it matters only while that has one of these values.
struct Condition {
  std::string key;                  // beside this one, under the same prefix
  std::vector<std::string> values;  // as to_text() writes them
};

/// One option: what it is called, what it may be, and what it does.
struct Field {
  std::string key;                                        // the field's word, e.g. "temperature"
  std::string help;                                       // three sentences, then the source
  std::string unit = "";                                  // "px", "epochs"; empty for a pure number
  double min = -std::numeric_limits<double>::infinity();  // inclusive, for numbers and lists
  double max = std::numeric_limits<double>::infinity();
  std::vector<std::string> choices = {};  // for text: the only values allowed; empty: any
  bool advanced = false;                  // folded away in the form
  std::optional<Condition> only_if = {};  // always, where there is none
  Value fallback = {};                    // the default; it also fixes the type
};

using Schema = std::vector<Field>;

/// The value as a person writes it: "true", "0.5", "simclr", "0.49, 0.48, 0.45".
std::string to_text(const Value& value);

/// The reverse, for a field. Throws InputError with the allowed range or choices.
Value parse_value(const Field& field, std::string_view text);

/// Throws InputError if the value does not fit the field (type, range, choice, not a number).
void check_value(const Field& field, const Value& value);

/// An options struct declares its fields once:
///
///     struct JitterOptions {
///       double brightness = 0.4;
///       template <class Options, class Visit>
///       static void describe(Options& o, Visit&& visit) {
///         visit(o.brightness, Field{.key = "brightness", .help = "…", .min = 0, .max = 2});
///       }
///     };
///
/// schema_of<JitterOptions>("jitter.") lists them with their defaults.
template <class Options>
Schema schema_of(const std::string& prefix) {
  Schema schema;
  Options defaults;
  Options::describe(defaults, [&](const auto& value, Field field) {
    field.key = prefix + field.key;
    if (field.only_if) field.only_if->key = prefix + field.only_if->key;
    field.fallback = value;
    schema.push_back(std::move(field));
  });
  return schema;
}

}  // namespace selfsight
