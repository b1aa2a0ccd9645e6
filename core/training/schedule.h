// How the learning rate, the weight decay and a teacher's momentum move. Pure functions of the
// position, which is counted in any one unit: steps, epochs.
#pragma once

namespace selfsight {

/// Half a cosine: `from` where `done` is 0, `to` where it is 1. Beyond 1 it swings back.
double half_cosine(double from, double to, double done);

/// The published codes do not agree on where a rise of W steps begins and ends.
enum class Rise {
  from_start,  // i / W: MAE, MoCo v3, I-JEPA, Barlow Twins
  inclusive,   // i / (W - 1), so the peak comes twice: DINO, solo-learn
  one_ahead,   // (i + 1) / W, so the first step moves: lightly
};

struct WarmupCosine {
  double peak = 0.1;
  double last = 0;    // reached at `total` and kept; a run's last step stands one before it
  double warmup = 0;  // length of the rise
  double total = 1;   // length of the whole, warm-up included
  double start = 0;   // where the rise begins
  Rise rise = Rise::from_start;
};

/// A straight rise, then half a cosine (Loshchilov and Hutter 2017). This program trains with
/// Rise::from_start.
double warmup_cosine(const WarmupCosine& schedule, double position);

}  // namespace selfsight
