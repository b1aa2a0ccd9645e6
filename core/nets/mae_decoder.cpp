#include "core/nets/mae_decoder.h"

#include "core/nets/precision.h"

namespace selfsight {

MaeDecoder::MaeDecoder(const MaeDecoderShape& shape) : shape_(shape) {
  const auto d = shape.dimensions;
  mask_token_ = register_parameter("mask_token", torch::zeros({1, 1, d}));
  decoder_pos_embed_ = register_parameter(
      "decoder_pos_embed", sincos_2d(d, shape.grid, true).unsqueeze(0), /*requires_grad=*/false);
  decoder_embed_ = register_module("decoder_embed", torch::nn::Linear(shape.encoder_dimensions, d));
  auto blocks = register_module("decoder_blocks", std::make_shared<torch::nn::Module>());
  for (std::int64_t i = 0; i < shape.depth; ++i)
    blocks_.push_back(blocks->register_module(std::to_string(i),
                                              std::make_shared<TransformerBlock>(d, shape.heads)));
  decoder_norm_ = register_module("decoder_norm",
                                  torch::nn::LayerNorm(torch::nn::LayerNormOptions({d}).eps(1e-6)));
  decoder_pred_ = register_module(
      "decoder_pred", torch::nn::Linear(d, shape.patch_size * shape.patch_size * shape.channels));
  first_weights();
}

void MaeDecoder::first_weights() {
  torch::NoGradGuard no_grad;
  for (const auto& part : modules(/*include_self=*/false))
    if (auto* linear = part->as<torch::nn::Linear>()) {
      torch::nn::init::xavier_uniform_(linear->weight);
      linear->bias.zero_();
    }
  mask_token_.normal_(0, 0.02);
}

torch::Tensor MaeDecoder::forward(const torch::Tensor& latent, const torch::Tensor& restore) {
  const NetworkPrecision precision;
  const auto n = latent.size(0), patches = restore.size(1), d = shape_.dimensions;
  const torch::Tensor x = floats(decoder_embed_(latent));
  const auto hidden = patches + 1 - x.size(1);
  torch::Tensor all = torch::cat({x.slice(1, 1), mask_token_.expand({n, hidden, d})}, 1);
  all = all.gather(1, restore.unsqueeze(-1).expand({-1, -1, d}));
  all = torch::cat({x.slice(1, 0, 1), all}, 1) + decoder_pos_embed_;
  return floats(decoder_pred_(through_blocks(blocks_, decoder_norm_, all))).slice(1, 1);
}

std::vector<std::pair<std::string, torch::Tensor>> mae_state_dict(const VisionTransformer& encoder,
                                                                  const MaeDecoder& decoder) {
  const auto first = state_dict(encoder), second = state_dict(decoder);
  std::vector<std::pair<std::string, torch::Tensor>> out;
  for (const bool children : {false, true})
    for (const auto* part : {&first, &second})
      for (const auto& entry : *part)
        if ((entry.first.find('.') != std::string::npos) == children) out.push_back(entry);
  return out;
}

}  // namespace selfsight
