// iBOT: Image BERT Pre-Training with Online Tokenizer
// (Zhou, Wei, Wang, Shen, Xie, Yuille, Kong 2022, arXiv:2111.07832).
#include <cmath>

#include "core/methods/crops.h"
#include "core/methods/momentum_encoder.h"
#include "core/methods/teacher_options.h"
#include "core/nets/vision_transformer.h"

namespace selfsight {
namespace {

struct IbotOptions : TeacherOptions {
  double lambda1 = 1;
  double lambda2 = 1;
  double koleo = 0;

  template <class Options, class Visit>
  static void describe(Options& o, Visit&& visit) {
    TeacherOptions::describe(o, visit);
    visit(
        o.lambda1,
        Field{.key = "lambda1",
              .help = "Weight of the term on whole crops, which is DINO's. Higher makes whole "
                      "images count for more; 0 leaves it out. Usually 1. iBOT, Zhou et al. 2022.",
              .min = 0,
              .max = 1000});
    visit(
        o.lambda2,
        Field{
            .key = "lambda2",
            .help =
                "Weight of the term on hidden patches, which is iBOT's own. Higher makes the parts "
                "of images count for more; 0 leaves DINO alone. Usually 1. iBOT, Zhou et al. 2022.",
            .min = 0,
            .max = 1000});
    visit(o.koleo, Field{.key = "koleo",
                         .help = "Weight of KoLeo, which pushes the features of a batch apart. "
                                 "Higher spreads them more and works against collapse. iBOT itself "
                                 "takes 0, DINOv2 0.1. Sablayrolles et al. 2019.",
                         .min = 0,
                         .max = 1000,
                         .advanced = true});
  }
};

class Ibot : public Method {
 public:
  explicit Ibot(const MethodRequest& request) : options_(request.options.read<IbotOptions>("")) {
    const VisionTransformerShape shape =
        vision_transformer_shape(request.encoder, request.channels, request.view_size);
    const DinoHeadShape head = options_.head(shape.dimensions);
    encoder_ = register_module("encoder", std::make_shared<VisionTransformer>(shape));
    head_ = register_module("head", std::make_shared<DinoHead>(head));
    teacher_encoder_ =
        register_module("teacher_encoder", std::make_shared<VisionTransformer>(shape));
    teacher_head_ = register_module("teacher_head", std::make_shared<DinoHead>(head));
    start_as_copy(*teacher_encoder_, *encoder_);
    start_as_copy(*teacher_head_, *head_);
    mask_token_ = register_parameter("mask_token", torch::zeros({1, 1, shape.dimensions}));
    centre_ = register_buffer("centre", torch::zeros({options_.out_dim}));
    patch_centre_ = register_buffer("patch_centre", torch::zeros({options_.out_dim}));
  }

  StepOutput step(const Batch& batch, const Position& position) override {
    const torch::Tensor hidden = torch::cat({batch.masks[0], batch.masks[1]});
    const torch::Tensor global = torch::cat({batch.views[0], batch.views[1]});
    const torch::Tensor teacher = teacher_answers(global);  // [2N, 1 + L, K]
    const torch::Tensor tokens = encoder_->masked_tokens(global, hidden, mask_token_);
    const torch::Tensor student = head_->forward(class_tokens(batch, tokens));
    const torch::Tensor guessed = head_->forward(tokens.slice(1, 1).index({hidden}));
    const auto crops = static_cast<std::int64_t>(batch.views.size());
    const DinoTemperatures temperatures = options_.temperatures(position);
    const torch::Tensor answers = teacher.select(1, 0), patches = teacher.slice(1, 1);
    const torch::Tensor cls = dino_loss(student, answers, centre_, crops, temperatures);
    const torch::Tensor patch =
        ibot_patch_loss(guessed, patches.index({hidden}), hidden, patch_centre_, temperatures);
    move_centres(answers, patches);
    torch::Tensor loss = options_.lambda1 * cls + options_.lambda2 * patch;
    if (options_.koleo > 0) loss = loss + options_.koleo * spread(tokens.select(1, 0));
    return {loss,
            {{"class_loss", cls.detach()},
             {"patch_loss", patch.detach()},
             {"uniform_loss", uniform_loss(hidden)}}};
  }

