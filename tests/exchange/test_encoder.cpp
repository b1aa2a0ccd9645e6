// clang-format off
#include <torch/torch.h>
// clang-format on
#include <torch/script.h>

#include <QTemporaryDir>
#include <QTest>
#include <map>

#include "core/base/files.h"
#include "core/exchange/encoder_export.h"
#include "core/exchange/onnx_export.h"
#include "core/probes/encoder_model.h"
#include "core/training/checkpoint.h"
#include "core/training/encode.h"
#include "tests/exchange/encoders.h"
#include "tests/suite.h"
#include "tests/training/runs.h"

using namespace selfsight;

namespace {

/// A number, or what has a length, as protobuf writes a field.
std::string varint(std::uint64_t value) {
  std::string out;
  for (; value > 127; value >>= 7) out += static_cast<char>(value | 128);
  return out + static_cast<char>(value);
}
std::string number(std::uint64_t field, std::uint64_t value) {
  return varint(field << 3) + varint(value);
}
std::string part(std::uint64_t field, const std::string& bytes) {
  return varint(field << 3 | 2) + varint(bytes.size()) + bytes;
}

/// An ONNX model for one image of 16 px: the mean of each channel, laid out as `shape` says.
std::string channel_means(const std::vector<std::int64_t>& shape) {
  const auto value = [](const std::string& name, const std::vector<std::uint64_t>& extents) {
    std::string dims;
    for (const std::uint64_t extent : extents) dims += part(1, number(1, extent));
    return part(1, name) + part(2, part(1, number(1, 1) + part(2, dims)));
  };
  const std::string raw(reinterpret_cast<const char*>(shape.data()),
                        shape.size() * sizeof(std::int64_t));
  const std::string pool =
      part(1, "images") + part(2, "pooled") + part(3, "pool") + part(4, "GlobalAveragePool");
  const std::string reshape = part(1, "pooled") + part(1, "shape") + part(2, "features") +
                              part(3, "reshape") + part(4, "Reshape");
  const std::string weight =
      number(1, shape.size()) + number(2, 7) + part(8, "shape") + part(9, raw);
  const std::string graph = part(1, pool) + part(1, reshape) + part(2, "means") + part(5, weight) +
                            part(11, value("images", {1, 3, 16, 16})) +
                            part(12, value("features", {1, 3}));
  return number(1, 7) + part(7, graph) + part(8, number(2, 13));
}

}  // namespace

class TestEncoder : public QObject {
  Q_OBJECT

  std::filesystem::path file(const std::string& name) const {
    return std::filesystem::path(folder_.path().toStdString()) / name;
  }
  /// The last checkpoint of such a run, which is trained once.
  std::filesystem::path trained(const std::string& method, std::int64_t test_size = 0,
                                std::int64_t width = 1) {
    const std::string name = method + "-" + std::to_string(test_size) + "-" + std::to_string(width);
    std::filesystem::path& checkpoint = trained_[name];
    if (!checkpoint.empty()) return checkpoint;
    Listener listener;
    Settings settings = tiny_run(method);
    settings.set("views.test_size", test_size);
    settings.set("encoder.width", width);
    settings.set("train.threads", std::int64_t{0});  // as for encoders from files
    train({settings, squares_, file(name), {}, {}}, listener, listener.control);
    return checkpoint = listener.checkpoints.back().file;
  }
  static std::vector<float> features(const std::shared_ptr<FrozenModel>& model) {
    const Squares squares(300, 0);
    std::vector<cv::Mat> images;
    for (int i = 0; i < 300; ++i) images.push_back(squares.image(i));
    return model->features(images).values;
  }
  static double distance(const std::vector<float>& a, const std::vector<float>& b) {
    double most = a.size() == b.size() ? 0 : 1e9;
    for (std::size_t i = 0; i < a.size() && i < b.size(); ++i)
      most = std::max(most, std::abs(static_cast<double>(a[i]) - b[i]));
    return most;
  }

  QTemporaryDir folder_;
  std::shared_ptr<const Dataset> squares_ = std::make_shared<Squares>(90, 20);
  std::map<std::string, std::filesystem::path> trained_;

