// DINO: Emerging Properties in Self-Supervised Vision Transformers
// (Caron, Touvron, Misra, Jégou, Mairal, Bojanowski, Joulin 2021, arXiv:2104.14294).
#include <cmath>

#include "core/methods/crops.h"
#include "core/methods/momentum_encoder.h"
#include "core/methods/teacher_options.h"

namespace selfsight {
namespace {

class Dino : public Method {
 public:
  explicit Dino(const MethodRequest& request) : options_(request.options.read<TeacherOptions>("")) {
    const auto encoder = [&] {
      return make_encoder(request.encoder, request.channels, request.view_size, request.seed);
    };
    encoder_ = register_module("encoder", encoder());
    const DinoHeadShape shape = options_.head(encoder_->dimensions());
    head_ = register_module("head", std::make_shared<DinoHead>(shape));
    teacher_encoder_ = register_module("teacher_encoder", encoder());
    teacher_head_ = register_module("teacher_head", std::make_shared<DinoHead>(shape));
    start_as_copy(*teacher_encoder_, *encoder_);
    start_as_copy(*teacher_head_, *head_);
    centre_ = register_buffer("centre", torch::zeros({options_.out_dim}));
  }

  StepOutput step(const Batch& batch, const Position& position) override {
    const auto crops = static_cast<std::int64_t>(batch.views.size());
    const torch::Tensor teacher = teacher_rows(batch);
    const torch::Tensor student = head_->forward(encoder_rows(*encoder_, batch.views));
    const DinoTemperatures temperatures = options_.temperatures(position);
    const torch::Tensor loss = dino_loss(student, teacher, centre_, crops, temperatures);
    const torch::Tensor entropy = teacher_entropy(teacher, temperatures.teacher);
    const torch::NoGradGuard no_grad;
    centre_.copy_(moved_centre(centre_, teacher, options_.center_momentum));
    return {loss, {{"teacher_entropy", entropy}}};
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
  /// Of the global views, in train mode like the student: its BatchNorm keeps its own statistics.
  torch::Tensor teacher_rows(const Batch& batch) {
    const torch::NoGradGuard no_grad;
    return teacher_head_->forward(
        encoder_rows(*teacher_encoder_, {batch.views[0], batch.views[1]}));
  }

  /// ln K where the teacher says nothing, 0 where it is sure of one class.
  torch::Tensor teacher_entropy(const torch::Tensor& teacher, double temperature) const {
    const torch::Tensor logits = torch::log_softmax((teacher - centre_) / temperature, -1);
    return -(logits.exp() * logits).sum(-1).mean();
  }

  TeacherOptions options_;
  std::shared_ptr<Encoder> encoder_, teacher_encoder_;
  std::shared_ptr<DinoHead> head_, teacher_head_;
  torch::Tensor centre_;
};

std::optional<MethodInfo::Reference> dino_chance(const Settings& options, std::int64_t) {
  return MethodInfo::Reference{std::log(static_cast<double>(options.get<std::int64_t>("out_dim"))),
                               "chance ln K"};
}

}  // namespace

RegisteredMethod dino() {
  MethodInfo info;
  info.name = "dino";
  info.title = "DINO";
  info.family = "non-contrastive";
  info.paper = "Caron et al. 2021, arXiv:2104.14294";
  info.help =
      "A student must answer on every crop what its teacher, the moving average of itself, answers "
      "on the global views. Nobody names the classes; a centre taken from the answers and a low "
      "temperature keep them from becoming one. It is at its best with Vision Transformers, whose "
      "attention then finds objects, and with many local crops. If the loss sticks at ln K, it has "
      "collapsed: lower teacher_temp or the learning rate.";
  info.input = InputKind::multi_crop;
  info.has_prototypes = true;
  info.options = schema_of<TeacherOptions>("");
  info.diagnostics = {"teacher_entropy"};
  info.chance = dino_chance;
  info.collapse = dino_chance;
  return {info, [](const MethodRequest& request) -> std::shared_ptr<Method> {
            return std::make_shared<Dino>(request);
          }};
}

}  // namespace selfsight
