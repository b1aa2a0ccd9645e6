// clang-format off
#include <torch/torch.h>
// clang-format on
#include <QTest>
#include <cmath>
#include <future>

#include "core/base/error.h"
#include "core/nets/mae_decoder.h"
#include "core/nets/norm_relu.h"
#include "core/nets/precision.h"
#include "core/nets/projector.h"
#include "core/nets/resnet.h"
#include "core/nets/vision_transformer.h"
#include "tests/suite.h"

using namespace selfsight;

Q_DECLARE_METATYPE(EncoderOptions)

namespace {

using State = std::vector<std::pair<std::string, torch::Tensor>>;

torch::Tensor images(std::int64_t count, std::int64_t channels, std::int64_t size) {
  torch::Tensor out;
  with_seed(3, [&] { out = torch::randn({count, channels, size, size}); });
  return out;
}

torch::Tensor named(const State& state, const std::string& name) {
  for (const auto& [other, part] : state)
    if (other == name) return part;
  throw Error("there is no " + name);
}

bool equal(const State& a, const State& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i].first != b[i].first || !torch::equal(a[i].second, b[i].second)) return false;
  return true;
}

std::int64_t count_of_parameters(const torch::nn::Module& module) {
  std::int64_t count = 0;
  for (const torch::Tensor& part : module.parameters()) count += part.numel();
  return count;
}

double deviation(const torch::Tensor& weights) {
  return weights.detach().std().item<double>();
}

VisionTransformer small_transformer(bool mae = false) {
  VisionTransformerShape shape{.image_size = 12, .dimensions = 24, .depth = 2};
  shape.mae = mae;
  return VisionTransformer(shape);
}

}  // namespace

