#include "core/nets/vision_transformer.h"

#include <cmath>

#include "core/nets/precision.h"

namespace selfsight {
namespace {

using torch::nn::LayerNorm;
using torch::nn::LayerNormOptions;
using torch::nn::Linear;

LayerNorm layer_norm(std::int64_t dimensions) {
  return LayerNorm(LayerNormOptions({dimensions}).eps(1e-6));
}

/// Sines, then cosines, of positions times falling frequencies: [positions, dimensions].
torch::Tensor sincos_1d(std::int64_t dimensions, const torch::Tensor& positions) {
  const auto half = dimensions / 2;
  const torch::Tensor frequencies =
      torch::pow(10000.0, -torch::arange(half, torch::kFloat64) / static_cast<double>(half));
  const torch::Tensor angles = positions.unsqueeze(1) * frequencies.unsqueeze(0);
  return torch::cat({torch::sin(angles), torch::cos(angles)}, 1);
}

}  // namespace

torch::Tensor sincos_2d(std::int64_t dimensions, std::int64_t grid, bool class_token) {
  const torch::Tensor at = torch::arange(grid, torch::kFloat64);
  const torch::Tensor column = at.repeat({grid}), row = at.repeat_interleave(grid);
  torch::Tensor table =
      torch::cat({sincos_1d(dimensions / 2, column), sincos_1d(dimensions / 2, row)}, 1);
  if (class_token) table = torch::cat({torch::zeros({1, dimensions}, torch::kFloat64), table}, 0);
  return table.to(torch::kFloat32);
}

VisionTransformerShape vision_transformer_shape(const EncoderOptions& options, int channels,
                                                std::int64_t view_size) {
  VisionTransformerShape shape;
  shape.image_size = view_size;
  shape.patch_size = options.patch_size;
  shape.channels = channels;
  if (options.name == "vit_small") shape.dimensions = 384, shape.heads = 6;
  if (options.name == "vit_base") shape.dimensions = 768, shape.heads = 12;
  if (options.depth > 0) shape.depth = options.depth;
  return shape;
}

TransformerBlock::TransformerBlock(std::int64_t dimensions, std::int64_t heads) : heads_(heads) {
  norm1_ = register_module("norm1", layer_norm(dimensions));
  auto attn = register_module("attn", std::make_shared<torch::nn::Module>());
  qkv_ = attn->register_module("qkv", Linear(dimensions, 3 * dimensions));
  proj_ = attn->register_module("proj", Linear(dimensions, dimensions));
  norm2_ = register_module("norm2", layer_norm(dimensions));
  auto mlp = register_module("mlp", std::make_shared<torch::nn::Module>());
  fc1_ = mlp->register_module("fc1", Linear(dimensions, 4 * dimensions));
  fc2_ = mlp->register_module("fc2", Linear(4 * dimensions, dimensions));
}

/// Its bias is added by what comes next.
static torch::Tensor product(const Linear& linear, const torch::Tensor& x) {
  return torch::linear(x, linear->weight);
}

Tokens TransformerBlock::forward(const Tokens& tokens) {
  const NormedTokens in = add_and_norm(tokens, norm1_);
  const torch::Tensor seen = attention(product(qkv_, in.norm), qkv_->bias, heads_);
  const NormedTokens middle = add_and_norm({in.sum, product(proj_, seen), proj_->bias}, norm2_);
  const torch::Tensor wide = gelu_with_bias(product(fc1_, middle.norm), fc1_->bias);
  return {middle.sum, product(fc2_, wide), fc2_->bias};
}

torch::Tensor TransformerBlock::first_attention(const Tokens& tokens) {
  const torch::Tensor x = add_and_norm(tokens, norm1_).norm;
  const auto n = x.size(0), length = x.size(1), width = x.size(2) / heads_;
  const torch::Tensor qkv = qkv_(x).reshape({n, length, 3, heads_, width}).permute({2, 0, 3, 1, 4});
  const torch::Tensor q = qkv[0].slice(2, 0, 1) / std::sqrt(static_cast<double>(width));
  return torch::softmax(torch::matmul(q, qkv[1].transpose(-2, -1)), -1).select(2, 0).slice(2, 1);
}

torch::Tensor through_blocks(const TransformerBlocks& blocks, LayerNorm& norm,
                             const torch::Tensor& tokens) {
  Tokens x{tokens, {}, {}};
  for (const auto& block : blocks) x = block->forward(x);
  return add_and_norm(x, norm, torch::kFloat).norm;
}

VisionTransformer::VisionTransformer(const VisionTransformerShape& shape) : shape_(shape) {
  const auto d = shape.dimensions;
  cls_token_ = register_parameter("cls_token", torch::zeros({1, 1, d}));
  pos_embed_ = register_parameter("pos_embed", torch::zeros({1, 1 + shape.patches(), d}),
                                  /*requires_grad=*/!shape.mae);
  auto patch_embed = register_module("patch_embed", std::make_shared<torch::nn::Module>());
  proj_ = patch_embed->register_module(
      "proj",
      torch::nn::Conv2d(
          torch::nn::Conv2dOptions(shape.channels, d, shape.patch_size).stride(shape.patch_size)));
  auto blocks = register_module("blocks", std::make_shared<torch::nn::Module>());
  for (std::int64_t i = 0; i < shape.depth; ++i)
    blocks_.push_back(blocks->register_module(std::to_string(i),
                                              std::make_shared<TransformerBlock>(d, shape.heads)));
  norm_ = register_module("norm", layer_norm(d));
  first_weights();
}

void VisionTransformer::first_weights() {
  torch::NoGradGuard no_grad;
  for (const auto& part : modules(/*include_self=*/false))
    if (auto* linear = part->as<Linear>()) {
      if (shape_.mae)
        torch::nn::init::xavier_uniform_(linear->weight);
      else
        linear->weight.normal_(0, 0.02);  // timm cuts it at +-2, a hundred deviations away
      linear->bias.zero_();
    }
  if (shape_.mae) {
    // MAE treats the patch projection as a linear layer.
    torch::nn::init::xavier_uniform_(proj_->weight.view({shape_.dimensions, -1}));
    cls_token_.normal_(0, 0.02);
    pos_embed_.copy_(sincos_2d(shape_.dimensions, shape_.grid(), true).unsqueeze(0));
  } else {
    cls_token_.normal_(0, 1e-6);
    pos_embed_.normal_(0, 0.02);
  }
}

/// Of the patches of a grid, [1, grid * grid, D]: the encoder's own, or those stretched to it,
/// bicubic as in DINO's code.
torch::Tensor VisionTransformer::positions(std::int64_t grid) const {
  const torch::Tensor own = pos_embed_.slice(1, 1);
  if (grid == shape_.grid()) return own;
  namespace functional = torch::nn::functional;
  const torch::Tensor plane =
      own.transpose(1, 2).reshape({1, shape_.dimensions, shape_.grid(), shape_.grid()});
  return functional::interpolate(plane, functional::InterpolateFuncOptions()
                                            .size(std::vector<std::int64_t>{grid, grid})
                                            .mode(torch::kBicubic)
                                            .align_corners(false))
      .flatten(2)
      .transpose(1, 2);
}

torch::Tensor VisionTransformer::with_class_token(const torch::Tensor& patches) const {
  const torch::Tensor first = cls_token_ + pos_embed_.slice(1, 0, 1);
  return torch::cat({first.expand({patches.size(0), -1, -1}), patches}, 1);
}

torch::Tensor VisionTransformer::tokens(const torch::Tensor& images,
                                        const std::optional<torch::Tensor>& keep) {
  const NetworkPrecision precision;
  torch::Tensor x = floats(proj_(images)).flatten(2).transpose(1, 2);
  x = x + positions(images.size(2) / shape_.patch_size);
  if (keep) x = x.gather(1, keep->unsqueeze(-1).expand({-1, -1, shape_.dimensions}));
  return through_blocks(blocks_, norm_, with_class_token(x));
}

torch::Tensor VisionTransformer::masked_tokens(const torch::Tensor& images,
                                               const torch::Tensor& hidden,
                                               const torch::Tensor& mask_token) {
  const NetworkPrecision precision;
  const torch::Tensor x = floats(proj_(images)).flatten(2).transpose(1, 2);
  const torch::Tensor patches = torch::where(hidden.unsqueeze(-1), mask_token, x) +
                                positions(images.size(2) / shape_.patch_size);
  return through_blocks(blocks_, norm_, with_class_token(patches));
}

torch::Tensor VisionTransformer::feature_map(const torch::Tensor& images) {
  const auto grid = images.size(2) / shape_.patch_size;
  return tokens(images).slice(1, 1).transpose(1, 2).reshape(
      {images.size(0), shape_.dimensions, grid, grid});
}

torch::Tensor VisionTransformer::class_attention(const torch::Tensor& images) {
  const auto n = images.size(0), grid = images.size(2) / shape_.patch_size;
  const torch::Tensor patches = proj_(images).flatten(2).transpose(1, 2) + positions(grid);
  Tokens x{with_class_token(patches), {}, {}};
  for (std::size_t i = 0; i + 1 < blocks_.size(); ++i) x = blocks_[i]->forward(x);
  return blocks_.back()->first_attention(x).reshape({n, shape_.heads, grid, grid});
}

torch::Tensor VisionTransformer::forward(const torch::Tensor& images) {
  return tokens(images).select(1, 0);
}

}  // namespace selfsight
