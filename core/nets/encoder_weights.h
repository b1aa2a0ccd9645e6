// Between an encoder's tensors and its file.
#pragma once

#include "core/nets/encoder.h"
#include "core/nets/encoder_file.h"

namespace selfsight {

/// The feature of an encoder, pooled as asked: [N, C, H, W] -> [N, dimensions()].
torch::Tensor pooled(Encoder& encoder, const torch::Tensor& images, Pooling pooling);

/// Copies the weights of a file into an encoder of its kind. Half and double precision become
/// float; a BatchNorm without num_batches_tracked keeps its own. Throws InputError, beginning with
/// `whose`, if a tensor is missing or has another shape.
void load_weights(const EncoderFile& file, Encoder& encoder, const std::string& whose);

/// A tensor as files hold it. Throws Error for a number type that they do not know.
StoredTensor stored_tensor(const std::string& name, const torch::Tensor& tensor);

}  // namespace selfsight
