#include "core/nets/encoder_file.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/base/error.h"

namespace selfsight {
namespace {

using Json = nlohmann::ordered_json;
using Metadata = std::map<std::string, std::string>;

constexpr const char* description_key = "selfsight.encoder";

// ---- What the names and shapes tell

/// Looks tensors up by name; its complaints are clauses that load_encoder_file() completes.
class Names {
 public:
  explicit Names(const TensorFile& file) {
    for (const auto& [name, tensor] : file.tensors) tensors_.emplace(name, &tensor);
  }

  bool has(const std::string& name) const { return tensors_.contains(name); }
  /// The extent of `axis`. Throws InputError if the tensor is missing, has not `axes` axes, or
  /// holds nothing.
  std::int64_t extent(const std::string& name, std::size_t axes, std::size_t axis) const {
    const auto found = tensors_.find(name);
    if (found == tensors_.end()) throw InputError(name + " is missing");
    const std::vector<std::int64_t>& shape = found->second->shape;
    if (shape.size() != axes || *std::min_element(shape.begin(), shape.end()) < 1)
      throw InputError(name + " has an unusual shape");
    return shape[axis];
  }
  /// How many of prefix0suffix, prefix1suffix, … there are.
  int count(const std::string& prefix, const std::string& suffix) const {
    int n = 0;
    while (has(prefix + std::to_string(n) + suffix)) ++n;
    return n;
  }