 private Q_SLOTS:
  void what_went_out_comes_in_to_the_last_bit_data() {
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<int>("test_size");
    QTest::addColumn<int>("width");
    QTest::newRow("ResNet") << QByteArray("simclr") << 0 << 1;
    QTest::newRow("ResNet, used at another size") << QByteArray("simclr") << 12 << 1;
    QTest::newRow("ResNet of twice the channels") << QByteArray("simclr") << 0 << 2;
    QTest::newRow("transformer, mean of its patches") << QByteArray("mae") << 0 << 1;
  }
  void what_went_out_comes_in_to_the_last_bit() {
    QFETCH(QByteArray, method);
    QFETCH(int, test_size);
    QFETCH(int, width);
    const auto checkpoint = trained(method.toStdString(), test_size, width);
    save_encoder_file(file("e.safetensors"), encoder_of_checkpoint(checkpoint));
    QVERIFY(normalisation_of_checkpoint(checkpoint).mean ==
            load_encoder_file(file("e.safetensors")).mean);
    const auto before = FrozenModel::from_checkpoint(checkpoint);
    const auto after = model_from_file(file("e.safetensors"));
    QCOMPARE(after->dimensions(), before->dimensions());
    QCOMPARE(after->settings().get<std::int64_t>("views.size"),
             std::int64_t{test_size > 0 ? test_size : 8});
    QCOMPARE(after->settings().get<std::int64_t>("encoder.width"), std::int64_t{width});
    const auto wanted = features(before);
    QVERIFY(features(after) == wanted);
    QVERIFY(features(after->untrained(3)) != wanted);
    save_onnx(file("e.onnx"), encoder_of_checkpoint(checkpoint), OnnxInput::pixels);
    QVERIFY(distance(features(model_from_file(file("e.onnx"))), wanted) < 1e-4);
    const std::int64_t size = before->settings().get<std::int64_t>("views.size");
    for (const EncoderInput& told :
         {told_input(file("e.safetensors")), told_input(file("e.onnx")), told_input(checkpoint)}) {
      QCOMPARE(told.size, std::int64_t{test_size > 0 ? test_size : size});
      QVERIFY(!told.mean.empty() && told.mean.size() == told.std.size());
    }
  }

  void a_checkpoint_is_an_encoder_too() {
    const auto checkpoint = trained("simclr");
    QVERIFY(features(model_from_file(checkpoint)) ==
            features(FrozenModel::from_checkpoint(checkpoint)));
    for (const EncoderInput& other : {EncoderInput{.size = 24}, EncoderInput{0, {0.5}, {0.5}}})
      QVERIFY_EXCEPTION_THROWN(model_from_file(checkpoint, other), InputError);
  }

  void learned_positions_fix_the_size() {
    const auto path = file("vit.safetensors");
    save_encoder_file(path, encoder_of_checkpoint(trained("mae")));
    const std::int64_t size = told_input(path).size;
    QVERIFY(features(model_from_file(path, {.size = size})) == features(model_from_file(path)));
    QVERIFY_EXCEPTION_THROWN(model_from_file(path, {.size = 2 * size}), InputError);
  }

  void a_file_may_go_once_it_is_open() {
    const auto path = file("gone.safetensors");
    save_encoder_file(path, encoder_of_checkpoint(trained("simclr")));
    const std::string hash = sha256_file(path);
    const auto model = model_from_file(path);
    std::filesystem::remove(path);
    QCOMPARE(model->checkpoint().sha256, hash);
    QVERIFY(!model->identity().empty());
    const auto twin = model->untrained(1);
    QVERIFY(features(twin) != features(model));
    QVERIFY(twin->checkpoint().sha256.empty());
  }

  void untrained_twins_of_another_pooling_are_told_apart() {
    const EncoderOptions options{"vit_tiny", "cifar", 4};
    const auto encoder = lively_encoder(options, 16);
    const auto twin = [&](Pooling pooling) {
      save_encoder_file(file("pooled.safetensors"), file_of(*encoder, options, 16, pooling));
      return model_from_file(file("pooled.safetensors"))->untrained(1);
    };
    const auto token = twin(Pooling::token), all = twin(Pooling::avg);
    const cv::Mat image(16, 16, CV_8UC3, cv::Scalar(9, 99, 199));
    QVERIFY(token->features({image}).values != all->features({image}).values);
    QVERIFY(token->identity() != all->identity());
    QCOMPARE(twin(Pooling::avg)->identity(), all->identity());
  }

  /// Colourisation takes the colours away first.
  void a_network_that_does_not_give_the_features_is_not_exported() {
    RunState state;
    state.settings = tiny_run("colourisation");
    state.normalisation = {{0.4, 0.5, 0.6}, {0.2, 0.25, 0.3}};
    const RunSpec spec = run_spec(state.settings);
    const auto method = build_method(spec, model_input(spec, state.normalisation, torch::kCPU), 0);
    const CheckpointInfo saved = save_checkpoint(file("grey"), state, state_dict(*method), {}, 1);
    try {
      encoder_of_checkpoint(saved.file);
      QFAIL("It was exported.");
    } catch (const InputError& error) {
      QVERIFY2(std::string(error.what()).find("not those of one network") != std::string::npos,
               error.what());
    }
  }

