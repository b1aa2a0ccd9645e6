// clang-format off
#include <torch/torch.h>
// clang-format on
#include <QTest>
#include <cmath>
#include <functional>

#include "core/base/error.h"
#include "core/methods/feature_queue.h"
#include "core/methods/losses.h"
#include "core/methods/losses_agreement.h"
#include "core/methods/losses_contrastive.h"
#include "tests/methods/requests.h"
#include "tests/suite.h"

using namespace selfsight;

namespace {

torch::Tensor part(const Method& method, const std::string& name) {
  for (const auto& [key, value] : state_dict(method))
    if (key == name) return value;
  throw Error("there is no " + name);
}

Batch pairs(std::int64_t n, std::uint64_t seed = 1) {
  return {.views = {noise({n, 3, 8, 8}, seed), noise({n, 3, 8, 8}, seed + 1)}};
}

double loss_of(Method& method, const Batch& batch) {
  return method.step(batch, {}).loss.item<double>();
}

double chance_of(const std::string& method, std::int64_t n) {
  return method_info(method).chance(options_of(method), n)->value;
}

double collapse_of(const std::string& method, std::int64_t n) {
  return method_info(method).collapse(options_of(method), n)->value;
}

bool near(double a, double b, double most = 1e-5) {
  return std::abs(a - b) < most;
}

/// Gives the encoder's first layer new weights, as an optimiser would.
void shake(Method& method) {
  const torch::NoGradGuard no_grad;
  part(method, "encoder.conv1.weight").add_(1);
}

}  // namespace

