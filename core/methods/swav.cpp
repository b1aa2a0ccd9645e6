// SwAV: Unsupervised Learning of Visual Features by Contrasting Cluster Assignments
// (Caron, Misra, Mairal, Goyal, Bojanowski, Joulin 2020, arXiv:2006.09882).
#include <algorithm>
#include <cmath>

#include "core/methods/crops.h"
#include "core/methods/encoder_method.h"
#include "core/methods/head_fields.h"
#include "core/methods/losses_agreement.h"
#include "core/methods/losses_clusters.h"
#include "core/nets/projector.h"

namespace selfsight {
namespace {

namespace functional = torch::nn::functional;

struct SwavOptions {
  std::int64_t prototypes = 512;
  double temperature = 0.1;
  double epsilon = 0.05;
  std::int64_t sinkhorn_iterations = 3;
  std::int64_t queue_length = 0;
  double queue_starts = 15;
  double freeze_prototypes = 1;
  std::int64_t projector_hidden = 2048;
  std::int64_t projector_out = 128;

  template <class Options, class Visit>
  static void describe(Options& o, Visit&& visit) {
    visit(o.prototypes,
          Field{.key = "prototypes",
                .help = "Clusters into which views are sorted; a prototype is the middle of one. "
                        "More make finer groups, and want larger batches or the queue. The paper "
                        "takes 3000 on ImageNet, lightly 512 on CIFAR-10; ten times the classes "
                        "you expect do well. SwAV, Caron et al. 2020.",
                .min = 2,
                .max = 1000000});
    visit(o.temperature, Field{.key = "temperature",
                               .help = "Divides the similarities to the prototypes before they "
                                       "become probabilities. Lower makes the guess surer and the "
                                       "task harder. Usually 0.1. SwAV, Caron et al. 2020.",
                               .min = 0.01,
                               .max = 10});
    visit(
        o.epsilon,
        Field{
            .key = "epsilon",
            .help =
                "Softness of the codes, the clusters given as answers. Higher spreads an image "
                "over more clusters, lower gives it to one. Usually 0.05. SwAV, Caron et al. 2020.",
            .min = 0.001,
            .max = 10});
    visit(o.sinkhorn_iterations,
          Field{.key = "sinkhorn_iterations",
                .help = "Rounds that even out the clusters of a batch, so that not all images land "
                        "in one. More even them out better and take a little more time. Usually 3. "
                        "SwAV, Caron et al. 2020.",
                .min = 0,
                .max = 100,
                .advanced = true});
    visit(
        o.queue_length,
        Field{
            .key = "queue_length",
            .help =
                "Earlier images, per global view, that help to even out the clusters; 0 for none. "
                "More help where a batch is smaller than the number of prototypes. The paper takes "
                "3840; it need not be a multiple of the batch. SwAV, Caron et al. 2020.",
            .unit = "images",
            .min = 0,
            .max = 1000000});
    visit(o.queue_starts,
          Field{.key = "queue_starts",
                .help = "From when on the queue is filled; it is used once full. Later lets the "
                        "features settle first. The paper takes epoch 15; take less for short "
                        "runs. SwAV, Caron et al. 2020.",
                .unit = "epochs",
                .min = 0,
                .max = 100000,
                .advanced = true});
    visit(o.freeze_prototypes,
          Field{.key = "freeze_prototypes",
                .help = "For how long the prototypes stay as they were drawn. Longer makes a "
                        "steadier start; 0 trains them from the first step. SwAV takes 313 steps "
                        "of 5000, solo-learn 2 epochs of 1000. SwAV, Caron et al. 2020.",
                .unit = "epochs",
                .min = 0,
                .max = 1000,
                .advanced = true});
    visit(o.projector_hidden, Field{.key = "projector_hidden",
                                    .help = projector_hidden_help,
                                    .min = 8,
                                    .max = 16384,
                                    .advanced = true});
    visit(o.projector_out,
          Field{.key = "projector_out",
                .help = "Dimensions in which views meet prototypes: how many numbers the projector "
                        "gives for each view. More hold finer differences and take more memory. "
                        "Usually 128. SwAV, Caron et al. 2020.",
                .min = 2,
                .max = 16384,
                .advanced = true});
  }
};

class Swav : public EncoderMethod {
 public:
  explicit Swav(const MethodRequest& request)
      : EncoderMethod(request), options_(request.options.read<SwavOptions>("")) {
    projector_ = register_module("projector", make_projector({.in = encoder_->dimensions(),
                                                              .hidden = options_.projector_hidden,
                                                              .out = options_.projector_out}));
    prototypes_ = register_parameter(
        "prototypes", directions(torch::randn({options_.prototypes, options_.projector_out})));
    queue_ = register_buffer(
        "queue", torch::zeros({global_crops, options_.queue_length, options_.projector_out}));
    queued_ = register_buffer("queued", torch::zeros({}, torch::kLong));
  }

