#include "core/nets/encoder_weights.h"

#include <cstring>

#include "core/base/error.h"
#include "core/nets/vision_transformer.h"

namespace selfsight {
namespace {

const std::vector<std::pair<std::string, torch::Dtype>> types{
    {"F32", torch::kFloat}, {"F64", torch::kDouble},    {"F16", torch::kHalf},
    {"I64", torch::kLong},  {"BF16", torch::kBFloat16}, {"I32", torch::kInt}};

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
  for (auto& [name, target] : state_dict(encoder)) {
    const auto found = by_name.find(name);
    if (found == by_name.end()) {
      if (name.ends_with("num_batches_tracked")) continue;
      throw InputError(whose + " lacks " + name + ".");
    }
    const StoredTensor& tensor = *found->second;
    const auto type = std::find_if(types.begin(), types.end(),
                                   [&](const auto& t) { return t.first == tensor.dtype; });
    if (type == types.end() || tensor.shape != target.sizes().vec())
      throw InputError(whose + " has a " + name + " of another shape or number type.");
    torch::Tensor plain = torch::empty(tensor.shape, torch::TensorOptions(type->second));
    if (!tensor.bytes.empty())
      std::memcpy(plain.data_ptr(), tensor.bytes.data(), tensor.bytes.size());
    target.copy_(plain);
  }
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
