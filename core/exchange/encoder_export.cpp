#include "core/exchange/encoder_export.h"

#include <torch/torch.h>

#include "core/base/error.h"
#include "core/nets/encoder_weights.h"
#include "core/training/checkpoint.h"
#include "core/training/device.h"
#include "core/training/encode.h"

namespace selfsight {
namespace {

struct Part {
  std::shared_ptr<Encoder> encoder;
  Pooling pooling = Pooling::token;
};

/// Images that tell encoders apart: the same for every export.
torch::Tensor trial_images(const ModelInput& input) {
  torch::Tensor images;
  with_seed(1, [&] { images = torch::randn({2, input.channels, input.size, input.size}); });
  return input.channels_last ? images.contiguous(at::MemoryFormat::ChannelsLast) : images;
}

std::optional<Part> part_that_is_measured(Method& method, const ModelInput& input) {
  const torch::NoGradGuard no_grad;
  const torch::Tensor images = trial_images(input), wanted = method.features(images);
  for (const auto& module : method.modules(/*include_self=*/false)) {
    const auto encoder = std::dynamic_pointer_cast<Encoder>(module);
    if (!encoder) continue;
    for (const Pooling pooling : {Pooling::token, Pooling::avg})
      if (torch::equal(pooled(*encoder, images, pooling), wanted)) return Part{encoder, pooling};
  }
  return std::nullopt;
}

EncoderFile exported(const Checkpoint& checkpoint) {
  const RunSpec spec = run_spec(checkpoint.state.settings);
  const ModelInput input = model_input(spec, checkpoint.state.normalisation, torch::kCPU);
  const auto method = build_method(spec, input, 0);
  method->eval();
  checkpoint.restore("model.", state_dict(*method));
  const auto part = part_that_is_measured(*method, input);
  if (!part)
    throw InputError("The features of " + spec.method +
                     " are not those of one network by itself, so there is none to export.");
  EncoderFile out;
  out.options = spec.encoder;
  out.pooling = part->pooling;
  out.channels = input.channels;
  out.view_size = input.size;
  out.interpolation = input.interpolation;
  out.mean = input.normalisation.mean;
  out.std = input.normalisation.std;
  for (const auto& [name, tensor] : state_dict(*part->encoder))
    out.weights.emplace_back(name, stored_tensor(name, tensor));
  return out;
}

}  // namespace

EncoderFile encoder_of_checkpoint(const std::filesystem::path& file) {
  const Checkpoint checkpoint = load_checkpoint(file);
  EncoderFile out;
  in_plain_words([&] { out = exported(checkpoint); });
  return out;
}

Normalisation normalisation_of_checkpoint(const std::filesystem::path& file) {
  return load_checkpoint(file).state.normalisation;
}

}  // namespace selfsight
