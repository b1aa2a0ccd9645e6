// clang-format off
#include <torch/torch.h>
// clang-format on
#include <QTemporaryDir>
#include <QTest>
#include <thread>

#include "core/base/error.h"
#include "core/nets/vision_transformer.h"
#include "core/probes/encoder_model.h"
#include "core/probes/frozen.h"
#include "core/probes/knn.h"
#include "core/training/checkpoint.h"
#include "core/training/encode.h"
#include "tests/suite.h"
#include "tests/training/runs.h"

using namespace selfsight;

namespace {

std::vector<std::int64_t> first(std::int64_t count) {
  std::vector<std::int64_t> out;
  for (std::int64_t i = 0; i < count; ++i) out.push_back(i);
  return out;
}

/// Why no encoder can be taken from the file; empty where one can.
std::string encoder_refusal(const std::filesystem::path& file) {
  try {
    model_from_file(file);
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

}  // namespace

class TestFrozen : public QObject {
  Q_OBJECT

  std::filesystem::path trained(const std::string& method, Listener& listener,
                                std::int64_t test_size = 0) const {
    Settings settings = tiny_run(method);
    settings.set("views.test_size", test_size);
    train(
        {settings, squares_, std::filesystem::path(folder_.path().toStdString()) / method, {}, {}},
        listener, listener.control);
    return listener.checkpoints.back().file;
  }

  QTemporaryDir folder_;
  std::shared_ptr<const Dataset> squares_ = std::make_shared<Squares>(90, 20);

 private Q_SLOTS:
  void a_checkpoint_gives_the_features_that_training_measured() {
    Listener listener;
    const auto model = FrozenModel::from_checkpoint(trained("simclr", listener));
    QCOMPARE(model->dimensions(), 64);
    QCOMPARE(model->checkpoint().step, 8);
    QCOMPARE(model->checkpoint().epoch, 2.0);
    QCOMPARE(model->settings().get<std::string>("method.name"), std::string("simclr"));
    const auto rows =
        extract(*model, *squares_, squares_->indices(Split::validation), listener.control);
    QCOMPARE(rows.rows, 20);
    QCOMPARE(rows.columns, 64);
    QCOMPARE(rows.values.size(), std::size_t{20 * 64});
    QCOMPARE(rows.ids[3], 73);
    QCOMPARE(rows.labels[3], 1);
    QCOMPARE(feature_std(rows), listener.epochs.back().feature_std);
    const auto fresh = extract(*model->untrained(0), *squares_,
                               squares_->indices(Split::validation), listener.control);
    QCOMPARE(feature_std(fresh), listener.epochs.front().feature_std);
    QVERIFY(fresh.values != rows.values);
    const auto other = extract(*model->untrained(1), *squares_,
                               squares_->indices(Split::validation), listener.control);
    QVERIFY(fresh.values != other.values);
  }

  /// FixRes: crops of 8 px in training, whole images of 12 px wherever the encoder is used.
  void images_may_be_larger_than_the_views_of_training() {
    Listener listener;
    const auto checkpoint = trained("simclr", listener, 12);
    const auto model = FrozenModel::from_checkpoint(checkpoint);
    const auto validation = squares_->indices(Split::validation);
    const auto rows = extract(*model, *squares_, validation, listener.control);
    QCOMPARE(feature_std(rows), listener.epochs.back().feature_std);
    std::vector<cv::Mat> views;
    for (const auto id : validation)
      views.push_back(clean_view(squares_->image(id), 12, "bicubic"));
    QVERIFY(model->features(views).values == rows.values);
    // Training saw the same views, and was asked for features of other images only.
    Listener usual;
    const auto same = FrozenModel::from_checkpoint(trained("simclr", usual));
    QCOMPARE(usual.steps.back().loss, listener.steps.back().loss);
    QVERIFY(extract(*same, *squares_, validation, usual.control).values != rows.values);
  }

  void another_size_of_images_has_its_limits() {
    Settings settings = tiny_run("mae");
    settings.set("views.test_size", std::int64_t{8});
    run_spec(settings);
    settings.set("views.test_size", std::int64_t{12});
    QVERIFY_THROWS_EXCEPTION(InputError, run_spec(settings));
    settings = tiny_run("simclr");
    settings.set("views.test_size", std::int64_t{5});
    QVERIFY_THROWS_EXCEPTION(InputError, run_spec(settings));
  }

  void calls_from_several_threads_agree() {
    Listener listener;
    const auto model = FrozenModel::from_checkpoint(trained("simclr", listener));
    std::vector<cv::Mat> images;
    for (int i = 0; i < 9; ++i) images.push_back(squares_->image(i));
    const auto expected = model->features(images).values;
    std::vector<std::vector<float>> got(3);
    std::vector<std::thread> threads;
    for (auto& values : got) threads.emplace_back([&] { values = model->features(images).values; });
    for (std::thread& thread : threads) thread.join();
    for (const auto& values : got) QVERIFY(values == expected);
    QCOMPARE(model->features({}).rows, 0);
  }

  /// The trap: BatchNorm in train mode makes an image's features depend on its neighbours.
  void an_image_has_the_same_features_in_any_company() {
    Listener listener;
    const auto model = FrozenModel::from_checkpoint(trained("simclr", listener));
    const auto alone = model->features({squares_->image(0)}).values;
    const auto together =
        model->features({squares_->image(0), squares_->image(1), squares_->image(2)}).values;
    QCOMPARE(alone.size(), std::size_t{64});
    for (std::size_t i = 0; i < alone.size(); ++i)
      QVERIFY(std::abs(alone[i] - together[i]) <= 1e-5F * (1 + std::abs(alone[i])));
  }

  void broken_images_leave_no_row_and_a_stop_is_obeyed() {
    Listener listener;
    const auto model = FrozenModel::from_checkpoint(trained("simclr", listener));
    const Squares some(300, 0, {5, 280});
    double last = 0;
    const auto rows = extract(*model, some, first(300), listener.control, [&](double done) {
      QVERIFY(done >= last);
      last = done;
    });
    QCOMPARE(last, 1.0);
    QCOMPARE(rows.rows, 298);
    QCOMPARE(rows.ids[5], 6);
    listener.control.request_stop();
    QVERIFY_EXCEPTION_THROWN(extract(*model, some, first(300), listener.control), Cancelled);
  }

  void a_masked_model_keeps_what_it_was_shown() {
    Listener listener;
    const auto model = FrozenModel::from_checkpoint(trained("mae", listener));
    QVERIFY(model->reconstructs());
    const std::vector<cv::Mat> views{squares_->image(10), squares_->image(11)};
    const std::vector<Mask> masks{make_mask({"random", 0.5}, 2, 2, {}), {2, 2, {0, 0, 0, 1}}};
    const auto rebuilt = model->reconstruct(views, masks);
    QCOMPARE(rebuilt.size(), std::size_t{2});
    for (std::size_t v = 0; v < 2; ++v) {
      QCOMPARE(rebuilt[v].size(), cv::Size(8, 8));
      bool hidden_differ = false;
      for (int y = 0; y < 8; ++y)
        for (int x = 0; x < 8; ++x) {
          const int off = std::abs(rebuilt[v].at<uchar>(y, x) - views[v].at<uchar>(y, x));
          const bool hidden = masks[v].hidden[static_cast<std::size_t>(y / 4 * 2 + x / 4)] != 0;
          if (hidden)
            hidden_differ = hidden_differ || off > 1;
          else
            QVERIFY(off <= 1);
        }
      QVERIFY(hidden_differ);
    }
    QVERIFY_EXCEPTION_THROWN(model->reconstruct(views, {masks[0]}), Error);
    QVERIFY_EXCEPTION_THROWN(model->reconstruct({cv::Mat(9, 9, CV_8U)}, {masks[0]}), Error);
    QVERIFY_EXCEPTION_THROWN(model->reconstruct({views[0]}, {Mask{1, 1, {1}}}), Error);
  }

  void a_transformer_tells_where_it_looks() {
    Settings settings = tiny_run("simclr");
    settings.set("encoder.name", std::string("vit_tiny"));
    Listener listener, other;
    train({settings, squares_, std::filesystem::path(folder_.path().toStdString()) / "vit", {}, {}},
          listener, listener.control);
    const auto model = FrozenModel::from_checkpoint(listener.checkpoints.back().file);
    const auto heat = model->attention({squares_->image(10), squares_->image(11)});
    QCOMPARE(heat.size(), std::size_t{2});
    for (const cv::Mat& map : heat) {
      QCOMPARE(map.size(), cv::Size(2, 2));
      QVERIFY(cv::sum(map)[0] > 0 && cv::sum(map)[0] < 1);
    }
    const auto residual = FrozenModel::from_checkpoint(trained("simclr", other));
    QVERIFY(residual->attention({squares_->image(10)}).empty());
  }

  void attention_is_of_the_encoder_that_is_measured_data() {
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("measured");
    QTest::newRow("the target") << QByteArray("ijepa") << QByteArray("target_encoder");
    QTest::newRow("not the target") << QByteArray("byol") << QByteArray("encoder");
    QTest::newRow("the only one") << QByteArray("mae") << QByteArray("encoder");
  }
  void attention_is_of_the_encoder_that_is_measured() {
    QFETCH(QByteArray, method);
    QFETCH(QByteArray, measured);
    const std::string name = method.toStdString();
    RunState state;
    state.settings = tiny_run(name);
    state.settings.set("encoder.name", std::string("vit_tiny"));
    state.channels = 1;
    state.normalisation = {{0.5}, {0.25}};
    const RunSpec spec = run_spec(state.settings);
    const ModelInput input = model_input(spec, state.normalisation, torch::kCPU);
    const auto network = build_method(spec, input, 0);
    std::shared_ptr<VisionTransformer> wanted;
    const torch::NoGradGuard no_grad;
    with_seed(1, [&] {
      for (const auto& part : network->named_children()) {
        if (part.key() == measured.toStdString()) {
          wanted = std::dynamic_pointer_cast<VisionTransformer>(part.value());
          continue;
        }
        for (torch::Tensor& parameter : part.value()->parameters()) parameter.normal_();
      }
    });
    QVERIFY(wanted != nullptr);
    const auto folder = std::filesystem::path(folder_.path().toStdString()) / ("looks-" + name);
    const CheckpointInfo saved = save_checkpoint(folder, state, state_dict(*network), {}, 1);
    const std::vector<cv::Mat> views{squares_->image(10)};
    const cv::Mat heat = FrozenModel::from_checkpoint(saved.file)->attention(views).at(0);
    QCOMPARE(heat.size(), cv::Size(2, 2));
    const torch::Tensor right =
        wanted->class_attention(views_to_tensor(views, input)).mean(1).contiguous();
    for (int i = 0; i < 4; ++i)
      QVERIFY(std::abs(heat.ptr<float>()[i] - right.data_ptr<float>()[i]) < 1e-5F);
  }

  void a_head_sorts_views_among_its_prototypes() {
    Settings settings = tiny_run("swav");
    settings.set("method.prototypes", std::int64_t{6});
    settings.set("crops.number", std::int64_t{0});
    Listener listener, other;
    train(
        {settings, squares_, std::filesystem::path(folder_.path().toStdString()) / "swav", {}, {}},
        listener, listener.control);
    const auto model = FrozenModel::from_checkpoint(listener.checkpoints.back().file);
    const auto found = model->assignments({squares_->image(10), squares_->image(11)});
    QCOMPARE(found.size(), std::size_t{2});
    for (const Assignment& assignment : found) {
      QVERIFY(assignment.prototype >= 0 && assignment.prototype < 6);
      QVERIFY(assignment.probability > 1.0 / 6 && assignment.probability <= 1);
    }
    QVERIFY(model->assignments({}).empty());
    const auto none = FrozenModel::from_checkpoint(trained("simclr", other));
    QVERIFY(none->assignments({squares_->image(10)}).empty());
  }

  void an_encoder_of_bands_has_as_many_channels_data() {
    QTest::addColumn<QByteArray>("method");
    for (const char* method : {"simclr", "mae", "inpainting", "jigsaw"})
      QTest::newRow(method) << QByteArray(method);
  }
  void an_encoder_of_bands_has_as_many_channels() {
    QFETCH(QByteArray, method);
    Listener listener;
    const auto tiles = std::make_shared<Tiles>(60, 20);
    Settings settings = tiny_run(method.toStdString());
    if (method == "inpainting" || method == "jigsaw") settings.set("views.size", std::int64_t{32});
    train({settings, tiles, std::filesystem::path(folder_.path().toStdString()) / "bands", {}, {}},
          listener, listener.control);
    QVERIFY(std::any_of(listener.notices.begin(), listener.notices.end(), [](const auto& notice) {
              return notice.find("these images have 13 bands") != std::string::npos;
            }) == (settings.get<double>("views.jitter") > 0));
    const auto model = FrozenModel::from_checkpoint(listener.checkpoints.back().file);
    QCOMPARE(model->channels(), 13);
    QCOMPARE(extract(*model, *tiles, {1, 2}, listener.control).rows, 2);
    QVERIFY_EXCEPTION_THROWN(extract(*model, *squares_, {1}, listener.control), InputError);
    QCOMPARE(raw_pixels(*tiles, {1}, 8, listener.control).columns, 13 * 64);
    if (method != "mae") return;
    const cv::Mat rebuilt =
        model->reconstruct({tiles->image(3)}, {make_mask({"random", 0.5}, 2, 2, {})}).front();
    QCOMPARE(rebuilt.channels(), 13);
  }

  void pixels_as_features() {
    Control control;
    const auto rows = raw_pixels(*squares_, {4, 9}, 8, control);
    QCOMPARE(rows.columns, 64);
    QVERIFY((rows.ids == std::vector<std::int64_t>{4, 9}));
    // A big view has no more than a small one in colour: 55 x 55 of grey.
    QCOMPARE(raw_pixels(*squares_, {4}, 224, control).columns, 55 * 55);
    QCOMPARE(rows.values[64 + 5], static_cast<float>(squares_->image(9).data[5]) / 255.0f);
  }

  void a_damaged_checkpoint_is_told_as_such() {
    Listener listener;
    auto bytes = read_file(trained("simclr", listener));
    bytes[bytes.size() - 9] ^= std::byte{1};  // one bit of the last tensor
    const auto file = std::filesystem::path(folder_.path().toStdString()) / "damaged.safetensors";
    write_file(file, bytes);
    const std::string refusal = encoder_refusal(file);
    QVERIFY2(refusal.find("does not fit its hash") != std::string::npos, refusal.c_str());
  }

  void a_graph_whose_description_lies_is_refused_data() {
    QTest::addColumn<QByteArray>("mean");
    QTest::addColumn<QByteArray>("deviation");
    QTest::addColumn<QByteArray>("reason");
    const auto row = [](const char* name, const QByteArray& mean, const QByteArray& deviation,
                        const char* reason) {
      QTest::newRow(name) << mean << deviation << QByteArray(reason);
    };
    const QByteArray many = "0.5" + QByteArray(",0.5").repeated(299);
    row("true", "0.5,0.5,0.5", "0.25,0.25,0.25", "");
    row("too many channels", many, many, "at most 256");
    row("none", "", "", "one number for each channel");
    row("not as many", "0.5,0.5,0.5", "0.25", "one number for each channel");
    row("zero", "0.5,0.5,0.5", "0.25,0,0.25", "no deviation zero or less");
    row("no numbers", "\"a\"", "0.25", "has a description that cannot be read");
  }
  void a_graph_whose_description_lies_is_refused() {
    QFETCH(QByteArray, mean);
    QFETCH(QByteArray, deviation);
    QFETCH(QByteArray, reason);
    const auto file = std::filesystem::path(folder_.path().toStdString()) / "graph.pt";
    torch::jit::Module module("m");
    module.define("def forward(self, x):\n    return x.mean([2, 3])\n");
    const QByteArray text = "{\"view_size\":16,\"interpolation\":\"bicubic\",\"mean\":[" + mean +
                            "],\"std\":[" + deviation + "]}";
    module.save(file.string(),
                torch::jit::ExtraFilesMap{{"selfsight.encoder", text.toStdString()}});
    const std::string refusal = encoder_refusal(file);
    QVERIFY2(reason.isEmpty() ? refusal.empty()
                              : refusal.find(reason.toStdString()) != std::string::npos,
             refusal.c_str());
  }

  void files_that_are_no_checkpoints_are_refused() {
    const auto file = std::filesystem::path(folder_.path().toStdString()) / "no.safetensors";
    QVERIFY_EXCEPTION_THROWN(FrozenModel::from_checkpoint(file), InputError);
    write_file(file, std::string_view("no checkpoint"));
    QVERIFY_EXCEPTION_THROWN(FrozenModel::from_checkpoint(file), InputError);
  }
};

SELFSIGHT_SUITE(TestFrozen, QCoreApplication);
#include "test_frozen.moc"
