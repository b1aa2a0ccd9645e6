// Presets: named settings with their provenance, as TOML inside the program.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/spec/settings.h"

namespace selfsight {

struct Preset {
  std::string name;        // "simclr-fashion-quick"
  std::string title;       // "SimCLR, Fashion-MNIST, three minutes"
  std::string provenance;  // the paper or library it is from, and what was changed
  std::string expect;      // what accuracy to expect after how many epochs, under which protocol
  Settings settings;
};

/// (name, TOML text) of each preset.
using PresetTexts = std::vector<std::pair<std::string, std::string>>;

/// Those of the files under resources/presets.
const PresetTexts& preset_texts();

/// A text's table [preset] may name a `base`, another preset among `known`: what that one sets
/// holds here too, unless this text sets it. A text of another method does not take over what its
/// base sets under [method], nor what its own method has no option for. Provenance is inherited,
/// title and expectation are not. Throws InputError for a base that is not known, or that leads
/// back to itself.
Preset parse_preset(const std::string& name, const std::string& text, const SchemaFor& schema_for,
                    const PresetTexts& known = preset_texts());
std::vector<Preset> all_presets(const SchemaFor& schema_for);

/// Throws InputError naming the nearest preset.
Preset find_preset(const std::string& name, const SchemaFor& schema_for);

}  // namespace selfsight