  void a_width_is_told_by_the_shapes_and_no_other_is_taken_for_it() {
    EncoderOptions options{.name = "resnet8", .stem = "half", .width = 3};
    const auto encoder = lively_encoder(options, 16);
    TensorFile bare;
    for (const auto& [name, tensor] : state_dict(*encoder))
      bare.tensors.emplace_back(name, stored_tensor(name, tensor));
    save_tensors(file("wide.safetensors"), bare);
    const EncoderFile found = load_encoder_file(file("wide.safetensors"));
    QCOMPARE(found.options.name, std::string("resnet8"));
    QCOMPARE(found.options.width, std::int64_t{3});
    options.weights = file("wide.safetensors").string();
    QCOMPARE(first_weights(options, 3, 16).weights.size(), bare.tensors.size());
    options.width = 2;
    try {
      first_weights(options, 3, 16);
      QFAIL("It has another width.");
    } catch (const InputError& error) {
      QVERIFY(std::string(error.what()).find("3 times the usual channels") != std::string::npos);
    }
  }

  void files_of_others_are_known_by_their_names() {
    const EncoderOptions options{"resnet18", "imagenet", 4};
    const auto encoder = lively_encoder(options, 64);
    TensorFile bare;
    for (const auto& [name, tensor] : state_dict(*encoder)) {
      if (name.ends_with("num_batches_tracked")) continue;
      // Half of it in half precision, as files often are.
      const bool half = name.starts_with("layer4");
      bare.tensors.emplace_back(name, stored_tensor(name, half ? tensor.to(torch::kHalf) : tensor));
    }
    bare.tensors.emplace_back("fc.weight", stored_tensor("fc.weight", torch::ones({1000, 512})));
    save_tensors(file("torchvision.safetensors"), bare);
    const EncoderFile found = load_encoder_file(file("torchvision.safetensors"));
    QCOMPARE(found.options.name, std::string("resnet18"));
    QCOMPARE(found.options.stem, std::string("imagenet"));
    QCOMPARE(found.view_size, std::int64_t{224});
    QCOMPARE(found.mean[0], 0.485);
    const EncoderInput told = told_input(file("torchvision.safetensors"));
    QVERIFY(told.size == 0 && told.mean.empty() && told.std.empty());
    const auto model = model_from_file(file("torchvision.safetensors"), {.size = 64});
    QCOMPARE(model->dimensions(), std::int64_t{512});
    QCOMPARE(model->features({cv::Mat(70, 64, CV_8UC3, cv::Scalar(9, 99, 199))}).rows, 1);
  }

  void what_is_no_encoder_is_refused_with_the_reason() {
    const auto refusal = [&](const TensorFile& tensors) -> std::string {
      save_tensors(file("bad.safetensors"), tensors);
      try {
        model_from_file(file("bad.safetensors"));
      } catch (const InputError& error) {
        return error.what();
      }
      return "";
    };
    const auto contains = [](const std::string& text, const char* part) {
      return text.find(part) != std::string::npos;
    };
    QVERIFY(contains(refusal({}), "neither the names of torchvision's"));
    TensorFile some;
    some.tensors.emplace_back("conv1.weight", stored_tensor("", torch::ones({64, 3, 7, 7})));
    QVERIFY(contains(refusal(some), "blocks per stage"));
    TensorFile lying;
    lying.tensors = {{"conv1.weight", {"F32", {0, 2147483647, 3, 3}, {}}}};
    for (const char* block : {"1", "2", "3"})
      lying.tensors.emplace_back("layer" + std::string(block) + ".0.conv1.weight",
                                 StoredTensor{"F32", {0}, {}});
    QVERIFY(contains(refusal(lying), "conv1.weight has an unusual shape"));
    lying.tensors.front().second = {"U8", {1, 257, 3, 3}, std::vector<std::byte>(257 * 9)};
    QVERIFY(contains(refusal(lying), "257 channels, more than 256"));
    const EncoderOptions options{"resnet20", "cifar", 4};
    TensorFile most;
    for (const auto& [name, tensor] : state_dict(*lively_encoder(options, 16)))
      if (name != "layer2.1.bn2.weight") most.tensors.emplace_back(name, stored_tensor("", tensor));
    QVERIFY(contains(refusal(most), "lacks layer2.1.bn2.weight"));
    QVERIFY_EXCEPTION_THROWN(model_from_file(file("none.safetensors")), InputError);
    write_file(file("no.onnx"), std::string_view("\x08\x07 no graph follows"));
    QVERIFY_EXCEPTION_THROWN(model_from_file(file("no.onnx")), InputError);
    write_file(file("no.pt"), std::string_view("PK\x03\x04 no module follows"));
    QVERIFY_EXCEPTION_THROWN(model_from_file(file("no.pt")), InputError);
  }

