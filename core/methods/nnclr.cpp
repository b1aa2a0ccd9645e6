// NNCLR: With a Little Help from My Friends: Nearest-Neighbor Contrastive Learning of Visual
// Representations (Dwibedi et al. 2021, arXiv:2104.14548).
#include <cmath>

#include "core/methods/encoder_method.h"
#include "core/methods/feature_queue.h"
#include "core/methods/head_fields.h"
#include "core/methods/losses.h"
#include "core/methods/losses_agreement.h"
#include "core/methods/losses_contrastive.h"
#include "core/nets/projector.h"

namespace selfsight {
namespace {

struct NnclrOptions {
  double temperature = 0.2;
  std::int64_t queue_size = 16384;
  std::string loss = "cross_view";
  std::int64_t projector_hidden = 2048, projector_out = 256, projector_layers = 3;
  std::int64_t predictor_hidden = 4096;

  template <class Options, class Visit>
  static void describe(Options& o, Visit&& visit) {
    visit(o.temperature,
          temperature_field(
              "The paper takes 0.1, solo-learn 0.2 on CIFAR. NNCLR, Dwibedi et al. 2021."));
    visit(
        o.queue_size,
        Field{.key = "queue_size",
              .help =
                  "Features of earlier batches among which a view's neighbour is sought. More hold "
                  "closer neighbours and take memory. The paper takes 98304, solo-learn on CIFAR "
                  "65536; it need not be a multiple of the batch. NNCLR, Dwibedi et al. 2021.",
              .unit = "features",
              .min = 1,
              .max = 1048576});
    visit(o.loss,
          Field{.key = "loss",
                .help = "What a neighbour is held against. cross_view takes the predictions of the "
                        "other view only (the paper, solo-learn), nt_xent all views (lightly). "
                        "Keep cross_view, unless you repeat lightly's recipe. NNCLR, Dwibedi et "
                        "al. 2021, as in solo-learn; nt_xent as in lightly.",
                .choices = {"cross_view", "nt_xent"},
                .advanced = true});
    visit(o.projector_hidden, projector_hidden_field());
    visit(o.projector_out, projector_out_field());
    visit(o.projector_layers,
          projector_layers_field(
              "Usually 3, with BatchNorm after each. NNCLR, Dwibedi et al. 2021."));
    visit(o.predictor_hidden, predictor_hidden_field("Usually 4096. NNCLR, Dwibedi et al. 2021."));
  }
};

class Nnclr : public EncoderMethod {
 public:
  explicit Nnclr(const MethodRequest& request)
      : EncoderMethod(request), options_(request.options.read<NnclrOptions>("")) {
    projector_ = register_module("projector", make_projector({.in = encoder_->dimensions(),
                                                              .hidden = options_.projector_hidden,
                                                              .out = options_.projector_out,
                                                              .layers = options_.projector_layers,
                                                              .last_batch_norm = true}));
    predictor_ = register_module("predictor", make_projector({.in = options_.projector_out,
                                                              .hidden = options_.predictor_hidden,
                                                              .out = options_.projector_out}));
    queue_ = register_module(
        "queue", std::make_shared<FeatureQueue>(options_.queue_size, options_.projector_out));
  }

  StepOutput step(const Batch& batch, const Position&) override {
    // Each view by itself, as in solo-learn; the queue takes the first view's features after they
    // have been compared with what was in it.
    const torch::Tensor z1 = projected(batch.views[0]), z2 = projected(batch.views[1]);
    const torch::Tensor p1 = predictor_->forward(z1), p2 = predictor_->forward(z2);
    const torch::Tensor n1 = neighbour_of(z1), n2 = neighbour_of(z2);
    const torch::Tensor loss = (one_way(n1, p2) + one_way(n2, p1)) / 2;
    if (is_training()) queue_->push(z1);
    return {loss,
            {{"positive_similarity", mean_cosine(n1, p2)},
             {"neighbour_similarity", mean_cosine(n1, z1)},
             {"output_spread", output_spread(z1)}}};
  }

 private:
  torch::Tensor projected(const torch::Tensor& view) {
    return projector_->forward(encoder_->forward(view));
  }
  torch::Tensor neighbour_of(const torch::Tensor& z) const {
    const torch::NoGradGuard no_grad;
    return queue_->rows().index_select(0, nearest_in(queue_->rows(), z));
  }
  torch::Tensor one_way(const torch::Tensor& neighbours, const torch::Tensor& predictions) const {
    return options_.loss == "nt_xent"
               ? nt_xent(neighbours, predictions, options_.temperature)
               : neighbour_loss(neighbours, predictions, options_.temperature);
  }

  NnclrOptions options_;
  Projector projector_{nullptr}, predictor_{nullptr};
  std::shared_ptr<FeatureQueue> queue_;
};

std::optional<MethodInfo::Reference> nnclr_chance(const Settings& options,
                                                  std::int64_t batch_size) {
  const auto n = static_cast<double>(batch_size);
  if (options.get<std::string>("loss") == "nt_xent")
    return MethodInfo::Reference{std::log(2 * n - 1), "chance ln(2N−1)"};
  return MethodInfo::Reference{std::log(n), "chance ln N"};
}

}  // namespace

RegisteredMethod nnclr() {
  MethodInfo info;
  info.name = "nnclr";
  info.title = "NNCLR";
  info.family = "contrastive";
  info.paper = "Dwibedi et al. 2021, arXiv:2104.14548";
  info.help =
      "In place of the view itself, its nearest neighbour among earlier images must be matched by "
      "the other view. So the encoder learns from likenesses that no augmentation makes, and leans "
      "less on their choice than SimCLR does. It starts slowly: the neighbours mean something only "
      "once the features do.";
  info.input = InputKind::two_views;
  info.options = schema_of<NnclrOptions>("");
  info.diagnostics = {"positive_similarity", "neighbour_similarity", "output_spread"};
  info.chance = nnclr_chance;
  info.collapse = nnclr_chance;
  return {info, [](const MethodRequest& request) -> std::shared_ptr<Method> {
            return std::make_shared<Nnclr>(request);
          }};
}

}  // namespace selfsight
