#include "core/exchange/encoder_export.h"

#include <torch/torch.h>

#include <optional>

#include "core/base/error.h"
#include "core/nets/encoder_weights.h"
#include "core/training/checkpoint.h"
#include "core/training/device.h"
#include "core/training/encode.h"

namespace selfsight {
namespace {

/// Images that tell encoders apart: the same for every export.
torch::Tensor trial_images(const ModelInput& input) {
  torch::Tensor images;
  with_seed(1, [&] { images = torch::randn({2, input.channels, input.size, input.size}); });
  return input.channels_last ? images.contiguous(at::MemoryFormat::ChannelsLast) : images;
}

/// With which the encoder by itself gives the features of the method; none where it does not.
std::optional<Pooling> pooling_that_is_measured(Method& method, Encoder& encoder,
                                                const ModelInput& input) {
  const torch::NoGradGuard no_grad;
  const torch::Tensor images = trial_images(input), wanted = method.features(images);
  for (const Pooling pooling : {Pooling::token, Pooling::avg})
    if (torch::equal(pooled(encoder, images, pooling), wanted)) return pooling;
  return std::nullopt;
}

EncoderFile exported(const Checkpoint& checkpoint) {
  const RunSpec spec = run_spec(checkpoint.state.settings);
  const ModelInput input = model_input(spec, checkpoint.state.normalisation, torch::kCPU);
  const auto method = build_method(spec, input, 0);
  method->eval();
  checkpoint.restore("model.", state_dict(*method));
  const auto encoder = method->measured_encoder();
  const auto pooling = encoder ? pooling_that_is_measured(*method, *encoder, input) : std::nullopt;
  if (!pooling)
    throw InputError("The features of " + spec.method +
                     " are not those of one network by itself, so there is none to export.");
  EncoderFile out;
  out.options = spec.encoder;
  out.pooling = *pooling;
  out.channels = input.channels;
  out.view_size = input.size;
  out.interpolation = input.interpolation;
  out.mean = input.normalisation.mean;
  out.std = input.normalisation.std;
  for (const auto& [name, tensor] : state_dict(*encoder))
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