class TestPairMethods : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void a_queue_drops_its_oldest() {
    FeatureQueue queue(4, 2);
    QVERIFY(torch::allclose(queue.rows().norm(2, 1), torch::ones({4})));
    queue.push(torch::tensor({{3.0f, 0.0f}, {0.0f, 2.0f}, {-1.0f, 0.0f}}));
    QCOMPARE(queue.pointer(), std::int64_t(3));
    QVERIFY(torch::equal(queue.rows().slice(0, 0, 3),
                         torch::tensor({{1.0f, 0.0f}, {0.0f, 1.0f}, {-1.0f, 0.0f}})));
  }

  /// The trap: MoCo's own code demands that the batch divides the queue.
  void a_queue_need_not_be_a_multiple_of_the_batch() {
    FeatureQueue queue(5, 3);
    const torch::Tensor first = unit_rows(noise({3, 3}, 1)), second = unit_rows(noise({3, 3}, 2));
    queue.push(first);
    queue.push(second);  // two fit, the third is left out
    QCOMPARE(queue.pointer(), std::int64_t(0));
    QVERIFY(torch::allclose(queue.rows(), torch::cat({first, second.slice(0, 0, 2)})));
    queue.push(unit_rows(noise({9, 3}, 3)));  // more than it holds
    QVERIFY(torch::allclose(queue.rows(), unit_rows(noise({9, 3}, 3)).slice(0, 0, 5)));
    const auto moco = make_method(tiny("mocov2"));
    for (int i = 0; i < 3; ++i) QVERIFY(std::isfinite(loss_of(*moco, pairs(6))));
    QCOMPARE(part(*moco, "queue.pointer").item<std::int64_t>(), std::int64_t(0));
  }

  void a_batch_is_not_held_against_its_own_keys() {
    // The queue is asked before the keys go in: the second time the same batch knows itself.
    const auto moco = make_method(tiny("mocov2"));
    const torch::Tensor before = part(*moco, "queue.rows").clone();
    const double first = loss_of(*moco, pairs(6));
    QVERIFY(!torch::equal(part(*moco, "queue.rows"), before));
    QVERIFY(loss_of(*moco, pairs(6)) > first);
  }

  /// The trap: with or without the step in between, and BatchNorm's buffers.
  void followers_move_after_the_step_and_keep_their_own_statistics_data() {
    QTest::addColumn<QString>("method");
    QTest::addColumn<QString>("follower");
    QTest::newRow("mocov2") << "mocov2"
                            << "key_encoder.";
    QTest::newRow("mocov3") << "mocov3"
                            << "momentum_encoder.";
    QTest::newRow("byol") << "byol"
                          << "target_encoder.";
  }
  void followers_move_after_the_step_and_keep_their_own_statistics() {
    QFETCH(QString, method);
    QFETCH(QString, follower);
    const std::string prefix = follower.toStdString();
    MethodRequest request = tiny(method.toStdString());
    request.options.set("momentum", 0.75);
    request.options.set("final_momentum", 0.75);
    const auto made = make_method(request);
    made->train();
    const torch::Tensor before = part(*made, prefix + "conv1.weight").clone();
    QVERIFY(torch::equal(before, part(*made, "encoder.conv1.weight")));
    made->step(pairs(6), {}).loss.backward();
    QVERIFY(torch::equal(part(*made, prefix + "conv1.weight"), before));
    QVERIFY(!part(*made, prefix + "conv1.weight").grad().defined());
    shake(*made);
    const torch::Tensor mean = part(*made, prefix + "bn1.running_mean").clone();
    made->after_update({});
    QVERIFY(torch::allclose(part(*made, prefix + "conv1.weight"), before + 0.25, 0, 1e-6));
    QVERIFY(torch::equal(part(*made, prefix + "bn1.running_mean"), mean));
    // In train mode the follower counts for itself.
    QCOMPARE(part(*made, prefix + "bn1.num_batches_tracked").item<std::int64_t>(),
             part(*made, "encoder.bn1.num_batches_tracked").item<std::int64_t>());
    made->step(pairs(6, 5), {});
    QVERIFY(!torch::equal(part(*made, prefix + "bn1.running_mean"),
                          part(*made, "encoder.bn1.running_mean")));
  }

  /// The trap: one pass of both views through BatchNorm, or one each. As the authors' codes do.
  void views_share_a_pass_where_the_authors_let_them_data() {
    QTest::addColumn<QString>("method");
    QTest::addColumn<int>("passes");
    for (const char* one : {"simclr", "supcon"}) QTest::newRow(one) << one << 1;
    for (const char* two :
         {"mocov2", "mocov3", "nnclr", "byol", "simsiam", "barlow_twins", "vicreg", "wmse"})
      QTest::newRow(two) << two << 2;
  }
  void views_share_a_pass_where_the_authors_let_them() {
    QFETCH(QString, method);
    QFETCH(int, passes);
    const auto made = make_method(tiny(method.toStdString()));
    made->train();
    made->step(batch_for(method_info(method.toStdString()), 12, 3), {});
    QCOMPARE(part(*made, "encoder.bn1.num_batches_tracked").item<std::int64_t>(),
             std::int64_t(passes));
  }

  void losses_at_chance_and_at_collapse() {
    const torch::Tensor a = noise({64, 8192}, 1), b = noise({64, 8192}, 2);
    const torch::Tensor same = torch::ones({64, 16}), queue = noise({4096, 2048}, 3);
    const auto queries = [&](std::uint64_t seed) { return noise({64, 2048}, seed); };
    QVERIFY(near(queue_loss(queries(1), queries(2), queue, 0.2).item<double>(),
                 chance_of("mocov2", 8), 0.05));
    QVERIFY(near(2 * in_batch_loss(a, b, 0.2).item<double>(), chance_of("mocov3", 64), 0.05));
    QVERIFY(near(neighbour_loss(a, b, 0.2).item<double>(), chance_of("nnclr", 64), 0.05));
    QVERIFY(near(byol_loss(a, b, b, a).item<double>(), 0));  // each meets the other's target
    QVERIFY(near(byol_loss(a, a, b, b).item<double>(), chance_of("byol", 64), 0.02));
    QVERIFY(near(byol_loss(same, same, same, same).item<double>(), collapse_of("byol", 64)));
    QVERIFY(near(negative_cosine_loss(a, a, b, b).item<double>(), chance_of("simsiam", 64), 0.01));
    QVERIFY(near(negative_cosine_loss(same, same, same, same).item<double>(),
                 collapse_of("simsiam", 64)));
    QVERIFY(near(nt_xent(same, same, 0.2).item<double>(), collapse_of("simclr", 64)));
    QVERIFY(near(queue_loss(same, same, torch::ones({4096, 16}), 0.2).item<double>(),
                 collapse_of("mocov2", 64), 1e-4));
    QVERIFY(near(2 * in_batch_loss(same, same, 0.2).item<double>(), collapse_of("mocov3", 64)));
    QVERIFY(near(neighbour_loss(same, same, 0.2).item<double>(), collapse_of("nnclr", 64)));
    QVERIFY(
        near(supervised_contrastive_loss(same, same, torch::arange(64) % 10, 0.2).item<double>(),
             collapse_of("supcon", 64)));
    const torch::Tensor c = noise({64, 2048}, 4), d = noise({64, 2048}, 5);
    const double barlow = barlow_twins_loss(c, d, 0.0051, 0.1).item<double>();
    QVERIFY2(near(barlow / chance_of("barlow_twins", 64), 1, 0.02), std::to_string(barlow).c_str());
    const torch::Tensor flat = torch::ones({64, 2048});
    QVERIFY(near(barlow_twins_loss(flat, flat, 0.0051, 0.1).item<double>(),
                 collapse_of("barlow_twins", 64), 1e-2));
    const VicregTerms terms = vicreg_terms(flat, flat);
    QVERIFY(near((25 * terms.invariance + 25 * terms.variance + terms.covariance).item<double>(),
                 collapse_of("vicreg", 64), 1e-4));
    QVERIFY(
        near(whitened_mse_loss(noise({4096, 8}, 1), noise({4096, 8}, 2), 4096, 0).item<double>(),
             chance_of("wmse", 128), 0.05));
    QVERIFY(near(output_spread(same).item<double>(), 0));
    QVERIFY(near(output_spread(a).item<double>(), 1, 0.02));
  }

  void decoupling_takes_the_positive_out_of_the_denominator() {
    const torch::Tensor a = noise({16, 32}, 1), b = noise({16, 32}, 2);
    QVERIFY(decoupled_loss(a, b, 0.1).item<double>() < nt_xent(a, b, 0.1).item<double>());
    QVERIFY(decoupled_loss(a, a, 0.1).item<double>() < 0);
    // Pairs that agree alike all have the weight 1.
    QVERIFY(near(weighted_decoupled_loss(a, a, 0.1, 0.5).item<double>(),
                 decoupled_loss(a, a, 0.1).item<double>(), 1e-4));
    for (const char* loss : {"nt_xent", "dcl", "dclw"}) {
      MethodRequest request = tiny("simclr");
      request.options.set("loss", std::string(loss));
      const double value = loss_of(*make_method(request), pairs(6));
      QVERIFY(std::isfinite(value));
    }
  }

  void classes_attract_in_supcon_and_strangers_do_not() {
    const torch::Tensor a = noise({8, 32}, 1), b = noise({8, 32}, 2);
    const torch::Tensor alone = torch::full({8}, -1, torch::kLong);
    // Without labels each view has its other view alone: NT-Xent.
    QVERIFY(near(supervised_contrastive_loss(a, b, alone, 0.1).item<double>(),
                 nt_xent(a, b, 0.1).item<double>()));
    QVERIFY(near(supervised_contrastive_loss(a, b, torch::arange(8), 0.1).item<double>(),
                 nt_xent(a, b, 0.1).item<double>()));
    const torch::Tensor classes = torch::tensor({0, 0, 0, 0, 1, 1, 1, 1}, torch::kLong);
    const torch::Tensor centre = noise({2, 32}, 3).index_select(0, classes);
    const double sorted = supervised_contrastive_loss(centre, centre, classes, 0.1).item<double>();
    QVERIFY(near(sorted, std::log(7.0), 0.05));  // 7 positives share what is there
    QVERIFY(supervised_contrastive_loss(a, b, classes, 0.1).item<double>() > sorted);
  }

  void whitening_leaves_no_correlation() {
    const torch::Tensor rows =
        torch::matmul(noise({32, 5}).to(torch::kDouble), noise({5, 5}, 4).to(torch::kDouble)) + 7;
    const torch::Tensor white = whitened(rows, 0);
    QVERIFY(torch::allclose(white.mean(0), torch::zeros({5}, torch::kDouble), 0, 1e-9));
    QVERIFY(torch::allclose(torch::matmul(white.t(), white) / 31, torch::eye(5, torch::kDouble), 0,
                            1e-9));
    QVERIFY_EXCEPTION_THROWN(whitened(torch::ones({32, 5}), 0), Error);
    QVERIFY(whitened(torch::ones({32, 5}), 0.1).isfinite().all().item<bool>());
    torch::Tensor broken = noise({32, 5});
    broken[3][2] = std::nan("");
    QVERIFY(std::isnan(whitened_mse_loss(broken, noise({32, 5}), 32, 0).item<double>()));
  }

  void rows_that_fill_no_group_join_the_last() {
    const torch::Tensor a = noise({20, 3}, 1), b = noise({20, 3}, 2);
    const auto by_hand = [](const torch::Tensor& z) {
      return unit_rows(torch::cat({whitened(z.slice(0, 0, 8), 0), whitened(z.slice(0, 8), 0)}));
    };
    QVERIFY(near(whitened_mse_loss(a, b, 8, 0).item<double>(),
                 2 - 2 * (by_hand(a) * by_hand(b)).sum(1).mean().item<double>()));
  }

  void simsiam_stops_the_gradient_where_it_is_told_to() {
    for (const bool stop : {true, false}) {
      const torch::Tensor p = noise({6, 4}, 1), z = noise({6, 4}, 2).requires_grad_();
      const torch::Tensor loss = negative_cosine_loss(p, p, z, z, stop);
      QCOMPARE(loss.requires_grad(), !stop);
    }
    const auto made = make_method(tiny("simsiam"));
    QVERIFY(made->constant_lr("predictor.0.weight") && !made->constant_lr("projector.0.weight"));
  }

  void nnclr_compares_with_earlier_images() {
    MethodRequest request = tiny("nnclr");
    for (const char* loss : {"cross_view", "nt_xent"}) {
      request.options.set("loss", std::string(loss));
      const auto made = make_method(request);
      made->step(pairs(6), {}).loss.backward();
      QCOMPARE(part(*made, "queue.pointer").item<std::int64_t>(), std::int64_t(6));
    }
    const torch::Tensor queue = torch::tensor({{1.0f, 0.0f}, {0.0f, 1.0f}, {-1.0f, 0.0f}});
    const torch::Tensor asked = torch::tensor({{-3.0f, 1.0f}, {2.0f, 3.0f}});
    QVERIFY(torch::equal(nearest_in(queue, asked), torch::tensor({2, 1}, torch::kLong)));
  }
};

SELFSIGHT_SUITE(TestPairMethods, QCoreApplication);
#include "test_pair_methods.moc"
