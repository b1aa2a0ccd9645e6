#include "core/nets/encoder_weights.h"

#include <algorithm>
#include <cstring>
#include <map>

#include "core/base/error.h"
#include "core/nets/vision_transformer.h"

namespace selfsight {
namespace {

const std::vector<std::pair<std::string, torch::Dtype>> types{
    {"F32", torch::kFloat}, {"F64", torch::kDouble},    {"F16", torch::kHalf},
    {"I64", torch::kLong},  {"BF16", torch::kBFloat16}, {"I32", torch::kInt}};

/// "layer1.0.conv1.weight and 12 more".
std::string named(const std::vector<std::string>& names) {
  return names.front() +
         (names.size() > 1 ? " and " + std::to_string(names.size() - 1) + " more" : "");
}

void copy_tensor(const StoredTensor& from, const std::string& name, torch::Tensor& to,
                 const std::string& whose) {
  const auto type = std::find_if(types.begin(), types.end(),
                                 [&](const auto& t) { return t.first == from.dtype; });
  if (type == types.end() || from.shape != to.sizes().vec())
    throw InputError(whose + " has a " + name + " of another shape or number type.");
  torch::Tensor plain = torch::empty(from.shape, torch::TensorOptions(type->second));
  if (!from.bytes.empty()) std::memcpy(plain.data_ptr(), from.bytes.data(), from.bytes.size());
  to.copy_(plain);
}

}  // namespace

torch::Tensor pooled(Encoder& encoder, const torch::Tensor& images, Pooling pooling) {
  auto* transformer = dynamic_cast<VisionTransformer*>(&encoder);
  if (!transformer || pooling == Pooling::token) return encoder.forward(images);
  return transformer->tokens(images).slice(1, 1).mean(1);
}

void load_weights(const EncoderFile& file, Encoder& encoder, const std::string& whose) {
  const torch::NoGradGuard no_grad;
  std::map<std::string, const StoredTensor*> by_name;
  for (const auto& [name, tensor] : file.weights) by_name[name] = &tensor;
  std::vector<std::string> missing, strange;
  for (auto& [name, target] : state_dict(encoder)) {
    const auto found = by_name.find(name);
    if (found == by_name.end()) {
      if (!name.ends_with("num_batches_tracked")) missing.push_back(name);
      continue;
    }
    copy_tensor(*found->second, name, target, whose);
    by_name.erase(found);
  }
  if (!missing.empty()) throw InputError(whose + " lacks " + named(missing) + ".");
  for (const auto& [name, tensor] : by_name) strange.push_back(name);
  if (!strange.empty())
    throw InputError(whose + " has " + named(strange) + ", which a " + file.options.name +
                     " does not know.");
}

void begin_from_weights(const EncoderOptions& options, int channels, std::int64_t view_size,
                        torch::nn::Module& method) {
  const EncoderFile file = first_weights(options, channels, view_size);
  for (const auto& module : method.modules())
    if (const auto encoder = std::dynamic_pointer_cast<Encoder>(module))
      load_weights(file, *encoder, options.weights);
}

StoredTensor stored_tensor(const std::string& name, const torch::Tensor& tensor) {
  const torch::Tensor plain = tensor.detach().to(torch::kCPU).contiguous();
  const auto type = std::find_if(types.begin(), types.end(),
                                 [&](const auto& t) { return t.second == plain.scalar_type(); });
  if (type == types.end()) throw Error("Cannot store " + name + ": its number type is unusual.");
  StoredTensor out{type->first, plain.sizes().vec(), {}};
  out.bytes.resize(plain.nbytes());
  if (!out.bytes.empty()) std::memcpy(out.bytes.data(), plain.data_ptr(), out.bytes.size());
  return out;
}

}  // namespace selfsight
