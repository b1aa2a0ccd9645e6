// Encoders that come as a graph: TorchScript and ONNX. Private to this room.
#pragma once

#include <torch/torch.h>

#include <filesystem>
#include <memory>
#include <string>

#include "core/methods/method.h"
#include "core/probes/encoder_model.h"

namespace selfsight {

/// What such a file says of its input.
struct GraphFile {
  std::string kind;  // "TorchScript"
  std::shared_ptr<Method> method{};
  EncoderInput shown{};
  std::string interpolation = "bicubic";
};

/// Throws InputError unless there is a mean and a deviation for each of 1 to most_bands channels,
/// and pixels can be normalised by them.
void check_normalisation(const EncoderInput& shown, const std::filesystem::path& file);

/// Whether the file begins as an archive of TorchScript does, or as an ONNX model.
bool is_torch_script(const std::filesystem::path& file);
bool is_onnx(const std::filesystem::path& file);

/// Throw InputError naming what cannot be used.
GraphFile open_torch_script(const std::filesystem::path& file);
GraphFile open_onnx(const std::filesystem::path& file);

}  // namespace selfsight
