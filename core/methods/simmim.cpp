// SimMIM: A Simple Framework for Masked Image Modeling
// (Xie, Zhang, Cao, Lin, Bao, Yao, Dai, Hu 2022, arXiv:2111.09886).
#include "core/methods/losses.h"
#include "core/methods/losses_masked.h"
#include "core/methods/method.h"
#include "core/nets/vision_transformer.h"

namespace selfsight {
namespace {

struct SimMimOptions {
  template <class Options, class Visit>
  static void describe(Options&, Visit&&) {}
};

class SimMim : public Method {
 public:
  explicit SimMim(const MethodRequest& request) {
    const VisionTransformerShape shape =
        vision_transformer_shape(request.encoder, request.channels, request.view_size);
    encoder_ = register_module("encoder", std::make_shared<VisionTransformer>(shape));
    mask_token_ = register_parameter("mask_token", torch::randn({1, 1, shape.dimensions}) * 0.02);
    // The authors' 1x1 convolution and pixel shuffle: of each token, the pixels of its patch.
    decoder_ = register_module(
        "decoder",
        torch::nn::Linear(shape.dimensions, shape.patch_size * shape.patch_size * shape.channels));
  }

  StepOutput step(const Batch& batch, const Position&) override {
    const torch::Tensor &images = batch.views[0], &hidden = batch.masks[0];
    const torch::Tensor target = patchify(images, encoder_->shape().patch_size);
    const torch::Tensor means = pixels(target.mean(-1, true).expand_as(target));
    return {simmim_loss(images, pixels(predict(images, hidden)), hidden),
            {{"patch_mean_loss", simmim_loss(images, means, hidden)}}};
  }

  /// The mean of the patch tokens: the class token is never asked for anything in pretraining.
  torch::Tensor features(const torch::Tensor& images) override {
    return encoder_->tokens(images).slice(1, 1).mean(1);
  }
  std::int64_t feature_dimensions() const override { return encoder_->dimensions(); }
  std::shared_ptr<Encoder> measured_encoder() const override { return encoder_; }

  bool reconstructs() const override { return true; }

  torch::Tensor reconstruct(const torch::Tensor& images, const torch::Tensor& hidden) override {
    return torch::where(hidden_pixels(hidden, images.size(2)), pixels(predict(images, hidden)),
                        images);
  }

 private:
  torch::Tensor predict(const torch::Tensor& images, const torch::Tensor& hidden) {
    return decoder_(encoder_->masked_tokens(images, hidden, mask_token_).slice(1, 1));
  }

  torch::Tensor pixels(const torch::Tensor& patches) const {
    return unpatchify(patches, encoder_->shape().patch_size, encoder_->shape().channels);
  }

  std::shared_ptr<VisionTransformer> encoder_;
  torch::Tensor mask_token_;
  torch::nn::Linear decoder_{nullptr};
};

}  // namespace

RegisteredMethod simmim() {
  MethodInfo info;
  info.name = "simmim";
  info.title = "SimMIM";
  info.family = "masked";
  info.paper = "Xie et al. 2022, arXiv:2111.09886";
  info.help =
      "Patches are replaced by a token that says only where they were; one linear layer must tell "
      "their pixels from the rest. Simpler than MAE and slower, as the encoder sees every place; "
      "hide larger squares (mask.unit) where neighbours tell too much. It needs a Vision "
      "Transformer, and its features are at their best after fine-tuning.";
  info.input = InputKind::masked_view;
  info.options = schema_of<SimMimOptions>("");
  info.diagnostics = {"patch_mean_loss"};
  info.needs_transformer = true;
  info.measured_chance = {.metric = "patch_mean_loss", .label = "each patch's mean"};
  return {info, [](const MethodRequest& request) -> std::shared_ptr<Method> {
            return std::make_shared<SimMim>(request);
          }};
}

}  // namespace selfsight
