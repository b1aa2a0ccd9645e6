// Colourisation: Colorful Image Colorization (Zhang, Isola, Efros 2016, arXiv:1603.08511).
#include <algorithm>

#include "core/base/error.h"
#include "core/methods/colour_space.h"
#include "core/methods/losses_masked.h"
#include "core/methods/method.h"
#include "core/nets/encoder.h"
#include "core/nets/picture_decoder.h"

namespace selfsight {
namespace {

namespace functional = torch::nn::functional;

struct ColourisationOptions {
  double rebalance = 0.5;
  std::int64_t stride = 2;
  std::int64_t decoder_width = 128;

  template <class Options, class Visit>
  static void describe(Options& o, Visit&& visit) {
    visit(o.rebalance,
          Field{.key = "rebalance",
                .help = "How a rare colour weighs against common ones: 1 counts all pixels alike, "
                        "0 all colours alike. Lower makes bolder colours; near 1 nearly everything "
                        "turns grey. Usually 0.5. Zhang et al. 2016.",
                .min = 0.01,
                .max = 1});
    visit(o.stride, Field{.key = "stride",
                          .help = "Pixels, in each direction, that share one answer. Higher is "
                                  "faster and its colours are coarser. The paper takes 4 at 224 "
                                  "px; 2 does for small images. Zhang et al. 2016.",
                          .unit = "px",
                          .min = 1,
                          .max = 8});
    visit(o.decoder_width,
          Field{.key = "decoder_width",
                .help = "Channels of the first stage of the decoder, which tells the colours; "
                        "halved at each further one. More tell them better and take more time. "
                        "Usually 128; the decoder is thrown away after training. Selfsight's own.",
                .min = 16,
                .max = 4096,
                .advanced = true});
  }
};

class Colourisation : public Method {
 public:
  explicit Colourisation(const MethodRequest& request)
      : options_(request.options.read<ColourisationOptions>("")),
        normalisation_(request.normalisation) {
    if (request.channels != 3)
      throw InputError("Colourisation learns from colours; choose colour images.");
    encoder_ = register_module("encoder", make_encoder(request.encoder, request.channels,
                                                       request.view_size, request.seed));
    classes_ = register_buffer("classes", colour_classes());
    prior_ = register_buffer(
        "prior", torch::full({classes_.size(0)}, 1.0 / static_cast<double>(classes_.size(0))));
    decoder_ = register_module(
        "decoder", std::make_shared<PictureDecoder>(
                       PictureDecoderShape{
                           .in = encoder_->dimensions(),
                           .width = options_.decoder_width,
                           .out = classes_.size(0),
                           .size = std::max<std::int64_t>(1, request.view_size / options_.stride)},
                       map_side(*encoder_, request.channels, request.view_size)));
  }

  StepOutput step(const Batch& batch, const Position& position) override {
    const torch::Tensor logits = pixels_of(answers(batch.views[0]));  // [P, Q]
    const auto side = batch.views[1].size(2) / options_.stride;
    const torch::Tensor lab = lab_of_rgb(without_normalisation(batch.views[1], normalisation_));
    const torch::Tensor ab = torch::adaptive_avg_pool2d(lab.slice(1, 1), {side, side});
    const SoftClasses wanted = soft_classes(pixels_of(ab), classes_);
    learn_prior(wanted, position);
    const torch::Tensor rarity = weights();
    const torch::Tensor of_pixels = rarity.index_select(0, wanted.classes.select(1, 0));
    const auto cost = [&](const torch::Tensor& log_answers) {
      return -((log_answers * wanted.shares).sum(1) * of_pixels).mean();
    };
    const torch::Tensor constant = torch::log(prior_ * rarity + 1e-8);
    return {cost(torch::log_softmax(logits, 1).gather(1, wanted.classes)),
            {{"constant_loss", cost(torch::log_softmax(constant, 0)
                                        .index_select(0, wanted.classes.flatten())
                                        .reshape(wanted.classes.sizes()))}}};
  }

