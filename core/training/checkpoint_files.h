// The checkpoints in the folder of a run, as files. No torch.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/base/tensor_file.h"
#include "core/training/session.h"

namespace selfsight {

/// "step-000001234.safetensors".
std::string checkpoint_name(std::int64_t step);

/// Newest first; none where there is no folder.
std::vector<std::filesystem::path> checkpoint_files(const std::filesystem::path& folder);

/// Of the checkpoints up to step `written`, deletes all but the newest `keep` and the one of step
/// `best`, which may be none. A later one was left by a process that was killed before it told of
/// it: it may be all there is if the others are damaged, so it stays until the run has passed it.
void prune_checkpoints(const std::filesystem::path& folder, std::int64_t written, std::int64_t keep,
                       std::int64_t best);

/// Deletes what writing left behind when its process was killed. Only for who holds the run.
void remove_unfinished(const std::filesystem::path& folder);

/// SHA-256 of all that a checkpoint holds, except the entry of this hash itself.
std::string content_hash(const TensorFile& file);

/// The file, checked against the hash that stands in it. Throws DamagedFile if it is not whole,
/// InputError if it cannot be read.
TensorFile load_whole(const std::filesystem::path& file);

/// The step of the best measurement up to this checkpoint; -1 if it tells of none. Reads no
/// tensors.
std::int64_t best_step_of(const std::filesystem::path& checkpoint);

struct WholeCheckpoint {
  std::optional<CheckpointInfo> checkpoint;
  std::vector<std::string> sentences;  // about those before it that are damaged
};

/// The first of these files that is whole. Damaged ones before it are put aside under another name.
/// Throws InputError if one cannot be read; all files are then as they were.
WholeCheckpoint first_whole(const std::vector<std::filesystem::path>& files);

}  // namespace selfsight
