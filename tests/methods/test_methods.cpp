// clang-format off
#include <torch/torch.h>
// clang-format on
#include <QTest>
#include <cmath>
#include <functional>
#include <set>

#include "core/base/error.h"
#include "core/methods/losses.h"
#include "core/methods/method.h"
#include "core/nets/encoder.h"
#include "tests/methods/requests.h"
#include "tests/suite.h"

using namespace selfsight;

namespace {

MethodRequest tiny_mae(bool norm_pix_loss) {
  MethodRequest request = tiny("mae");
  request.options.set("norm_pix_loss", norm_pix_loss);
  request.options.set("decoder_dim", std::int64_t{16});
  request.options.set("decoder_depth", std::int64_t{1});
  return request;
}

}  // namespace

class TestMethods : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void the_register_describes_every_method() {
    std::set<std::string> names;
    for (const MethodInfo& info : method_infos()) {
      QVERIFY(names.insert(info.name).second);
      QVERIFY(!info.title.empty() && !info.family.empty() && !info.paper.empty());
      QVERIFY(info.help.size() > 80);
      QCOMPARE(method_info(info.name).title, info.title);
    }
    QVERIFY(names.contains("simclr") && names.contains("mae"));
    QCOMPARE(method_info("").name, method_infos().front().name);
  }

  void an_unknown_method_names_the_nearest() {
    const std::string said = complaint([] { method_info("simclrr"); });
    QVERIFY2(said.find("Did you mean simclr?") != std::string::npos, said.c_str());
    MethodRequest request;
    request.name = "zzzzzzzz";
    QVERIFY(!complaint([&] { make_method(request); }).empty());
  }

  void contradicting_requests_are_refused() {
    MethodRequest request = tiny("mae");
    request.encoder.name = "resnet18";
    QVERIFY(complaint([&] { make_method(request); }).find("vit_tiny") != std::string::npos);
    request = tiny("mae");
    request.encoder.patch_size = 3;
    QVERIFY(complaint([&] { make_method(request); }).find("patch") != std::string::npos);
    const auto objection = [](const std::string& method, const std::string& key, std::int64_t value,
                              std::int64_t batch_size = 256) {
      Settings options = options_of(method);
      options.set(key, value);
      return complaint([&] { method_info(method).check(options, batch_size); });
    };
    QCOMPARE(objection("mae", "decoder_heads", 4), std::string());
    QVERIFY(objection("mae", "decoder_dim", 130).find("decoder_dim") != std::string::npos);
    QVERIFY(objection("mae", "decoder_heads", 5).find("decoder_heads") != std::string::npos);
    QVERIFY(objection("ijepa", "predictor_heads", 5).find("predictor_heads") != std::string::npos);
    QVERIFY(objection("wmse", "projector_out", 256).find("projector_out") != std::string::npos);
    QVERIFY(objection("wmse", "whitening_size", 128, 64).find("train.batch_size") !=
            std::string::npos);
  }

  void weights_follow_from_the_seed_and_the_encoder_from_that_alone() {
    for (const MethodInfo& info : method_infos()) {
      MethodRequest request = tiny(info.name);
      const auto first = state_dict(*make_method(request)),
                 again = state_dict(*make_method(request));
      for (std::size_t i = 0; i < first.size(); ++i)
        QVERIFY(torch::equal(first[i].second, again[i].second));
      request.seed = 1;
      const auto other = state_dict(*make_method(request));
      // Buffers that start at zero are alike.
      QVERIFY(!std::equal(
          first.begin(), first.end(), other.begin(),
          [](const auto& a, const auto& b) { return torch::equal(a.second, b.second); }));
    }
    MethodRequest wide = tiny("simclr");
    wide.options.set("projector_hidden", std::int64_t{64});
    QVERIFY(torch::equal(parameter(*make_method(wide), "encoder.layer3.2.conv2.weight"),
                         parameter(*make_method(tiny("simclr")), "encoder.layer3.2.conv2.weight")));
  }

  void every_method_steps_and_gives_features() {
    for (const MethodInfo& info : method_infos()) {
      MethodRequest request = tiny(info.name);
      request.channels = info.input == InputKind::grey_to_colour ? 3 : 1;
      const auto method = make_method(request);
      const Batch batch = batch_for(info, 12, request.channels);
      const StepOutput output = method->step(batch, {});
      QCOMPARE(output.loss.dim(), 0);
      QVERIFY2(std::isfinite(output.loss.item<double>()), info.name.c_str());
      output.loss.backward();
      for (const auto& part : method->named_parameters())
        if (part.value().requires_grad())
          QVERIFY2(part.value().grad().defined(), part.key().c_str());
      std::vector<std::string> told;
      for (const auto& [name, value] : output.extra) {
        QVERIFY2(!value.requires_grad(), name.c_str());
        QVERIFY2(!diagnostic_help(name).empty(), name.c_str());
        told.push_back(name);
      }
      QVERIFY2(told == info.diagnostics, info.name.c_str());
      if (info.measured_chance) QVERIFY(extra(output, info.measured_chance->metric) > 0);
      method->eval();
      const torch::Tensor rows = method->features(noise({2, request.channels, 8, 8}));
      QVERIFY((rows.sizes() == std::vector<std::int64_t>{2, method->feature_dimensions()}));
    }
  }

  void the_measured_encoder_alone_decides_the_features() {
    for (const MethodInfo& info : method_infos()) {
      const auto method = make_method(tiny(info.name));
      method->eval();
      const torch::NoGradGuard no_grad;
      const torch::Tensor images = noise({2, 3, 8, 8}), before = method->features(images);
      const auto encoder = method->measured_encoder();
      QVERIFY2(encoder != nullptr, info.name.c_str());
      std::set<const void*> own;
      for (const torch::Tensor& parameter : encoder->parameters()) own.insert(parameter.data_ptr());
      for (torch::Tensor& parameter : method->parameters())
        if (!own.contains(parameter.data_ptr())) parameter.add_(1);
      QVERIFY2(torch::equal(method->features(images), before), info.name.c_str());
      for (torch::Tensor& parameter : encoder->parameters()) parameter.mul_(0.5);
      QVERIFY2(!torch::equal(method->features(images), before), info.name.c_str());
    }
  }

  void an_encoder_that_knows_nothing_pays_chance() {
    const auto chance = method_info("simclr").chance(options_of("simclr"), 256);
    QCOMPARE(chance->value, std::log(511.0));
    const auto said = [](std::int64_t n) {
      return method_info("simclr").chance(options_of("simclr"), n)->value;
    };
    // In many dimensions random directions are nearly orthogonal, so nothing stands out.
    const double loss = nt_xent(noise({64, 8192}, 1), noise({64, 8192}, 2), 0.5).item<double>();
    QVERIFY2(std::abs(loss - said(64)) < 0.01, std::to_string(loss).c_str());
    const torch::Tensor same = torch::ones({32, 7}, torch::kDouble);  // collapsed
    QVERIFY(std::abs(nt_xent(same, same, 0.1).item<double>() - said(32)) < 1e-12);
  }

  void views_that_agree_cost_less_than_views_that_do_not() {
    const torch::Tensor z = noise({16, 32});
    const double agree = nt_xent(z, z, 0.1).item<double>();
    const double strangers = nt_xent(z, noise({16, 32}, 4), 0.1).item<double>();
    QVERIFY(agree < 0.1);
    QVERIFY(strangers > std::log(31.0));
    QVERIFY(std::abs(nt_xent(z, 5 * z, 0.1).item<double>() - agree) < 1e-5);  // only directions
  }

  void simclr_treats_its_two_views_alike() {
    const auto method = make_method(tiny("simclr"));
    const torch::Tensor a = noise({6, 3, 8, 8}, 1), b = noise({6, 3, 8, 8}, 2);
    const StepOutput forth = method->step({{a, b}}, {}), back = method->step({{b, a}}, {});
    QVERIFY(std::abs(forth.loss.item<double>() - back.loss.item<double>()) < 1e-4);
    const double similarity = extra(forth, "positive_similarity");
    QVERIFY(similarity > -1 && similarity < 1);
    QVERIFY(std::abs(extra(method->step({{a, a}}, {}), "positive_similarity") - 1) < 1e-5);
    QVERIFY(!method->reconstructs());
    QVERIFY_EXCEPTION_THROWN(method->reconstruct(a, three_hidden()), Error);
  }

  void mae_does_not_peek() {
    const torch::NoGradGuard no_grad;
    const auto method = make_method(tiny_mae(false));
    const torch::Tensor images = noise({2, 3, 8, 8}), hidden = three_hidden();
    torch::Tensor other = images.clone();
    other[0].slice(1, 4).fill_(7);     // the lower two patches, both hidden
    other[1].slice(2, 0, 4).fill_(7);  // the left two
    QVERIFY(torch::equal(method->reconstruct(other, hidden), method->reconstruct(images, hidden)));
    other[1].slice(1, 4).slice(2, 4).fill_(7);  // the one that is seen
    const torch::Tensor seen = method->reconstruct(other, hidden);
    QVERIFY(!torch::equal(seen[1], method->reconstruct(images, hidden)[1]));
  }

  void a_rebuilt_image_keeps_what_was_visible() {
    const torch::NoGradGuard no_grad;
    for (const bool norm_pix_loss : {false, true}) {
      const auto method = make_method(tiny_mae(norm_pix_loss));
      QVERIFY(method->reconstructs());
      const torch::Tensor images = noise({2, 3, 8, 8});
      const torch::Tensor rebuilt = method->reconstruct(images, three_hidden());
      const torch::Tensor same = patchify(rebuilt, 4).eq(patchify(images, 4));
      QVERIFY(torch::equal(same.all(2), three_hidden().logical_not()));
      const torch::Tensor nothing = torch::zeros({2, 4}, torch::kBool);
      QVERIFY(torch::equal(method->reconstruct(images, nothing), images));
      QVERIFY(method->reconstruct(images, nothing.logical_not()).isfinite().all().item<bool>());
    }
  }

  void standardised_targets_come_back_in_the_patches_own_terms() {
    const torch::NoGradGuard no_grad;
    const auto method = make_method(tiny_mae(true));
    // A decoder that answers zero says: the mean of the patch.
    parameter(*method, "decoder.decoder_pred.weight").zero_();
    const torch::Tensor images = noise({2, 3, 8, 8}) + 3;
    const torch::Tensor rebuilt = patchify(method->reconstruct(images, three_hidden()), 4);
    const torch::Tensor means = patchify(images, 4).mean(-1, true).expand_as(rebuilt);
    const torch::Tensor hidden = three_hidden();
    QVERIFY(torch::allclose(rebuilt.index({hidden}), means.index({hidden}), 1e-5, 1e-5));
    const StepOutput output = method->step({{images}, {hidden}}, {});
    QCOMPARE(output.loss.item<double>(), extra(output, "patch_mean_loss"));
    // Its cost is what is left of the unbiased variance: (48 - 1) / 48.
    QVERIFY(std::abs(output.loss.item<double>() - 47.0 / 48) < 1e-4);
    // One means: a deviation above it.
    parameter(*method, "decoder.decoder_pred.bias").fill_(1);
    const torch::Tensor above = patchify(method->reconstruct(images, hidden), 4);
    const torch::Tensor deviation = patchify(images, 4).std(-1, true, true).expand_as(above);
    QVERIFY(
        torch::allclose((above - means).index({hidden}), deviation.index({hidden}), 1e-4, 1e-4));
  }

  void flat_patches_cost_nothing_at_chance() {
    torch::Tensor images = torch::ones({2, 1, 8, 8});
    for (const bool norm_pix_loss : {false, true})
      QCOMPARE(patch_mean_loss(images, three_hidden(), 4, norm_pix_loss).item<float>(), 0.0f);
    images[0][0][0][7] = 3;  // in one hidden patch of six: variance (biased) 4 * 15 / 256
    QVERIFY(std::abs(patch_mean_loss(images, three_hidden(), 4, false).item<double>() -
                     4 * 15.0 / 256 / 6) < 1e-7);
    QVERIFY(std::abs(patch_mean_loss(images, three_hidden(), 4, true).item<double>() -
                     15.0 / 16 / 6) < 1e-5);
  }

  void mae_learns_one_batch_by_heart() {
    const auto method = make_method(tiny_mae(false));
    torch::optim::AdamW optimiser(method->parameters(), torch::optim::AdamWOptions(2e-3));
    const Batch batch{.views = {noise({2, 3, 8, 8})}, .masks = {three_hidden()}};
    const double before = method->step(batch, {}).loss.item<double>();
    double after = before;
    for (int i = 0; i < 40; ++i) {
      optimiser.zero_grad();
      const StepOutput output = method->step(batch, {});
      output.loss.backward();
      optimiser.step();
      after = output.loss.item<double>();
    }
    QVERIFY2(after < 0.5 * before, std::to_string(after / before).c_str());
  }
};

SELFSIGHT_SUITE(TestMethods, QCoreApplication);
#include "test_methods.moc"
