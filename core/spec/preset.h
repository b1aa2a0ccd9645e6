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

/// (name, TOML text) of each file under resources/presets.
const std::vector<std::pair<std::string, std::string>>& preset_texts();

Preset parse_preset(const std::string& name, const std::string& text, const SchemaFor& schema_for);
std::vector<Preset> all_presets(const SchemaFor& schema_for);

/// Throws InputError naming the nearest preset.
Preset find_preset(const std::string& name, const SchemaFor& schema_for);

}  // namespace selfsight