 private:
  std::map<std::string, const StoredTensor*> tensors_;
};

constexpr std::int64_t most_channels = 256;  // as many as images of a data set may have

/// What the weights of the first layer take.
int channels_of(const Names& names, const std::string& weights) {
  const std::int64_t channels = names.extent(weights, 4, 1);
  if (channels > most_channels)
    throw InputError("it takes images of " + std::to_string(channels) + " channels, more than " +
                     std::to_string(most_channels));
  return static_cast<int>(channels);
}

/// How many times as many channels as usual the first layer makes.
std::int64_t width_of(const Names& names, std::int64_t usual) {
  const std::int64_t made = names.extent("conv1.weight", 4, 0);
  if (made % usual != 0 || made > 8 * usual)
    throw InputError("its first layer makes " + std::to_string(made) + " channels, not " +
                     std::to_string(usual) + " or up to eight times as many");
  return made / usual;
}

constexpr int told_stages = 5;  // one more than any has

void recognise_resnet(const Names& names, EncoderFile& out) {
  const bool bottleneck = names.has("layer1.0.conv3.weight");
  std::string blocks;
  for (int stage = 1; stage <= told_stages; ++stage) {
    const std::string layer = "layer" + std::to_string(stage) + ".";
    if (!names.has(layer + "0.conv1.weight")) break;
    blocks += std::to_string(names.count(layer, ".conv1.weight"));
  }
  if (!bottleneck && blocks == "2222")
    out.options.name = "resnet18";
  else if (!bottleneck && blocks == "3463")
    out.options.name = "resnet34";
  else if (bottleneck && blocks == "3463")
    out.options.name = "resnet50";
  else if (!bottleneck && blocks == "333")
    out.options.name = "resnet20";
  else if (!bottleneck && blocks == "111")
    out.options.name = "resnet8";
  else
    throw InputError("its blocks per stage, " + blocks +
                     ", are not those of resnet18, resnet34, resnet50, resnet20 or resnet8");
  out.channels = channels_of(names, "conv1.weight");
  out.options.width = width_of(names, out.options.name == "resnet20"  ? 16
                                      : out.options.name == "resnet8" ? 32
                                                                      : 64);
  const bool small = names.extent("conv1.weight", 4, 2) == 3;
  // A stride leaves no trace in the weights; the metadata may say "half".
  out.options.stem = small ? "cifar" : "imagenet";
  out.view_size = small ? 32 : 224;
}

constexpr std::int64_t usual_blocks = 12;

std::int64_t blocks(const EncoderOptions& options) {
  return options.depth == 0 ? usual_blocks : options.depth;
}

void recognise_transformer(const Names& names, EncoderFile& out) {
  const std::int64_t width = names.extent("cls_token", 3, 2);
  if (width == 192)
    out.options.name = "vit_tiny";
  else if (width == 384)
    out.options.name = "vit_small";
  else if (width == 768)
    out.options.name = "vit_base";
  else
    throw InputError("its width of " + std::to_string(width) +
                     " is not that of vit_tiny, vit_small or vit_base");
  const int depth = names.count("blocks.", ".attn.qkv.weight");
  if (depth < 1 || depth > 48)
    throw InputError("it has " + std::to_string(depth) + " blocks, not 1 to 48");
  if (depth != usual_blocks) out.options.depth = depth;
  out.channels = channels_of(names, "patch_embed.proj.weight");
  out.options.patch_size = names.extent("patch_embed.proj.weight", 4, 2);
  const std::int64_t patches = names.extent("pos_embed", 3, 1) - 1;
  const auto grid = static_cast<std::int64_t>(std::lround(std::sqrt(static_cast<double>(patches))));
  if (grid < 2 || grid > 256 || grid * grid != patches || out.options.patch_size > 64)
    throw InputError("its position embedding is not that of a square image");
  out.view_size = grid * out.options.patch_size;
}

// ---- What the metadata tell

Json describe(const EncoderFile& encoder) {
  return {{"name", encoder.options.name},
          {"stem", encoder.options.stem},
          {"patch_size", encoder.options.patch_size},
          {"pooling", encoder.pooling == Pooling::avg ? "avg" : "token"},
          {"channels", encoder.channels},
          {"view_size", encoder.view_size},
          {"interpolation", encoder.interpolation},
          {"mean", encoder.mean},
          {"std", encoder.std}};
}

/// Takes from the description what the weights do not say.
void complete(const Metadata& metadata, EncoderFile& out) {
  const auto found = metadata.find(description_key);
  if (found == metadata.end()) return;
  const Json json = Json::parse(found->second);
  if (json.at("stem") == "half" && out.options.stem == "cifar") out.options.stem = "half";
  out.pooling = json.at("pooling") == "avg" ? Pooling::avg : Pooling::token;
  json.at("interpolation").get_to(out.interpolation);
  json.at("mean").get_to(out.mean);
  json.at("std").get_to(out.std);
  if (!is_transformer(out.options)) json.at("view_size").get_to(out.view_size);
}

void check(const EncoderFile& encoder) {
  const auto channels = static_cast<std::size_t>(encoder.channels);
  if (encoder.mean.size() != channels || encoder.std.size() != channels)
    throw InputError("its mean and deviation are not those of " + std::to_string(channels) +
                     " channels");
  if (!std::all_of(encoder.std.begin(), encoder.std.end(), [](double s) { return s > 0; }))
    throw InputError("its deviation divides by zero");
  if (encoder.view_size < 8 || encoder.view_size > 1024)
    throw InputError("its views of " + std::to_string(encoder.view_size) + " px are unusual");
  if (encoder.interpolation != "bilinear" && encoder.interpolation != "bicubic")
    throw InputError("its interpolation is unknown");
}

bool is_classifier(const std::string& name) {
  return name.starts_with("fc.") || name.starts_with("head.");
}

EncoderFile read(TensorFile file) {
  EncoderFile out;
  const Names names(file);
  if (names.has("conv1.weight"))
    recognise_resnet(names, out);
  else if (names.has("patch_embed.proj.weight"))
    recognise_transformer(names, out);
  else
    throw InputError(
        "it has neither the names of torchvision's ResNets nor those of timm's Vision "
        "Transformers");
  out.described = file.metadata.contains(description_key);
  if (out.channels != 3 && !out.described) {
    out.mean.assign(static_cast<std::size_t>(out.channels), 0.5);
    out.std.assign(static_cast<std::size_t>(out.channels), 0.25);
  }
  complete(file.metadata, out);
  check(out);
  std::erase_if(file.tensors, [](const auto& entry) { return is_classifier(entry.first); });
  out.weights = std::move(file.tensors);
  return out;
}

void check_network(const EncoderFile& file, const EncoderOptions& options, int channels,
                   std::int64_t view_size) {
  if (file.options.name != options.name)
    throw InputError(options.weights + " holds a " + file.options.name + ", but encoder.name is " +
                     options.name + "; make them the same.");
  if (file.channels != channels)
    throw InputError(options.weights + " takes images of " + std::to_string(file.channels) +
                     (file.channels == 1 ? " channel" : " channels") + ", and these have " +
                     std::to_string(channels) + "; choose other weights or other images.");
  if (file.options.width != options.width)
    throw InputError(options.weights + " has " + std::to_string(file.options.width) +
                     " times the usual channels, but encoder.width is " +
                     std::to_string(options.width) + "; make them the same.");
  if (!is_transformer(options)) return;
  if (file.options.patch_size != options.patch_size)
    throw InputError(options.weights + " cuts patches of " +
                     std::to_string(file.options.patch_size) + " px, but encoder.patch_size is " +
                     std::to_string(options.patch_size) + "; make them the same.");
  if (blocks(file.options) != blocks(options))
    throw InputError(options.weights + " has " + std::to_string(blocks(file.options)) +
                     " blocks, but encoder.depth asks for " + std::to_string(blocks(options)) +
                     "; make them the same.");
  if (file.view_size != view_size)
    throw InputError(options.weights + " has the positions of views of " +
                     std::to_string(file.view_size) + " px, but views.size is " +
                     std::to_string(view_size) + "; make them the same.");
}

EncoderFile read_encoder(const std::filesystem::path& path, TensorFile file) {
  try {
    return read(std::move(file));
  } catch (const InputError& error) {
    throw InputError(path.string() + " cannot be used as an encoder: " + error.what() + ".");
  } catch (const nlohmann::json::exception&) {
    throw InputError(path.string() +
                     " cannot be used as an encoder: its description cannot be read.");
  }
}

}  // namespace

void save_encoder_file(const std::filesystem::path& path, const EncoderFile& encoder) {
  TensorFile file;
  // "format" is what readers of PyTorch weights look for.
  file.metadata = {{"format", "pt"}, {description_key, describe(encoder).dump()}};
  file.tensors = encoder.weights;
  save_tensors(path, file);
}

EncoderFile load_encoder_file(const std::filesystem::path& path) {
  return read_encoder(path, load_tensors(path));
}

void check_first_weights(const EncoderOptions& options, int channels, std::int64_t view_size) {
  check_network(read_encoder(options.weights, load_layout(options.weights)), options, channels,
                view_size);
}

EncoderFile first_weights(const EncoderOptions& options, int channels, std::int64_t view_size) {
  EncoderFile file = load_encoder_file(options.weights);
  check_network(file, options, channels, view_size);
  return file;
}

}  // namespace selfsight
