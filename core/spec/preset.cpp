#include "core/spec/preset.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/files.h"

namespace selfsight {
namespace {

using Json = nlohmann::ordered_json;

/// A word of a table of the text, or nothing.
std::string word(const Json& text, const std::string& table, const std::string& key) {
  const Json found = text.value(table, Json::object());
  const Json entry = found.is_object() ? found.value(key, Json()) : Json();
  return entry.is_string() ? entry.get<std::string>() : std::string();
}

/// Takes away the keys that are no option of the method.
void keep_known(Json& table, const std::string& prefix, const Settings& known) {
  for (auto entry = table.begin(); entry != table.end();) {
    const std::string key = prefix + entry.key();
    if (entry->is_object()) keep_known(*entry, key + ".", known);
    entry = entry->is_object() || known.has(key) ? std::next(entry) : table.erase(entry);
  }
}

const std::string& text_of(const std::string& base, const std::string& name,
                           const PresetTexts& known) {
  std::vector<std::string> names;
  for (const auto& [other, text] : known) {
    if (other == base) return text;
    names.push_back(other);
  }
  const std::string near = nearest_word(base, names);
  throw InputError("The preset " + name + " builds on " + base + ", which is no preset." +
                   (near.empty() ? "" : " Did you mean " + near + "?"));
}

/// The text with what it inherits. `path` names the presets that led here, this one last.
Json with_base(const std::string& text, const SchemaFor& schema_for, const PresetTexts& known,
               std::vector<std::string> path) {
  Json own = json_of_toml(text);
  const std::string base = word(own, "preset", "base");
  if (base.empty()) return own;
  if (std::find(path.begin(), path.end(), base) != path.end())
    throw InputError("The preset " + path.back() + " builds on " + base +
                     ", which builds on it in turn; take one `base` away.");
  const std::string& inherited_text = text_of(base, path.back(), known);
  path.push_back(base);
  Json all = with_base(inherited_text, schema_for, known, path);
  all["preset"].erase("title");
  all["preset"].erase("expect");
  const std::string method = word(own, "method", "name");
  if (!method.empty() && method != word(all, "method", "name")) {
    all.erase("method");
    const Json told = all["preset"];
    keep_known(all, "", Settings(schema_for(method)));
    all["preset"] = told;
  }
  all.merge_patch(own);
  return all;
}

}  // namespace

Preset parse_preset(const std::string& name, const std::string& text, const SchemaFor& schema_for,
                    const PresetTexts& known) {
  const Json all = with_base(text, schema_for, known, {name});
  const std::string title = word(all, "preset", "title");
  return {.name = name,
          .title = title.empty() ? name : title,
          .provenance = word(all, "preset", "provenance"),
          .expect = word(all, "preset", "expect"),
          .settings = settings_from_json(all, schema_for)};
}

std::vector<Preset> all_presets(const SchemaFor& schema_for) {
  std::vector<Preset> presets;
  for (const auto& [name, text] : preset_texts())
    presets.push_back(parse_preset(name, text, schema_for));
  return presets;
}

Preset find_preset(const std::string& name, const SchemaFor& schema_for) {
  std::vector<std::string> names;
  for (const auto& [known, text] : preset_texts()) {
    if (known == name) return parse_preset(known, text, schema_for);
    names.push_back(known);
  }
  const std::string near = nearest_word(name, names);
  throw InputError(
      "There is no preset " + name + "." +
      (near.empty() ? " `selfsight presets` lists them." : " Did you mean " + near + "?"));
}

}  // namespace selfsight
