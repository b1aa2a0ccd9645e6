// A run on disk: all it takes to go on, or to look at the encoder.
#pragma once

#include <filesystem>
#include <string>

#include "core/base/tensor_file.h"
#include "core/training/optimiser.h"
#include "core/training/session.h"

namespace selfsight {

/// What a checkpoint says besides its tensors.
struct RunState {
  Settings settings;
  std::int64_t step = 0;  // steps done
  double epoch = 0;
  double active_seconds = 0;
  double last_loss = 0;
  int segment = 0;
  std::int64_t monitored_step = -1;  // where the features were last measured
  double loss_sum = 0;               // over the steps since then; the same for their number
  std::int64_t loss_steps = 0;
  double spread_sum = 0;  // the same for the steps' output_spread, where they tell it
  std::int64_t spread_steps = 0;
  std::int64_t best_step = -1;  // of the best measurement so far: its checkpoint is kept
  double best_score = 0;        // kNN accuracy there; without labels the mean loss, negated
  std::int64_t train_images = 0;
  int channels = 3;
  Normalisation normalisation;
};

/// Writes `folder`/step-000001234.safetensors: parameters and buffers under "model.", the
/// optimiser's state under "optimiser.", the rest and the hash of it all as metadata. Of those up
/// to this step it then deletes all but the newest `keep` and the best. Throws Error; what was
/// there before is then still there.
CheckpointInfo save_checkpoint(const std::filesystem::path& folder, const RunState& state,
                               const NamedTensors& model, const NamedTensors& optimiser,
                               std::int64_t keep);

struct Checkpoint {
  CheckpointInfo info;
  RunState state;
  TensorFile tensors;

  /// Copies the tensors under `prefix` into those of the same name. A single "steps" stands for
  /// every "steps.NAME" that is not there. Throws InputError if one is missing, has another shape
  /// or another number type.
  void restore(const std::string& prefix, const NamedTensors& into) const;
};

/// The hash in `info`, that of the whole file, stays empty: the store has it. Throws InputError if
/// the file is no checkpoint of Selfsight, or is damaged.
Checkpoint load_checkpoint(const std::filesystem::path& file);

}  // namespace selfsight
