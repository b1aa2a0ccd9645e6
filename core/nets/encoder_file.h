// An encoder by itself in a file, as others know it: safetensors with the names of torchvision
// (ResNets) and timm (Vision Transformers). Plain values: no torch.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "core/base/tensor_file.h"
#include "core/nets/encoder_options.h"

namespace selfsight {

/// What a Vision Transformer's feature is, in timm's words of global_pool: the class token, or the
/// mean of the patch tokens. ResNets have one way only.
enum class Pooling : std::uint8_t { token, avg };

/// The network, what it wants to be shown, and its weights.
struct EncoderFile {
  EncoderOptions options;
  Pooling pooling = Pooling::token;
  int channels = 3;
  std::int64_t view_size = 224;
  std::string interpolation = "bicubic";
  std::vector<double> mean{0.485, 0.456, 0.406};  // per channel, pixels in [0, 1]; ImageNet's
  std::vector<double> std{0.229, 0.224, 0.225};
  std::vector<std::pair<std::string, StoredTensor>> weights;
  bool described = true;  // by its metadata; else its input is what the libraries are used to
};

/// Writes safetensors; what the names do not tell stands in the metadata. Throws Error.
void save_encoder_file(const std::filesystem::path& path, const EncoderFile& encoder);

/// Reads a file of save_encoder_file(), or one that torchvision's or timm's weights were saved to.
/// Which network it is follows from names and shapes; what they cannot tell is taken from the
/// metadata, and without them as the libraries have it: ImageNet's mean and deviation, views of
/// 224 px (32 px for a 3x3 stem). A classifier (fc, head) is left out. Throws InputError naming
/// what is missing, unknown or damaged.
EncoderFile load_encoder_file(const std::filesystem::path& path);

/// Throws as first_weights(), from the head of the file alone.
void check_first_weights(const EncoderOptions& options, int channels, std::int64_t view_size);

/// The file that options.weights names. Throws InputError if it holds another network than the
/// options ask for, or one for images of other channels or (where positions are learned) views of
/// another size.
EncoderFile first_weights(const EncoderOptions& options, int channels, std::int64_t view_size);

}  // namespace selfsight
