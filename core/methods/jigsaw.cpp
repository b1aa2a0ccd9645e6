// Jigsaw: Unsupervised Learning of Visual Representations by Solving Jigsaw Puzzles
// (Noroozi, Favaro 2016, arXiv:1603.09246).
#include "core/methods/encoder_method.h"
#include "core/methods/puzzle_answer.h"
#include "core/nets/projector.h"

namespace selfsight {
namespace {

constexpr std::int64_t tiles = 9;

struct JigsawOptions {
  std::int64_t permutations = 100;
  std::int64_t hidden = 512;
  bool standardise_tiles = true;

  template <class Options, class Visit>
  static void describe(Options& o, Visit&& visit) {
    visit(o.permutations,
          Field{.key = "permutations",
                .help = "How many ways to shuffle there are: the first of a set in which any two "
                        "differ in as many places as possible. More make a harder puzzle. The "
                        "paper takes 64 to 1000. Noroozi and Favaro 2016.",
                .min = 2,
                .max = max_permutations});
    visit(o.hidden, Field{.key = "hidden",
                          .help = "Width of the layer that looks at all nine tiles together. Wider "
                                  "solves more of the puzzles and takes more time. Usually 512; "
                                  "raise it with many permutations. Selfsight's own.",
                          .min = 8,
                          .max = 16384,
                          .advanced = true});
    visit(o.standardise_tiles,
          Field{.key = "standardise_tiles",
                .help = "Takes mean and deviation of its colours from each tile, so that all are "
                        "equally light and harsh. Off, tiles can be sorted by their shading alone, "
                        "and less is learnt. Leave it on. Noroozi and Favaro 2016.",
                .advanced = true});
  }
};

class Jigsaw : public EncoderMethod {
 public:
  explicit Jigsaw(const MethodRequest& request)
      : EncoderMethod(request), options_(request.options.read<JigsawOptions>("")) {
    head_ = register_module("head", make_projector({.in = tiles * encoder_->dimensions(),
                                                    .hidden = options_.hidden,
                                                    .out = options_.permutations}));
  }

  StepOutput step(const Batch& batch, const Position&) override {
    const torch::Tensor rows = side_by_side(*encoder_, batch.views, options_.standardise_tiles);
    return answer_to_puzzle(head_->forward(rows), batch.targets);
  }

 private:
  JigsawOptions options_;
  Projector head_{nullptr};
};

std::optional<MethodInfo::Reference> jigsaw_chance(const Settings& options, std::int64_t) {
  return puzzle_chance(options.get<std::int64_t>("permutations"));
}

}  // namespace

RegisteredMethod jigsaw() {
  MethodInfo info;
  info.name = "jigsaw";
  info.title = "Jigsaw";
  info.family = "puzzle";
  info.paper = "Noroozi and Favaro 2016, arXiv:1603.09246";
  info.help =
      "The image is cut into nine tiles, shuffled in one of many known ways; from the features of "
      "each tile alone the head must say which. The encoder learns parts and where they belong. "
      "Tiles leave gaps, so that edges that simply go on do not give the answer away.";
  info.input = InputKind::tiles;
  info.options = schema_of<JigsawOptions>("");
  info.diagnostics = {"accuracy"};
  info.chance = jigsaw_chance;
  info.collapse = jigsaw_chance;
  return {info, [](const MethodRequest& request) -> std::shared_ptr<Method> {
            return std::make_shared<Jigsaw>(request);
          }};
}

}  // namespace selfsight
