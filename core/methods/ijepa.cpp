// I-JEPA: Self-Supervised Learning from Images with a Joint-Embedding Predictive Architecture
// (Assran, Duval, Misra, Bojanowski, Vincent, Rabbat, LeCun, Ballas 2023, arXiv:2301.08243).
#include "core/base/error.h"
#include "core/methods/losses_agreement.h"
#include "core/methods/losses_masked.h"
#include "core/methods/method.h"
#include "core/methods/momentum_encoder.h"
#include "core/nets/jepa_predictor.h"

namespace selfsight {
namespace {

struct IjepaOptions {
  double momentum_teacher = 0.996;
  std::int64_t predictor_dim = 96;
  std::int64_t predictor_depth = 4;
  std::int64_t predictor_heads = 3;
  double vicreg_weight = 0;

  template <class Options, class Visit>
  static void describe(Options& o, Visit&& visit) {
    visit(
        o.momentum_teacher,
        Field{.key = "momentum_teacher",
              .help =
                  "How much of itself the target encoder keeps at each step, rising to 1. Higher "
                  "is steadier and follows the encoder more slowly. The paper takes 0.996; take "
                  "less for short runs, in which it could not follow. I-JEPA, Assran et al. 2023.",
              .min = 0,
              .max = 1});
    visit(
        o.predictor_dim,
        Field{.key = "predictor_dim",
              .help =
                  "Width of the predictor, which guesses the features of hidden blocks; a multiple "
                  "of four and of predictor_heads. Wider guesses better and takes more time. The "
                  "paper takes 384, narrower than its encoder. I-JEPA, Assran et al. 2023.",
              .min = 8,
              .max = 4096,
              .advanced = true});
    visit(o.predictor_depth,
          Field{.key = "predictor_depth",
                .help = "Transformer blocks of the predictor, one after another. More guess better "
                        "and take more time. The paper takes 6 to 16; 4 do for small images. "
                        "I-JEPA, Assran et al. 2023.",
                .min = 1,
                .max = 32,
                .advanced = true});
    visit(o.predictor_heads,
          Field{.key = "predictor_heads",
                .help =
                    "Attention heads of the predictor: ways in which it looks from patch to patch. "
                    "More look in more ways, each with a smaller part of its width. Raise it with "
                    "predictor_dim, which must be a multiple of it. I-JEPA, Assran et al. 2023.",
                .min = 1,
                .max = 64,
                .advanced = true});
    visit(o.vicreg_weight,
          Field{.key = "vicreg_weight",
                .help = "Weight of VICReg's loss (25, 25, 1) between the mean of the context's "
                        "tokens and that of the target's. Higher keeps images apart where short "
                        "runs would let them run together. I-JEPA takes 0, C-JEPA 0.001. I-JEPA, "
                        "Assran et al. 2023; C-JEPA: Mo and Tong 2024.",
                .min = 0,
                .max = 10});
  }
};

/// The patches where `chosen` [N, L] is true, in the order of the grid. Images with more than the
/// fewest lose the last ones, as in the authors' collator: [N, fewest].
torch::Tensor places(const torch::Tensor& chosen) {
  const auto fewest = chosen.sum(1).min().item<std::int64_t>();
  return torch::argsort(chosen.logical_not().to(torch::kLong), /*stable=*/true, 1)
      .slice(1, 0, fewest);
}

torch::Tensor tokens_at(const torch::Tensor& tokens, const torch::Tensor& at) {
  return tokens.gather(1, at.unsqueeze(-1).expand({-1, -1, tokens.size(2)}));
}

class Ijepa : public Method {
 public:
  explicit Ijepa(const MethodRequest& request) : options_(request.options.read<IjepaOptions>("")) {
    VisionTransformerShape shape =
        vision_transformer_shape(request.encoder, request.channels, request.view_size);
    shape.mae = true;  // its positions, too, are sines and cosines
    encoder_ = register_module("encoder", std::make_shared<VisionTransformer>(shape));
    predictor_ = register_module("predictor", std::make_shared<JepaPredictor>(JepaPredictorShape{
                                                  .encoder_dimensions = shape.dimensions,
                                                  .dimensions = options_.predictor_dim,
                                                  .depth = options_.predictor_depth,
                                                  .heads = options_.predictor_heads,
                                                  .grid = shape.grid()}));
    teacher_ = register_module("target_encoder", std::make_shared<VisionTransformer>(shape));
    start_as_copy(*teacher_, *encoder_);
  }

