// SimSiam: Exploring Simple Siamese Representation Learning (Chen and He 2021, arXiv:2011.10566).
#include "core/methods/encoder_method.h"
#include "core/methods/head_fields.h"
#include "core/methods/losses_agreement.h"
#include "core/nets/projector.h"

namespace selfsight {
namespace {

struct SimSiamOptions {
  bool stop_gradient = true;
  bool fix_pred_lr = true;
  std::int64_t projector_hidden = 2048, projector_out = 2048, projector_layers = 3;
  std::int64_t predictor_hidden = 512;

  template <class Options, class Visit>
  static void describe(Options& o, Visit&& visit) {
    visit(o.stop_gradient,
          Field{.key = "stop_gradient",
                .help = "No gradient through the view that is predicted: nothing is learnt from "
                        "that side. Off, the network collapses: it gives the same answer to every "
                        "image. Leave it on; it can be switched off to see that once. SimSiam, "
                        "Chen and He 2021, section 4.1."});
    visit(
        o.fix_pred_lr,
        Field{.key = "fix_pred_lr",
              .help = "The predictor keeps the peak learning rate to the end, while all else slows "
                      "down. Off, it slows down too, and follows the encoder less well. Usually "
                      "on, as in the authors' code and solo-learn's. SimSiam, Chen and He 2021.",
              .advanced = true});
    visit(o.projector_hidden, projector_hidden_field());
    visit(o.projector_out, projector_out_field());
    visit(o.projector_layers,
          projector_layers_field("The paper takes 3, on CIFAR 2; BatchNorm follows each, the last "
                                 "without scale and shift. SimSiam, Chen and He 2021."));
    visit(o.predictor_hidden,
          predictor_hidden_field(
              "The paper takes a quarter of projector_out. SimSiam, Chen and He 2021."));
  }
};

class SimSiam : public EncoderMethod {
 public:
  explicit SimSiam(const MethodRequest& request)
      : EncoderMethod(request), options_(request.options.read<SimSiamOptions>("")) {
    projector_ = register_module("projector", make_projector({.in = encoder_->dimensions(),
                                                              .hidden = options_.projector_hidden,
                                                              .out = options_.projector_out,
                                                              .layers = options_.projector_layers,
                                                              .last_batch_norm = true,
                                                              .last_affine = false}));
    predictor_ = register_module("predictor", make_projector({.in = options_.projector_out,
                                                              .hidden = options_.predictor_hidden,
                                                              .out = options_.projector_out}));
  }

  StepOutput step(const Batch& batch, const Position&) override {
    // Each view by itself, as in the authors' code.
    const torch::Tensor z1 = projected(batch.views[0]), z2 = projected(batch.views[1]);
    const torch::Tensor p1 = predictor_->forward(z1), p2 = predictor_->forward(z2);
    return {negative_cosine_loss(p1, p2, z1, z2, options_.stop_gradient),
            {{"positive_similarity", mean_cosine(z1, z2)}, {"output_spread", output_spread(z1)}}};
  }

  bool constant_lr(const std::string& parameter) const override {
    return options_.fix_pred_lr && parameter.starts_with("predictor.");
  }

 private:
  torch::Tensor projected(const torch::Tensor& view) {
    return projector_->forward(encoder_->forward(view));
  }

  SimSiamOptions options_;
  Projector projector_{nullptr}, predictor_{nullptr};
};

std::optional<MethodInfo::Reference> simsiam_chance(const Settings&, std::int64_t) {
  return MethodInfo::Reference{0, "chance, cosine 0"};
}

std::optional<MethodInfo::Reference> simsiam_collapse(const Settings&, std::int64_t) {
  return MethodInfo::Reference{-1, "collapse"};
}

}  // namespace

RegisteredMethod simsiam() {
  MethodInfo info;
  info.name = "simsiam";
  info.title = "SimSiam";
  info.family = "non-contrastive";
  info.paper = "Chen and He 2021, arXiv:2011.10566";
  info.help =
      "A predictor on one view must point at the other view of the same image, through which no "
      "gradient flows. The simplest of its kind: no counter-examples, no slow copy, small batches "
      "do. It learns slowly at first; watch the deviation of the features, not the loss: it is "
      "near zero when it has collapsed.";
  info.input = InputKind::two_views;
  info.options = schema_of<SimSiamOptions>("");
  info.diagnostics = {"positive_similarity", "output_spread"};
  info.chance = simsiam_chance;
  info.collapse = simsiam_collapse;
  return {info, [](const MethodRequest& request) -> std::shared_ptr<Method> {
            return std::make_shared<SimSiam>(request);
          }};
}

}  // namespace selfsight
