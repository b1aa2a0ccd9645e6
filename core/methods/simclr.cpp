// SimCLR: A Simple Framework for Contrastive Learning of Visual Representations
// (Chen, Kornblith, Norouzi, Hinton 2020, arXiv:2002.05709), and its variants DCL and DCLW:
// Decoupled Contrastive Learning (Yeh et al. 2022, arXiv:2110.06848).
#include <cmath>

#include "core/methods/encoder_method.h"
#include "core/methods/head_fields.h"
#include "core/methods/losses.h"
#include "core/methods/losses_agreement.h"
#include "core/methods/losses_contrastive.h"
#include "core/nets/projector.h"

namespace selfsight {
namespace {

struct SimClrOptions {
  std::string loss = "nt_xent";
  double temperature = 0.5;
  double sigma = 0.5;
  std::int64_t projector_hidden = 512;
  std::int64_t projector_out = 128;
  std::int64_t projector_layers = 2;

  template <class Options, class Visit>
  static void describe(Options& o, Visit&& visit) {
    visit(o.loss,
          Field{.key = "loss",
                .help = "nt_xent is SimCLR's loss: each view must find its partner among the "
                        "batch. dcl takes the partner out of the denominator, which makes small "
                        "batches learn faster; dclw also gives pairs that already agree less "
                        "weight. Keep nt_xent, or try the others with small batches. SimCLR, Chen "
                        "et al. 2020; dcl and dclw: Yeh et al. 2022.",
                .choices = {"nt_xent", "dcl", "dclw"}});
    visit(o.temperature,
          temperature_field(
              "The paper takes 0.5 on CIFAR-10 and 0.1 on ImageNet. SimCLR, Chen et al. 2020."));
    visit(o.sigma,
          Field{.key = "sigma",
                .help = "How sharply dclw weighs pairs by their agreement. Lower is sharper: pairs "
                        "that agree already count for much less. Usually 0.5. Yeh et al. 2022.",
                .min = 0.01,
                .max = 10,
                .advanced = true,
                .only_if = Condition{"loss", {"dclw"}}});
    visit(o.projector_hidden, Field{.key = "projector_hidden",
                                    .help = projector_hidden_help,
                                    .min = 8,
                                    .max = 16384,
                                    .advanced = true});
    visit(o.projector_out, Field{.key = "projector_out",
                                 .help = projector_out_help,
                                 .min = 2,
                                 .max = 16384,
                                 .advanced = true});
    visit(o.projector_layers,
          projector_layers_field(
              "Usually 2, with BatchNorm and ReLU between them. SimCLR, Chen et al. 2020."));
  }
};

class SimClr : public EncoderMethod {
 public:
  explicit SimClr(const MethodRequest& request)
      : EncoderMethod(request), options_(request.options.read<SimClrOptions>("")) {
    projector_ =
        register_module("projector", make_projector({.in = encoder_->dimensions(),
                                                     .hidden = options_.projector_hidden,
                                                     .out = options_.projector_out,
                                                     .layers = options_.projector_layers}));
  }

  StepOutput step(const Batch& batch, const Position&) override {
    // Both views in one pass, so that BatchNorm sees them as one batch of 2N: as the authors' code
    // does (google-research/simclr, model.py concatenates the views before the encoder).
    const auto n = batch.views[0].size(0);
    const torch::Tensor both = torch::cat({batch.views[0], batch.views[1]});
    const torch::Tensor z = projector_->forward(encoder_->forward(both));
    const torch::Tensor z0 = z.slice(0, 0, n), z1 = z.slice(0, n);
    return {loss_of(z0, z1),
            {{"positive_similarity", mean_cosine(z0, z1)}, {"output_spread", output_spread(z0)}}};
  }

 private:
  torch::Tensor loss_of(const torch::Tensor& z0, const torch::Tensor& z1) const {
    if (options_.loss == "dcl") return decoupled_loss(z0, z1, options_.temperature);
    if (options_.loss == "dclw")
      return weighted_decoupled_loss(z0, z1, options_.temperature, options_.sigma);
    return nt_xent(z0, z1, options_.temperature);
  }

  SimClrOptions options_;
  Projector projector_{nullptr};
};

std::optional<MethodInfo::Reference> simclr_chance(const Settings& options,
                                                   std::int64_t batch_size) {
  const double others = 2.0 * static_cast<double>(batch_size) - 1;
  if (options.get<std::string>("loss") == "nt_xent")
    return MethodInfo::Reference{std::log(others), "chance ln(2N−1)"};
  return MethodInfo::Reference{std::log(others - 1), "chance ln(2N−2)"};
}

}  // namespace

RegisteredMethod simclr() {
  MethodInfo info;
  info.name = "simclr";
  info.title = "SimCLR";
  info.family = "contrastive";
  info.paper = "Chen et al. 2020, arXiv:2002.05709";
  info.help =
      "Two augmented views of an image must find each other among all other views of the batch. "
      "What they have in common is what the encoder learns, so the augmentations decide what it "
      "ignores. Simple and dependable; it likes large batches, because every other image of the "
      "batch is a counter-example.";
  info.input = InputKind::two_views;
  info.options = schema_of<SimClrOptions>("");
  info.diagnostics = {"positive_similarity", "output_spread"};
  info.chance = simclr_chance;
  info.collapse = simclr_chance;
  return {info, [](const MethodRequest& request) -> std::shared_ptr<Method> {
            return std::make_shared<SimClr>(request);
          }};
}

}  // namespace selfsight