class TestNets : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void each_encoder_maps_images_to_vectors_data() {
    QTest::addColumn<EncoderOptions>("options");
    QTest::addColumn<int>("channels");
    QTest::addColumn<int>("size");
    QTest::addColumn<int>("dimensions");
    // Of the published networks, without their classifiers and for three channels.
    QTest::addColumn<qint64>("parameters");
    const auto row = [](const EncoderOptions& options, int channels, int size, int dimensions,
                        qint64 parameters) {
      const std::string name = options.name + " " + options.stem + " " + std::to_string(channels);
      QTest::newRow(name.c_str()) << options << channels << size << dimensions << parameters;
    };
    row({.name = "resnet18", .stem = "imagenet"}, 3, 64, 512, 11'176'512);
    row({.name = "resnet18", .stem = "cifar"}, 3, 32, 512, 11'168'832);
    row({.name = "resnet18", .stem = "half"}, 1, 28, 512, 11'168'832 - 2 * 64 * 9);
    row({.name = "resnet34", .stem = "imagenet"}, 3, 40, 512, 21'284'672);
    row({.name = "resnet50", .stem = "imagenet"}, 1, 40, 2048, 23'508'032 - 2 * 64 * 49);
    row({.name = "resnet20", .stem = "cifar"}, 3, 32, 64, 271'824);
    row({.name = "resnet20", .stem = "imagenet"}, 3, 32, 64, 271'824);
    row({.name = "resnet8", .stem = "half"}, 3, 32, 128, 307'360);
    row({.name = "vit_tiny", .patch_size = 16}, 3, 224, 192, 5'524'416);
    row({.name = "vit_tiny", .patch_size = 16, .depth = 1}, 1, 224, 192,
        5'524'416 - 2 * 16 * 16 * 192 - 11 * 444'864);
    row({.name = "vit_small", .patch_size = 8}, 1, 24, 384,
        21'665'664 - 384 * (3 * 256 - 64) - 384 * (196 - 9));
    row({.name = "vit_base", .patch_size = 5}, 4, 15, 768,
        85'798'656 - 768 * (3 * 256 - 4 * 25) - 768 * (196 - 9));
  }

  void each_encoder_maps_images_to_vectors() {
    QFETCH(EncoderOptions, options);
    QFETCH(int, channels);
    QFETCH(int, size);
    QFETCH(int, dimensions);
    QFETCH(qint64, parameters);
    const torch::NoGradGuard no_grad;
    const auto encoder = make_encoder(options, channels, size, 1);
    encoder->eval();
    QCOMPARE(encoder->dimensions(), dimensions);
    QCOMPARE(count_of_parameters(*encoder), parameters);
    const torch::Tensor x = images(2, channels, size);
    const torch::Tensor rows = encoder->forward(x);
    QVERIFY((rows.sizes() == std::vector<std::int64_t>{2, dimensions}));
    QVERIFY(rows.isfinite().all().item<bool>());
    QVERIFY(!torch::allclose(rows[0], rows[1]));
    QVERIFY(torch::allclose(rows, encoder->forward(x.contiguous(at::MemoryFormat::ChannelsLast)),
                            1e-3, 1e-4));
  }

  void resnet20_has_three_stages_with_projections() {
    const State state = state_dict(*make_encoder({.name = "resnet20"}, 3, 32, 1));
    QCOMPARE(state.size(), std::size_t{19 + 2} * 6);
    QCOMPARE(state.front().first, std::string("conv1.weight"));
    QVERIFY((named(state, "conv1.weight").sizes() == std::vector<std::int64_t>{16, 3, 3, 3}));
    QVERIFY((named(state, "layer2.0.downsample.0.weight").sizes() ==
             std::vector<std::int64_t>{32, 16, 1, 1}));
    QVERIFY(
        (named(state, "layer3.2.conv2.weight").sizes() == std::vector<std::int64_t>{64, 64, 3, 3}));
    QVERIFY_EXCEPTION_THROWN(named(state, "layer1.0.downsample.0.weight"), Error);
    QVERIFY_EXCEPTION_THROWN(named(state, "layer4.0.conv1.weight"), Error);
  }

  void norm_and_relu_in_one_are_the_same_data() {
    QTest::addColumn<int>("channels");
    QTest::addColumn<int>("size");
    QTest::addColumn<bool>("added");
    QTest::addColumn<bool>("relu");
    for (const auto& [channels, size] : {std::pair{16, 8}, {3, 5}, {65, 3}, {128, 1}})
      for (const bool added : {false, true})
        for (const bool relu : {false, true})
          QTest::addRow("%d channels, %d px%s%s", channels, size, added ? ", added" : "",
                        relu ? ", relu" : "")
              << channels << size << added << relu;
  }
  void norm_and_relu_in_one_are_the_same() {
    QFETCH(int, channels);
    QFETCH(int, size);
    QFETCH(bool, added);
    QFETCH(bool, relu);
    // Far from zero, where naive sums of squares lose their digits.
    const torch::Tensor x = images(6, channels, size) * 2 + 50;
    const torch::Tensor other = images(6, channels, size).flip(0);
    const torch::Tensor weights = images(6, channels, size).roll(1, 0);
    const auto run = [&](torch::ScalarType type, at::MemoryFormat format) {
      torch::nn::BatchNorm2d norm(channels);
      norm->to(type);
      const torch::NoGradGuard no_grad;
      norm->weight.copy_(torch::linspace(-1, 2, channels));
      norm->bias.copy_(torch::linspace(1, -1, channels));
      const torch::AutoGradMode grad(true);
      const auto leaf = [&](const torch::Tensor& t) {
        return t.to(type).contiguous(format).detach().requires_grad_();
      };
      const torch::Tensor in = leaf(x), shortcut = leaf(other);
      const torch::Tensor out =
          norm_relu(norm, in, {.shortcut = added ? shortcut : torch::Tensor(), .relu = relu});
      (out * weights.to(type)).sum().backward();
      std::vector<torch::Tensor> all{
          out.detach(),       in.grad(),         norm->weight.grad(),      norm->bias.grad(),
          norm->running_mean, norm->running_var, norm->num_batches_tracked};
      if (added) all.push_back(shortcut.grad());
      return all;
    };
    const auto exact = run(torch::kFloat64, at::MemoryFormat::Contiguous);
    const auto fused = run(torch::kFloat, at::MemoryFormat::ChannelsLast);
    QCOMPARE(exact.size(), fused.size());
    for (std::size_t i = 0; i < exact.size(); ++i)
      QVERIFY2(torch::allclose(exact[i], fused[i].to(exact[i].scalar_type()), 1e-4, 1e-4),
               std::to_string(i).c_str());
  }

  /// Against the same values as floats: sums are made in floats, only what is stored is rounded.
  void norm_and_relu_take_bfloat16_data() { norm_and_relu_in_one_are_the_same_data(); }
  void norm_and_relu_take_bfloat16() {
    QFETCH(int, channels);
    QFETCH(int, size);
    QFETCH(bool, added);
    QFETCH(bool, relu);
    const auto narrow = [](const torch::Tensor& t) { return t.to(torch::kBFloat16); };
    const torch::Tensor x = narrow(images(6, channels, size) * 2 + 1);
    const torch::Tensor other = narrow(images(6, channels, size).flip(0));
    const torch::Tensor weights = narrow(images(6, channels, size).roll(1, 0));
    const auto run = [&](torch::ScalarType type) {
      torch::nn::BatchNorm2d norm(channels);
      const auto leaf = [&](const torch::Tensor& t) {
        return t.to(type).contiguous(at::MemoryFormat::ChannelsLast).detach().requires_grad_();
      };
      const torch::Tensor in = leaf(x), shortcut = leaf(other);
      const torch::Tensor out =
          norm_relu(norm, in, {.shortcut = added ? shortcut : torch::Tensor(), .relu = relu});
      (out.to(torch::kFloat) * weights.to(torch::kFloat)).sum().backward();
      std::vector<torch::Tensor> all{out.detach(),      in.grad(),          norm->weight.grad(),
                                     norm->bias.grad(), norm->running_mean, norm->running_var};
      if (added) all.push_back(shortcut.grad());
      return all;
    };
    const auto floats_of = run(torch::kFloat), narrow_of = run(torch::kBFloat16);
    QCOMPARE(narrow_of.front().scalar_type(), torch::kBFloat16);
    for (std::size_t i = 0; i < floats_of.size(); ++i)
      QVERIFY2(torch::allclose(narrow_of[i].to(torch::kFloat), floats_of[i], 0.01, 0.02),
               std::to_string(i).c_str());
  }

  void networks_multiply_in_bfloat16_only_where_told() {
    const torch::NoGradGuard no_grad;
    for (const EncoderOptions& options :
         {EncoderOptions{.name = "resnet20"}, EncoderOptions{.name = "vit_tiny", .depth = 2}}) {
      const auto encoder = make_encoder(options, 3, 16, 1);
      Projector projector = make_projector({.in = encoder->dimensions(), .hidden = 32, .out = 8});
      const torch::Tensor x = images(8, 3, 16);
      const auto answer = [&] { return projector->forward(encoder->forward(x)); };
      const torch::Tensor plain = answer();
      torch::Tensor narrow;
      {
        const Bfloat16 bfloat16(true);
        narrow = answer();
        QVERIFY(torch::equal(answer(), narrow));
        const Bfloat16 not_here(false);
        QVERIFY(torch::equal(answer(), plain));
        // Losses, which are made outside the networks, stay in floats.
        QCOMPARE(torch::matmul(plain, plain.t()).scalar_type(), torch::kFloat);
      }
      QCOMPARE(narrow.scalar_type(), torch::kFloat);
      QVERIFY(!torch::equal(narrow, plain));
      QVERIFY(torch::allclose(narrow, plain, 0.05, 0.1));
      QVERIFY(torch::equal(answer(), plain));
    }
  }

  void a_wider_resnet_has_so_many_times_the_channels() {
    const State state = state_dict(*make_encoder({.name = "resnet8", .width = 3}, 1, 32, 1));
    QVERIFY((named(state, "conv1.weight").sizes() == std::vector<std::int64_t>{96, 1, 3, 3}));
    QVERIFY((named(state, "layer3.0.conv2.weight").sizes() ==
             std::vector<std::int64_t>{384, 384, 3, 3}));
  }

  void norm_and_relu_do_not_hide_what_is_no_number() {
    torch::nn::BatchNorm2d norm(16);
    torch::Tensor x = images(4, 16, 4).contiguous(at::MemoryFormat::ChannelsLast);
    x[1][3][2][2] = std::nan("");
    QVERIFY(norm_relu(norm, x).isnan().any().item<bool>());
  }

  void stems_halve_the_side_as_they_say() {
    const auto side = [](const std::string& stem) {
      ResNet net(resnet_shape({.name = "resnet18", .stem = stem}, 3));
      const torch::NoGradGuard no_grad;
      torch::Tensor x = net.conv1(images(1, 3, 32));
      if (net.max_pool) x = torch::max_pool2d(x, 3, 2, 1);
      return x.size(3);
    };
    QCOMPARE(side("cifar"), 32);
    QCOMPARE(side("half"), 16);
    QCOMPARE(side("imagenet"), 8);
  }

  void first_weights_follow_from_the_seed_alone() {
    for (const std::string name : {"resnet20", "vit_tiny"}) {
      const auto state = [&](std::uint64_t seed) {
        return state_dict(*make_encoder({.name = name}, 3, 8, seed));
      };
      seed_generator(11);
      const State first = state(5);
      const torch::Tensor after = torch::rand(4);
      seed_generator(11);
      QVERIFY(torch::equal(after, torch::rand(4)));  // nobody else's numbers have moved
      QVERIFY(equal(first, state(5)));
      QVERIFY(!equal(first, state(6)));
    }
  }

  void a_build_that_fails_puts_the_generator_back() {
    seed_generator(11);
    const torch::Tensor expected = torch::rand(4);
    seed_generator(11);
    QVERIFY_EXCEPTION_THROWN(with_seed(5,
                                       [] {
                                         torch::rand(9);
                                         throw Error("no");
                                       }),
                             Error);
    QVERIFY(torch::equal(torch::rand(4), expected));
  }

  /// A training reseeds at each step, while an evaluation builds its network.
  void seeding_in_another_thread_waits_for_a_build() {
    const auto last_of_many = [] {
      torch::Tensor out;
      for (int i = 0; i < 1000; ++i) out = torch::rand(1000);
      return out;
    };
    seed_generator(11);
    const torch::Tensor after = torch::rand(4);
    torch::Tensor alone, beside;
    with_seed(5, [&] { alone = last_of_many(); });
    std::promise<void> begun;
    std::future<void> seeded;
    with_seed(5, [&] {
      seeded = std::async(std::launch::async, [&] {
        begun.set_value();
        seed_generator(11);
      });
      begun.get_future().wait();
      beside = last_of_many();
    });
    seeded.get();
    QVERIFY(torch::equal(beside, alone));
    QVERIFY(torch::equal(torch::rand(4), after));  // the end of the build has not undone it
  }

  void a_step_may_build_what_it_needs() {
    seed_generator(11);
    const torch::Tensor expected = torch::rand(4);
    seed_generator(11);
    with_seed(5, [] { with_seed(6, [] { seed_generator(7); }); });
    QVERIFY(torch::equal(torch::rand(4), expected));
  }

  void first_weights_have_the_published_spread() {
    const auto near = [](double got, double wanted) {
      return std::abs(got - wanted) < 0.03 * wanted;
    };
    // torchvision: He-normal by fan-out.
    const State residual = state_dict(*make_encoder({.name = "resnet18"}, 3, 32, 1));
    QVERIFY(near(deviation(named(residual, "layer2.0.conv1.weight")), std::sqrt(2 / (128 * 9.0))));
    QVERIFY(near(deviation(named(residual, "layer2.0.downsample.0.weight")), std::sqrt(2 / 128.0)));
    QVERIFY(torch::equal(named(residual, "layer4.1.bn2.weight"), torch::ones(512)));
    // timm: normal with 0.02, no bias.
    const State plain = state_dict(*make_encoder({.name = "vit_tiny"}, 3, 32, 1));
    QVERIFY(near(deviation(named(plain, "blocks.3.attn.qkv.weight")), 0.02));
    QVERIFY(near(deviation(named(plain, "pos_embed")), 0.02));
    QCOMPARE(named(plain, "blocks.3.mlp.fc1.bias").abs().max().item<float>(), 0.0f);
    QVERIFY(deviation(named(plain, "cls_token")) < 1e-5);
    // MAE: Xavier-uniform, the patch projection as a linear layer, fixed positions.
    VisionTransformerShape shape{.dimensions = 96, .depth = 1};
    shape.mae = true;
    const State masked = state_dict(VisionTransformer(shape));
    QVERIFY(
        near(deviation(named(masked, "blocks.0.attn.qkv.weight")), std::sqrt(2 / (96 + 288.0))));
    QVERIFY(near(deviation(named(masked, "patch_embed.proj.weight")), std::sqrt(2 / (96 + 48.0))));
    QVERIFY(!named(masked, "pos_embed").requires_grad());
    QVERIFY(named(plain, "pos_embed").requires_grad());
  }

  void a_transformer_sees_only_the_patches_that_are_kept() {
    const torch::NoGradGuard no_grad;
    VisionTransformer net = small_transformer();
    const torch::Tensor x = images(2, 3, 12);
    const torch::Tensor keep = torch::tensor({{0, 4, 5}, {8, 2, 1}});
    const torch::Tensor tokens = net.tokens(x, keep);
    QVERIFY((tokens.sizes() == std::vector<std::int64_t>{2, 4, 24}));
    torch::Tensor other = x.clone();
    other[0].slice(1, 8).fill_(9);                 // the lowest row of patches: 6, 7, 8
    other[1].slice(1, 4, 8).slice(2, 4).fill_(9);  // 4 and 5
    QVERIFY(torch::equal(net.tokens(other, keep), tokens));
    QVERIFY(!torch::allclose(net.forward(other), net.forward(x)));
    const torch::Tensor order = torch::tensor({2, 0, 1});
    QVERIFY(torch::allclose(net.tokens(x, keep.index_select(1, order)).slice(1, 1),
                            tokens.slice(1, 1).index_select(1, order), 1e-4, 1e-5));
    const torch::Tensor all = torch::arange(9).expand({2, 9});
    QVERIFY(torch::allclose(net.tokens(x, all), net.tokens(x), 1e-4, 1e-5));
    QVERIFY(torch::equal(net.forward(x), net.tokens(x).select(1, 0)));
  }

  void the_class_token_attends_as_by_hand() {
    const torch::NoGradGuard no_grad;
    VisionTransformer net({.image_size = 12, .dimensions = 24, .depth = 1});
    const State state = state_dict(net);
    for (const auto& [name, part] : state) part.mul_(3);  // first weights attend evenly
    const torch::Tensor x = images(2, 3, 12);
    const torch::Tensor heat = net.class_attention(x);
    QVERIFY((heat.sizes() == std::vector<std::int64_t>{2, 3, 3, 3}));
    const torch::Tensor sums = heat.sum({2, 3});
    QVERIFY(heat.min().item<double>() > 0 && sums.max().item<double>() < 1);

    const torch::Tensor at = named(state, "pos_embed");
    const torch::Tensor patches = torch::conv2d(x, named(state, "patch_embed.proj.weight"),
                                                named(state, "patch_embed.proj.bias"), /*stride=*/4)
                                      .flatten(2)
                                      .transpose(1, 2) +
                                  at.slice(1, 1);
    const torch::Tensor first = (named(state, "cls_token") + at.slice(1, 0, 1)).expand({2, 1, 24});
    const torch::Tensor tokens = torch::layer_norm(torch::cat({first, patches}, 1), {24},
                                                   named(state, "blocks.0.norm1.weight"),
                                                   named(state, "blocks.0.norm1.bias"), 1e-6);
    const torch::Tensor qkv = torch::linear(tokens, named(state, "blocks.0.attn.qkv.weight"),
                                            named(state, "blocks.0.attn.qkv.bias"));
    for (std::int64_t head = 0; head < 3; ++head) {
      const torch::Tensor q = qkv.slice(1, 0, 1).slice(2, 8 * head, 8 * head + 8);
      const torch::Tensor k = qkv.slice(2, 24 + 8 * head, 32 + 8 * head);
      const torch::Tensor weights = torch::softmax((q * k).sum(-1) / std::sqrt(8.0), -1);
      QVERIFY(torch::allclose(heat.select(1, head).flatten(1), weights.slice(1, 1), 1e-4, 1e-6));
    }
    QVERIFY((net.class_attention(images(1, 3, 20)).sizes() ==
             std::vector<std::int64_t>{1, 3, 5, 5}));  // of views of another size
  }

  void a_decoder_answers_for_every_patch() {
    const torch::NoGradGuard no_grad;
    VisionTransformer encoder = small_transformer(true);
    MaeDecoder decoder({.encoder_dimensions = 24, .dimensions = 16, .depth = 1, .grid = 3});
    const torch::Tensor x = images(2, 3, 12);
    const torch::Tensor restore = torch::arange(9).expand({2, 9});
    for (const std::int64_t kept : {0, 3, 9}) {
      const torch::Tensor latent = encoder.tokens(x, restore.slice(1, 0, kept));
      QVERIFY((decoder.forward(latent, restore).sizes() == std::vector<std::int64_t>{2, 9, 48}));
    }
  }

  void views_that_cannot_be_cut_are_refused() {
    EncoderOptions options{.name = "vit_tiny", .patch_size = 5};
    QVERIFY_EXCEPTION_THROWN(check_encoder(options, 32), InputError);
    QVERIFY_EXCEPTION_THROWN(make_encoder(options, 3, 32, 1), InputError);
    options.patch_size = 32;
    QVERIFY_EXCEPTION_THROWN(check_encoder(options, 32), InputError);
    options.patch_size = 64;
    QVERIFY_EXCEPTION_THROWN(check_encoder(options, 32), InputError);
    options.patch_size = 16;
    check_encoder(options, 32);
    check_encoder({.name = "resnet18", .patch_size = 5}, 32);  // a ResNet has no patches
  }

  void projectors_have_the_layers_that_were_asked_for() {
    const auto names = [](const ProjectorShape& shape) {
      std::string out;
      for (const auto& [name, part] : state_dict(*make_projector(shape)))
        if (name.find("num_batches") == std::string::npos && name.find("running") == name.npos)
          out += name + " ";
      return out;
    };
    QCOMPARE(names({.layers = 1}), std::string("0.weight 0.bias "));
    QCOMPARE(names({.layers = 2}), std::string("0.weight 1.weight 1.bias 3.weight 3.bias "));
    QCOMPARE(names({.layers = 2, .batch_norm = false}),
             std::string("0.weight 0.bias 2.weight 2.bias "));
    QCOMPARE(names({.layers = 2, .last_batch_norm = true, .last_affine = false}),
             std::string("0.weight 1.weight 1.bias 3.weight "));
    QCOMPARE(names({.layers = 3, .last_batch_norm = true}),
             std::string("0.weight 1.weight 1.bias 3.weight 4.weight 4.bias 6.weight 7.weight "
                         "7.bias "));
    QCOMPARE(names({.layers = 1, .bias = false}), std::string("0.weight "));
    auto projector = make_projector({.in = 6, .hidden = 5, .out = 4, .layers = 3});
    QVERIFY((projector->forward(torch::ones({7, 6})).sizes() == std::vector<std::int64_t>{7, 4}));
  }
};

SELFSIGHT_SUITE(TestNets, QCoreApplication);
#include "test_nets.moc"
