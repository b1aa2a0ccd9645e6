// Inpainting: Context Encoders: Feature Learning by Inpainting
// (Pathak, Krähenbühl, Donahue, Darrell, Efros 2016, arXiv:1604.07379).
#include "core/methods/encoder_method.h"
#include "core/methods/losses_masked.h"
#include "core/nets/picture_decoder.h"

namespace selfsight {
namespace {

struct InpaintingOptions {
  std::int64_t decoder_width = 128;

  template <class Options, class Visit>
  static void describe(Options& o, Visit&& visit) {
    visit(o.decoder_width,
          Field{.key = "decoder_width",
                .help = "Channels of the first stage of the decoder, which paints what is hidden; "
                        "halved at each further one. More paint better and take more time. Usually "
                        "128; the decoder is thrown away after training. Selfsight's own.",
                .min = 16,
                .max = 4096,
                .advanced = true});
  }
};

/// Mean squared error over the hidden pixels and their channels.
torch::Tensor hidden_error(const torch::Tensor& images, const torch::Tensor& painted,
                           const torch::Tensor& hidden) {
  const torch::Tensor mask = hidden.to(images.dtype());
  return ((images - painted).square() * mask).sum() /
         (mask.sum() * static_cast<double>(images.size(1)));
}

/// Each image's mean colour over its hidden pixels, everywhere.
torch::Tensor hidden_colour(const torch::Tensor& images, const torch::Tensor& hidden) {
  const torch::Tensor mask = hidden.to(images.dtype());
  return ((images * mask).sum({2, 3}, true) / mask.sum({2, 3}, true)).expand_as(images);
}

class Inpainting : public EncoderMethod {
 public:
  explicit Inpainting(const MethodRequest& request) : EncoderMethod(request) {
    const auto options = request.options.read<InpaintingOptions>("");
    decoder_ = register_module(
        "decoder",
        std::make_shared<PictureDecoder>(PictureDecoderShape{.in = encoder_->dimensions(),
                                                             .width = options.decoder_width,
                                                             .out = request.channels,
                                                             .size = request.view_size},
                                         map_side(*encoder_, request.channels, request.view_size)));
  }

  StepOutput step(const Batch& batch, const Position&) override {
    const torch::Tensor& images = batch.views[0];
    const torch::Tensor hidden = hidden_pixels(batch.masks[0], images.size(2));
    const torch::Tensor flat = hidden_error(images, hidden_colour(images, hidden), hidden);
    return {hidden_error(images, paint(images, hidden), hidden), {{"region_mean_loss", flat}}};
  }

  bool reconstructs() const override { return true; }

  torch::Tensor reconstruct(const torch::Tensor& images, const torch::Tensor& hidden) override {
    const torch::Tensor pixels = hidden_pixels(hidden, images.size(2));
    return torch::where(pixels, paint(images, pixels), images);
  }

 private:
  /// Hidden pixels have the mean colour of the data set, which is zero once normalised.
  torch::Tensor paint(const torch::Tensor& images, const torch::Tensor& hidden) {
    return decoder_->forward(encoder_->feature_map(images.masked_fill(hidden, 0)));
  }

  std::shared_ptr<PictureDecoder> decoder_;
};

}  // namespace

RegisteredMethod inpainting() {
  MethodInfo info;
  info.name = "inpainting";
  info.title = "Inpainting";
  info.family = "puzzle";
  info.paper = "Pathak et al. 2016, arXiv:1604.07379";
  info.help =
      "A square of the image is blanked out; what the encoder makes of the rest must suffice to "
      "paint it. The ancestor of masked image modelling, for ResNets too; without the paper's "
      "adversary, whose sharper pictures did not make better features. The encoder never sees "
      "whole images in training, a gap that costs accuracy.";
  info.input = InputKind::hidden_region;
  info.options = schema_of<InpaintingOptions>("");
  info.diagnostics = {"region_mean_loss"};
  info.measured_chance = {.metric = "region_mean_loss", .label = "each region's mean colour"};
  return {info, [](const MethodRequest& request) -> std::shared_ptr<Method> {
            return std::make_shared<Inpainting>(request);
          }};
}

}  // namespace selfsight
