// Vision Transformers (Dosovitskiy et al. 2021), with timm's names and first weights.
#pragma once

#include <optional>

#include "core/nets/encoder.h"
#include "core/nets/token_ops.h"

namespace selfsight {

struct VisionTransformerShape {
  std::int64_t image_size = 32, patch_size = 4, channels = 3;
  std::int64_t dimensions = 192, depth = 12, heads = 3;
  /// Fixed sine-cosine position embedding and the first weights of MAE (He et al. 2022) instead of
  /// learned positions and timm's.
  bool mae = false;

  std::int64_t grid() const { return image_size / patch_size; }
  std::int64_t patches() const { return grid() * grid(); }
};

/// tiny 192/3, small 384/6, base 768/12 (dimensions/heads), twelve blocks each if options.depth
/// names no other number.
VisionTransformerShape vision_transformer_shape(const EncoderOptions& options, int channels,
                                                std::int64_t view_size);

/// Pre-norm transformer block: attention with biased qkv, MLP of four times the width with the
/// exact GELU. LayerNorm epsilon 1e-6.
class TransformerBlock : public torch::nn::Module {
 public:
  TransformerBlock(std::int64_t dimensions, std::int64_t heads);
  Tokens forward(const Tokens& tokens);
  /// How much the first token attends to each of the others, [N, heads, L - 1].
  torch::Tensor first_attention(const Tokens& tokens);

 private:
  std::int64_t heads_;
  torch::nn::LayerNorm norm1_{nullptr}, norm2_{nullptr};
  torch::nn::Linear qkv_{nullptr}, proj_{nullptr}, fc1_{nullptr}, fc2_{nullptr};
};

using TransformerBlocks = std::vector<std::shared_ptr<TransformerBlock>>;

/// `tokens` [N, L, D] through the blocks, one after the other, and the norm behind them. The answer
/// is of floats.
torch::Tensor through_blocks(const TransformerBlocks& blocks, torch::nn::LayerNorm& norm,
                             const torch::Tensor& tokens);

/// timm's VisionTransformer with num_classes = 0 and the class token as its feature.
class VisionTransformer : public Encoder {
 public:
  explicit VisionTransformer(const VisionTransformerShape& shape);

  /// The class token after the final norm, [N, D].
  torch::Tensor forward(const torch::Tensor& images) override;
  /// All tokens after the final norm, [N, 1 + L, D], the class token first. With `keep` [N, K]
  /// (int64), only these patches enter, in this order: [N, 1 + K, D].
  /// Views of another size than the encoder's are seen with its positions stretched (DINO).
  torch::Tensor tokens(const torch::Tensor& images,
                       const std::optional<torch::Tensor>& keep = std::nullopt);
  /// The same with `mask_token` [1, 1, D] in place of the patches that `hidden` [N, L] hides: their
  /// positions are told, their contents not (SimMIM, iBOT).
  torch::Tensor masked_tokens(const torch::Tensor& images, const torch::Tensor& hidden,
                              const torch::Tensor& mask_token);
  torch::Tensor feature_map(const torch::Tensor& images) override;
  /// How much the class token attends to each patch in the last block, [N, heads, grid, grid], as
  /// DINO's visualize_attention.py shows it. What it keeps for itself is left out, so a head's
  /// numbers sum to less than 1.
  torch::Tensor class_attention(const torch::Tensor& images);

  std::int64_t dimensions() const override { return shape_.dimensions; }
  const VisionTransformerShape& shape() const { return shape_; }

 private:
  void first_weights();
  torch::Tensor positions(std::int64_t grid) const;
  torch::Tensor with_class_token(const torch::Tensor& patches) const;

  VisionTransformerShape shape_;
  torch::Tensor cls_token_, pos_embed_;
  torch::nn::Conv2d proj_{nullptr};
  TransformerBlocks blocks_;
  torch::nn::LayerNorm norm_{nullptr};
};

/// Fixed 2-D sine-cosine embedding, [grid * grid (+ 1), dimensions]: the first half of the channels
/// is the column, the second the row; inside each half sines, then cosines; the class token's row,
/// if any, is zero. As in MAE's pos_embed.py.
torch::Tensor sincos_2d(std::int64_t dimensions, std::int64_t grid, bool class_token);

}  // namespace selfsight