  StepOutput step(const Batch& batch, const Position& position) override {
    const torch::Tensor z = directions(projector_->forward(encoder_rows(*encoder_, batch.views)));
    const auto crops = static_cast<std::int64_t>(batch.views.size());
    const auto scores = torch::matmul(z, prototypes_.t()).chunk(crops);
    std::vector<torch::Tensor> codes;
    for (std::size_t crop = 0; crop < global_crops; ++crop)
      codes.push_back(codes_of(scores[crop].detach(), static_cast<std::int64_t>(crop)));
    if (options_.queue_length > 0 && position.epoch() >= options_.queue_starts)
      enqueue(z.detach().chunk(crops));
    return {swav_loss(scores, codes, options_.temperature),
            {{"prototypes_used", used(torch::cat(codes))},
             {"output_spread", output_spread(z.chunk(crops)[0])}}};
  }

  void before_update(const Position& position) override {
    if (position.epoch() < options_.freeze_prototypes) prototypes_.mutable_grad().reset();
  }

  void after_update(const Position&) override {
    const torch::NoGradGuard no_grad;
    prototypes_.copy_(directions(prototypes_));
  }

  torch::Tensor assignments(const torch::Tensor& images) override {
    const torch::Tensor z = directions(projector_->forward(encoder_->forward(images)));
    return torch::softmax(torch::matmul(z, prototypes_.t()) / options_.temperature, -1);
  }

 private:
  static torch::Tensor directions(const torch::Tensor& rows) {
    return functional::normalize(rows, functional::NormalizeFuncOptions().dim(1));
  }

  bool queue_is_full() const { return queued_.item<std::int64_t>() >= options_.queue_length; }

  torch::Tensor codes_of(const torch::Tensor& scores, std::int64_t crop) const {
    torch::Tensor all = scores;
    if (options_.queue_length > 0 && queue_is_full())
      all = torch::cat({scores, torch::matmul(queue_[crop], prototypes_.detach().t())});
    return sinkhorn(all, options_.epsilon, options_.sinkhorn_iterations)
        .slice(0, 0, scores.size(0));
  }

  /// The newest first; what is too old falls off the end.
  void enqueue(const std::vector<torch::Tensor>& rows) {
    const torch::NoGradGuard no_grad;
    const auto n = std::min(rows[0].size(0), options_.queue_length);
    for (std::int64_t crop = 0; crop < global_crops; ++crop)
      queue_[crop].copy_(torch::cat({rows[static_cast<std::size_t>(crop)].slice(0, 0, n),
                                     queue_[crop].slice(0, 0, options_.queue_length - n)}));
    queued_ += n;
  }

  /// How many prototypes the batch is spread over: exp of the entropy of its mean choice.
  static torch::Tensor used(const torch::Tensor& codes) {
    const torch::Tensor chosen = codes.argmax(1);
    const torch::Tensor shares = torch::bincount(chosen, {}, codes.size(1)).to(torch::kFloat) /
                                 static_cast<double>(chosen.size(0));
    return torch::exp(-(shares * (shares + 1e-12).log()).sum());
  }

  SwavOptions options_;
  Projector projector_{nullptr};
  torch::Tensor prototypes_, queue_, queued_;
};

std::optional<MethodInfo::Reference> swav_chance(const Settings& options, std::int64_t) {
  return MethodInfo::Reference{
      std::log(static_cast<double>(options.get<std::int64_t>("prototypes"))), "chance ln K"};
}

}  // namespace

RegisteredMethod swav() {
  MethodInfo info;
  info.name = "swav";
  info.title = "SwAV";
  info.family = "clustering";
  info.paper = "Caron et al. 2020, arXiv:2006.09882";
  info.help =
      "Views are sorted into clusters, evenly over the batch, and the cluster of one view must be "
      "predicted from every other. It learns fast, without negatives or a second network; small "
      "local crops give it many views for little work. With a batch smaller than the number of "
      "prototypes, use the queue.";
  info.input = InputKind::multi_crop;
  info.has_prototypes = true;
  info.options = schema_of<SwavOptions>("");
  info.diagnostics = {"prototypes_used", "output_spread"};
  info.chance = swav_chance;
  info.collapse = swav_chance;
  return {info, [](const MethodRequest& request) -> std::shared_ptr<Method> {
            return std::make_shared<Swav>(request);
          }};
}

}  // namespace selfsight
