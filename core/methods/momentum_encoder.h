// A network that follows another as the moving average of its weights: MoCo's key encoder, BYOL's
// target, the teachers of DINO and iBOT, I-JEPA's target encoder.
//
// A method registers the follower like any of its modules, so that a checkpoint holds it, calls
// start_as_copy() once in its constructor, and move_average() in after_update(): after the
// optimiser's step, as the authors' codes do. Only parameters are averaged. BatchNorm's buffers
// are the follower's own: it runs in train mode on what it is shown (MoCo, BYOL, DINO).
#pragma once

#include <torch/torch.h>

#include "core/methods/method.h"

namespace selfsight {

/// Gives `follower`, of the same shape, the parameters and buffers of `leader`, and no gradients.
void start_as_copy(torch::nn::Module& follower, const torch::nn::Module& leader);

/// follower = momentum * follower + (1 - momentum) * leader, for parameters only.
void move_average(torch::nn::Module& follower, const torch::nn::Module& leader, double momentum);

/// From `base` at the first step along half a cosine to `last` after the last one (BYOL, DINO,
/// MoCo v3): `last` itself is not reached inside the run.
double cosine_momentum(double base, double last, const Position& position);

}  // namespace selfsight
