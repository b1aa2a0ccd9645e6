// A whole run as one file, to go on with on another machine.
#pragma once

#include <filesystem>

#include "core/history/store.h"

namespace selfsight {

/// Writes a .tar.zst of run.json (options, metrics, evaluations, maps) and the newest checkpoint.
/// Throws InputError if the run has none, Error if the file cannot be written.
void save_run(const std::filesystem::path& path, const Store& store, std::int64_t run);

/// Adds such a run to the store and returns its number; its images stay where they were. All is
/// checked before anything is written. Throws InputError naming what is wrong with the file.
std::int64_t load_run(const std::filesystem::path& path, Store& store);

}  // namespace selfsight
