// LeJEPA: Provable and Scalable Self-Supervised Learning Without the Heuristics
// (Balestriero, LeCun 2025, arXiv:2511.08544).
#include "core/base/random.h"
#include "core/methods/crops.h"
#include "core/methods/encoder_method.h"
#include "core/methods/head_fields.h"
#include "core/methods/losses_agreement.h"
#include "core/methods/losses_sigreg.h"
#include "core/nets/projector.h"

namespace selfsight {
namespace {

constexpr double t_max = 3;

struct LeJepaOptions {
  double lambda = 0.05;
  std::int64_t directions = 1024;
  std::int64_t knots = 17;
  std::int64_t projector_hidden = 2048;
  std::int64_t projector_out = 64;

  template <class Options, class Visit>
  static void describe(Options& o, Visit&& visit) {
    visit(o.lambda,
          Field{.key = "lambda",
                .help = "Weight of SIGReg, which asks for evenly spread features; the agreement of "
                        "the views weighs the rest. Higher works against collapse, lower makes "
                        "views agree more. The only option that needs tuning: try 0.01 to 0.1. "
                        "LeJEPA, Balestriero and LeCun 2025.",
                .min = 0,
                .max = 1});
    visit(o.directions,
          Field{.key = "directions",
                .help = "Random directions along which the features are compared with a normal "
                        "distribution, drawn anew at each step. More make the comparison steadier "
                        "and take more time. Usually 1024. LeJEPA, Balestriero and LeCun 2025.",
                .min = 1,
                .max = 65536});
    visit(o.knots,
          Field{.key = "knots",
                .help = "Frequencies, from 0 to 3, at which SIGReg compares the features with a "
                        "normal distribution (by characteristic functions). More are more exact "
                        "and take more memory. Usually 17. LeJEPA, Balestriero and LeCun 2025.",
                .min = 2,
                .max = 1000,
                .advanced = true});
    visit(o.projector_hidden, Field{.key = "projector_hidden",
                                    .help = projector_hidden_help,
                                    .min = 8,
                                    .max = 16384,
                                    .advanced = true});
    visit(o.projector_out, Field{.key = "projector_out",
                                 .help = projector_out_help,
                                 .min = 2,
                                 .max = 16384,
                                 .advanced = true});
  }
};

class LeJepa : public EncoderMethod {
 public:
  explicit LeJepa(const MethodRequest& request)
      : EncoderMethod(request),
        options_(request.options.read<LeJepaOptions>("")),
        seed_(request.seed) {
    projector_ = register_module("projector", make_projector({.in = encoder_->dimensions(),
                                                              .hidden = options_.projector_hidden,
                                                              .out = options_.projector_out,
                                                              .layers = 3}));
  }

  StepOutput step(const Batch& batch, const Position& position) override {
    const auto views = static_cast<std::int64_t>(batch.views.size());
    const torch::Tensor all = projector_->forward(encoder_rows(*encoder_, batch.views))
                                  .reshape({views, -1, options_.projector_out});
    const torch::Tensor apart = lejepa_invariance(all, all.slice(0, 0, global_crops));
    const torch::Tensor shape =
        sigreg(all, random_directions(position.step).to(all.device()), {options_.knots, t_max});
    return {options_.lambda * shape + (1 - options_.lambda) * apart,
            {{"sigreg", shape.detach()},
             {"invariance", apart.detach()},
             {"output_spread", output_spread(all[0])}}};
  }

 private:
  /// Unit vectors [D, M] that depend on the run's seed and the step alone, so that a resumed run
  /// draws the same.
  torch::Tensor random_directions(std::int64_t step) const {
    torch::Tensor out;
    Random random{seed_, static_cast<std::uint64_t>(step),
                  static_cast<std::uint64_t>(Stream::weights)};
    with_seed(random.bits(), [&] {
      out = torch::randn({options_.projector_out, options_.directions});
    });
    return out / out.norm(2, 0, /*keepdim=*/true);
  }

  LeJepaOptions options_;
  std::uint64_t seed_;
  Projector projector_{nullptr};
};

/// Views that agree on zero. It has no chance value: what an encoder that knows nothing pays
/// depends on how large its outputs are.
std::optional<MethodInfo::Reference> lejepa_collapse(const Settings& options,
                                                     std::int64_t batch_size) {
  return MethodInfo::Reference{
      options.get<double>("lambda") *
          collapsed_sigreg(batch_size, {options.get<std::int64_t>("knots"), t_max}),
      "collapse"};
}

}  // namespace

RegisteredMethod lejepa() {
  MethodInfo info;
  info.name = "lejepa";
  info.title = "LeJEPA";
  info.family = "single-term";
  info.paper = "Balestriero and LeCun 2025, arXiv:2511.08544";
  info.help =
      "All views of an image shall have the same features, and those of a batch shall be spread "
      "like a normal distribution, in every direction alike. One test along random directions "
      "(SIGReg) asks for that: no teacher, no queue, no temperatures, and one weight to choose. "
      "Unlike that of most methods, its loss tells how good the features are.";
  info.input = InputKind::multi_crop;
  info.options = schema_of<LeJepaOptions>("");
  info.diagnostics = {"sigreg", "invariance", "output_spread"};
  info.collapse = lejepa_collapse;
  return {info, [](const MethodRequest& request) -> std::shared_ptr<Method> {
            return std::make_shared<LeJepa>(request);
          }};
}

}  // namespace selfsight
