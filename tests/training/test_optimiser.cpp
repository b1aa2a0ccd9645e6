// clang-format off
#include <torch/torch.h>
// clang-format on
#include <QTest>

#include "core/training/layer_decay.h"
#include "core/training/optimiser.h"
#include "core/training/schedule.h"
#include "tests/suite.h"

using namespace selfsight;

namespace {

using Parameters = std::vector<TrainedParameter>;

Parameters two_parameters() {
  const auto numbers = torch::arange(6, torch::kDouble).reshape({2, 3});
  return {{.name = "weight", .tensor = (numbers * 0.3 - 0.7).requires_grad_()},
          {.name = "bias",
           .tensor = torch::tensor({0.5, -1.5}, torch::kDouble).requires_grad_(),
           .plain = true}};
}

/// A loss whose gradient changes with the step.
void set_gradients(const Parameters& parameters, int step) {
  for (const TrainedParameter& p : parameters)
    p.tensor.mutable_grad() = (p.tensor.detach() * (step + 1)).sin() + 0.1 * step;
}

double difference(const Parameters& ours, const std::vector<torch::Tensor>& theirs) {
  double most = 0;
  for (std::size_t i = 0; i < ours.size(); ++i)
    most = std::max(most, (ours[i].tensor - theirs[i]).abs().max().item<double>());
  return most;
}

/// Takes five steps with a learning rate that changes, beside torch's own optimiser. In the first
/// `frozen` of them the bias has no gradient.
template <class Theirs, class TheirOptions>
double compare_with_torch(const OptimiserOptions& options, TheirOptions decayed, TheirOptions plain,
                          int frozen = 0) {
  const Parameters ours = two_parameters(), copies = two_parameters();
  Optimiser optimiser(options, ours);
  std::vector<torch::optim::OptimizerParamGroup> groups;
  groups.emplace_back(std::vector{copies[0].tensor}, std::make_unique<TheirOptions>(decayed));
  groups.emplace_back(std::vector{copies[1].tensor}, std::make_unique<TheirOptions>(plain));
  Theirs theirs(groups, plain);
  for (int step = 0; step < 5; ++step) {
    const double lr = 0.05 * (step + 1);
    set_gradients(ours, step);
    set_gradients(copies, step);
    if (step < frozen)
      for (const Parameters* both : {&ours, &copies}) (*both)[1].tensor.mutable_grad().reset();
    for (auto& group : theirs.param_groups()) static_cast<TheirOptions&>(group.options()).lr(lr);
    optimiser.step({lr, options.weight_decay});
    theirs.step();
  }
  return difference(ours, {copies[0].tensor, copies[1].tensor});
}

double adamw_from_torch(int frozen = 0) {
  OptimiserOptions options;
  options.name = "adamw";
  options.weight_decay = 0.05;
  const auto plain = torch::optim::AdamWOptions(0.1).betas({0.9, 0.95}).weight_decay(0);
  auto decayed = plain;
  decayed.weight_decay(0.05);
  return compare_with_torch<torch::optim::AdamW>(options, decayed, plain, frozen);
}

}  // namespace

