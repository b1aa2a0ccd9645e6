// Between an encoder's tensors and its file.
#pragma once

#include "core/nets/encoder.h"
#include "core/nets/encoder_file.h"

namespace selfsight {

/// The feature of an encoder, pooled as asked: [N, C, H, W] -> [N, dimensions()].
torch::Tensor pooled(Encoder& encoder, const torch::Tensor& images, Pooling pooling);

/// Copies the weights of a file into an encoder of its kind. Half and double precision become
/// float; a BatchNorm without num_batches_tracked keeps its own. Throws InputError, beginning with
/// `whose`, if a tensor is missing, is not of this network or has another shape.
void load_weights(const EncoderFile& file, Encoder& encoder, const std::string& whose);

/// Copies the weights that options.weights names into every encoder that `method` has: a teacher
/// begins as its student does. Throws InputError; see first_weights() and load_weights().
void begin_from_weights(const EncoderOptions& options, int channels, std::int64_t view_size,
                        torch::nn::Module& method);

/// A tensor as files hold it. Throws Error for a number type that they do not know.
StoredTensor stored_tensor(const std::string& name, const torch::Tensor& tensor);

}  // namespace selfsight
