// BYOL: Bootstrap Your Own Latent (Grill et al. 2020, arXiv:2006.07733).
#include "core/methods/encoder_method.h"
#include "core/methods/head_fields.h"
#include "core/methods/losses_agreement.h"
#include "core/methods/momentum_encoder.h"
#include "core/nets/projector.h"

namespace selfsight {
namespace {

struct ByolOptions {
  double momentum = 0.99, final_momentum = 1;
  std::int64_t projector_hidden = 4096, projector_out = 256, projector_layers = 2;
  std::int64_t predictor_hidden = 4096;

  template <class Options, class Visit>
  static void describe(Options& o, Visit&& visit) {
    visit(o.momentum,
          momentum_field("At the start of the run the paper takes 0.996, over 1000 epochs, and "
                         "solo-learn on CIFAR 0.99. BYOL, Grill et al. 2020."));
    visit(o.final_momentum, final_momentum_field());
    visit(o.projector_hidden, projector_hidden_field());
    visit(o.projector_out, projector_out_field());
    visit(o.projector_layers,
          projector_layers_field(
              "Usually 2, with BatchNorm and ReLU between them. BYOL, Grill et al. 2020."));
    visit(o.predictor_hidden, predictor_hidden_field("Usually 4096. BYOL, Grill et al. 2020."));
  }
};

class Byol : public EncoderMethod {
 public:
  explicit Byol(const MethodRequest& request)
      : EncoderMethod(request), options_(request.options.read<ByolOptions>("")) {
    projector_ = register_module("projector", projector());
    predictor_ = register_module("predictor", make_projector({.in = options_.projector_out,
                                                              .hidden = options_.predictor_hidden,
                                                              .out = options_.projector_out}));
    target_encoder_ = register_module(
        "target_encoder",
        make_encoder(request.encoder, request.channels, request.view_size, request.seed));
    target_projector_ = register_module("target_projector", projector());
    start_as_copy(*target_encoder_, *encoder_);
    start_as_copy(*target_projector_, *projector_);
  }

  StepOutput step(const Batch& batch, const Position&) override {
    // Each view by itself through both networks, as in the authors' code.
    const torch::Tensor z1 = projected(batch.views[0]), z2 = projected(batch.views[1]);
    const torch::Tensor t1 = target_of(batch.views[0]), t2 = target_of(batch.views[1]);
    return {byol_loss(predictor_->forward(z1), predictor_->forward(z2), t1, t2),
            {{"positive_similarity", mean_cosine(z1, z2)}, {"output_spread", output_spread(z1)}}};
  }

  void after_update(const Position& position) override {
    const double momentum = cosine_momentum(options_.momentum, options_.final_momentum, position);
    move_average(*target_encoder_, *encoder_, momentum);
    move_average(*target_projector_, *projector_, momentum);
  }

 private:
  Projector projector() const {
    return make_projector({.in = encoder_->dimensions(),
                           .hidden = options_.projector_hidden,
                           .out = options_.projector_out,
                           .layers = options_.projector_layers});
  }
  torch::Tensor projected(const torch::Tensor& view) {
    return projector_->forward(encoder_->forward(view));
  }
  torch::Tensor target_of(const torch::Tensor& view) {
    const torch::NoGradGuard no_grad;
    return target_projector_->forward(target_encoder_->forward(view));
  }

  ByolOptions options_;
  std::shared_ptr<Encoder> target_encoder_;
  Projector projector_{nullptr}, predictor_{nullptr}, target_projector_{nullptr};
};

std::optional<MethodInfo::Reference> byol_chance(const Settings&, std::int64_t) {
  return MethodInfo::Reference{4, "chance, cosine 0"};
}

std::optional<MethodInfo::Reference> byol_collapse(const Settings&, std::int64_t) {
  return MethodInfo::Reference{0, "collapse"};
}

}  // namespace

RegisteredMethod byol() {
  MethodInfo info;
  info.name = "byol";
  info.title = "BYOL";
  info.family = "non-contrastive";
  info.paper = "Grill et al. 2020, arXiv:2006.07733";
  info.help =
      "A predictor on one view must say what a slow copy of the encoder makes of the other view. "
      "Small batches do, as there are no counter-examples; slow copy and predictor keep images "
      "from all getting the same answer. Watch the deviation of the features: near zero it has "
      "collapsed, however low the loss.";
  info.input = InputKind::two_views;
  info.options = schema_of<ByolOptions>("");
  info.diagnostics = {"positive_similarity", "output_spread"};
  info.chance = byol_chance;
  info.collapse = byol_collapse;
  return {info, [](const MethodRequest& request) -> std::shared_ptr<Method> {
            return std::make_shared<Byol>(request);
          }};
}

}  // namespace selfsight
