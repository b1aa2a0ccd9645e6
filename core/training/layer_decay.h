// Learning rates that shrink from the top of an encoder to its bottom.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace selfsight {

struct LayerRate {
  std::int64_t layer = 0;  // 0 is the bottom
  double scale = 1;        // of the learning rate
};

/// Layer-wise learning-rate decay (Bao et al. 2022; MAE's util/lr_decay.py) for the parameters of
/// an encoder by their names: scale = decay ^ (top - layer). Vision Transformer: embeddings 0,
/// block i i + 1, all else (the last norm, a head) at the top. ResNet: the stem 0, each residual
/// block one layer more, as in timm. All parameters must be named, because their blocks are
/// counted.
std::vector<LayerRate> layer_decay(const std::vector<std::string>& names, double decay);

}  // namespace selfsight
