// Relative patch position: Unsupervised Visual Representation Learning by Context Prediction
// (Doersch, Gupta, Efros 2015, arXiv:1505.05192).
#include "core/methods/encoder_method.h"
#include "core/methods/puzzle_answer.h"
#include "core/nets/projector.h"

namespace selfsight {
namespace {

constexpr std::int64_t neighbours = 8;

struct RelativePositionOptions {
  std::int64_t hidden = 512;
  bool standardise_tiles = true;

  template <class Options, class Visit>
  static void describe(Options& o, Visit&& visit) {
    visit(o.hidden,
          Field{.key = "hidden",
                .help = "Width of the layers that look at both patches together. Wider solves more "
                        "of the puzzles and takes more time. Usually 512. Selfsight's own.",
                .min = 8,
                .max = 16384,
                .advanced = true});
    visit(
        o.standardise_tiles,
        Field{
            .key = "standardise_tiles",
            .help =
                "Takes mean and deviation of its colours from each patch, so that all are equally "
                "light and harsh. Off, shading can give a patch's place away, and less is learnt. "
                "Leave it on; the paper drops colours for the same reason. Doersch et al. 2015.",
            .advanced = true});
  }
};

class RelativePosition : public EncoderMethod {
 public:
  explicit RelativePosition(const MethodRequest& request)
      : EncoderMethod(request), options_(request.options.read<RelativePositionOptions>("")) {
    head_ = register_module("head", make_projector({.in = 2 * encoder_->dimensions(),
                                                    .hidden = options_.hidden,
                                                    .out = neighbours,
                                                    .layers = 3}));
  }

  StepOutput step(const Batch& batch, const Position&) override {
    const torch::Tensor rows = side_by_side(*encoder_, batch.views, options_.standardise_tiles);
    return answer_to_puzzle(head_->forward(rows), batch.targets);
  }

 private:
  RelativePositionOptions options_;
  Projector head_{nullptr};
};

std::optional<MethodInfo::Reference> relative_position_chance(const Settings&, std::int64_t) {
  return puzzle_chance(neighbours);
}

}  // namespace

RegisteredMethod relative_position() {
  MethodInfo info;
  info.name = "relative_position";
  info.title = "Relative patch position";
  info.family = "puzzle";
  info.paper = "Doersch et al. 2015, arXiv:1505.05192";
  info.help =
      "The encoder sees the middle patch of a view and one of its eight neighbours, each by "
      "itself; the head must say where the neighbour was. The oldest of the puzzles: it learns the "
      "parts of things. Where images are alike in layout, such as digits and clothes, the place of "
      "a patch says less.";
  info.input = InputKind::patch_pair;
  info.options = schema_of<RelativePositionOptions>("");
  info.diagnostics = {"accuracy"};
  info.chance = relative_position_chance;
  info.collapse = relative_position_chance;
  return {info, [](const MethodRequest& request) -> std::shared_ptr<Method> {
            return std::make_shared<RelativePosition>(request);
          }};
}

}  // namespace selfsight
