#include "core/spec/preset.h"

#include <toml++/toml.h>

#include "core/base/error.h"
#include "core/base/files.h"

namespace selfsight {

Preset parse_preset(const std::string& name, const std::string& text, const SchemaFor& schema_for) {
  Preset preset{.name = name,
                .title = name,
                .provenance = {},
                .expect = {},
                .settings = settings_from_toml(text, schema_for)};
  const toml::table table = toml::parse(text);
  preset.title = table["preset"]["title"].value_or(name);
  preset.provenance = table["preset"]["provenance"].value_or(std::string());
  preset.expect = table["preset"]["expect"].value_or(std::string());
  return preset;
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
