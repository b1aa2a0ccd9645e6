// MoCo v2: Improved Baselines with Momentum Contrastive Learning (Chen, Fan, Girshick, He 2020,
// arXiv:2003.04297), after Momentum Contrast (He et al. 2020, arXiv:1911.05722).
#include <cmath>

#include "core/methods/encoder_method.h"
#include "core/methods/feature_queue.h"
#include "core/methods/head_fields.h"
#include "core/methods/losses_agreement.h"
#include "core/methods/losses_contrastive.h"
#include "core/methods/momentum_encoder.h"
#include "core/nets/projector.h"

namespace selfsight {
namespace {

struct MocoV2Options {
  double temperature = 0.2;
  std::int64_t queue_size = 4096;
  bool symmetric = true;
  double momentum = 0.99, final_momentum = 0.999;
  std::int64_t projector_hidden = 2048, projector_out = 256, projector_layers = 2;

  template <class Options, class Visit>
  static void describe(Options& o, Visit&& visit) {
    visit(o.temperature,
          temperature_field(
              "MoCo takes 0.07, MoCo v2 0.2, its CIFAR notebook 0.1. MoCo v2, Chen et al. 2020."));
    visit(o.queue_size,
          Field{.key = "queue_size",
                .help = "Keys, views of earlier batches, that each query is held against. More "
                        "make a harder task and take memory. MoCo takes 65536, solo-learn on CIFAR "
                        "32768, the CIFAR notebook 4096; it need not be a multiple of the batch. "
                        "MoCo, He et al. 2020.",
                .unit = "keys",
                .min = 1,
                .max = 1048576});
    visit(o.symmetric,
          Field{.key = "symmetric",
                .help = "Ask both ways, each view once as query and once as key, with a queue for "
                        "each. On is twice the work and a better start, off is the authors' way. "
                        "Switch it off to save time or to repeat their recipe. MoCo v2, Chen et "
                        "al. 2020; both ways as in solo-learn's MoCo v2+."});
    visit(o.momentum,
          momentum_field(
              "MoCo takes 0.999; short runs on small images take 0.99. MoCo, He et al. 2020."));
    visit(o.final_momentum, final_momentum_field());
    visit(o.projector_hidden, projector_hidden_field());
    visit(o.projector_out, projector_out_field());
    visit(o.projector_layers,
          projector_layers_field("Usually 2, with ReLU and without BatchNorm between them, as in "
                                 "MoCo v2. MoCo v2, Chen et al. 2020."));
  }
};

class MocoV2 : public EncoderMethod {
 public:
  explicit MocoV2(const MethodRequest& request)
      : EncoderMethod(request), options_(request.options.read<MocoV2Options>("")) {
    projector_ = register_module("projector", projector());
    key_encoder_ = register_module("key_encoder", make_encoder(request.encoder, request.channels,
                                                               request.view_size, request.seed));
    key_projector_ = register_module("key_projector", projector());
    start_as_copy(*key_encoder_, *encoder_);
    start_as_copy(*key_projector_, *projector_);
    const auto queue = [&] {
      return std::make_shared<FeatureQueue>(options_.queue_size, options_.projector_out);
    };
    queue_ = register_module("queue", queue());
    if (options_.symmetric) first_queue_ = register_module("first_queue", queue());
  }

  StepOutput step(const Batch& batch, const Position&) override {
    // Each view by itself through each encoder, as in the authors' code and solo-learn's. On one
    // device there is no BatchNorm to shuffle between.
    const torch::Tensor k2 = key_of(batch.views[1]), q1 = query_of(batch.views[0]);
    torch::Tensor loss = queue_loss(q1, k2, queue_->rows(), options_.temperature);
    if (options_.symmetric) {
      const torch::Tensor k1 = key_of(batch.views[0]), q2 = query_of(batch.views[1]);
      loss = (loss + queue_loss(q2, k1, first_queue_->rows(), options_.temperature)) / 2;
      if (is_training()) first_queue_->push(k1);
    }
    if (is_training()) queue_->push(k2);
    return {loss,
            {{"positive_similarity", mean_cosine(q1, k2)}, {"output_spread", output_spread(q1)}}};
  }

  void after_update(const Position& position) override {
    const double momentum = cosine_momentum(options_.momentum, options_.final_momentum, position);
    move_average(*key_encoder_, *encoder_, momentum);
    move_average(*key_projector_, *projector_, momentum);
  }

 private:
  Projector projector() const {
    return make_projector({.in = encoder_->dimensions(),
                           .hidden = options_.projector_hidden,
                           .out = options_.projector_out,
                           .layers = options_.projector_layers,
                           .batch_norm = false});
  }
  torch::Tensor query_of(const torch::Tensor& view) {
    return projector_->forward(encoder_->forward(view));
  }
  torch::Tensor key_of(const torch::Tensor& view) {
    const torch::NoGradGuard no_grad;
    return key_projector_->forward(key_encoder_->forward(view));
  }

  MocoV2Options options_;
  std::shared_ptr<Encoder> key_encoder_;
  Projector projector_{nullptr}, key_projector_{nullptr};
  std::shared_ptr<FeatureQueue> queue_, first_queue_;  // of the second view's keys, the first's
};

std::optional<MethodInfo::Reference> mocov2_chance(const Settings& options, std::int64_t) {
  const auto keys = static_cast<double>(options.get<std::int64_t>("queue_size"));
  return MethodInfo::Reference{std::log(1 + keys), "chance ln(1+K)"};
}

}  // namespace

RegisteredMethod mocov2() {
  MethodInfo info;
  info.name = "mocov2";
  info.title = "MoCo v2";
  info.family = "contrastive";
  info.paper = "Chen et al. 2020, arXiv:2003.04297";
  info.help =
      "A view must find the other view of its image among thousands of earlier ones, which a queue "
      "keeps. A slow copy of the encoder has encoded those, so that they stay comparable while it "
      "learns. Choose it where memory allows only small batches: the number of counter-examples "
      "does not depend on them.";
  info.input = InputKind::two_views;
  info.options = schema_of<MocoV2Options>("");
  info.diagnostics = {"positive_similarity", "output_spread"};
  info.chance = mocov2_chance;
  info.collapse = mocov2_chance;
  return {info, [](const MethodRequest& request) -> std::shared_ptr<Method> {
            return std::make_shared<MocoV2>(request);
          }};
}

}  // namespace selfsight
