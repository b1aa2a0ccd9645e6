// The values of the options of one run: a schema, and a value for each of its fields.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/spec/field.h"

namespace selfsight {

class Settings {
 public:
  Settings() = default;
  explicit Settings(Schema schema);  // every field at its default

  const Schema& schema() const;
  const Field& field(std::string_view key) const;
  bool has(std::string_view key) const;
  /// Whether the option matters, given the one that it hangs on; see Field::only_if.
  bool applies(const Field& field) const;

  /// Throws InputError for an unknown key (naming the nearest known one) or a value that does
  /// not fit.
  void set(std::string_view key, Value value);
  void set_text(std::string_view key, std::string_view text);
  void reset(std::string_view key);

  const Value& value(std::string_view key) const;
  template <class T>
  const T& get(std::string_view key) const {
    return std::get<T>(value(key));
  }

  /// Takes the value of every key that both know and whose value fits here.
  void take_from(const Settings& other);

  /// Fills an options struct from the keys under `prefix` ("views.").
  template <class Options>
  Options read(const std::string& prefix) const {
    Options options;
    Options::describe(options, [&](auto& member, const Field& f) {
      member = get<std::remove_cvref_t<decltype(member)>>(prefix + f.key);
    });
    return options;
  }
  template <class Options>
  void write(const std::string& prefix, const Options& options) {
    Options::describe(
        options, [&](const auto& member, const Field& f) { set(prefix + f.key, Value(member)); });
  }

  friend bool operator==(const Settings& a, const Settings& b);

 private:
  std::size_t index(std::string_view key) const;

  std::shared_ptr<const Schema> schema_;  // shared, as a copy is made at every move of a slider
  std::vector<Value> values_;
};

/// One option in which runs differ; `values` has one text per run, empty where a run has no such
/// option.
struct Difference {
  std::string key;
  std::vector<std::string> values;
};

/// The options that are not the same in all of them, in the order of the schema.
std::vector<Difference> differences(const std::vector<Settings>& runs);

/// {"views": {"size": 32, …}, …}: keys are nested at the dots.
nlohmann::ordered_json to_json(const Settings& settings);
std::string to_toml(const Settings& settings);

/// The tables and values of a TOML text. Throws InputError naming the line that cannot be read.
nlohmann::ordered_json json_of_toml(std::string_view text);

/// Which options there are depends on one of them: the method. Given a method's name, its schema.
using SchemaFor = std::function<Schema(const std::string& method)>;

/// Both throw InputError: a syntax error with its line, an unknown key, a value out of range.
/// Keys that are absent keep their default; the table [preset] is skipped.
Settings settings_from_toml(std::string_view text, const SchemaFor& schema_for);
Settings settings_from_json(const nlohmann::ordered_json& json, const SchemaFor& schema_for);

/// The same with the keys of another method: values common to both are kept.
Settings with_method(const Settings& settings, const std::string& method,
                     const SchemaFor& schema_for);

/// Sets "key=value" pairs in order. A new method.name brings that method's options with it.
void apply_assignments(Settings& settings, const std::vector<std::string>& assignments,
                       const SchemaFor& schema_for);

}  // namespace selfsight
