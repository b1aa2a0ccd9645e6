// The memory that a training keeps, and how it lies there.
// clang-format off
#include <torch/torch.h>
// clang-format on
#include <malloc.h>

#include <QTest>
#include <cstdlib>
#include <memory>

#include "core/training/device.h"
#include "tests/suite.h"

using namespace selfsight;

namespace {

/// Whether malloc maps a large block by itself, and so returns it to the system at once.
bool large_blocks_are_returned() {
  const std::size_t before = mallinfo2().hblks;
  void* volatile block = std::malloc(std::size_t{64} << 20);  // volatile: it is not left out
  const std::size_t during = mallinfo2().hblks;
  std::free(block);
  return during > before;
}

}  // namespace

class TestDevice : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void memory_is_kept_until_the_last_lets_go() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    QSKIP("Sanitizers bring a malloc of their own.");
#endif
    auto training = std::make_unique<KeptMemory>();
    QVERIFY(!large_blocks_are_returned());
    { const KeptMemory estimate; }
    QVERIFY(!large_blocks_are_returned());
    training.reset();
    QVERIFY(large_blocks_are_returned());
  }

  void one_channel_lies_last_too() {
    for (const std::int64_t channels : {1, 3}) {
      torch::nn::Conv2d convolution(torch::nn::Conv2dOptions(channels, 4, 3));
      to_channels_last(*convolution);
      const torch::Tensor images = torch::rand({2, channels, 8, 8});
      QVERIFY(torch::equal(to_channels_last(images), images));
      const torch::Tensor maps = convolution(to_channels_last(images));
      QVERIFY(maps.is_contiguous(at::MemoryFormat::ChannelsLast));
    }
  }
};

SELFSIGHT_SUITE(TestDevice, QCoreApplication);
#include "test_device.moc"
