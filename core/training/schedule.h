// How the learning rate moves. Pure functions of the step.
#pragma once

namespace selfsight {

/// Positions and lengths in any one unit: steps, epochs.
struct WarmupCosine {
  double peak = 0.1;
  double last = 0;    // reached at `total` and kept; a run's last step stands one before it
  double warmup = 0;  // length of the rise from 0
  double total = 1;   // length of the whole, warm-up included
};

/// A straight rise from exactly 0, then half a cosine: as MAE and MoCo v3 do per step, and, with
/// no warm-up, torch's CosineAnnealingLR (Loshchilov and Hutter 2017).
double warmup_cosine(const WarmupCosine& schedule, double position);

}  // namespace selfsight
