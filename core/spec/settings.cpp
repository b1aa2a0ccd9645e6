#include "core/spec/settings.h"

// toml++ 3.3 asserts of some keys what it refuses, with the reason, two lines further on.
#define TOML_ASSERT(expression) static_assert(true)
#include <toml++/toml.h>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/json_text.h"
#include "core/spec/value_words.h"

namespace selfsight {

using Json = nlohmann::ordered_json;

namespace {

constexpr std::string_view method_key = "method.name";
constexpr std::string_view preset_table = "preset";
constexpr std::ptrdiff_t most_nested = 2000;  // each goes one call deeper
constexpr std::ptrdiff_t deepest_key = 8;

/// A value that does not fit. Nothing nested: a stranger's may be so without end.
std::string shown(const Json& json) {
  const auto nested = [](const Json& entry) { return entry.is_structured(); };
  return std::any_of(json.begin(), json.end(), nested) ? "a nested list" : json_text(json);
}

/// Whole numbers are fine where a real one is wanted; every other type must match.
Value value_from_json(const Field& field, const Json& json) {
  const auto wrong = [&]() {
    return InputError(field.key + " is " + shown(json) + "; it must be " + kind_of(field.fallback) +
                      ".");
  };
  Value value = field.fallback;
  if (std::holds_alternative<bool>(value) && json.is_boolean())
    value = json.get<bool>();
  else if (std::holds_alternative<std::int64_t>(value) && json.is_number_integer())
    value = json.get<std::int64_t>();
  else if (std::holds_alternative<double>(value) && json.is_number())
    value = json.get<double>();
  else if (std::holds_alternative<std::string>(value) && json.is_string())
    value = json.get<std::string>();
  else if (std::holds_alternative<std::vector<double>>(value) && json.is_array() &&
           std::all_of(json.begin(), json.end(), [](const Json& j) { return j.is_number(); }))
    value = json.get<std::vector<double>>();
  else
    throw wrong();
  check_value(field, value);
  return value;
}

void flatten(const Json& json, const std::string& prefix, Settings& settings) {
  if (std::count(prefix.begin(), prefix.end(), '.') > deepest_key)
    throw InputError("There is no option " + prefix.substr(0, prefix.size() - 1) + ".");
  for (const auto& [name, entry] : json.items()) {
    const std::string key = prefix + name;
    if (key == preset_table) continue;
    if (entry.is_object())
      flatten(entry, key + ".", settings);
    else
      settings.set(key, value_from_json(settings.field(key), entry));
  }
}

Json json_value(const Value& value) {
  return std::visit([](const auto& v) { return Json(v); }, value);
}

Json from_toml(const toml::node& node) {
  if (const auto* table = node.as_table()) {
    Json out = Json::object();
    for (const auto& [key, entry] : *table) out[std::string(key.str())] = from_toml(entry);
    return out;
  }
  if (const auto* array = node.as_array()) {
    Json out = Json::array();
    for (const auto& entry : *array) out.push_back(from_toml(entry));
    return out;
  }
  if (const auto* v = node.as_boolean()) return v->get();
  if (const auto* v = node.as_integer()) return v->get();
  if (const auto* v = node.as_floating_point()) return v->get();
  if (const auto* v = node.as_string()) return v->get();
  throw InputError("A date or time has no place among the options.");
}

/// Where a letter beyond ASCII stands outside of quotation marks and comments, where TOML has none;
/// npos if nowhere.
std::size_t bare_letter(std::string_view text) {
  bool comment = false, triple = false;
  char quote = 0;
  for (std::size_t i = text.starts_with("\xEF\xBB\xBF") ? 3 : 0; i < text.size(); ++i) {
    const char c = text[i];
    if (comment || (quote != 0 && !triple)) {
      if (quote == '"' && c == '\\')
        ++i;
      else if (c == '\n' || (!comment && c == quote))
        comment = false, quote = 0;
    } else if (quote != 0) {
      if (quote == '"' && c == '\\') ++i;
      if (!text.substr(i).starts_with(std::string(3, quote))) continue;
      for (i += 2; i + 1 < text.size() && text[i + 1] == quote;) ++i;
      quote = 0;
    } else if (c == '#') {
      comment = true;
    } else if (c == '"' || c == '\'') {
      quote = c;
      triple = text.substr(i).starts_with(std::string(3, c));
      if (triple) i += 2;
    } else if (static_cast<unsigned char>(c) >= 0x80) {
      return i;
    }
  }
  return std::string_view::npos;
}

/// toml++ 3.3 runs into undefined behaviour at most such letters.
void refuse_bare_letters(std::string_view text) {
  const std::size_t at = bare_letter(text);
  if (at == std::string_view::npos) return;
  throw InputError("Line " + std::to_string(1 + std::ranges::count(text.substr(0, at), '\n')) +
                   " of the options cannot be read: letters beyond a to z belong into quotation "
                   "marks.");
}

}  // namespace

Settings::Settings(Schema schema) : schema_(std::make_shared<const Schema>(std::move(schema))) {
  for (const Field& field : *schema_) values_.push_back(field.fallback);
}

const Schema& Settings::schema() const {
  static const Schema none;
  return schema_ ? *schema_ : none;
}

std::size_t Settings::index(std::string_view key) const {
  const auto found = std::find_if(schema().begin(), schema().end(),
                                  [&](const Field& field) { return field.key == key; });
  if (found != schema().end()) return static_cast<std::size_t>(found - schema().begin());
  std::vector<std::string> known;
  for (const Field& field : schema()) known.push_back(field.key);
  const std::string near = nearest_word(key, known);
  throw InputError("There is no option " + std::string(key) + "." +
                   (near.empty() ? "" : " Did you mean " + near + "?"));
}

const Field& Settings::field(std::string_view key) const {
  return schema()[index(key)];
}

bool Settings::has(std::string_view key) const {
  return std::any_of(schema().begin(), schema().end(),
                     [&](const Field& f) { return f.key == key; });
}

bool Settings::applies(const Field& field) const {
  if (!field.only_if) return true;
  const auto& [key, values] = *field.only_if;
  return std::find(values.begin(), values.end(), to_text(value(key))) != values.end();
}

void Settings::set(std::string_view key, Value value) {
  const std::size_t at = index(key);
  check_value(schema()[at], value);
  values_[at] = std::move(value);
}

void Settings::set_text(std::string_view key, std::string_view text) {
  const std::size_t at = index(key);
  values_[at] = parse_value(schema()[at], text);
}

void Settings::reset(std::string_view key) {
  const std::size_t at = index(key);
  values_[at] = schema()[at].fallback;
}

const Value& Settings::value(std::string_view key) const {
  return values_[index(key)];
}

void Settings::take_from(const Settings& other) {
  for (std::size_t i = 0; i < schema().size(); ++i) {
    if (!other.has(schema()[i].key)) continue;
    try {
      set(schema()[i].key, other.value(schema()[i].key));
    } catch (const InputError&) {
      // A value that does not fit this method stays at its default.
    }
  }
}

bool operator==(const Settings& a, const Settings& b) {
  return a.schema().size() == b.schema().size() && a.values_ == b.values_ &&
         std::equal(a.schema().begin(), a.schema().end(), b.schema().begin(),
                    [](const Field& x, const Field& y) { return x.key == y.key; });
}

std::vector<Difference> differences(const std::vector<Settings>& runs) {
  std::vector<std::string> keys;
  for (const Settings& run : runs)
    for (const Field& field : run.schema())
      if (std::find(keys.begin(), keys.end(), field.key) == keys.end()) keys.push_back(field.key);
  std::vector<Difference> out;
  for (const std::string& key : keys) {
    Difference row{key, {}};
    for (const Settings& run : runs)
      row.values.push_back(run.has(key) ? to_text(run.value(key)) : "");
    const bool same = std::all_of(row.values.begin(), row.values.end(),
                                  [&](const std::string& v) { return v == row.values.front(); });
    if (!same) out.push_back(std::move(row));
  }
  return out;
}

Json to_json(const Settings& settings) {
  Json root = Json::object();
  for (const Field& field : settings.schema()) {
    Json* at = &root;
    std::istringstream parts(field.key);
    for (std::string part; std::getline(parts, part, '.');) at = &(*at)[part];
    *at = json_value(settings.value(field.key));
  }
  return root;
}

std::string to_toml(const Settings& settings) {
  std::string out, section;
  for (const Field& field : settings.schema()) {
    const auto dot = field.key.rfind('.');
    const std::string here = dot == std::string::npos ? "" : field.key.substr(0, dot);
    if (here != section) out += (out.empty() ? "[" : "\n[") + here + "]\n";
    section = here;
    const std::string name = dot == std::string::npos ? field.key : field.key.substr(dot + 1);
    // JSON's writing of booleans, numbers, strings and lists is also TOML's.
    out += name + " = " + json_text(json_value(settings.value(field.key))) + "\n";
  }
  return out;
}

Settings settings_from_json(const Json& json, const SchemaFor& schema_for) {
  if (!json.is_object()) throw InputError("The options must be a table of keys and values.");
  std::string method;
  if (json.contains("method") && json["method"].is_object() && json["method"].contains("name") &&
      json["method"]["name"].is_string())
    method = json["method"]["name"].get<std::string>();
  Settings settings(schema_for(method));
  flatten(json, "", settings);
  return settings;
}

Json json_of_toml(std::string_view text) {
  const auto opens = [](char c) { return c == '.' || c == '[' || c == '{'; };
  if (std::count_if(text.begin(), text.end(), opens) > most_nested)
    throw InputError("The options hold more dots and brackets than options can have.");
  refuse_bare_letters(text);
  try {
    return from_toml(toml::parse(text));
  } catch (const toml::parse_error& error) {
    throw InputError("Line " + std::to_string(error.source().begin.line) +
                     " of the options cannot be read: " + std::string(error.description()) + ".");
  }
}

Settings settings_from_toml(std::string_view text, const SchemaFor& schema_for) {
  return settings_from_json(json_of_toml(text), schema_for);
}

Settings with_method(const Settings& settings, const std::string& method,
                     const SchemaFor& schema_for) {
  Settings out(schema_for(method));
  out.take_from(settings);
  out.set(method_key, method);
  return out;
}

void apply_assignments(Settings& settings, const std::vector<std::string>& assignments,
                       const SchemaFor& schema_for) {
  for (const std::string& assignment : assignments) {
    const auto equals = assignment.find('=');
    if (equals == std::string::npos)
      throw InputError("--set " + assignment + " has no value; write --set key=value.");
    const std::string key = assignment.substr(0, equals), text = assignment.substr(equals + 1);
    if (key == method_key) {
      parse_value(settings.field(key), text);
      settings = with_method(settings, text, schema_for);
    } else {
      settings.set_text(key, text);
    }
  }
}

}  // namespace selfsight