  StepOutput step(const Batch& batch, const Position&) override {
    const torch::Tensor& images = batch.views[0];
    const torch::Tensor seen = places(batch.masks[0].logical_not());
    std::vector<torch::Tensor> asked;
    for (std::size_t i = 1; i < batch.masks.size(); ++i) asked.push_back(places(batch.masks[i]));
    const torch::Tensor whole = seen_whole(images);
    const torch::Tensor wanted = tokens_of(ijepa_target(whole), asked);
    // All blocks of an image in one pass of the predictor, each with its own copy of the context.
    const auto blocks = static_cast<std::int64_t>(asked.size());
    const torch::Tensor context = encoder_->tokens(images, seen).slice(1, 1);
    const torch::Tensor predicted = predictor_->forward(
        context.repeat({blocks, 1, 1}), seen.repeat({blocks, 1}), torch::cat(asked));
    return {ijepa_loss(predicted, wanted) + apart(context.mean(1), whole.mean(1)),
            {{"zero_loss", ijepa_loss(torch::zeros_like(wanted), wanted)},
             {"target_std", wanted.reshape({-1, wanted.size(2)}).std(0).mean()},
             {"output_spread", output_spread(context.mean(1))}}};
  }

  void after_update(const Position& position) override {
    const double done =
        static_cast<double>(position.step) / static_cast<double>(position.total_steps);
    // In a straight line, as in the authors' code.
    move_average(*teacher_, *encoder_,
                 options_.momentum_teacher + (1 - options_.momentum_teacher) * done);
  }

  /// The mean of the target encoder's patch tokens, as the paper evaluates it (its appendix A.2);
  /// the class token is never asked for anything.
  torch::Tensor features(const torch::Tensor& images) override {
    return teacher_->tokens(images).slice(1, 1).mean(1);
  }
  std::int64_t feature_dimensions() const override { return encoder_->dimensions(); }
  std::shared_ptr<Encoder> measured_encoder() const override { return teacher_; }

 private:
  /// The target encoder's patch tokens: [N, L, D].
  torch::Tensor seen_whole(const torch::Tensor& images) {
    const torch::NoGradGuard no_grad;
    return teacher_->tokens(images).slice(1, 1);
  }

  /// Those of `tokens` [N, L, D] that are asked for: [blocks * N, M, D].
  static torch::Tensor tokens_of(const torch::Tensor& tokens,
                                 const std::vector<torch::Tensor>& asked) {
    std::vector<torch::Tensor> out;
    for (const torch::Tensor& block : asked) out.push_back(tokens_at(tokens, block));
    return torch::cat(out);
  }

  /// C-JEPA's part of the loss, of two means over tokens [N, D].
  torch::Tensor apart(const torch::Tensor& context, const torch::Tensor& target) const {
    if (options_.vicreg_weight == 0) return torch::zeros({}, context.options());
    const auto [invariance, variance, covariance] = vicreg_terms(context, target);
    return options_.vicreg_weight * (25 * invariance + 25 * variance + covariance);
  }

  IjepaOptions options_;
  std::shared_ptr<VisionTransformer> encoder_, teacher_;
  std::shared_ptr<JepaPredictor> predictor_;
};

void check_ijepa(const Settings& settings, std::int64_t) {
  const auto options = settings.read<IjepaOptions>("");
  if (options.predictor_dim % options.predictor_heads != 0 || options.predictor_dim % 4 != 0)
    throw InputError(
        "method.predictor_dim must be a multiple of four and of method.predictor_heads.");
}

/// Targets that are all one are predicted without an error; of VICReg's terms the variance is
/// missing, but for the epsilon under its root.
std::optional<MethodInfo::Reference> ijepa_collapse(const Settings& options, std::int64_t) {
  return MethodInfo::Reference{0.99 * 25 * options.get<double>("vicreg_weight"), "collapse"};
}

}  // namespace

RegisteredMethod ijepa() {
  MethodInfo info;
  info.name = "ijepa";
  info.title = "I-JEPA";
  info.family = "masked";
  info.paper = "Assran et al. 2023, arXiv:2301.08243";
  info.help =
      "From one block of an image the features of four others are predicted, as a moving average "
      "of the encoder makes them; not their pixels. It needs a Vision Transformer, no colour "
      "augmentation and no pairs of views; its features need less fine-tuning than MAE's. It wants "
      "long training, and can collapse: watch target_std.";
  info.input = InputKind::multi_block;
  info.options = schema_of<IjepaOptions>("");
  info.check = check_ijepa;
  info.diagnostics = {"zero_loss", "target_std", "output_spread"};
  info.needs_transformer = true;
  info.measured_chance = {.metric = "zero_loss", .label = "the mean of all targets"};
  info.collapse = ijepa_collapse;
  return {info, [](const MethodRequest& request) -> std::shared_ptr<Method> {
            return std::make_shared<Ijepa>(request);
          }};
}

}  // namespace selfsight
