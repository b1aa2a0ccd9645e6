// Encoders for tests: with first weights, and norms that have seen something.
#pragma once

#include <torch/torch.h>

#include "core/nets/encoder_weights.h"

namespace selfsight {

/// `channels` 3. The statistics and scales of norms and all biases are drawn too, so that nothing
/// is a zero or a one that a wrong graph would get right by chance.
inline std::shared_ptr<Encoder> lively_encoder(const EncoderOptions& options, std::int64_t size) {
  auto encoder = make_encoder(options, 3, size, 7);
  with_seed(8, [&] {
    const torch::NoGradGuard no_grad;
    for (auto& [name, tensor] : state_dict(*encoder)) {
      if (name.ends_with("running_var"))
        tensor.uniform_(0.5, 1.5);
      else if (tensor.dim() == 1 && name.ends_with("weight"))  // of a norm
        tensor.uniform_(0.4, 0.8);
      else if (name.ends_with("running_mean") || name.ends_with("bias"))
        tensor.normal_(0, 0.1);
    }
  });
  encoder->eval();
  return encoder;
}

inline EncoderFile file_of(const Encoder& encoder, const EncoderOptions& options, std::int64_t size,
                           Pooling pooling = Pooling::token) {
  EncoderFile file;
  file.options = options;
  file.view_size = size;
  file.pooling = pooling;
  file.mean = {0.4, 0.5, 0.6};
  file.std = {0.2, 0.25, 0.3};
  for (const auto& [name, tensor] : state_dict(encoder))
    file.weights.emplace_back(name, stored_tensor(name, tensor));
  return file;
}

}  // namespace selfsight
