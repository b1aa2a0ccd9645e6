// clang-format off
#include <torch/torch.h>
// clang-format on
#include <QTest>

#include "core/training/optimiser.h"
#include "core/training/schedule.h"

using namespace selfsight;

namespace {

NamedTensors two_parameters() {
  const auto numbers = torch::arange(6, torch::kDouble).reshape({2, 3});
  return {{"weight", (numbers * 0.3 - 0.7).requires_grad_()},
          {"bias", torch::tensor({0.5, -1.5}, torch::kDouble).requires_grad_()}};
}

/// A loss whose gradient changes with the step.
void set_gradients(const NamedTensors& parameters, int step) {
  for (const auto& [name, parameter] : parameters)
    parameter.mutable_grad() = (parameter.detach() * (step + 1)).sin() + 0.1 * step;
}

double difference(const NamedTensors& ours, const std::vector<torch::Tensor>& theirs) {
  double most = 0;
  for (std::size_t i = 0; i < ours.size(); ++i)
    most = std::max(most, (ours[i].second - theirs[i]).abs().max().item<double>());
  return most;
}

/// Takes five steps with a learning rate that changes, beside torch's own optimiser.
template <class Theirs, class TheirOptions>
double compare_with_torch(const OptimiserOptions& options, TheirOptions decayed,
                          TheirOptions plain) {
  const NamedTensors ours = two_parameters(), copies = two_parameters();
  Optimiser optimiser(options, ours);
  std::vector<torch::optim::OptimizerParamGroup> groups;
  groups.emplace_back(std::vector{copies[0].second}, std::make_unique<TheirOptions>(decayed));
  groups.emplace_back(std::vector{copies[1].second}, std::make_unique<TheirOptions>(plain));
  Theirs theirs(groups, plain);
  for (int step = 0; step < 5; ++step) {
    const double lr = 0.05 * (step + 1);
    set_gradients(ours, step);
    set_gradients(copies, step);
    for (auto& group : theirs.param_groups()) static_cast<TheirOptions&>(group.options()).lr(lr);
    optimiser.step(lr);
    theirs.step();
  }
  return difference(ours, {copies[0].second, copies[1].second});
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

  void adamw_equals_torch() {
    OptimiserOptions options;
    options.name = "adamw";
    options.weight_decay = 0.05;
    const auto plain = torch::optim::AdamWOptions(0.1).betas({0.9, 0.95}).weight_decay(0);
    auto decayed = plain;
    decayed.weight_decay(0.05);
    QVERIFY(compare_with_torch<torch::optim::AdamW>(options, decayed, plain) < 1e-14);
  }

  void parameters_without_gradient_stay() {
    OptimiserOptions options;
    options.weight_decay = 0.5;
    const NamedTensors parameters = two_parameters();
    const torch::Tensor before = parameters[0].second.detach().clone();
    Optimiser optimiser(options, parameters);
    parameters[1].second.mutable_grad() = torch::ones({2}, torch::kDouble);
    optimiser.step(0.1);
    QVERIFY(torch::equal(parameters[0].second, before));
    QCOMPARE(parameters[1].second[0].item<double>(), 0.5 - 0.1);
  }

  void a_restored_state_goes_on_bit_for_bit() {
    for (const char* name : {"sgd", "adamw"}) {
      OptimiserOptions options;
      options.name = name;
      const NamedTensors first = two_parameters(), second = two_parameters();
      Optimiser whole(options, first), resumed(options, second);
      for (int step = 0; step < 3; ++step) {
        set_gradients(first, step);
        whole.step(0.1);
      }
      const torch::NoGradGuard no_grad;
      for (std::size_t i = 0; i < first.size(); ++i) {
        torch::Tensor target = second[i].second;
        target.copy_(first[i].second);
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
        optimiser->step(0.2);
      }
      for (std::size_t i = 0; i < first.size(); ++i)
        QVERIFY(torch::equal(first[i].second, second[i].second));
    }
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

QTEST_GUILESS_MAIN(TestOptimiser)
#include "test_optimiser.moc"
