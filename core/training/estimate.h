// What a run will cost, from its first steps.
#pragma once

#include "core/training/session.h"

namespace selfsight {

struct Estimate {
  std::int64_t steps = 0, steps_per_epoch = 0;
  std::int64_t measured_steps = 0;
  double step_seconds = 0;  // mean of the steady steps, views included
  double images_per_second = 0;
  double monitor_seconds = 0;                   // one measurement of the features
  double checkpoint_seconds = 0;                // one checkpoint
  double epoch_seconds = 0, total_seconds = 0;  // with measurements and checkpoints
  std::int64_t peak_bytes = 0;  // of the whole program, decoded images kept in memory included
  std::string device;
};

/// What a trial does to the measurement of features: fewer images, once. Returns how many times as
/// many images a run with these settings measures.
double shorten_monitor(Settings& settings, const Dataset& dataset);

/// Trains for a few seconds in a folder that is then deleted; nothing of it stays. The folder and
/// the checkpoint of `request` are not used. Throws as train() does, and Cancelled.
Estimate estimate(const TrainRequest& request, Control& control);

}  // namespace selfsight
