// clang-format off
#include <torch/torch.h>
// clang-format on
#include <QTest>
#include <cmath>

#include "core/methods/crops.h"
#include "core/methods/losses_clusters.h"
#include "core/methods/losses_sigreg.h"
#include "core/methods/method.h"
#include "tests/methods/requests.h"
#include "tests/suite.h"

using namespace selfsight;

namespace {

torch::Tensor buffer(const Method& method, const std::string& name) {
  return method.named_buffers()[name];
}

MethodRequest swav_with_queue(std::int64_t length) {
  MethodRequest request = tiny("swav");
  request.options.set("prototypes", std::int64_t{6});
  request.options.set("queue_length", length);
  request.options.set("queue_starts", 0.0);
  return request;
}

MethodRequest tiny_dino() {
  MethodRequest request = tiny("dino");
  request.options.set("out_dim", std::int64_t{16});
  request.options.set("hidden_dim", std::int64_t{8});
  request.options.set("bottleneck_dim", std::int64_t{8});
  request.options.set("momentum_teacher", 0.5);
  return request;
}

MethodRequest tiny_ibot() {
  MethodRequest request = tiny("ibot");
  request.options.set("out_dim", std::int64_t{16});
  request.options.set("hidden_dim", std::int64_t{8});
  request.options.set("bottleneck_dim", std::int64_t{8});
  request.options.set("use_bn_in_head", true);
  request.options.set("momentum_teacher", 0.5);
  return request;
}

Batch crops_of(const char* method, std::int64_t images = 4) {
  return batch_for(method_info(method), images, 3);
}

void update(Method& method, const StepOutput& output, const Position& position) {
  torch::optim::SGD optimiser(method.parameters(), 0.1);
  optimiser.zero_grad();
  output.loss.backward();
  method.before_update(position);
  optimiser.step();
  method.after_update(position);
}

}  // namespace

