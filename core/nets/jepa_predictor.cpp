#include "core/nets/jepa_predictor.h"

#include "core/nets/precision.h"

namespace selfsight {

using torch::nn::Linear;

JepaPredictor::JepaPredictor(const JepaPredictorShape& shape) : shape_(shape) {
  const auto d = shape.dimensions;
  mask_token_ = register_parameter("mask_token", torch::zeros({1, 1, d}));
  pos_embed_ = register_parameter("pos_embed", sincos_2d(d, shape.grid, false).unsqueeze(0),
                                  /*requires_grad=*/false);
  embed_ = register_module("embed", Linear(shape.encoder_dimensions, d));
  auto blocks = register_module("blocks", std::make_shared<torch::nn::Module>());
  for (std::int64_t i = 0; i < shape.depth; ++i)
    blocks_.push_back(blocks->register_module(std::to_string(i),
                                              std::make_shared<TransformerBlock>(d, shape.heads)));
  norm_ = register_module("norm", torch::nn::LayerNorm(torch::nn::LayerNormOptions({d}).eps(1e-6)));
  proj_ = register_module("proj", Linear(d, shape.encoder_dimensions));
  const torch::NoGradGuard no_grad;
  for (const auto& part : modules(/*include_self=*/false))
    if (auto* linear = part->as<Linear>()) {
      linear->weight.normal_(0, 0.02);
      linear->bias.zero_();
    }
  mask_token_.normal_(0, 0.02);
}

torch::Tensor JepaPredictor::positions_of(const torch::Tensor& patches) const {
  return pos_embed_[0]
      .index_select(0, patches.flatten())
      .reshape({patches.size(0), patches.size(1), shape_.dimensions});
}

torch::Tensor JepaPredictor::forward(const torch::Tensor& context, const torch::Tensor& seen,
                                     const torch::Tensor& asked) {
  const NetworkPrecision precision;
  const torch::Tensor known = floats(embed_(context)) + positions_of(seen);
  const torch::Tensor all = torch::cat({known, mask_token_ + positions_of(asked)}, 1);
  return floats(proj_(through_blocks(blocks_, norm_, all).slice(1, seen.size(1))));
}

}  // namespace selfsight