  /// Of the image without its colours, as in training.
  torch::Tensor features(const torch::Tensor& images) override {
    return encoder_->forward(without_colours(images));
  }
  std::int64_t feature_dimensions() const override { return encoder_->dimensions(); }
  std::shared_ptr<Encoder> measured_encoder() const override { return encoder_; }

  bool reconstructs() const override { return true; }

  /// The colours, not the brightness, of what is hidden.
  torch::Tensor reconstruct(const torch::Tensor& images, const torch::Tensor& hidden) override {
    const auto size = images.size(2);
    // The annealed mean of the classes, at the paper's temperature of 0.38.
    const torch::Tensor shares = torch::softmax(answers(without_colours(images)) / 0.38, 1);
    const torch::Tensor ab = torch::einsum("nqhw,qc->nchw", {shares, classes_});
    const torch::Tensor smooth =
        functional::interpolate(ab, functional::InterpolateFuncOptions()
                                        .size(std::vector<std::int64_t>{size, size})
                                        .mode(torch::kBilinear)
                                        .align_corners(false));
    const torch::Tensor lab = lab_of_rgb(without_normalisation(images, normalisation_));
    const torch::Tensor coloured = rgb_of_lab(torch::cat({lab.slice(1, 0, 1), smooth}, 1));
    return torch::where(hidden_pixels(hidden, size), with_normalisation(coloured, normalisation_),
                        images);
  }

 private:
  torch::Tensor answers(const torch::Tensor& grey) {
    return decoder_->forward(encoder_->feature_map(grey));
  }

  /// [N, C, h, w] -> [N * h * w, C]
  static torch::Tensor pixels_of(const torch::Tensor& maps) {
    return maps.permute({0, 2, 3, 1}).reshape({-1, maps.size(1)});
  }

  torch::Tensor without_colours(const torch::Tensor& images) const {
    return with_normalisation(grey_of(without_normalisation(images, normalisation_)),
                              normalisation_);
  }

  /// How common each class is in these images, as a moving average; Zhang et al. count ImageNet.
  void learn_prior(const SoftClasses& wanted, const Position& position) {
    const torch::NoGradGuard no_grad;
    const torch::Tensor counts =
        torch::zeros_like(prior_).index_add_(0, wanted.classes.flatten(), wanted.shares.flatten());
    const double before = static_cast<double>(position.step);
    const double momentum = std::min(0.99, before / (before + 1));
    prior_.mul_(momentum).add_(counts / counts.sum(), 1 - momentum);
  }

  /// Of each class; their mean over pixels is 1.
  torch::Tensor weights() const {
    const double q = static_cast<double>(prior_.size(0));
    const torch::Tensor inverse =
        ((1 - options_.rebalance) * prior_ + options_.rebalance / q + 1e-8).reciprocal();
    return inverse / (prior_ * inverse).sum();
  }

  ColourisationOptions options_;
  Normalisation normalisation_;
  std::shared_ptr<Encoder> encoder_;
  torch::Tensor classes_, prior_;
  std::shared_ptr<PictureDecoder> decoder_;
};

}  // namespace

RegisteredMethod colourisation() {
  MethodInfo info;
  info.name = "colourisation";
  info.title = "Colourisation";
  info.family = "puzzle";
  info.paper = "Zhang et al. 2016, arXiv:1603.08511";
  info.help =
      "The encoder sees a grey image, and a decoder must tell each pixel's colour, as one of some "
      "three hundred classes. Grass is green once one knows that it is grass, so the encoder must "
      "know things. For colour images only, with colour jitter off; it sees brightness alone, so "
      "tasks that live on colours gain little.";
  info.input = InputKind::grey_to_colour;
  info.options = schema_of<ColourisationOptions>("");
  info.diagnostics = {"constant_loss"};
  info.measured_chance = {.metric = "constant_loss", .label = "the same colours everywhere"};
  return {info, [](const MethodRequest& request) -> std::shared_ptr<Method> {
            return std::make_shared<Colourisation>(request);
          }};
}

}  // namespace selfsight
