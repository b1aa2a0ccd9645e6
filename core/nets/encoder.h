// The networks that are pretrained.
#pragma once

#include <torch/torch.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/nets/encoder_options.h"

namespace selfsight {

/// Images in, one vector each out.
class Encoder : public torch::nn::Module {
 public:
  /// [N, C, H, W] -> [N, dimensions()].
  virtual torch::Tensor forward(const torch::Tensor& images) = 0;
  /// What is seen where: [N, dimensions(), h, w], before it is pooled; a Vision Transformer's
  /// patches on their grid.
  virtual torch::Tensor feature_map(const torch::Tensor& images) = 0;
  virtual std::int64_t dimensions() const = 0;
};

/// The encoder with first weights as torchvision (ResNets) and timm (Vision Transformers) draw
/// them, from `seed` alone. Throws InputError if the view cannot be cut into patches.
std::shared_ptr<Encoder> make_encoder(const EncoderOptions& options, int channels,
                                      std::int64_t view_size, std::uint64_t seed);

/// Parameters and buffers in PyTorch's order: a module's own parameters, its own buffers, then its
/// children in the order of their registration.
std::vector<std::pair<std::string, torch::Tensor>> state_dict(const torch::nn::Module& module);

/// Runs `build` with torch's generator started from `seed`, and puts the generator back: what is
/// built depends on the seed alone, and nobody else's random numbers move. One thread at a time
/// builds; within `build`, with_seed may be called again.
void with_seed(std::uint64_t seed, const std::function<void()>& build);

/// Starts torch's generators, those of GPUs too, from `seed`: for what this thread draws next
/// outside with_seed. Waits while another thread is in with_seed, whose numbers would change, and
/// which would put an older state back over this one. Use it instead of torch::manual_seed.
void seed_generator(std::uint64_t seed);

}  // namespace selfsight
