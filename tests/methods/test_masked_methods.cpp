// clang-format off
#include <torch/torch.h>
// clang-format on
#include <QTest>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "core/base/error.h"
#include "core/methods/colour_space.h"
#include "core/methods/losses_masked.h"
#include "core/methods/method.h"
#include "core/methods/puzzle_answer.h"
#include "core/nets/vision_transformer.h"
#include "tests/methods/requests.h"
#include "tests/suite.h"

using namespace selfsight;

namespace {

MethodRequest small(const std::string& method) {
  MethodRequest request = tiny(method);
  const auto set = [&](const char* key, std::int64_t value) {
    if (request.options.has(key)) request.options.set(key, value);
  };
  set("out_dim", 16);
  set("hidden_dim", 16);
  set("prototypes", 8);
  set("directions", 16);
  if (request.options.has("momentum_teacher")) request.options.set("momentum_teacher", 0.9);
  return request;
}

}  // namespace

class TestMaskedMethods : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  /// Every method that poses one fixed question per image can learn a batch by heart.
  void one_batch_is_learnt_by_heart_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"simmim", "ijepa", "rotation", "jigsaw", "relative_position",
                             "colourisation", "inpainting", "swav", "lejepa"})
      QTest::newRow(name) << name;
  }

  void one_batch_is_learnt_by_heart() {
    QFETCH(QString, name);
    const std::string method_name = name.toStdString();
    const auto method = make_method(small(method_name));
    const Batch batch = batch_for(method_info(method_name), 4, 3);
    torch::optim::AdamW optimiser(method->parameters(), torch::optim::AdamWOptions(2e-3));
    const Position position{.step = 20, .total_steps = 100, .steps_per_epoch = 10};
    const double before = method->step(batch, position).loss.item<double>();
    double after = before;
    for (int i = 0; i < 40; ++i) {
      optimiser.zero_grad();
      const StepOutput output = method->step(batch, position);
      output.loss.backward();
      optimiser.step();
      method->after_update(position);
      after = output.loss.item<double>();
    }
    QVERIFY2(after < 0.8 * before,
             (std::to_string(before) + " to " + std::to_string(after)).c_str());
  }

  void hidden_patches_are_squares_of_pixels() {
    const torch::Tensor pixels = hidden_pixels(three_hidden(), 8);
    QVERIFY((pixels.sizes() == std::vector<std::int64_t>{2, 1, 8, 8}));
    QCOMPARE(pixels[0].sum().item<int>(), 48);
    QVERIFY(!pixels[0][0][3][3].item<bool>());
    QVERIFY(pixels[0][0][3][4].item<bool>());
    QVERIFY(!pixels[1][0][7][7].item<bool>());
  }

  void what_is_hidden_is_not_seen_and_what_is_seen_is_kept_data() {
    QTest::addColumn<QString>("name");
    QTest::newRow("simmim") << "simmim";
    QTest::newRow("inpainting") << "inpainting";
  }

  void what_is_hidden_is_not_seen_and_what_is_seen_is_kept() {
    QFETCH(QString, name);
    const torch::NoGradGuard no_grad;
    const auto method = make_method(small(name.toStdString()));
    method->eval();
    QVERIFY(method->reconstructs());
    const torch::Tensor images = noise({2, 3, 8, 8}), hidden = three_hidden();
    const torch::Tensor rebuilt = method->reconstruct(images, hidden);
    const torch::Tensor pixels = hidden_pixels(hidden, 8).expand_as(images);
    QVERIFY(torch::equal(rebuilt.masked_select(~pixels), images.masked_select(~pixels)));
    QVERIFY(!rebuilt.eq(images).masked_select(pixels).any().item<bool>());
    const torch::Tensor other = torch::where(pixels, torch::full_like(images, 7), images);
    QVERIFY(torch::allclose(method->reconstruct(other, hidden), rebuilt));
    const torch::Tensor seen = torch::where(pixels, images, torch::full_like(images, 7));
    QVERIFY(!torch::allclose(method->reconstruct(seen, hidden).masked_select(pixels),
                             rebuilt.masked_select(pixels)));
  }

  void inpainting_hides_pixels_too() {
    const torch::NoGradGuard no_grad;
    const auto method = make_method(small("inpainting"));
    method->eval();
    torch::Tensor hidden = torch::zeros({1, 64}, torch::kBool);
    hidden[0][9] = true;
    const torch::Tensor images = noise({1, 3, 8, 8});
    const torch::Tensor same = method->reconstruct(images, hidden).eq(images).all(1)[0];
    QCOMPARE(same.logical_not().sum().item<int>(), 1);
    QVERIFY(!same[1][1].item<bool>());
  }

  void colourisation_paints_colours_and_keeps_brightness() {
    const torch::NoGradGuard no_grad;
    const auto method = make_method(small("colourisation"));
    method->eval();
    const torch::Tensor rgb = torch::rand({2, 3, 8, 8}) * 0.2 + 0.4;
    const Normalisation normalisation = small("colourisation").normalisation;
    const torch::Tensor images = with_normalisation(rgb, normalisation);
    const torch::Tensor everything = torch::ones({2, 4}, torch::kBool);
    const torch::Tensor painted = method->reconstruct(images, everything);
    QVERIFY(torch::equal(method->reconstruct(images, ~everything), images));
    // From brightness alone: other colours of the same luma are painted in nearly the same ones.
    const torch::Tensor grey = with_normalisation(grey_of(rgb), normalisation);
    QVERIFY(torch::allclose(method->features(images), method->features(grey), 1e-4, 1e-4));
    const auto light = [&](const torch::Tensor& x) {
      return lab_of_rgb(without_normalisation(x, normalisation)).select(1, 0);
    };
    QVERIFY((light(painted) - light(images)).abs().mean().item<double>() < 3);
    QVERIFY(!complaint([] {
               MethodRequest request = small("colourisation");
               request.channels = 1;
               make_method(request);
             }).empty());
  }

  void colours_are_those_of_cie_lab() {
    // The primaries of sRGB under D65, as tables of colours give them.
    const torch::Tensor primaries = torch::eye(3, torch::kDouble).reshape({3, 3, 1, 1});
    const torch::Tensor expected = torch::tensor(
        {53.24, 80.09, 67.20, 87.73, -86.18, 83.18, 32.30, 79.19, -107.86}, torch::kDouble);
    const torch::Tensor ours = lab_of_rgb(primaries);
    QVERIFY((ours.reshape({9}) - expected).abs().max().item<double>() < 0.03);
    const torch::Tensor colours = torch::rand({4, 3, 8, 8}, torch::kDouble);
    QVERIFY(torch::allclose(rgb_of_lab(lab_of_rgb(colours)), colours, 1e-4, 1e-4));
    const torch::Tensor white = lab_of_rgb(torch::ones({1, 3, 1, 1}, torch::kDouble)).flatten();
    QVERIFY(std::abs(white[0].item<double>() - 100) < 1e-9);
    QVERIFY(white.slice(0, 1).abs().max().item<double>() < 1e-2);
  }

  void colours_have_some_three_hundred_classes() {
    const torch::Tensor classes = colour_classes();
    QVERIFY2(classes.size(0) > 230 && classes.size(0) < 330,
             std::to_string(classes.size(0)).c_str());
    const SoftClasses soft = soft_classes(torch::tensor({{0.0f, 0.0f}, {21.0f, -4.0f}}), classes);
    QVERIFY(torch::allclose(soft.shares.sum(1), torch::ones({2})));
    QVERIFY(torch::equal(classes[soft.classes[0][0].item<std::int64_t>()], torch::zeros({2})));
    QVERIFY(torch::equal(classes[soft.classes[1][0].item<std::int64_t>()],
                         torch::tensor({20.0f, 0.0f})));
    // exp(-0) against exp(-100 / 50) at the four neighbours.
    QVERIFY(std::abs(soft.shares[0][0].item<double>() - 1 / (1 + 4 * std::exp(-2.0))) < 1e-5);
  }

  void puzzles_pay_ln_k_at_chance() {
    const auto chance = [](const char* name) {
      return method_info(name).chance(options_of(name), 32)->value;
    };
    QCOMPARE(chance("rotation"), std::log(4.0));
    QCOMPARE(chance("jigsaw"), std::log(100.0));
    QCOMPARE(chance("relative_position"), std::log(8.0));
    const StepOutput answer =
        answer_to_puzzle(torch::zeros({4, 8}, torch::kDouble), torch::tensor({0, 1, 2, 3}));
    QVERIFY(std::abs(answer.loss.item<double>() - std::log(8.0)) < 1e-12);
    QCOMPARE(extra(answer, "accuracy"), 0.25);
  }

  void tiles_lose_their_shade_but_flat_ones_stay_flat() {
    const torch::Tensor tiles = noise({3, 2, 8, 8}) * 3 + 5;
    const torch::Tensor plain = standardised(tiles);
    QVERIFY(plain.mean({2, 3}).abs().max().item<double>() < 1e-5);
    QVERIFY((plain.std({2, 3}, false) - 1).abs().max().item<double>() < 0.02);
    QVERIFY(standardised(torch::ones({1, 1, 4, 4})).eq(0).all().item<bool>());
  }

  void a_chance_that_depends_on_the_images_is_measured() {
    const auto method = make_method(small("inpainting"));
    torch::Tensor images = torch::zeros({1, 3, 8, 8});
    images.slice(2, 0, 4).fill_(1);
    torch::Tensor hidden = torch::zeros({1, 64}, torch::kBool);
    hidden[0].slice(0, 24, 40).fill_(true);  // a row of ones, and a row of zeros
    const StepOutput output = method->step({{images}, {hidden}}, {});
    QVERIFY(std::abs(extra(output, "region_mean_loss") - 0.25) < 1e-6);
  }

  void a_vision_transformer_with_nothing_hidden_is_itself() {
    const torch::NoGradGuard no_grad;
    VisionTransformer encoder({.image_size = 8, .dimensions = 12, .depth = 1, .heads = 3});
    const torch::Tensor images = noise({2, 3, 8, 8}), token = torch::ones({1, 1, 12});
    const torch::Tensor nothing = torch::zeros({2, 4}, torch::kBool);
    QVERIFY(torch::allclose(encoder.masked_tokens(images, nothing, token), encoder.tokens(images)));
    QVERIFY(!torch::allclose(encoder.masked_tokens(images, three_hidden(), token),
                             encoder.tokens(images)));
    const torch::Tensor all = ~nothing;
    QVERIFY(torch::allclose(encoder.masked_tokens(images, all, token),
                            encoder.masked_tokens(2 * images, all, token)));
    // Views of other sizes.
    QVERIFY(
        (encoder.tokens(noise({2, 3, 12, 12})).sizes() == std::vector<std::int64_t>{2, 10, 12}));
    QVERIFY((encoder.feature_map(noise({2, 3, 4, 4})).sizes() ==
             std::vector<std::int64_t>{2, 12, 1, 1}));
    QVERIFY(torch::allclose(encoder.feature_map(images).flatten(2).transpose(1, 2),
                            encoder.tokens(images).slice(1, 1)));
  }

  void targets_that_are_all_one_cost_ijepa_nothing() {
    const auto collapse = method_info("ijepa").collapse;
    const torch::Tensor same = noise({1, 1, 12}).expand({3, 4, 12});
    QCOMPARE(ijepa_loss(ijepa_target(same), same).item<double>(),
             collapse(options_of("ijepa"), 8)->value);
  }

  void what_holds_images_apart_is_added_to_the_loss_of_ijepa() {
    MethodRequest request = small("ijepa");
    const auto step = [&](double weight, const torch::Tensor& images) {
      request.options.set("vicreg_weight", weight);
      torch::manual_seed(3);
      const auto method = make_method(request);
      Batch batch = batch_for(method_info("ijepa"), 6, 3);
      batch.views[0] = images;
      return method->step(batch, {}).loss.item<double>();
    };
    const torch::Tensor many = noise({6, 3, 8, 8});
    const torch::Tensor one = many.slice(0, 0, 1).expand({6, 3, 8, 8}).contiguous();
    const double apart = step(1, many) - step(0, many), together = step(1, one) - step(0, one);
    QVERIFY(apart > 0);
    QVERIFY(together > apart);
    QVERIFY(std::abs(step(0.5, many) - step(0, many) - apart / 2) < 1e-4);
  }

  void the_targets_of_ijepa_are_the_teachers() {
    MethodRequest request = small("ijepa");
    request.options.set("momentum_teacher", 0.0);
    const auto method = make_method(request);
    const Batch batch = batch_for(method_info("ijepa"), 6, 3);
    const StepOutput output = method->step(batch, {});
    output.loss.backward();
    for (const auto& item : method->named_parameters())
      if (item.key().starts_with("target_encoder.")) QVERIFY(!item.value().grad().defined());
    QVERIFY(extra(output, "target_std") > 0);
    // Without momentum the teacher is the student of the step before.
    {
      const torch::NoGradGuard no_grad;
      for (auto& parameter : method->parameters())
        if (parameter.requires_grad()) parameter.add_(0.01);
    }
    method->after_update({.step = 0, .total_steps = 10, .steps_per_epoch = 10});
    const auto parameters = method->named_parameters();
    QVERIFY(torch::allclose(parameters["target_encoder.norm.weight"],
                            parameters["encoder.norm.weight"]));
  }
};

SELFSIGHT_SUITE(TestMaskedMethods, QCoreApplication);
#include "test_masked_methods.moc"
