// What is stored of a measurement: which images, which views, of which checkpoint.
#include <QTemporaryDir>
#include <QTest>
#include <nlohmann/json.hpp>

#include "app/jobs/pipeline_labels.h"
#include "app/jobs/pipeline_maps.h"
#include "core/base/files.h"
#include "core/base/tensor_file.h"
#include "tests/suite.h"
#include "tests/training/runs.h"

using namespace selfsight;

namespace {

/// 50 squares to train on, 20 for validation and 20 to test on.
class ThreeSplits : public Squares {
 public:
  explicit ThreeSplits(std::set<std::int64_t> broken = {}) : Squares(90, 0, std::move(broken)) {}
  Split split(std::int64_t index) const override {
    return index < 50 ? Split::train : index < 70 ? Split::validation : Split::test;
  }
};

/// Of one draw of two sizes.
Settings small_curve(const std::string& lines) {
  Settings settings = label_settings();
  settings.set("labels.lines", lines);
  settings.set("labels.percent", std::vector<double>{50});
  settings.set("labels.per_class", std::vector<double>{2});
  settings.set("labels.seeds", std::int64_t{1});
  return settings;
}

}  // namespace

class TestMeasured : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  const std::filesystem::path store_folder_ = folder_.path().toStdString();
  const std::shared_ptr<const Dataset> set_ = std::make_shared<ThreeSplits>();
  const ThreeSplits partly_{{3, 55, 71, 72}};
  Control control_;
  std::int64_t run_ = 0;

  std::int64_t trained(const Settings& settings) {
    Store store(store_folder_);
    const std::int64_t run = prepare_run(store, settings, *set_);
    run_training(store_folder_, run, set_, nullptr, control_);
    return run;
  }

 private Q_SLOTS:
  void initTestCase() {
    Settings settings = tiny_run("simclr");
    settings.set("train.epochs", 1.0);
    run_ = trained(settings);
  }

  void a_probe_counts_the_images_that_could_be_opened() {
    ProbeRequest request;
    request.kind = "linear";
    request.baselines = false;
    const auto protocol = [&](const Dataset& set) {
      return nlohmann::json::parse(evaluate(store_folder_, run_, set, request, control_).protocol);
    };
    const auto few = protocol(partly_);
    QCOMPARE(few.at("bank_images").get<int>(), 49);
    QCOMPARE(few.at("validation_images").get<int>(), 19);
    QCOMPARE(few.at("query_images").get<int>(), 18);
    QCOMPARE(few.at("left_out").get<int>(), 4);
    // They can be opened again, and what was kept without them is not taken.
    const auto all = protocol(*set_);
    QCOMPARE(all.at("bank_images").get<int>(), 50);
    QCOMPARE(all.at("validation_images").get<int>(), 20);
    QCOMPARE(all.at("query_images").get<int>(), 20);
    QVERIFY(!all.contains("left_out"));
  }

  void fine_tuning_counts_the_images_that_could_be_opened() {
    FineTuneOptions options;
    options.min_steps = options.max_steps = 1;
    options.batch_size = 50;  // all of them
    const auto protocol = nlohmann::json::parse(
        measure_finetuning(store_folder_, run_, partly_, 0, 100, options, control_).protocol);
    QCOMPARE(protocol.at("bank_images").get<int>(), 49);
    QCOMPARE(protocol.at("query_images").get<int>(), 18);
    QCOMPARE(protocol.at("left_out").get<int>(), 3);
  }

  void a_curve_says_what_was_left_out_and_goes_on_all_the_same() {
    const auto gaps = std::make_shared<ThreeSplits>(std::set<std::int64_t>{3, 71, 72});
    Settings settings = small_curve("linear");
    settings.set("labels.queries", std::int64_t{19});  // a table of its own
    const auto first = measure_labels(store_folder_, run_, gaps, settings, control_);
    QCOMPARE(first.measured, 2);
    QCOMPARE(first.points.size(), std::size_t{2});
    const auto protocol = nlohmann::json::parse(first.points.front().protocol);
    QCOMPARE(protocol.at("query_images").get<int>(), 19);
    QVERIFY(protocol.value("left_out_query_images", 0) > 0);
    QCOMPARE(measure_labels(store_folder_, run_, gaps, settings, control_).measured, 0);
  }

  void a_curve_is_of_the_newest_checkpoint() {
    const Settings settings = small_curve("linear,pixels");
    QCOMPARE(measure_labels(store_folder_, run_, set_, settings, control_).measured, 4);
    Store store(store_folder_);
    const auto shown = [&] { return stored_labels(store, run_, *set_, settings).size(); };
    QCOMPARE(shown(), std::size_t{4});
    // The run goes on: another file, of a later step.
    CheckpointInfo next = store.checkpoints(run_).back().info;
    TensorFile file = load_tensors(next.file);
    file.metadata.erase("sha256");
    ++next.step;
    next.file = store.run_folder(run_) / "step-000000999.safetensors";
    save_tensors(next.file, file);
    next.sha256 = sha256_file(next.file);
    store.add_checkpoint(run_, next);
    QCOMPARE(shown(), std::size_t{0});
    QCOMPARE(measure_labels(store_folder_, run_, set_, settings, control_).measured, 4);
    QCOMPARE(shown(), std::size_t{4});
  }

  void a_curve_says_that_pretraining_saw_labels() {
    Settings settings = tiny_run("supcon");
    settings.set("train.epochs", 1.0);
    const std::int64_t run = trained(settings);
    const auto report =
        measure_labels(store_folder_, run, set_, small_curve("linear,pixels"), control_);
    QCOMPARE(report.points.size(), std::size_t{4});
    for (const LabelPoint& point : report.points) {
      QCOMPARE(point.with_labels, point.line == "linear");
      QCOMPARE(nlohmann::json::parse(point.protocol).value("pretraining", ""),
               std::string(point.with_labels ? "with all training labels" : ""));
    }
    for (const LabelPoint& point :
         measure_labels(store_folder_, run_, set_, small_curve("linear"), control_).points)
      QVERIFY(!point.with_labels);
  }

  void the_second_view_of_health_is_made_as_training_makes_it() {
    Settings settings = tiny_run("simclr");
    settings.set("train.epochs", 1.0);
    for (const char* whole : {"views.crop_min", "views.ratio_min", "views.ratio_max"})
      settings.set(whole, 1.0);
    for (const char* none : {"views.hflip", "views.jitter", "views.greyscale", "views.blur",
                             "second_view.blur", "views.solarize_threshold"})
      settings.set(none, 0.0);
    settings.set("second_view.own", true);
    settings.set("second_view.solarize", 1.0);  // each is a negative
    const HealthRequest request{.images = 20, .views = 2};
    const auto own = measure_health(store_folder_, trained(settings), *set_, request, control_);
    QVERIFY(own.health.alignment.value_or(0) > 1e-9);
    QVERIFY(nlohmann::json::parse(own.protocol).contains("second_view"));
    const auto alike = measure_health(store_folder_, run_, *set_, request, control_);
    QVERIFY(!nlohmann::json::parse(alike.protocol).contains("second_view"));
  }
};

SELFSIGHT_SUITE(TestMeasured, QCoreApplication);
#include "test_measured.moc"
