// Encoders that come from a file by themselves, to be measured like those of runs. Plain values.
#pragma once

#include "core/probes/frozen.h"

namespace selfsight {

/// What an encoder from a file is to be shown; zero and empty leave it to the file. Without a word
/// there either, 224 px and ImageNet's mean and deviation.
struct EncoderInput {
  std::int64_t size = 0;
  std::vector<double> mean{}, std{};  // per channel, pixels in [0, 1]
};

/// safetensors in torchvision's or timm's names, a TorchScript module, an ONNX model (run by
/// OpenCV), or a checkpoint. settings() then tell of the encoder and its views only, and those that
/// came as a graph have no untrained twin. `shown` overrides what the file says, or does not say,
/// of its input; a checkpoint's cannot be overridden, nor the size of a Vision Transformer in
/// safetensors. Throws InputError.
std::shared_ptr<FrozenModel> model_from_file(const std::filesystem::path& file,
                                             const EncoderInput& shown = {});

/// What such a file says of its input; zero and empty where it is silent. A size beside no mean is
/// one that the network fixes. Throws InputError if it cannot be used.
EncoderInput told_input(const std::filesystem::path& file);

}  // namespace selfsight
