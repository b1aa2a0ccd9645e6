// Encoders as ONNX, for every runtime that knows it.
#pragma once

#include <filesystem>

#include "core/nets/encoder_file.h"

namespace selfsight {

/// What the graph is given: pixels in [0, 1] in the order RGB, which it normalises itself; or
/// values that are normalised already.
enum class OnnxInput : std::uint8_t { pixels, normalised };

/// Writes the encoder as ONNX, opset 13: "images" [N, channels, view_size, view_size] to
/// "features" [N, dimensions], N free. BatchNorms are as in eval mode. The size, the normalisation
/// and the pooling stand in the model's metadata. Throws InputError if a weight is missing or is no
/// float, or if all take more than 2 GB, Error if the file cannot be written.
void save_onnx(const std::filesystem::path& path, const EncoderFile& encoder, OnnxInput input);

}  // namespace selfsight
