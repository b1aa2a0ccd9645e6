// Rotation: Unsupervised Representation Learning by Predicting Image Rotations
// (Gidaris, Singh, Komodakis 2018, arXiv:1803.07728).
#include "core/methods/encoder_method.h"
#include "core/methods/puzzle_answer.h"

namespace selfsight {
namespace {

constexpr std::int64_t turns = 4;

struct RotationOptions {
  template <class Options, class Visit>
  static void describe(Options&, Visit&&) {}
};

class Rotation : public EncoderMethod {
 public:
  explicit Rotation(const MethodRequest& request) : EncoderMethod(request) {
    head_ = register_module("head", torch::nn::Linear(encoder_->dimensions(), turns));
  }

  StepOutput step(const Batch& batch, const Position&) override {
    // All four turns of an image in one batch, as in the authors' code.
    const torch::Tensor all = torch::cat(batch.views);
    const torch::Tensor turn = torch::arange(turns, all.options().dtype(torch::kLong));
    return answer_to_puzzle(head_(encoder_->forward(all)),
                            turn.repeat_interleave(batch.views[0].size(0)));
  }

 private:
  torch::nn::Linear head_{nullptr};
};

std::optional<MethodInfo::Reference> rotation_chance(const Settings&, std::int64_t) {
  return puzzle_chance(turns);
}

}  // namespace

RegisteredMethod rotation() {
  MethodInfo info;
  info.name = "rotation";
  info.title = "Rotation";
  info.family = "puzzle";
  info.paper = "Gidaris et al. 2018, arXiv:1803.07728";
  info.help =
      "Each image is shown upright and turned by 90, 180 and 270 degrees; the encoder must say "
      "which it sees. It is quick, and to know what is upright it must know what things look like. "
      "Pointless where images have no up, such as satellite tiles and cells; do not rotate or flip "
      "views upside down.";
  info.input = InputKind::rotated;
  info.options = schema_of<RotationOptions>("");
  info.diagnostics = {"accuracy"};
  info.chance = rotation_chance;
  info.collapse = rotation_chance;
  return {info, [](const MethodRequest& request) -> std::shared_ptr<Method> {
            return std::make_shared<Rotation>(request);
          }};
}

}  // namespace selfsight
