// MoCo v3: An Empirical Study of Training Self-Supervised Vision Transformers (Chen, Xie, He 2021,
// arXiv:2104.02057).
#include <cmath>

#include "core/methods/encoder_method.h"
#include "core/methods/head_fields.h"
#include "core/methods/losses_agreement.h"
#include "core/methods/losses_contrastive.h"
#include "core/methods/momentum_encoder.h"
#include "core/nets/projector.h"

namespace selfsight {
namespace {

struct MocoV3Options {
  double temperature = 0.2;
  double momentum = 0.99, final_momentum = 1;
  std::int64_t projector_hidden = 4096, projector_out = 256, projector_layers = 2;
  std::int64_t predictor_hidden = 4096;

  template <class Options, class Visit>
  static void describe(Options& o, Visit&& visit) {
    visit(o.temperature,
          temperature_field("The paper takes 0.2 for Vision Transformers and 1.0 for ResNet-50; "
                            "solo-learn takes 0.2 on CIFAR. MoCo v3, Chen et al. 2021."));
    visit(o.momentum, momentum_field("At the start of the run the paper and solo-learn take 0.99. "
                                     "MoCo v3, Chen et al. 2021."));
    visit(o.final_momentum, final_momentum_field());
    visit(o.projector_hidden, projector_hidden_field());
    visit(o.projector_out, projector_out_field());
    visit(o.projector_layers,
          projector_layers_field(
              "The paper takes 2 for ResNets, 3 for Vision Transformers; BatchNorm follows each, "
              "the last without scale and shift. MoCo v3, Chen et al. 2021."));
    visit(o.predictor_hidden, predictor_hidden_field("Usually 4096. MoCo v3, Chen et al. 2021."));
  }
};

class MocoV3 : public EncoderMethod {
 public:
  explicit MocoV3(const MethodRequest& request)
      : EncoderMethod(request),
        options_(request.options.read<MocoV3Options>("")),
        transformer_(is_transformer(request.encoder)) {
    projector_ = register_module("projector", projector());
    predictor_ = register_module("predictor", predictor());
    momentum_encoder_ = register_module(
        "momentum_encoder",
        make_encoder(request.encoder, request.channels, request.view_size, request.seed));
    momentum_projector_ = register_module("momentum_projector", projector());
    start_as_copy(*momentum_encoder_, *encoder_);
    start_as_copy(*momentum_projector_, *projector_);
  }

  StepOutput step(const Batch& batch, const Position&) override {
    // Each view by itself, as in the authors' code.
    const torch::Tensor q1 = query_of(batch.views[0]), q2 = query_of(batch.views[1]);
    const torch::Tensor k1 = key_of(batch.views[0]), k2 = key_of(batch.views[1]);
    const double t = options_.temperature;
    return {in_batch_loss(q1, k2, t) + in_batch_loss(q2, k1, t),
            {{"positive_similarity", mean_cosine(q1, k2)}, {"output_spread", output_spread(k1)}}};
  }

  /// The authors' code moves the average before the keys are made, which is after the last step's
  /// update; only the very first step differs, where both are the same network.
  void after_update(const Position& position) override {
    const double momentum = cosine_momentum(options_.momentum, options_.final_momentum, position);
    move_average(*momentum_encoder_, *encoder_, momentum);
    move_average(*momentum_projector_, *projector_, momentum);
  }

 private:
  Projector projector() const {
    return make_projector({.in = encoder_->dimensions(),
                           .hidden = options_.projector_hidden,
                           .out = options_.projector_out,
                           .layers = options_.projector_layers,
                           .last_batch_norm = true,
                           .last_affine = false});
  }
  /// Its last norm is there for Vision Transformers only (vits' builder against resnets').
  Projector predictor() const {
    return make_projector({.in = options_.projector_out,
                           .hidden = options_.predictor_hidden,
                           .out = options_.projector_out,
                           .last_batch_norm = transformer_,
                           .last_affine = false,
                           .bias = false});
  }
  torch::Tensor query_of(const torch::Tensor& view) {
    return predictor_->forward(projector_->forward(encoder_->forward(view)));
  }
  torch::Tensor key_of(const torch::Tensor& view) {
    const torch::NoGradGuard no_grad;
    return momentum_projector_->forward(momentum_encoder_->forward(view));
  }

  MocoV3Options options_;
  bool transformer_;
  std::shared_ptr<Encoder> momentum_encoder_;
  Projector projector_{nullptr}, predictor_{nullptr}, momentum_projector_{nullptr};
};

std::optional<MethodInfo::Reference> mocov3_chance(const Settings& options,
                                                   std::int64_t batch_size) {
  const auto n = static_cast<double>(batch_size);
  return MethodInfo::Reference{4 * options.get<double>("temperature") * std::log(n),
                               "chance 4τ ln N"};
}

}  // namespace

RegisteredMethod mocov3() {
  MethodInfo info;
  info.name = "mocov3";
  info.title = "MoCo v3";
  info.family = "contrastive";
  info.paper = "Chen et al. 2021, arXiv:2104.02057";
  info.help =
      "A predictor on one view must point at the other view, as a slow copy of the encoder sees "
      "it, among those of the batch. No queue; large batches take its place. It was made to train "
      "Vision Transformers steadily and does well with ResNets too.";
  info.input = InputKind::two_views;
  info.options = schema_of<MocoV3Options>("");
  info.diagnostics = {"positive_similarity", "output_spread"};
  info.chance = mocov3_chance;
  info.collapse = mocov3_chance;
  return {info, [](const MethodRequest& request) -> std::shared_ptr<Method> {
            return std::make_shared<MocoV3>(request);
          }};
}

}  // namespace selfsight
