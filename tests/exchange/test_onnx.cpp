// clang-format off
#include <torch/torch.h>
// clang-format on
#include <QTemporaryDir>
#include <QTest>
#include <opencv2/dnn.hpp>

#include "core/base/error.h"
#include "core/exchange/onnx_export.h"
#include "tests/exchange/encoders.h"
#include "tests/suite.h"

using namespace selfsight;

namespace {

torch::Tensor run_onnx(cv::dnn::Net& net, const torch::Tensor& images) {
  const torch::Tensor plain = images.contiguous();
  const std::vector<int> shape(plain.sizes().begin(), plain.sizes().end());
  net.setInput(cv::Mat(shape, CV_32F, plain.data_ptr<float>()));
  const cv::Mat out = net.forward();
  std::vector<std::int64_t> sizes;
  for (int i = 0; i < out.dims; ++i) sizes.push_back(out.size[i]);
  return torch::from_blob(out.data, sizes).clone();
}

}  // namespace

class TestOnnx : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::filesystem::path file() const {
    return std::filesystem::path(folder_.path().toStdString()) / "encoder.onnx";
  }

 private Q_SLOTS:
  void another_runtime_gives_the_same_features_data() {
    QTest::addColumn<EncoderOptions>("options");
    QTest::addColumn<int>("size");
    QTest::addColumn<bool>("avg");
    QTest::newRow("resnet18") << EncoderOptions{"resnet18", "imagenet", 4} << 64 << false;
    QTest::newRow("resnet18 cifar") << EncoderOptions{"resnet18", "cifar", 4} << 16 << false;
    QTest::newRow("resnet20 half") << EncoderOptions{"resnet20", "half", 4} << 32 << false;
    QTest::newRow("resnet8 of twice the channels")
        << EncoderOptions{.name = "resnet8", .stem = "half", .width = 2} << 16 << false;
    QTest::newRow("resnet50") << EncoderOptions{"resnet50", "imagenet", 4} << 64 << false;
    QTest::newRow("vit_tiny") << EncoderOptions{"vit_tiny", "cifar", 4} << 32 << false;
    QTest::newRow("vit_tiny avg") << EncoderOptions{"vit_tiny", "cifar", 8, "", 3} << 32 << true;
  }
  void another_runtime_gives_the_same_features() {
    QFETCH(EncoderOptions, options);
    QFETCH(int, size);
    QFETCH(bool, avg);
    const torch::NoGradGuard no_grad;
    const auto encoder = lively_encoder(options, size);
    const Pooling pooling = avg ? Pooling::avg : Pooling::token;
    const EncoderFile described = file_of(*encoder, options, size, pooling);
    for (const OnnxInput input : {OnnxInput::normalised, OnnxInput::pixels}) {
      save_onnx(file(), described, input);
      cv::dnn::Net net = cv::dnn::readNetFromONNX(file().string());
      for (const int batch : {1, 7}) {
        torch::Tensor pixels;
        with_seed(9, [&] { pixels = torch::rand({batch, 3, size, size}); });
        const torch::Tensor mean = torch::tensor(described.mean).to(torch::kFloat);
        const torch::Tensor deviation = torch::tensor(described.std).to(torch::kFloat);
        const torch::Tensor images =
            (pixels - mean.view({1, 3, 1, 1})) / deviation.view({1, 3, 1, 1});
        const torch::Tensor wanted = pooled(*encoder, images, pooling);
        const torch::Tensor got = run_onnx(net, input == OnnxInput::pixels ? pixels : images);
        QCOMPARE(got.sizes(), wanted.sizes());
        const double off = (got - wanted).abs().max().item<double>();
        QVERIFY2(off < 1e-4, std::to_string(off).c_str());
        QVERIFY(wanted.abs().max().item<double>() > 0.1);
      }
    }
  }

  void what_lacks_a_weight_is_refused() {
    const EncoderOptions options{"resnet20", "cifar", 4};
    EncoderFile described = file_of(*lively_encoder(options, 16), options, 16);
    std::erase_if(described.weights, [](const auto& w) { return w.first == "bn1.weight"; });
    QVERIFY_EXCEPTION_THROWN(save_onnx(file(), described, OnnxInput::pixels), InputError);
  }
};

SELFSIGHT_SUITE(TestOnnx, QCoreApplication);
#include "test_onnx.moc"
