// The one new file that a method takes: how bright is this view?
#include "core/methods/method.h"
#include "core/nets/encoder.h"

namespace selfsight {
namespace {

struct ToyOptions {
  double strength = 1;

  template <class Options, class Visit>
  static void describe(Options& o, Visit&& visit) {
    visit(o.strength,
          Field{.key = "strength", .help = "Multiplies the loss.", .min = 0, .max = 10});
  }
};

class Toy : public Method {
 public:
  explicit Toy(const MethodRequest& request) : options_(request.options.read<ToyOptions>("")) {
    encoder_ = register_module("encoder", make_encoder(request.encoder, request.channels,
                                                       request.view_size, request.seed));
    answer_ = register_module("answer", torch::nn::Linear(encoder_->dimensions(), 1));
  }

  StepOutput step(const Batch& batch, const Position&) override {
    const torch::Tensor& view = batch.views[0];
    const torch::Tensor guess = answer_->forward(encoder_->forward(view)).squeeze(1);
    return {options_.strength * (guess - view.mean({1, 2, 3})).square().mean(), {}};
  }

  torch::Tensor features(const torch::Tensor& images) override { return encoder_->forward(images); }
  std::int64_t feature_dimensions() const override { return encoder_->dimensions(); }
  std::shared_ptr<Encoder> measured_encoder() const override { return encoder_; }

 private:
  ToyOptions options_;
  std::shared_ptr<Encoder> encoder_;
  torch::nn::Linear answer_{nullptr};
};

}  // namespace

RegisteredMethod toy() {
  MethodInfo info;
  info.name = "toy";
  info.title = "Toy";
  info.family = "puzzle";
  info.paper = "None";
  info.help = "The encoder learns how bright a view is.";
  info.input = InputKind::two_views;
  info.options = schema_of<ToyOptions>("");
  return {info, [](const MethodRequest& request) -> std::shared_ptr<Method> {
            return std::make_shared<Toy>(request);
          }};
}

}  // namespace selfsight
