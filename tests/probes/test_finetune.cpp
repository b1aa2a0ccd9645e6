// clang-format off
#include <torch/torch.h>
// clang-format on
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>

#include "core/base/error.h"
#include "core/probes/encoder_model.h"
#include "core/probes/finetune.h"
#include "tests/suite.h"
#include "tests/training/runs.h"

using namespace selfsight;

class TestFineTune : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::shared_ptr<const Dataset> made_up_ = open_dataset("procedural:400");
  std::filesystem::path checkpoint_;
  std::shared_ptr<FrozenModel> model_;  // of the checkpoint
  Control control_;

  std::filesystem::path trained(const std::string& method,
                                const std::vector<std::string>& always = {}) const {
    Listener listener;
    Settings settings = tiny_run(method);
    for (const std::string& chance : always) settings.set(chance, 1.0);
    settings.set("views.size", std::int64_t{16});
    settings.set("train.epochs", 0.2);
    const std::string name = method + std::to_string(always.size());
    train({settings, made_up_, std::filesystem::path(folder_.path().toStdString()) / name, {}, {}},
          listener, listener.control);
    return listener.checkpoints.back().file;
  }

  FineTuneRequest request() const {
    FineTuneRequest out{.model = model_,
                        .train = made_up_->indices(Split::train),
                        .test = made_up_->indices(Split::test)};
    out.options.min_steps = out.options.max_steps = 6;
    out.options.batch_size = 16;
    return out;
  }
  std::vector<int> predictions(const FineTuneRequest& request) {
    return fine_tune(request, *made_up_, control_).test.predictions;
  }

 private Q_SLOTS:
  void initTestCase() {
    checkpoint_ = trained("simclr");
    model_ = FrozenModel::from_checkpoint(checkpoint_);
  }

  void it_learns_the_labels_it_is_given() {
    FineTuneRequest few = request();
    few.pretrained = false;
    few.train.resize(24);
    few.test = few.train;  // whether it can learn at all
    few.options.min_steps = few.options.max_steps = 150;
    few.options.lr = 0.01;
    few.options.crop_min = 1;
    const FineTuneResult result = fine_tune(few, *made_up_, control_);
    QVERIFY2(result.test.top1 > 0.7, qPrintable(QString::number(result.test.top1)));
    QCOMPARE(result.steps, 150);
    QCOMPARE(result.batch_size, 16);
  }

  void the_same_request_gives_the_same_numbers() {
    const FineTuneRequest one = request();
    const FineTuneResult first = fine_tune(one, *made_up_, control_);
    const FineTuneResult second = fine_tune(one, *made_up_, control_);
    QCOMPARE(first.last_loss, second.last_loss);
    QVERIFY(first.test.predictions == second.test.predictions);
    QCOMPARE(first.test.predictions.size(), one.test.size());
    FineTuneRequest other = one;
    other.pretrained = false;
    QVERIFY(fine_tune(other, *made_up_, control_).last_loss != first.last_loss);
    other = one;
    other.seed = 1;
    QVERIFY(fine_tune(other, *made_up_, control_).last_loss != first.last_loss);
  }

  void labels_of_the_test_images_have_no_part_in_it() {
    class Blind : public Squares {
     public:
      Blind(const Dataset& of) : Squares(of.size(), 0), of_(of) {}
      cv::Mat image(std::int64_t i) const override { return of_.image(i); }
      int channels() const override { return of_.channels(); }
      const std::vector<std::string>& classes() const override { return of_.classes(); }
      int label(std::int64_t i) const override {
        return of_.split(i) == Split::test ? 0 : of_.label(i);
      }

     private:
      const Dataset& of_;
    };
    QVERIFY(fine_tune(request(), Blind(*made_up_), control_).test.predictions ==
            predictions(request()));
  }

  void every_option_matters() {
    const double before = fine_tune(request(), *made_up_, control_).last_loss;
    const auto differs = [&](auto&& change) {
      FineTuneRequest changed = request();
      change(changed.options);
      return fine_tune(changed, *made_up_, control_).last_loss != before;
    };
    QVERIFY(differs([](FineTuneOptions& o) { o.lr = 0.002; }));
    QVERIFY(differs([](FineTuneOptions& o) { o.layer_decay = 0.5; }));
    QVERIFY(differs([](FineTuneOptions& o) { o.mixup = 0.8; }));
    QVERIFY(differs([](FineTuneOptions& o) { o.weight_decay = 0.5; }));
    QVERIFY(differs([](FineTuneOptions& o) { o.crop_min = 0.2; }));
  }

  void of_the_views_of_the_run_only_flips_are_taken() {
    FineTuneRequest plain = request(), strong = request();
    plain.pretrained = strong.pretrained = false;
    strong.model = FrozenModel::from_checkpoint(
        trained("simclr", {"views.rotation", "views.jitter", "views.greyscale", "views.blur",
                           "views.solarize", "views.posterize", "views.equalize",
                           "views.autocontrast", "views.sharpness", "views.invert"}));
    QCOMPARE(fine_tune(strong, *made_up_, control_).last_loss,
             fine_tune(plain, *made_up_, control_).last_loss);
  }

  void few_images_make_one_batch() {
    FineTuneRequest few = request();
    few.train = {0, 1, 2};
    QCOMPARE(fine_tune(few, *made_up_, control_).batch_size, 3);
    few.train = {0};
    QVERIFY_EXCEPTION_THROWN(fine_tune(few, *made_up_, control_), InputError);
  }

  void a_transformer_trains_too() {
    FineTuneRequest masked = request();
    masked.model = FrozenModel::from_checkpoint(trained("mae"));
    masked.options.max_steps = masked.options.min_steps = 2;
    QVERIFY(fine_tune(masked, *made_up_, control_).last_loss > 0);
  }

  void the_checkpoint_may_be_pruned_once_it_is_open() {
    const auto file = std::filesystem::path(folder_.path().toStdString()) / "pruned.safetensors";
    std::filesystem::copy_file(checkpoint_, file);
    FineTuneRequest pruned = request();
    pruned.model = FrozenModel::from_checkpoint(file);
    std::filesystem::remove(file);
    QVERIFY(predictions(pruned) == predictions(request()));
    QCOMPARE(fine_tune(pruned, *made_up_, control_).last_loss,
             fine_tune(request(), *made_up_, control_).last_loss);
  }

  void the_network_it_starts_from_stays_as_it_is() {
    const std::vector<cv::Mat> images{made_up_->image(0), made_up_->image(1)};
    const auto before = model_->features(images).values;
    fine_tune(request(), *made_up_, control_);
    QVERIFY(model_->features(images).values == before);
  }

  void an_encoder_that_came_by_itself_is_refused() {
    const auto file = std::filesystem::path(folder_.path().toStdString()) / "graph.pt";
    torch::jit::Module module("m");
    module.define("def forward(self, x):\n    return x.mean([2, 3])\n");
    module.save(file.string());
    FineTuneRequest graph = request();
    graph.model = model_from_file(file, {16, {0.5, 0.5, 0.5}, {0.25, 0.25, 0.25}});
    QVERIFY_EXCEPTION_THROWN(fine_tune(graph, *made_up_, control_), InputError);
  }

  void a_stop_is_heard() {
    Control stopped;
    stopped.request_stop();
    QVERIFY_EXCEPTION_THROWN(fine_tune(request(), *made_up_, stopped), Cancelled);
  }
};

SELFSIGHT_SUITE(TestFineTune, QCoreApplication);
#include "test_finetune.moc"
