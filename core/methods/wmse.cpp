// W-MSE: Whitening for Self-Supervised Representation Learning (Ermolov et al. 2021,
// arXiv:2007.06346).
#include "core/base/error.h"
#include "core/methods/encoder_method.h"
#include "core/methods/head_fields.h"
#include "core/methods/losses_agreement.h"
#include "core/nets/projector.h"

namespace selfsight {
namespace {

struct WmseOptions {
  std::int64_t whitening_size = 128;
  double whitening_eps = 0;
  std::int64_t projector_hidden = 1024, projector_out = 64, projector_layers = 2;

  template <class Options, class Visit>
  static void describe(Options& o, Visit&& visit) {
    visit(o.whitening_size,
          Field{.key = "whitening_size",
                .help = "Images that are whitened together; it must be larger than projector_out, "
                        "and the batch not smaller. More make the whitening steadier. The authors' "
                        "code takes twice the dimensions, 128. W-MSE, Ermolov et al. 2021.",
                .unit = "images",
                .min = 3,
                .max = 65536});
    visit(o.whitening_eps,
          Field{.key = "whitening_eps",
                .help = "How much of the identity is mixed into the covariance before it is "
                        "inverted, which softens the whitening. Higher is steadier and whitens "
                        "less fully. The authors take 0; raise it where the loss becomes no "
                        "number. W-MSE, Ermolov et al. 2021.",
                .min = 0,
                .max = 0.999,
                .advanced = true});
    visit(o.projector_hidden, projector_hidden_field());
    visit(o.projector_out, projector_out_field());
    visit(o.projector_layers,
          projector_layers_field(
              "Usually 2, with BatchNorm and ReLU between them. W-MSE, Ermolov et al. 2021."));
  }
};

class Wmse : public EncoderMethod {
 public:
  explicit Wmse(const MethodRequest& request)
      : EncoderMethod(request), options_(request.options.read<WmseOptions>("")) {
    projector_ =
        register_module("projector", make_projector({.in = encoder_->dimensions(),
                                                     .hidden = options_.projector_hidden,
                                                     .out = options_.projector_out,
                                                     .layers = options_.projector_layers}));
  }

  StepOutput step(const Batch& batch, const Position&) override {
    // As in the authors' code, each view by itself through the encoder, both together through the
    // projector. Theirs also shuffles the batch before it is cut into groups; the loader has.
    const auto n = batch.views[0].size(0);
    const torch::Tensor z = projector_->forward(
        torch::cat({encoder_->forward(batch.views[0]), encoder_->forward(batch.views[1])}));
    const torch::Tensor z0 = z.slice(0, 0, n), z1 = z.slice(0, n);
    return {whitened_mse_loss(z0, z1, options_.whitening_size, options_.whitening_eps),
            {{"positive_similarity", mean_cosine(z0, z1)}, {"output_spread", output_spread(z0)}}};
  }

 private:
  WmseOptions options_;
  Projector projector_{nullptr};
};

/// It has no collapse value: what is whitened cannot be one answer.
std::optional<MethodInfo::Reference> wmse_chance(const Settings&, std::int64_t) {
  return MethodInfo::Reference{2, "chance, cosine 0"};
}

void check_wmse(const Settings& settings, std::int64_t batch_size) {
  const auto options = settings.read<WmseOptions>("");
  if (options.whitening_size <= options.projector_out)
    throw InputError("W-MSE cannot whiten " + std::to_string(options.projector_out) +
                     " dimensions with " + std::to_string(options.whitening_size) +
                     " images; make method.whitening_size larger than method.projector_out.");
  if (batch_size < options.whitening_size)
    throw InputError("W-MSE whitens " + std::to_string(options.whitening_size) +
                     " images together, and a batch has " + std::to_string(batch_size) +
                     "; make method.whitening_size smaller or train.batch_size larger.");
}

}  // namespace

RegisteredMethod wmse() {
  MethodInfo info;
  info.name = "wmse";
  info.title = "W-MSE";
  info.family = "non-contrastive";
  info.paper = "Ermolov et al. 2021, arXiv:2007.06346";
  info.help =
      "Features are whitened over the batch, made uncorrelated and of one size, and then the two "
      "views of an image must agree. What is whitened cannot collapse, so no counter-examples and "
      "no slow copy are needed. It wants few dimensions, and batches of at least twice as many "
      "images.";
  info.input = InputKind::two_views;
  info.options = schema_of<WmseOptions>("");
  info.check = check_wmse;
  info.diagnostics = {"positive_similarity", "output_spread"};
  info.chance = wmse_chance;
  return {info, [](const MethodRequest& request) -> std::shared_ptr<Method> {
            return std::make_shared<Wmse>(request);
          }};
}

}  // namespace selfsight
