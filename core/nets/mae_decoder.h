// The decoder of MAE (He et al. 2022), with the official names.
#pragma once

#include "core/nets/vision_transformer.h"

namespace selfsight {

struct MaeDecoderShape {
  std::int64_t encoder_dimensions = 192;
  std::int64_t dimensions = 128, depth = 2, heads = 4;
  std::int64_t grid = 8, patch_size = 4, channels = 3;
};

class MaeDecoder : public torch::nn::Module {
 public:
  explicit MaeDecoder(const MaeDecoderShape& shape);

  /// `latent` [N, 1 + K, E] as VisionTransformer::tokens() gives it for the kept patches;
  /// `restore` [N, L] (int64): where each patch stands among kept-then-hidden ones.
  /// Returns the predicted patches [N, L, patch * patch * channels], channel fastest.
  torch::Tensor forward(const torch::Tensor& latent, const torch::Tensor& restore);

 private:
  void first_weights();

  MaeDecoderShape shape_;
  torch::Tensor mask_token_, decoder_pos_embed_;
  torch::nn::Linear decoder_embed_{nullptr}, decoder_pred_{nullptr};
  TransformerBlocks blocks_;
  torch::nn::LayerNorm decoder_norm_{nullptr};
};

/// Encoder and decoder under one roof, in the order of the official MAE's state: the own
/// parameters of both, then the children of both.
std::vector<std::pair<std::string, torch::Tensor>> mae_state_dict(const VisionTransformer& encoder,
                                                                  const MaeDecoder& decoder);

}  // namespace selfsight
