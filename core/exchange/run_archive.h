// A whole run as one file, to go on with on another machine.
#pragma once

#include <filesystem>

#include "core/base/control.h"
#include "core/history/store.h"

namespace selfsight {

enum class KeptCheckpoints : std::uint8_t { all, newest };

/// Writes a .tar.zst of run.json (options, metrics, evaluations, maps) and the checkpoints that are
/// kept, or only the newest. Throws InputError if the run has none or takes more than 256 MB
/// without them, Error if a checkpoint cannot be read or the file not be written, Cancelled before
/// the next checkpoint; what was there before is then kept.
void save_run(const std::filesystem::path& path, const Store& store, std::int64_t run,
              KeptCheckpoints which = KeptCheckpoints::all, const Control& control = {});

/// Adds such a run to the store and returns its number; its images stay where they were, or where
/// the store knows them to be. All is checked before anything is written; for that the file is read
/// twice. Throws InputError naming what is wrong with the file, Error if the store cannot be
/// written, Cancelled before the next checkpoint; no part of the run is then left in it.
std::int64_t load_run(const std::filesystem::path& path, Store& store, const Control& control = {});

}  // namespace selfsight
