// What the methods that see many crops of an image have in common.
#pragma once

#include <torch/torch.h>

#include <functional>
#include <vector>

#include "core/nets/encoder.h"

namespace selfsight {

constexpr std::int64_t global_crops = 2;  // they come first among the views

/// The rows that `forward` gives for each crop, crop by crop: [crops * N, D]. Crops of one size go
/// through it in one pass, so that BatchNorm sees them as one batch, as in the code of SwAV and
/// DINO.
torch::Tensor rows_by_size(const std::vector<torch::Tensor>& crops,
                           const std::function<torch::Tensor(const torch::Tensor&)>& forward);
torch::Tensor encoder_rows(Encoder& encoder, const std::vector<torch::Tensor>& crops);

}  // namespace selfsight
