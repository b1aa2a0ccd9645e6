// MAE: Masked Autoencoders Are Scalable Vision Learners
// (He, Chen, Xie, Li, Dollár, Girshick 2022, arXiv:2111.06377).
#include "core/base/error.h"
#include "core/methods/losses.h"
#include "core/methods/method.h"
#include "core/nets/mae_decoder.h"

namespace selfsight {
namespace {

struct MaeOptions {
  bool norm_pix_loss = true;
  std::int64_t decoder_dim = 128;
  std::int64_t decoder_depth = 2;
  std::int64_t decoder_heads = 4;

  template <class Options, class Visit>
  static void describe(Options& o, Visit&& visit) {
    visit(o.norm_pix_loss,
          Field{.key = "norm_pix_loss",
                .help = "Standardise each target patch by its own mean and deviation before it is "
                        "compared. On, the loss minds structure more than brightness; off, plain "
                        "pixels. Usually on. MAE, He et al. 2022, section 4."});
    visit(o.decoder_dim,
          Field{.key = "decoder_dim",
                .help = "Width of the decoder, the small network that paints the hidden patches; a "
                        "multiple of four and of decoder_heads. Wider paints better and takes more "
                        "time. The paper takes 512 at 224 px; the decoder is thrown away after "
                        "training. MAE, He et al. 2022.",
                .min = 8,
                .max = 4096,
                .advanced = true});
    visit(
        o.decoder_depth,
        Field{.key = "decoder_depth",
              .help =
                  "Transformer blocks of the decoder, one after another. More paint better and "
                  "take more time. The paper takes 8; 2 do for small images. MAE, He et al. 2022.",
              .min = 1,
              .max = 32,
              .advanced = true});
    visit(
        o.decoder_heads,
        Field{.key = "decoder_heads",
              .help = "Attention heads of the decoder: ways in which it looks from patch to patch. "
                      "More look in more ways, each with a smaller part of its width. The paper "
                      "takes 16; decoder_dim must be a multiple of it. MAE, He et al. 2022.",
              .min = 1,
              .max = 64,
              .advanced = true});
  }
};

/// For each image, the patches in the order visible-then-hidden, and the way back.
struct Shuffle {
  torch::Tensor keep;     // [N, K]: the visible patches
  torch::Tensor restore;  // [N, L]: where each patch stands in that order
};

Shuffle shuffle_of(const torch::Tensor& hidden) {
  const torch::Tensor order = torch::argsort(hidden.to(torch::kLong), /*stable=*/true, 1);
  const auto visible = hidden.size(1) - hidden[0].sum().item<std::int64_t>();
  return {order.slice(1, 0, visible), torch::argsort(order, /*stable=*/true, 1)};
}

class Mae : public Method {
 public:
  explicit Mae(const MethodRequest& request) : options_(request.options.read<MaeOptions>("")) {
    VisionTransformerShape shape =
        vision_transformer_shape(request.encoder, request.channels, request.view_size);
    shape.mae = true;
    encoder_ = register_module("encoder", std::make_shared<VisionTransformer>(shape));
    decoder_ = register_module("decoder", std::make_shared<MaeDecoder>(MaeDecoderShape{
                                              .encoder_dimensions = shape.dimensions,
                                              .dimensions = options_.decoder_dim,
                                              .depth = options_.decoder_depth,
                                              .heads = options_.decoder_heads,
                                              .grid = shape.grid(),
                                              .patch_size = shape.patch_size,
                                              .channels = shape.channels}));
  }

  StepOutput step(const Batch& batch, const Position&) override {
    const torch::Tensor& images = batch.views[0];
    const auto patch = encoder_->shape().patch_size;
    const torch::Tensor predicted = predict(images, batch.masks[0]);
    const torch::Tensor by_means =
        patch_mean_loss(images, batch.masks[0], patch, options_.norm_pix_loss);
    return {mae_pixel_loss(images, predicted, batch.masks[0], patch, options_.norm_pix_loss),
            {{"patch_mean_loss", by_means.detach()}}};
  }

  /// The mean of the patch tokens (MAE's global_pool): the class token is never asked for anything
  /// in pretraining.
  torch::Tensor features(const torch::Tensor& images) override {
    return encoder_->tokens(images).slice(1, 1).mean(1);
  }
  std::int64_t feature_dimensions() const override { return encoder_->dimensions(); }
  std::shared_ptr<Encoder> measured_encoder() const override { return encoder_; }

  bool reconstructs() const override { return true; }

  torch::Tensor reconstruct(const torch::Tensor& images, const torch::Tensor& hidden) override {
    const auto& shape = encoder_->shape();
    const torch::Tensor target = patchify(images, shape.patch_size);
    torch::Tensor patches = predict(images, hidden);
    if (options_.norm_pix_loss)
      patches = patches * (target.var(-1, true, true) + 1e-6).sqrt() + target.mean(-1, true);
    patches = torch::where(hidden.unsqueeze(-1), patches, target);
    return unpatchify(patches, shape.patch_size, shape.channels);
  }

 private:
  torch::Tensor predict(const torch::Tensor& images, const torch::Tensor& hidden) {
    const Shuffle shuffle = shuffle_of(hidden);
    return decoder_->forward(encoder_->tokens(images, shuffle.keep), shuffle.restore);
  }

  MaeOptions options_;
  std::shared_ptr<VisionTransformer> encoder_;
  std::shared_ptr<MaeDecoder> decoder_;
};

void check_mae(const Settings& settings, std::int64_t) {
  const auto options = settings.read<MaeOptions>("");
  if (options.decoder_dim % options.decoder_heads != 0 || options.decoder_dim % 4 != 0)
    throw InputError("method.decoder_dim must be a multiple of four and of method.decoder_heads.");
}

}  // namespace

RegisteredMethod mae() {
  MethodInfo info;
  info.name = "mae";
  info.title = "MAE";
  info.family = "masked";
  info.paper = "He et al. 2022, arXiv:2111.06377";
  info.help =
      "Most patches of an image are hidden; the encoder sees the rest, and a small decoder must "
      "paint the hidden ones. It needs no colour augmentation and no large batches, and its "
      "progress can be looked at. It needs a Vision Transformer; its features are at their best "
      "after fine-tuning, and kNN on them is modest.";
  info.input = InputKind::masked_view;
  info.options = schema_of<MaeOptions>("");
  info.check = check_mae;
  info.diagnostics = {"patch_mean_loss"};
  info.needs_transformer = true;
  info.measured_chance = {.metric = "patch_mean_loss", .label = "each patch's mean"};
  return {info, [](const MethodRequest& request) -> std::shared_ptr<Method> {
            return std::make_shared<Mae>(request);
          }};
}

}  // namespace selfsight
