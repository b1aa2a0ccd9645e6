// The predictor of I-JEPA (Assran et al. 2023): from what is seen to what is not.
#pragma once

#include "core/nets/vision_transformer.h"

namespace selfsight {

struct JepaPredictorShape {
  std::int64_t encoder_dimensions = 192;
  std::int64_t dimensions = 96, depth = 4, heads = 3;
  std::int64_t grid = 8;
};

/// A narrow Vision Transformer without a class token; its positions are sines and cosines.
class JepaPredictor : public torch::nn::Module {
 public:
  explicit JepaPredictor(const JepaPredictorShape& shape);

  /// `context` [N, K, E]: tokens of the patches `seen` [N, K] (int64). Returns what it expects at
  /// the patches `asked` [N, M]: [N, M, E].
  torch::Tensor forward(const torch::Tensor& context, const torch::Tensor& seen,
                        const torch::Tensor& asked);

 private:
  torch::Tensor positions_of(const torch::Tensor& patches) const;

  JepaPredictorShape shape_;
  torch::Tensor mask_token_, pos_embed_;
  torch::nn::Linear embed_{nullptr}, proj_{nullptr};
  TransformerBlocks blocks_;
  torch::nn::LayerNorm norm_{nullptr};
};

}  // namespace selfsight
