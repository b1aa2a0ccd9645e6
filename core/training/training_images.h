// Which images a run is trained on. No torch.
#pragma once

#include "core/training/run_spec.h"

namespace selfsight {

/// The training split, or as many of it as data.limit says, drawn with the run's seed. Throws as
/// check_trainable() does.
std::vector<std::int64_t> training_images(const Dataset& dataset, const RunSpec& spec);

}  // namespace selfsight