  void training_goes_on_from_a_file_data() {
    QTest::addColumn<QByteArray>("method");
    QTest::newRow("ResNet") << QByteArray("simclr");
    QTest::newRow("with a teacher") << QByteArray("byol");
    QTest::newRow("transformer") << QByteArray("mae");
  }
  void training_goes_on_from_a_file() {
    QFETCH(QByteArray, method);
    const std::string name = method.toStdString();
    save_encoder_file(file("first.safetensors"), encoder_of_checkpoint(trained(name)));
    Listener listener;
    Settings settings = tiny_run(name);
    settings.set("encoder.weights", file("first.safetensors").string());
    settings.set("train.keep_checkpoints", std::int64_t{10});
    settings.set("train.seed", std::int64_t{99});
    listener.stop_at = 2;
    train({settings, squares_, file(name + "-on"), {}, {}}, listener, listener.control);
    const auto start = FrozenModel::from_checkpoint(listener.checkpoints.front().file);
    const auto given = model_from_file(file("first.safetensors"));
    QCOMPARE(start->checkpoint().step, std::int64_t{0});
    QVERIFY(distance(features(start), features(given)) < 1e-5);
    // It goes on, and is looked at, without the file.
    std::filesystem::remove(file("first.safetensors"));
    QVERIFY(features(start->untrained(1)) != features(start));
    Listener again;
    const auto end =
        train({settings, squares_, file(name + "-on"), listener.checkpoints.back().file, {}}, again,
              again.control);
    QCOMPARE(end.step, std::int64_t{8});
  }

  void weights_that_do_not_fit_are_refused_with_the_reason() {
    const EncoderOptions options{"vit_tiny", "cifar", 4};
    const auto encoder = lively_encoder(options, 16);
    EncoderFile known = file_of(*encoder, options, 16);
    const auto refusal = [&](EncoderOptions wanted, int channels,
                             std::int64_t size) -> std::string {
      save_encoder_file(file("w.safetensors"), known);
      wanted.weights = file("w.safetensors").string();
      EncoderOptions plain = wanted;
      plain.weights.clear();
      auto other = make_encoder(plain, channels, size, 1);
      try {
        begin_from_weights(wanted, channels, size, *other);
      } catch (const InputError& error) {
        return error.what();
      }
      return "";
    };
    const auto says = [](const std::string& text, const char* part) {
      return text.find(part) != std::string::npos && text.find(". ") == std::string::npos;
    };
    QCOMPARE(refusal(options, 3, 16), std::string());
    QVERIFY(says(refusal({"resnet20"}, 3, 16), "holds a vit_tiny, but encoder.name is resnet20"));
    QVERIFY(says(refusal(options, 1, 16), "takes images of 3 channels"));
    QVERIFY(says(refusal({"vit_tiny", "cifar", 8}, 3, 16), "encoder.patch_size is 8"));
    QVERIFY(says(refusal({"vit_tiny", "cifar", 4, "", 3}, 3, 16),
                 "has 12 blocks, but encoder.depth asks for 3"));
    QVERIFY(says(refusal(options, 3, 32), "views.size is 32"));
    known.weights.emplace_back("reg_token", stored_tensor("", torch::ones({1, 4, 192})));
    QVERIFY(says(refusal(options, 3, 16), "has reg_token, which a vit_tiny does not know"));
    known.weights.pop_back();
    auto& norm = known.weights.back();
    const StoredTensor right = norm.second;
    norm.second = stored_tensor("", torch::ones({191}));
    QVERIFY(says(refusal(options, 3, 16), ("has a " + norm.first + " of another shape").c_str()));
    norm.second = right;
    const std::string lost = norm.first;
    known.weights.pop_back();
    QVERIFY(says(refusal(options, 3, 16), ("lacks " + lost).c_str()));
  }