class TestClusterMethods : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void sinkhorn_cannot_overflow() {
    const torch::Tensor scores = noise({6, 5});
    const torch::Tensor codes = sinkhorn(scores * 1e4, 0.05, 3);
    QVERIFY(codes.isfinite().all().item<bool>());
    QVERIFY(torch::allclose(codes.sum(1), torch::ones({6}), 1e-4, 1e-4));
    // Where exp() holds, the logarithms give the same.
    torch::Tensor plain = torch::exp(scores.to(torch::kDouble) / 0.5);
    for (int i = 0; i < 3; ++i) {
      plain = plain / plain.sum(0, true);
      plain = plain / plain.sum(1, true);
    }
    QVERIFY(torch::allclose(sinkhorn(scores.to(torch::kDouble), 0.5, 3), plain, 1e-12, 1e-14));
    const torch::Tensor untouched = sinkhorn(scores, 0.5, 0);
    QVERIFY(std::abs(untouched.sum().item<double>() - 6) < 1e-4);
  }

  void an_encoder_that_knows_nothing_pays_ln_k() {
    const torch::Tensor same = torch::zeros({4, 16}, torch::kDouble);
    const double swav =
        swav_loss({same, same, same}, {same.softmax(1), same.softmax(1)}, 0.1).item<double>();
    QVERIFY(std::abs(swav - std::log(16.0)) < 1e-12);
    const torch::Tensor crops = torch::zeros({12, 16}, torch::kDouble);
    const double dino =
        dino_loss(crops, crops.slice(0, 0, 8), torch::zeros({16}, torch::kDouble), 3, {})
            .item<double>();
    QVERIFY(std::abs(dino - std::log(16.0)) < 1e-12);
    QCOMPARE(method_info("swav").chance(options_of("swav"), 9)->value, std::log(512.0));
    QCOMPARE(method_info("dino").chance(options_of("dino"), 9)->value, std::log(4096.0));
  }

  void crops_of_one_size_go_in_one_pass() {
    const std::vector<torch::Tensor> crops{noise({2, 3, 8, 8}), noise({2, 3, 8, 8}),
                                           noise({2, 3, 4, 4}), noise({2, 3, 4, 4}),
                                           noise({2, 3, 4, 4})};
    std::vector<std::int64_t> passes;
    const torch::Tensor rows = rows_by_size(crops, [&](const torch::Tensor& images) {
      passes.push_back(images.size(0));
      return images.flatten(1).slice(1, 0, 1);
    });
    QCOMPARE(passes, (std::vector<std::int64_t>{4, 6}));
    QVERIFY(torch::equal(rows[8], crops[4][0].flatten().slice(0, 0, 1)));
  }

  void a_queue_need_not_be_a_multiple_of_the_batch() {
    const auto method = make_method(swav_with_queue(7));
    const Batch batch = crops_of("swav");
    method->step(batch, {});
    QCOMPARE(buffer(*method, "queued").item<int>(), 4);
    const torch::Tensor first = buffer(*method, "queue")[0].slice(0, 0, 4).clone();
    QVERIFY(buffer(*method, "queue")[0].slice(0, 4).eq(0).all().item<bool>());
    method->step(crops_of("swav", 3), {});
    // The newest first; all of the older batch is still there.
    QVERIFY(torch::equal(buffer(*method, "queue")[0].slice(0, 3, 7), first));
    method->step(batch, {});  // of the first batch nothing is left, of the second three
    QVERIFY(!torch::equal(buffer(*method, "queue")[0].slice(0, 3, 7), first));
    QVERIFY(torch::allclose(buffer(*method, "queue").norm(2, 2), torch::ones({2, 7})));
  }

  void a_queue_shorter_than_the_batch_keeps_its_first_images() {
    const auto method = make_method(swav_with_queue(3));
    method->step(crops_of("swav"), {});
    const StepOutput output = method->step(crops_of("swav"), {});
    QVERIFY(std::isfinite(output.loss.item<double>()));
    QVERIFY(torch::allclose(buffer(*method, "queue").norm(2, 2), torch::ones({2, 3})));
  }

  void the_queue_waits_for_its_epoch_and_until_it_is_full() {
    MethodRequest request = swav_with_queue(8);
    request.options.set("queue_starts", 1.0);
    const auto late = make_method(request);
    const auto without = make_method(swav_with_queue(0));
    const Batch batch = crops_of("swav");
    const Position start{.step = 0, .total_steps = 20, .steps_per_epoch = 10};
    late->step(batch, start);
    QCOMPARE(buffer(*late, "queued").item<int>(), 0);
    const Position later{.step = 10, .total_steps = 20, .steps_per_epoch = 10};
    const auto loss = [&](Method& method, const Batch& fed) {
      return method.step(fed, later).loss.item<double>();
    };
    Batch others = batch;
    for (torch::Tensor& view : others.views) view = noise(view.sizes().vec(), 7);
    // BatchNorm in train mode depends on the batch alone: the same loss while nothing is used.
    const double plain = loss(*without, batch);
    QCOMPARE(loss(*late, batch), plain);
    loss(*late, others);
    QVERIFY(std::abs(loss(*late, batch) - plain) > 1e-6);
  }

  void prototypes_are_directions_and_frozen_at_first() {
    const auto method = make_method(swav_with_queue(0));
    const torch::Tensor before = parameter(*method, "prototypes").detach().clone();
    const Position first{.step = 0, .total_steps = 20, .steps_per_epoch = 10};
    update(*method, method->step(crops_of("swav"), first), first);
    QVERIFY(torch::allclose(parameter(*method, "prototypes"), before, 1e-6, 1e-7));
    const Position second{.step = 10, .total_steps = 20, .steps_per_epoch = 10};
    update(*method, method->step(crops_of("swav"), second), second);
    QVERIFY(!torch::allclose(parameter(*method, "prototypes"), before, 1e-5, 1e-6));
    QVERIFY(torch::allclose(parameter(*method, "prototypes").norm(2, 1), torch::ones({6})));
  }

  void the_teacher_follows_and_the_centre_moves_after_the_loss() {
    const auto method = make_method(tiny_dino());
    const Batch batch = crops_of("dino");
    const Position position{.step = 0, .total_steps = 10, .steps_per_epoch = 5};
    const StepOutput output = method->step(batch, position);
    QVERIFY(buffer(*method, "centre").abs().sum().item<double>() > 0);
    const StepOutput again = method->step(batch, position);
    QVERIFY(output.loss.item<double>() != again.loss.item<double>());
    const torch::Tensor last = parameter(*method, "head.last_layer").detach().clone();
    const torch::Tensor teacher =
        parameter(*method, "teacher_encoder.conv1.weight").detach().clone();
    update(*method, output, position);
    QVERIFY(torch::equal(parameter(*method, "head.last_layer"), last));  // frozen in epoch 0
    const torch::Tensor student = parameter(*method, "encoder.conv1.weight");
    QVERIFY(!torch::equal(student, teacher));
    QVERIFY(torch::allclose(parameter(*method, "teacher_encoder.conv1.weight"),
                            0.5 * teacher + 0.5 * student));
    QVERIFY(!parameter(*method, "teacher_head.last_layer").requires_grad());
    const Position later{.step = 5, .total_steps = 10, .steps_per_epoch = 5};
    update(*method, method->step(batch, later), later);
    QVERIFY(!torch::equal(parameter(*method, "head.last_layer"), last));
  }

  void ibots_teacher_follows_and_keeps_its_own_statistics() {
    const auto method = make_method(tiny_ibot());
    method->train();
    Batch batch = crops_of("ibot");
    const torch::Tensor hidden = torch::tensor({{0, 1, 1, 0}}).to(torch::kBool).expand({4, 4});
    batch.masks = {hidden, hidden};
    const Position position{.step = 0, .total_steps = 10, .steps_per_epoch = 5};
    const StepOutput output = method->step(batch, position);
    const torch::Tensor mean = buffer(*method, "teacher_head.mlp.1.running_mean").clone();
    QVERIFY(!torch::equal(mean, buffer(*method, "head.mlp.1.running_mean")));
    const torch::Tensor last = parameter(*method, "head.last_layer").detach().clone();
    const std::string weight = "encoder.blocks.0.attn.qkv.weight";
    const torch::Tensor teacher = parameter(*method, "teacher_" + weight).detach().clone();
    update(*method, output, position);
    QVERIFY(torch::equal(parameter(*method, "head.last_layer"), last));  // frozen in epoch 0
    QVERIFY(!torch::equal(parameter(*method, weight), teacher));
    QVERIFY(torch::allclose(parameter(*method, "teacher_" + weight),
                            0.5 * teacher + 0.5 * parameter(*method, weight)));
    QVERIFY(!parameter(*method, "teacher_head.last_layer").requires_grad());
    QVERIFY(torch::equal(buffer(*method, "teacher_head.mlp.1.running_mean"), mean));
    const Position later{.step = 5, .total_steps = 10, .steps_per_epoch = 5};
    update(*method, method->step(batch, later), later);
    QVERIFY(!torch::equal(parameter(*method, "head.last_layer"), last));
  }

  void the_teachers_temperature_warms_up() {
    const TemperatureWarmup warmup{.first = 0.04, .last = 0.07, .epochs = 4};
    QCOMPARE(teacher_temperature(warmup, 0), 0.04);
    QVERIFY(std::abs(teacher_temperature(warmup, 1) - 0.05) < 1e-12);
    QCOMPARE(teacher_temperature(warmup, 3), 0.07);
    QCOMPARE(teacher_temperature(warmup, 9), 0.07);
    QCOMPARE(teacher_temperature({.first = 0.04, .last = 0.07, .epochs = 0}, 0), 0.07);
    QCOMPARE(teacher_temperature({.first = 0.04, .last = 0.07, .epochs = 1}, 0), 0.04);
  }

  void a_head_tells_how_probable_each_prototype_is() {
    const torch::NoGradGuard no_grad;
    // Whatever the image, the head points along its first axis, and one prototype lies there.
    const auto point = [](Method& method, const std::string& last_layer) {
      parameter(method, last_layer + "weight").zero_();
      parameter(method, last_layer + "bias").zero_().select(0, 0).fill_(1);
    };
    const auto lay = [](torch::Tensor prototypes, std::int64_t along) {
      prototypes.zero_().select(1, 1).fill_(1);
      prototypes[along].zero_().select(0, 0).fill_(1);
    };
    const auto tells = [](Method& method, std::int64_t prototype, double probability) {
      method.eval();
      const torch::Tensor shares = method.assignments(noise({2, 3, 8, 8}));
      return shares.size(0) == 2 && torch::allclose(shares.sum(1), torch::ones({2})) &&
             shares[1].argmax().item<std::int64_t>() == prototype &&
             std::abs(shares[1].max().item<double>() - probability) < 1e-5;
    };
    for (MethodRequest request : {tiny_dino(), tiny_ibot()}) {
      request.options.set("teacher_temp", 0.5);
      const auto method = make_method(request);
      point(*method, request.name == "ibot" ? "teacher_head.mlp.6." : "teacher_head.mlp.4.");
      lay(parameter(*method, "teacher_head.last_layer"), 5);
      QVERIFY(tells(*method, 5, std::exp(2) / (std::exp(2) + 15)));
      // What the teacher says of every image is taken off.
      buffer(*method, "centre").select(0, 2).fill_(-2);
      QVERIFY(tells(*method, 2, std::exp(4) / (std::exp(4) + std::exp(2) + 14)));
    }
    MethodRequest request = swav_with_queue(0);
    request.options.set("temperature", 0.5);
    const auto method = make_method(request);
    point(*method, "projector.3.");
    lay(parameter(*method, "prototypes"), 4);
    QVERIFY(tells(*method, 4, std::exp(2) / (std::exp(2) + 5)));
  }

  void methods_without_prototypes_tell_of_none() {
    const torch::NoGradGuard no_grad;
    for (const MethodInfo& info : method_infos()) {
      const auto method = make_method(tiny(info.name));
      method->eval();
      QVERIFY2(method->assignments(noise({1, 3, 8, 8})).defined() == info.has_prototypes,
               info.name.c_str());
    }
  }

  void sigreg_tells_a_normal_distribution_from_others() {
    const SigRegGrid grid;
    torch::Tensor directions = noise({8, 64}, 1).to(torch::kDouble);
    directions = directions / directions.norm(2, 0, true);
    const auto cost = [&](const torch::Tensor& rows) {
      return sigreg(rows.to(torch::kDouble).unsqueeze(0), directions, grid).item<double>();
    };
    const torch::Tensor normal = noise({2000, 8}, 2);
    const double collapsed = cost(torch::zeros({2000, 8}));
    QVERIFY(std::abs(collapsed - collapsed_sigreg(2000, grid)) < 1e-9 * collapsed);
    QVERIFY(cost(normal) < 0.01 * collapsed);
    QVERIFY(cost(normal) < 0.1 * cost(2 * normal));  // too wide
    QVERIFY(cost(normal) < 0.1 * cost(normal + 1));  // off the centre
    // Signs are not normal along an axis; most directions mix eight of them into nearly that.
    QVERIFY(cost(normal) < 0.7 * cost(normal.sign()));
    torch::Tensor flat = normal.clone();
    flat.slice(1, 4).zero_();  // half of the dimensions are dead
    QVERIFY(cost(normal) < 0.1 * cost(flat));
  }

  void lejepa_draws_the_same_directions_when_resumed() {
    MethodRequest request = tiny("lejepa");
    request.options.set("directions", std::int64_t{4});
    const auto a = make_method(request), b = make_method(request);
    const Batch batch = crops_of("lejepa");
    const auto loss = [&](Method& method, std::int64_t step) {
      return method.step(batch, {.step = step, .total_steps = 9}).loss.item<double>();
    };
    const double third = loss(*a, 3);
    QVERIFY(loss(*a, 4) != third);
    QCOMPARE(loss(*b, 3), third);
    const auto pull = lejepa_invariance(torch::ones({3, 4, 2}), torch::ones({2, 4, 2}));
    QCOMPARE(pull.item<double>(), 0.0);
  }
};

SELFSIGHT_SUITE(TestClusterMethods, QCoreApplication);
#include "test_cluster_methods.moc"
