#include "core/nets/encoder.h"

#include <ATen/CPUGeneratorImpl.h>

#include <mutex>

#include "core/base/error.h"
#include "core/nets/resnet.h"
#include "core/nets/vision_transformer.h"

namespace selfsight {
namespace {

void append_state(const torch::nn::Module& module, const std::string& prefix,
                  std::vector<std::pair<std::string, torch::Tensor>>& out) {
  for (const auto& item : module.named_parameters(/*recurse=*/false))
    out.emplace_back(prefix + item.key(), item.value());
  for (const auto& item : module.named_buffers(/*recurse=*/false))
    out.emplace_back(prefix + item.key(), item.value());
  for (const auto& child : module.named_children())
    append_state(*child.value(), prefix + child.key() + ".", out);
}

/// torch has one default generator for all threads; building may nest.
std::recursive_mutex& generator_mutex() {
  static std::recursive_mutex one_at_a_time;
  return one_at_a_time;
}

}  // namespace

std::vector<std::pair<std::string, torch::Tensor>> state_dict(const torch::nn::Module& module) {
  std::vector<std::pair<std::string, torch::Tensor>> out;
  append_state(module, "", out);
  return out;
}

void with_seed(std::uint64_t seed, const std::function<void()>& build) {
  const std::lock_guard lock(generator_mutex());
  auto generator = at::detail::getDefaultCPUGenerator();
  const torch::Tensor before = generator.get_state();
  generator.set_current_seed(seed);
  try {
    build();
  } catch (...) {
    generator.set_state(before);
    throw;
  }
  generator.set_state(before);
}

void seed_generator(std::uint64_t seed) {
  const std::lock_guard lock(generator_mutex());
  torch::manual_seed(seed);
}

std::shared_ptr<Encoder> make_encoder(const EncoderOptions& options, int channels,
                                      std::int64_t view_size, std::uint64_t seed) {
  check_encoder(options, view_size);
  std::shared_ptr<Encoder> encoder;
  with_seed(seed, [&] {
    if (is_transformer(options))
      encoder = std::make_shared<VisionTransformer>(
          vision_transformer_shape(options, channels, view_size));
    else
      encoder = std::make_shared<ResNet>(resnet_shape(options, channels));
  });
  return encoder;
}

}  // namespace selfsight