  void before_update(const Position& position) override {
    if (position.epoch() < options_.freeze_last_layer) head_->freeze_last_layer();
  }

  void after_update(const Position& position) override {
    const double momentum = cosine_momentum(options_.momentum_teacher, 1, position);
    move_average(*teacher_encoder_, *encoder_, momentum);
    move_average(*teacher_head_, *head_, momentum);
  }

  /// The teacher's, as the authors evaluate it (checkpoint_key "teacher").
  torch::Tensor features(const torch::Tensor& images) override {
    return teacher_encoder_->forward(images);
  }
  std::int64_t feature_dimensions() const override { return encoder_->dimensions(); }
  std::shared_ptr<Encoder> measured_encoder() const override { return teacher_encoder_; }

  torch::Tensor assignments(const torch::Tensor& images) override {
    const torch::Tensor rows = teacher_head_->forward(teacher_encoder_->forward(images));
    return torch::softmax((rows - centre_) / options_.teacher_temp, -1);
  }

 private:
  torch::Tensor teacher_answers(const torch::Tensor& global) {
    const torch::NoGradGuard no_grad;
    return teacher_head_->forward(teacher_encoder_->tokens(global));
  }

  /// Those of the masked global views, then of the local ones.
  torch::Tensor class_tokens(const Batch& batch, const torch::Tensor& global_tokens) {
    const std::vector<torch::Tensor> local(batch.views.begin() + global_crops, batch.views.end());
    const torch::Tensor global = global_tokens.select(1, 0);
    return local.empty() ? global : torch::cat({global, encoder_rows(*encoder_, local)});
  }

  /// Of all patches, hidden or not, as in the authors' code; DINOv2 takes the hidden ones only.
  void move_centres(const torch::Tensor& answers, const torch::Tensor& patches) {
    const torch::NoGradGuard no_grad;
    centre_.copy_(moved_centre(centre_, answers, options_.center_momentum));
    patch_centre_.copy_(moved_centre(patch_centre_, patches, options_.center_momentum));
  }

  /// Each global view by itself, as in DINOv2: two views of an image shall be close.
  static torch::Tensor spread(const torch::Tensor& rows) {
    const auto views = rows.chunk(global_crops);
    return (koleo_loss(views[0]) + koleo_loss(views[1])) / static_cast<double>(global_crops);
  }

  /// What a student pays who finds every class alike; images that hide nothing ask for no patch.
  torch::Tensor uniform_loss(const torch::Tensor& hidden) const {
    const torch::Tensor asked = hidden.any(1).to(torch::kFloat).mean();
    return (options_.lambda1 + options_.lambda2 * asked) *
           std::log(static_cast<double>(options_.out_dim));
  }

  IbotOptions options_;
  std::shared_ptr<VisionTransformer> encoder_, teacher_encoder_;
  std::shared_ptr<DinoHead> head_, teacher_head_;
  torch::Tensor mask_token_, centre_, patch_centre_;
};

}  // namespace

RegisteredMethod ibot() {
  MethodInfo info;
  info.name = "ibot";
  info.title = "iBOT";
  info.family = "masked";
  info.paper = "Zhou et al. 2022, arXiv:2111.07832";
  info.help =
      "DINO with a puzzle beside it: where patches of its views are hidden, the student must "
      "answer as its teacher does, who sees them. So the features of patches become meaningful, "
      "not only those of whole images; DINOv2 grew out of it. It needs a Vision Transformer and "
      "patience.";
  info.input = InputKind::masked_views;
  info.has_prototypes = true;
  info.options = schema_of<IbotOptions>("");
  info.diagnostics = {"class_loss", "patch_loss", "uniform_loss"};
  info.needs_transformer = true;
  info.measured_chance = {.metric = "uniform_loss", .label = "every class alike"};
  return {info, [](const MethodRequest& request) -> std::shared_ptr<Method> {
            return std::make_shared<Ibot>(request);
          }};
}

}  // namespace selfsight
