// SupCon: Supervised Contrastive Learning (Khosla et al. 2020, arXiv:2004.11362).
#include <cmath>

#include "core/methods/encoder_method.h"
#include "core/methods/head_fields.h"
#include "core/methods/losses_agreement.h"
#include "core/methods/losses_contrastive.h"
#include "core/nets/projector.h"

namespace selfsight {
namespace {

struct SupConOptions {
  double temperature = 0.1;
  std::int64_t projector_hidden = 512, projector_out = 128, projector_layers = 2;

  template <class Options, class Visit>
  static void describe(Options& o, Visit&& visit) {
    visit(o.temperature, temperature_field("The paper takes 0.1, its code on CIFAR 0.1 to 0.5, "
                                           "solo-learn 0.2. SupCon, Khosla et al. 2020."));
    visit(o.projector_hidden, projector_hidden_field());
    visit(o.projector_out, projector_out_field());
    visit(o.projector_layers,
          projector_layers_field("Usually 2, with ReLU and without BatchNorm between them, as in "
                                 "the authors' code. SupCon, Khosla et al. 2020."));
  }
};

class SupCon : public EncoderMethod {
 public:
  explicit SupCon(const MethodRequest& request)
      : EncoderMethod(request), options_(request.options.read<SupConOptions>("")) {
    projector_ = register_module("projector", make_projector({.in = encoder_->dimensions(),
                                                              .hidden = options_.projector_hidden,
                                                              .out = options_.projector_out,
                                                              .layers = options_.projector_layers,
                                                              .batch_norm = false}));
  }

  StepOutput step(const Batch& batch, const Position&) override {
    // Both views in one pass, as in the authors' code (main_supcon.py concatenates them).
    const auto n = batch.views[0].size(0);
    const torch::Tensor both = torch::cat({batch.views[0], batch.views[1]});
    const torch::Tensor z = projector_->forward(encoder_->forward(both));
    const torch::Tensor z0 = z.slice(0, 0, n), z1 = z.slice(0, n);
    return {supervised_contrastive_loss(z0, z1, batch.labels, options_.temperature),
            {{"positive_similarity", mean_cosine(z0, z1)}, {"output_spread", output_spread(z0)}}};
  }

 private:
  SupConOptions options_;
  Projector projector_{nullptr};
};

std::optional<MethodInfo::Reference> supcon_chance(const Settings&, std::int64_t batch_size) {
  return MethodInfo::Reference{std::log(2.0 * static_cast<double>(batch_size) - 1),
                               "chance ln(2N−1)"};
}

}  // namespace

RegisteredMethod supcon() {
  MethodInfo info;
  info.name = "supcon";
  info.title = "SupCon (labels)";
  info.family = "contrastive";
  info.paper = "Khosla et al. 2020, arXiv:2004.11362";
  info.help =
      "SimCLR with labels: all views of images of one class must find each other. So it is not "
      "self-supervised, and needs labelled images. It shows how far labels would take the same "
      "encoder on the same images, so that other runs have something to be measured against.";
  info.input = InputKind::two_views;
  info.options = schema_of<SupConOptions>("");
  info.diagnostics = {"positive_similarity", "output_spread"};
  info.needs_labels = true;
  info.chance = supcon_chance;
  info.collapse = supcon_chance;
  return {info, [](const MethodRequest& request) -> std::shared_ptr<Method> {
            return std::make_shared<SupCon>(request);
          }};
}

}  // namespace selfsight
