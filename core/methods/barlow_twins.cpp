// Barlow Twins: Self-Supervised Learning via Redundancy Reduction (Zbontar et al. 2021,
// arXiv:2103.03230).
#include "core/methods/encoder_method.h"
#include "core/methods/head_fields.h"
#include "core/methods/losses_agreement.h"
#include "core/nets/projector.h"

namespace selfsight {
namespace {

struct BarlowTwinsOptions {
  double lambda = 0.0051, scale_loss = 0.1;
  std::int64_t projector_hidden = 2048, projector_out = 2048, projector_layers = 3;

  template <class Options, class Visit>
  static void describe(Options& o, Visit&& visit) {
    visit(o.lambda,
          Field{.key = "lambda",
                .help = "Weight of the correlations off the diagonal, which are features that say "
                        "the same. Higher makes features differ more, lower makes views agree "
                        "more. The authors' code takes 0.0051 for 8192 dimensions; for few take "
                        "one over their number. Barlow Twins, Zbontar et al. 2021.",
                .min = 0,
                .max = 10});
    visit(o.scale_loss,
          Field{.key = "scale_loss",
                .help = "Multiplies the whole loss, which is a sum over all dimensions. Higher "
                        "acts like a higher learning rate with plain SGD, so choose the two "
                        "together. solo-learn takes 0.1 on CIFAR, and 0.024 as the authors' first "
                        "code. Barlow Twins, Zbontar et al. 2021.",
                .min = 1e-6,
                .max = 100});
    visit(o.projector_hidden, projector_hidden_field());
    visit(o.projector_out, projector_out_field());
    visit(
        o.projector_layers,
        projector_layers_field(
            "Usually 3, with BatchNorm and ReLU between them. Barlow Twins, Zbontar et al. 2021."));
  }
};

class BarlowTwins : public EncoderMethod {
 public:
  explicit BarlowTwins(const MethodRequest& request)
      : EncoderMethod(request), options_(request.options.read<BarlowTwinsOptions>("")) {
    projector_ = register_module("projector", make_projector({.in = encoder_->dimensions(),
                                                              .hidden = options_.projector_hidden,
                                                              .out = options_.projector_out,
                                                              .layers = options_.projector_layers,
                                                              .bias = false}));
  }

  StepOutput step(const Batch& batch, const Position&) override {
    // Each view by itself, as in the authors' code.
    const torch::Tensor z0 = projected(batch.views[0]), z1 = projected(batch.views[1]);
    return {barlow_twins_loss(z0, z1, options_.lambda, options_.scale_loss),
            {{"positive_similarity", mean_cosine(z0, z1)}, {"output_spread", output_spread(z0)}}};
  }

 private:
  torch::Tensor projected(const torch::Tensor& view) {
    return projector_->forward(encoder_->forward(view));
  }

  BarlowTwinsOptions options_;
  Projector projector_{nullptr};
};

/// Columns that have nothing to do with each other: each correlation has the variance 1 / N.
std::optional<MethodInfo::Reference> barlow_twins_chance(const Settings& options,
                                                         std::int64_t batch_size) {
  const auto d = static_cast<double>(options.get<std::int64_t>("projector_out"));
  const auto n = static_cast<double>(batch_size);
  const double off = options.get<double>("lambda") * d * (d - 1) / n;
  return MethodInfo::Reference{options.get<double>("scale_loss") * (d + d / n + off),
                               "chance, no correlation"};
}

/// Constant columns have no correlations at all.
std::optional<MethodInfo::Reference> barlow_twins_collapse(const Settings& options, std::int64_t) {
  const auto d = static_cast<double>(options.get<std::int64_t>("projector_out"));
  return MethodInfo::Reference{options.get<double>("scale_loss") * d, "collapse, scale × D"};
}

}  // namespace

RegisteredMethod barlow_twins() {
  MethodInfo info;
  info.name = "barlow_twins";
  info.title = "Barlow Twins";
  info.family = "non-contrastive";
  info.paper = "Zbontar et al. 2021, arXiv:2103.03230";
  info.help =
      "Each feature must agree between two views of an image, and no two features may say the "
      "same. So nothing can collapse, without counter-examples, slow copies or predictors. It "
      "likes a wide projector, and works with batches of ordinary size.";
  info.input = InputKind::two_views;
  info.options = schema_of<BarlowTwinsOptions>("");
  info.diagnostics = {"positive_similarity", "output_spread"};
  info.chance = barlow_twins_chance;
  info.collapse = barlow_twins_collapse;
  return {info, [](const MethodRequest& request) -> std::shared_ptr<Method> {
            return std::make_shared<BarlowTwins>(request);
          }};
}

}  // namespace selfsight