  void torchscript_answers_too() {
    torch::jit::Module module("m");
    module.define("def forward(self, x):\n    return x.mean([2, 3]) * 2.0\n");
    module.save(file("mean.pt").string());
    const EncoderInput shown{16, {0.5, 0.5, 0.5}, {0.25, 0.25, 0.25}};
    const auto model = model_from_file(file("mean.pt"), shown);
    QCOMPARE(model->dimensions(), std::int64_t{3});
    const auto row = model->features({cv::Mat(16, 16, CV_8UC3, cv::Scalar(51, 102, 255))}).values;
    const std::vector<float> wanted{-2.4f, -0.8f, 4};
    QVERIFY(distance(row, wanted) < 1e-5);
    QVERIFY_EXCEPTION_THROWN(model->untrained(0), InputError);
  }

  void a_graph_for_one_image_answers_to_each_of_many_data() {
    QTest::addColumn<QByteArray>("script");
    QTest::addColumn<std::vector<std::int64_t>>("shape");
    QTest::newRow("script that refuses two")
        << QByteArray("x.mean([2, 3]).reshape([1, 3])") << std::vector<std::int64_t>();
    QTest::newRow("script that makes one row of two")
        << QByteArray("x.mean([2, 3]).reshape([1, -1])") << std::vector<std::int64_t>();
    QTest::newRow("ONNX that refuses two") << QByteArray() << std::vector<std::int64_t>{1, 3};
    QTest::newRow("ONNX that makes one row of two")
        << QByteArray() << std::vector<std::int64_t>{1, -1};
  }
  void a_graph_for_one_image_answers_to_each_of_many() {
    QFETCH(QByteArray, script);
    QFETCH(std::vector<std::int64_t>, shape);
    const std::filesystem::path path = file(shape.empty() ? "one.pt" : "one.onnx");
    if (shape.empty()) {
      torch::jit::Module module("m");
      module.define("def forward(self, x):\n    return " + script.toStdString() + "\n");
      module.save(path.string());
    } else {
      write_file(path, channel_means(shape));
    }
    const auto model = model_from_file(path, {16, {0.5, 0.5, 0.5}, {0.25, 0.25, 0.25}});
    QCOMPARE(model->dimensions(), std::int64_t{3});
    const Features got = model->features({cv::Mat(16, 16, CV_8UC3, cv::Scalar(51, 102, 255)),
                                          cv::Mat(16, 16, CV_8UC3, cv::Scalar(255, 51, 51)),
                                          cv::Mat(16, 16, CV_8UC3, cv::Scalar(102, 255, 102))});
    QCOMPARE(got.rows, std::int64_t{3});
    const std::vector<float> wanted{-1.2f, -0.4f, 2, 2, -1.2f, -1.2f, -0.4f, 2, -0.4f};
    QVERIFY(distance(got.values, wanted) < 1e-5);
    QCOMPARE(model->dimensions(), std::int64_t{3});
  }

  void the_options_of_a_checkpoint_need_not_be_utf8() {
    RunState state;
    state.settings = tiny_run("simclr");
    state.settings.set("encoder.weights", std::string("/caf\xE9/encoder.safetensors"));
    state.normalisation = {{0.4, 0.5, 0.6}, {0.2, 0.25, 0.3}};
    const CheckpointInfo saved = save_checkpoint(file("latin"), state, {}, {}, 1);
    QCOMPARE(load_checkpoint(saved.file).state.settings.get<std::string>("encoder.weights"),
             std::string("/caf\uFFFD/encoder.safetensors"));
  }

  void a_checkpoint_whose_options_are_nested_without_end_is_refused() {
    TensorFile deep;
    deep.metadata["format"] = "selfsight checkpoint 1";
    deep.metadata["state"] = "{}";
    deep.metadata["settings"] =
        "{\"a\": " + std::string(100'000, '[') + std::string(100'000, ']') + "}";
    save_tensors(file("deep.safetensors"), deep);
    try {
      load_checkpoint(file("deep.safetensors"));
      QFAIL("It was read.");
    } catch (const InputError& error) {
      QVERIFY2(std::string(error.what()).ends_with("its description cannot be read."),
               error.what());
    }
  }

  void a_graph_for_two_images_is_refused() {
    torch::jit::Module module("m");
    module.define("def forward(self, x):\n    y = x.mean([2, 3])\n    return torch.cat([y, y])\n");
    module.save(file("two.pt").string());
    try {
      model_from_file(file("two.pt"), {16, {0.5, 0.5, 0.5}, {0.25, 0.25, 0.25}});
      QFAIL("It answers to one image with two vectors.");
    } catch (const InputError& error) {
      QVERIFY2(std::string(error.what()).find("2 vectors for 1 image;") != std::string::npos,
               error.what());
    }
  }
};

SELFSIGHT_SUITE(TestEncoder, QCoreApplication);
#include "test_encoder.moc"
