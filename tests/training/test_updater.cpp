// clang-format off
#include <torch/torch.h>
// clang-format on
#include <QTest>
#include <map>

#include "core/training/updater.h"
#include "tests/methods/requests.h"
#include "tests/suite.h"

using namespace selfsight;

namespace {

OptimiserOptions plain_sgd() {
  OptimiserOptions options;
  options.lr = 1;
  options.warmup_epochs = 0;
  options.momentum = 0;
  options.weight_decay = 0;
  return options;
}

Batch four_images(const std::string& method) {
  return batch_for(method_info(method), 4, 3);
}

/// How far one step moves each parameter of a small MAE.
std::map<std::string, torch::Tensor> moved(const OptimiserOptions& options) {
  const auto method = make_method(tiny("mae"));
  method->train();
  std::map<std::string, torch::Tensor> out;
  for (const auto& item : method->named_parameters())
    out[item.key()] = item.value().detach().clone();
  Updater(*method, options, {10, 5}).step(0, [] { return four_images("mae"); });
  for (const auto& item : method->named_parameters())
    out[item.key()] = item.value().detach() - out[item.key()];
  return out;
}

double scale_at_half(const std::string& parameter) {
  const std::map<std::string, double> scales{{"encoder.cls_token", 0.125},
                                             {"encoder.patch_embed.", 0.125},
                                             {"encoder.blocks.0.", 0.25},
                                             {"encoder.blocks.1.", 0.5}};
  for (const auto& [start, scale] : scales)
    if (parameter.starts_with(start)) return scale;
  return 1;  // above the blocks, and all that is not the encoder
}

}  // namespace

class TestUpdater : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void blocks_of_the_encoder_learn_slower_towards_the_bottom() {
    OptimiserOptions decayed = plain_sgd();
    decayed.layer_decay = 0.5;
    const auto whole = moved(plain_sgd()), slower = moved(decayed);
    for (const char* name : {"encoder.patch_embed.proj.weight", "encoder.blocks.0.mlp.fc1.weight",
                             "encoder.blocks.1.mlp.fc1.weight"})
      QVERIFY2(whole.at(name).abs().max().item<double>() > 1e-5, name);
    for (const auto& [name, by] : whole)
      QVERIFY2(torch::allclose(slower.at(name), by * scale_at_half(name), 1e-3, 3e-7),
               name.c_str());
  }

  /// Against wd_dino of the golden values (tests/reference/optim.json): 100 steps, 0.04 to 0.4.
  void the_weight_decay_rises_as_dinos_does() {
    OptimiserOptions options = plain_sgd();
    options.lr = 0.001;
    options.weight_decay = 0.04;
    options.weight_decay_schedule = "cosine";
    options.weight_decay_end = 0.4;
    const auto method = make_method(tiny("mae"));
    Updater updater(*method, options, {100, 5});
    for (const auto& [step, wanted] :
         {std::pair{0, 0.04}, std::pair{50, 0.22}, std::pair{99, 0.3999111808658317}}) {
      const auto outcome = updater.step(step, [] { return four_images("mae"); });
      QVERIFY(std::abs(outcome.pace.weight_decay - wanted) < 1e-12);
    }
    options.weight_decay_schedule = "constant";
    Updater constant(*method, options, {100, 5});
    const auto outcome = constant.step(99, [] { return four_images("mae"); });
    QCOMPARE(outcome.pace.weight_decay, 0.04);
  }
};

SELFSIGHT_SUITE(TestUpdater, QCoreApplication);
#include "test_updater.moc"