class TestOptimiser : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void sgd_equals_torch() {
    OptimiserOptions options;
    options.name = "sgd";
    options.momentum = 0.9;
    options.weight_decay = 0.01;
    auto plain = torch::optim::SGDOptions(0.1).momentum(0.9);
    auto decayed = plain;
    decayed.weight_decay(0.01);
    QVERIFY(compare_with_torch<torch::optim::SGD>(options, decayed, plain) < 1e-14);
  }

  void adamw_equals_torch() { QVERIFY(adamw_from_torch() < 1e-14); }

  /// As DINO's last layer and SwAV's prototypes are at first: the correction of the means starts
  /// when they thaw.
  void adamw_counts_the_steps_of_a_frozen_parameter_from_its_thaw() {
    for (const int frozen : {1, 3, 5}) QVERIFY(adamw_from_torch(frozen) < 1e-14);
  }

  void nesterov_equals_torch() {
    OptimiserOptions options;
    options.nesterov = true;
    options.weight_decay = 0.01;
    auto plain = torch::optim::SGDOptions(0.1).momentum(0.9).nesterov(true);
    auto decayed = plain;
    decayed.weight_decay(0.01);
    QVERIFY(compare_with_torch<torch::optim::SGD>(options, decayed, plain) < 1e-14);
  }

  void lars_scales_each_layer_to_its_weights() {
    OptimiserOptions options;
    options.name = "lars";
    options.momentum = 0;
    options.eps = 0;
    options.trust_coefficient = 0.5;
    for (const char* form : {"lightly", "facebook"}) {
      options.lars_form = form;
      const Parameters parameters = two_parameters();
      const torch::Tensor weight = parameters[0].tensor.detach().clone();
      const torch::Tensor bias = parameters[1].tensor.detach().clone();
      set_gradients(parameters, 1);
      const torch::Tensor slope = parameters[1].tensor.grad().clone();
      Optimiser(options, parameters).step({0.1, 0});
      const double moved = (parameters[0].tensor - weight).norm().item<double>();
      QVERIFY(std::abs(moved - 0.1 * 0.5 * weight.norm().item<double>()) < 1e-14);
      QVERIFY(torch::allclose(parameters[1].tensor, bias - 0.1 * slope));
    }
  }

  void clipped_lars_never_exceeds_the_learning_rate() {
    OptimiserOptions options;
    options.name = "lars";
    options.momentum = 0;
    options.clip_lr = true;
    options.trust_coefficient = 1;  // so that the scale would be above lr
    const Parameters parameters = two_parameters();
    const torch::Tensor weight = parameters[0].tensor.detach().clone();
    parameters[0].tensor.mutable_grad() = torch::full({2, 3}, 0.01, torch::kDouble);
    Optimiser(options, parameters).step({0.1, 0});
    QVERIFY(torch::allclose(parameters[0].tensor, weight - 0.1 * 0.01));
  }

  void each_parameter_has_its_own_rate() {
    OptimiserOptions options;
    options.lr = 0.5;
    options.momentum = 0;
    Parameters parameters = two_parameters();
    parameters[0].lr_scale = 0.1;
    parameters[1].constant_lr = true;
    const torch::Tensor weight = parameters[0].tensor.detach().clone();
    const torch::Tensor bias = parameters[1].tensor.detach().clone();
    for (const TrainedParameter& p : parameters)
      p.tensor.mutable_grad() = torch::ones_like(p.tensor.detach());
    Optimiser(options, parameters).step({0.2, 0});
    QVERIFY(torch::allclose(parameters[0].tensor, weight - 0.02));
    QVERIFY(torch::allclose(parameters[1].tensor, bias - 0.5));  // the peak, not the schedule
  }

  void clipping_shortens_all_gradients_alike() {
    const Parameters parameters = two_parameters();
    parameters[0].tensor.mutable_grad() = torch::full({2, 3}, 3.0, torch::kDouble);
    const torch::Tensor norm = gradient_norm(parameters);
    QCOMPARE(norm.item<double>(), std::sqrt(54.0));  // the bias has no gradient
    clip_gradients(parameters, norm, 100);
    QCOMPARE(parameters[0].tensor.grad()[0][0].item<double>(), 3.0);
    clip_gradients(parameters, norm, 1);
    QVERIFY(std::abs(gradient_norm(parameters).item<double>() - 1) < 1e-6);
  }

  void layers_of_a_vision_transformer_learn_slower_towards_the_bottom() {
    const auto rates =
        layer_decay({"cls_token", "pos_embed", "patch_embed.proj.weight", "blocks.0.norm1.weight",
                     "blocks.11.mlp.fc2.bias", "norm.weight"},
                    0.75);
    const std::vector<std::int64_t> layers{0, 0, 0, 1, 12, 13};
    for (std::size_t i = 0; i < layers.size(); ++i) {
      QCOMPARE(rates[i].layer, layers[i]);
      QCOMPARE(rates[i].scale, std::pow(0.75, 13 - static_cast<double>(layers[i])));
    }
  }

  void layers_of_a_resnet_are_its_blocks() {
    const auto rates =
        layer_decay({"conv1.weight", "bn1.bias", "layer1.0.conv1.weight", "layer1.1.bn1.weight",
                     "layer2.0.downsample.0.weight", "layer4.0.conv1.weight"},
                    0.5);
    const std::vector<std::int64_t> layers{0, 0, 1, 2, 3, 4};
    for (std::size_t i = 0; i < layers.size(); ++i) QCOMPARE(rates[i].layer, layers[i]);
    QCOMPARE(rates[0].scale, 1.0 / 32);
  }

  void parameters_without_gradient_stay() {
    OptimiserOptions options;
    const Parameters parameters = two_parameters();
    const torch::Tensor before = parameters[0].tensor.detach().clone();
    Optimiser optimiser(options, parameters);
    parameters[1].tensor.mutable_grad() = torch::ones({2}, torch::kDouble);
    optimiser.step({0.1, 0.5});
    QVERIFY(torch::equal(parameters[0].tensor, before));
    QCOMPARE(parameters[1].tensor[0].item<double>(), 0.5 - 0.1);
  }

  void a_restored_state_goes_on_bit_for_bit() {
    for (const char* name : {"sgd", "lars", "adamw"}) {
      OptimiserOptions options;
      options.name = name;
      const Parameters first = two_parameters(), second = two_parameters();
      Optimiser whole(options, first), resumed(options, second);
      for (int step = 0; step < 3; ++step) {
        set_gradients(first, step);
        if (step < 2) first[1].tensor.mutable_grad().reset();  // AdamW has two counts to restore
        whole.step({0.1, 0.01});
      }
      const torch::NoGradGuard no_grad;
      for (std::size_t i = 0; i < first.size(); ++i) {
        torch::Tensor target = second[i].tensor;
        target.copy_(first[i].tensor);
      }
      const NamedTensors from = whole.state(), to = resumed.state();
      QCOMPARE(from.size(), to.size());
      for (std::size_t i = 0; i < from.size(); ++i) {
        QCOMPARE(from[i].first, to[i].first);
        torch::Tensor target = to[i].second;
        target.copy_(from[i].second);
      }
      for (const auto& [parameters, optimiser] :
           {std::pair{&first, &whole}, std::pair{&second, &resumed}}) {
        set_gradients(*parameters, 3);
        optimiser->step({0.2, 0.01});
      }
      for (std::size_t i = 0; i < first.size(); ++i)
        QVERIFY(torch::equal(first[i].tensor, second[i].tensor));
    }
  }

  void the_form_shows_that_accumulating_adds_no_negatives() {
    for (const Field& field : schema_of<OptimiserOptions>(""))
      if (field.key == "accumulate_grad_batches") {
        QVERIFY(!field.advanced);
        QVERIFY(field.help.find("adds no negatives") != std::string::npos);
        return;
      }
    QFAIL("there is no such field");
  }

  void the_learning_rate_warms_up_and_falls() {
    const WarmupCosine schedule{.peak = 0.4, .last = 0.04, .warmup = 10, .total = 110};
    QCOMPARE(warmup_cosine(schedule, 0), 0.0);
    QCOMPARE(warmup_cosine(schedule, 5), 0.2);
    QCOMPARE(warmup_cosine(schedule, 10), 0.4);
    QCOMPARE(warmup_cosine(schedule, 60), 0.22);
    QCOMPARE(warmup_cosine(schedule, 110), 0.04);
    QVERIFY(warmup_cosine(schedule, 109) > 0.04);  // the last step does not reach the end
    QCOMPARE(warmup_cosine({.peak = 1, .warmup = 0, .total = 4}, 0), 1.0);
    QCOMPARE(warmup_cosine({.peak = 1, .warmup = 8, .total = 4}, 4), 0.5);
  }
};

SELFSIGHT_SUITE(TestOptimiser, QCoreApplication);
#include "test_optimiser.moc"
