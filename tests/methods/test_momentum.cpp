// clang-format off
#include <torch/torch.h>
// clang-format on
#include <QTest>
#include <cmath>

#include "core/methods/momentum_encoder.h"
#include "core/nets/encoder.h"
#include "core/nets/projector.h"
#include "tests/methods/requests.h"
#include "tests/suite.h"

using namespace selfsight;

namespace {

Projector network(std::uint64_t seed) {
  Projector out{nullptr};
  with_seed(seed, [&] { out = make_projector({.in = 3, .hidden = 4, .out = 2}); });
  return out;
}

torch::Tensor named(const Projector& network, const std::string& name) {
  for (const auto& [key, value] : state_dict(*network))
    if (key == name) return value;
  return {};
}

}  // namespace

class TestMomentum : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void a_follower_starts_as_a_copy_without_gradients() {
    Projector leader = network(1), follower = network(2);
    leader->forward(noise({6, 3}));  // moves the running statistics
    start_as_copy(*follower, *leader);
    const auto from = state_dict(*leader), to = state_dict(*follower);
    for (std::size_t i = 0; i < from.size(); ++i)
      QVERIFY2(torch::equal(from[i].second, to[i].second), from[i].first.c_str());
    for (const torch::Tensor& parameter : follower->parameters())
      QVERIFY(!parameter.requires_grad());
    for (const torch::Tensor& parameter : leader->parameters()) QVERIFY(parameter.requires_grad());
    const torch::NoGradGuard no_grad;
    named(leader, "0.weight").fill_(9);
    QVERIFY(!torch::equal(named(leader, "0.weight"), named(follower, "0.weight")));
  }

  void weights_are_averaged() {
    Projector leader = network(1), follower = network(2);
    start_as_copy(*follower, *leader);
    const torch::NoGradGuard no_grad;
    named(leader, "0.weight").fill_(2);
    named(follower, "0.weight").fill_(1);
    move_average(*follower, *leader, 0.75);
    QVERIFY(torch::allclose(named(follower, "0.weight"), torch::full({4, 3}, 1.25)));
    QVERIFY(torch::equal(named(leader, "0.weight"), torch::full({4, 3}, 2.0)));
  }

  /// The trap: none of MoCo, BYOL, DINO averages or copies what BatchNorm has counted.
  void running_statistics_stay_the_followers_own() {
    Projector leader = network(1), follower = network(2);
    start_as_copy(*follower, *leader);
    leader->forward(noise({6, 3}) + 4);
    const torch::Tensor before = named(follower, "1.running_mean").clone();
    move_average(*follower, *leader, 0.5);
    QVERIFY(torch::equal(named(follower, "1.running_mean"), before));
    follower->forward(noise({6, 3}) - 4);
    QVERIFY(!torch::equal(named(follower, "1.running_mean"), before));
    QVERIFY(!torch::equal(named(follower, "1.running_mean"), named(leader, "1.running_mean")));
  }

  void the_momentum_rises_along_half_a_cosine() {
    QCOMPARE(cosine_momentum(0.99, 1, {0, 100, 10}), 0.99);
    QVERIFY(std::abs(cosine_momentum(0.99, 1, {50, 100, 10}) - 0.995) < 1e-12);
    QVERIFY(cosine_momentum(0.99, 1, {99, 100, 10}) < 1);
    QVERIFY(std::abs(cosine_momentum(0.99, 1, {100, 100, 10}) - 1) < 1e-12);
    QCOMPARE(cosine_momentum(0.9, 0.9, {7, 100, 10}), 0.9);
  }
};

SELFSIGHT_SUITE(TestMomentum, QCoreApplication);
#include "test_momentum.moc"
