// A whole run as one file, to go on with on another machine.
#pragma once

#include <filesystem>

#include "core/history/store.h"

namespace selfsight {

enum class KeptCheckpoints : std::uint8_t { all, newest };

/// Writes a .tar.zst of run.json (options, metrics, evaluations, maps) and the checkpoints that are
/// kept, or only the newest. Throws InputError if the run has none, Error if the file cannot be
/// written.
void save_run(const std::filesystem::path& path, const Store& store, std::int64_t run,
              KeptCheckpoints which = KeptCheckpoints::all);

/// Adds such a run to the store and returns its number; its images stay where they were. All is
/// checked before anything is written; for that the file is read twice. Throws InputError naming
/// what is wrong with the file.
std::int64_t load_run(const std::filesystem::path& path, Store& store);

}  // namespace selfsight
