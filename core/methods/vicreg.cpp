// VICReg: Variance-Invariance-Covariance Regularization (Bardes, Ponce, LeCun 2022,
// arXiv:2105.04906).
#include "core/methods/encoder_method.h"
#include "core/methods/head_fields.h"
#include "core/methods/losses_agreement.h"
#include "core/nets/projector.h"

namespace selfsight {
namespace {

struct VicregOptions {
  double sim_weight = 25, var_weight = 25, cov_weight = 1;
  std::int64_t projector_hidden = 2048, projector_out = 2048, projector_layers = 3;

  template <class Options, class Visit>
  static void describe(Options& o, Visit&& visit) {
    const auto weight = [](const char* key, const char* help) {
      return Field{.key = key, .help = help, .min = 0, .max = 10000};
    };
    visit(o.sim_weight, weight("sim_weight",
                               "Weight of the views' mean squared difference. Higher makes views "
                               "agree more; too high against the others, all images get the same "
                               "answer. Usually 25, like var_weight. VICReg, Bardes et al. 2022."));
    visit(o.var_weight,
          weight("var_weight",
                 "Weight of what each dimension lacks of a deviation of 1, mean of both views as "
                 "in the authors' code. Higher works against collapse. Usually 25; solo-learn adds "
                 "the views, so 25 there is 50 here. VICReg, Bardes et al. 2022."));
    visit(o.cov_weight, weight("cov_weight",
                               "Weight of the squared covariances between dimensions, which say "
                               "the same where they are large. Higher makes dimensions differ "
                               "more. Usually 1. VICReg, Bardes et al. 2022."));
    visit(o.projector_hidden, projector_hidden_field());
    visit(o.projector_out, projector_out_field());
    visit(o.projector_layers,
          projector_layers_field(
              "Usually 3, with BatchNorm and ReLU between them. VICReg, Bardes et al. 2022."));
  }
};

class Vicreg : public EncoderMethod {
 public:
  explicit Vicreg(const MethodRequest& request)
      : EncoderMethod(request), options_(request.options.read<VicregOptions>("")) {
    projector_ = register_module("projector", make_projector({.in = encoder_->dimensions(),
                                                              .hidden = options_.projector_hidden,
                                                              .out = options_.projector_out,
                                                              .layers = options_.projector_layers,
                                                              .bias = false}));
  }

  StepOutput step(const Batch& batch, const Position&) override {
    // Each view by itself, as in the authors' code.
    const torch::Tensor z0 = projected(batch.views[0]), z1 = projected(batch.views[1]);
    const auto [invariance, variance, covariance] = vicreg_terms(z0, z1);
    return {options_.sim_weight * invariance + options_.var_weight * variance +
                options_.cov_weight * covariance,
            {{"invariance", invariance.detach()},
             {"variance", variance.detach()},
             {"covariance", covariance.detach()},
             {"output_spread", output_spread(z0)}}};
  }

 private:
  torch::Tensor projected(const torch::Tensor& view) {
    return projector_->forward(encoder_->forward(view));
  }

  VicregOptions options_;
  Projector projector_{nullptr};
};

/// Only the variance is missing, but for the epsilon under its root. It has no chance value: what
/// an encoder that knows nothing pays depends on how large its outputs are.
std::optional<MethodInfo::Reference> vicreg_collapse(const Settings& options, std::int64_t) {
  return MethodInfo::Reference{0.99 * options.get<double>("var_weight"), "collapse"};
}

}  // namespace

RegisteredMethod vicreg() {
  MethodInfo info;
  info.name = "vicreg";
  info.title = "VICReg";
  info.family = "non-contrastive";
  info.paper = "Bardes et al. 2022, arXiv:2105.04906";
  info.help =
      "Two views must give the same features, while each feature must vary over the batch and no "
      "two may vary together. These three plain terms are each logged, so that one sees what goes "
      "wrong. Like Barlow Twins it needs no counter-examples and likes a wide projector.";
  info.input = InputKind::two_views;
  info.options = schema_of<VicregOptions>("");
  info.diagnostics = {"invariance", "variance", "covariance", "output_spread"};
  info.collapse = vicreg_collapse;
  return {info, [](const MethodRequest& request) -> std::shared_ptr<Method> {
            return std::make_shared<Vicreg>(request);
          }};
}

}  // namespace selfsight
