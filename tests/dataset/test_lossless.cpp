#include <QTest>
#include <cstdlib>

#include "core/base/random.h"
#include "core/dataset/lossless_jpeg.h"
#include "tests/dataset/dicom.h"
#include "tests/suite.h"

using namespace selfsight;

namespace {

using Words = std::vector<std::uint16_t>;

struct Coding {
  int width = 9, height = 6, channels = 1, bits = 12;
  int predictor = 1, shift = 0;
  int lines = 0;       // from one restart to the next; 0: none
  bool scans = false;  // one for each channel
};

Words noise(const Coding& c) {
  Random random({7});
  Words out(static_cast<std::size_t>(c.width * c.height * c.channels));
  for (auto& value : out) value = static_cast<std::uint16_t>(random.below(1u << c.bits));
  return out;
}

/// What T.81 annex H predicts of one channel, line by line.
int predicted(const Coding& c, const Words& v, int y, int x, int channel, bool first) {
  const auto at = [&](int row, int column) {
    return v[static_cast<std::size_t>((row * c.width + column) * c.channels + channel)] >> c.shift;
  };
  if (first && x == 0) return 1 << (c.bits - c.shift - 1);
  if (first) return at(y, x - 1);
  if (x == 0) return at(y - 1, x);
  const int a = at(y, x - 1), b = at(y - 1, x), corner = at(y - 1, x - 1);
  const int all[] = {
      a, b, corner, a + b - corner, a + ((b - corner) >> 1), b + ((a - corner) >> 1), (a + b) / 2};
  return all[c.predictor - 1];
}

class BitWriter {
 public:
  explicit BitWriter(Bytes& to) : to_(to) {}
  void put(int value, int count) {
    for (int i = count - 1; i >= 0; --i) {
      byte_ = byte_ << 1 | (value >> i & 1);
      if (++held_ == 8) flush();
    }
  }
  void fill() {
    while (held_ > 0) put(1, 1);
  }

 private:
  void flush() {
    to_.push_back(static_cast<std::uint8_t>(byte_));
    if (to_.back() == 0xFF) to_.push_back(0);
    byte_ = held_ = 0;
  }
  Bytes& to_;
  int byte_ = 0, held_ = 0;
};

/// How many bits the difference takes, in five, then those bits.
void put_difference(BitWriter& bits, int difference) {
  const int wrapped = static_cast<std::int16_t>(difference);
  int category = 0;
  while (std::abs(wrapped) >> category) ++category;
  bits.put(category, 5);
  if (category < 16) bits.put(wrapped < 0 ? wrapped + (1 << category) - 1 : wrapped, category);
}

void append_scan(Bytes& to, const Coding& c, const Words& values, int from, int count) {
  to.insert(to.end(), {0xFF, 0xDA, 0, static_cast<std::uint8_t>(6 + 2 * count),
                       static_cast<std::uint8_t>(count)});
  for (int k = from; k < from + count; ++k)
    to.insert(to.end(), {static_cast<std::uint8_t>(k + 1), 0});
  to.insert(to.end(),
            {static_cast<std::uint8_t>(c.predictor), 0, static_cast<std::uint8_t>(c.shift)});
  BitWriter bits(to);
  for (int y = 0; y < c.height; ++y) {
    const bool restarted = c.lines > 0 && y > 0 && y % c.lines == 0;
    if (restarted) {
      bits.fill();
      to.insert(to.end(), {0xFF, static_cast<std::uint8_t>(0xD0 + (y / c.lines - 1) % 8)});
    }
    for (int x = 0; x < c.width; ++x)
      for (int k = from; k < from + count; ++k)
        put_difference(
            bits,
            (values[static_cast<std::size_t>((y * c.width + x) * c.channels + k)] >> c.shift) -
                predicted(c, values, y, x, k, y == 0 || restarted));
  }
  bits.fill();
}

Bytes jpeg(const Coding& c, const Words& values) {
  Bytes out{0xFF, 0xD8, 0xFF, 0xC4, 0, 36, 0, 0, 0, 0, 0, 17};
  out.resize(out.size() + 11);
  for (std::uint8_t category = 0; category <= 16; ++category) out.push_back(category);
  out.insert(out.end(),
             {0xFF, 0xC3, 0, static_cast<std::uint8_t>(8 + 3 * c.channels),
              static_cast<std::uint8_t>(c.bits), 0, static_cast<std::uint8_t>(c.height), 0,
              static_cast<std::uint8_t>(c.width), static_cast<std::uint8_t>(c.channels)});
  for (int k = 1; k <= c.channels; ++k)
    out.insert(out.end(), {static_cast<std::uint8_t>(k), 0x11, 0});
  if (c.lines > 0)
    out.insert(out.end(), {0xFF, 0xDD, 0, 4, 0, static_cast<std::uint8_t>(c.lines * c.width)});
  for (int k = 0; c.scans && k < c.channels; ++k) append_scan(out, c, values, k, 1);
  if (!c.scans) append_scan(out, c, values, 0, c.channels);
  out.insert(out.end(), {0xFF, 0xD9});
  return out;
}

Words decoded_values(const Bytes& bytes) {
  const cv::Mat image = decode_lossless_jpeg(std::as_bytes(std::span(bytes)), most_pixels);
  return {image.ptr<std::uint16_t>(),
          image.ptr<std::uint16_t>() + image.total() * static_cast<std::size_t>(image.channels())};
}

}  // namespace

class TestLossless : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void every_value_comes_back_data() {
    QTest::addColumn<Coding>("coding");
    for (int predictor = 1; predictor <= 7; ++predictor)
      QTest::addRow("predictor %d", predictor) << Coding{.predictor = predictor};
    QTest::newRow("16 bits wrap around") << Coding{.bits = 16, .predictor = 4};
    QTest::newRow("restarts") << Coding{.predictor = 7, .lines = 2};
    QTest::newRow("colours side by side") << Coding{.channels = 3, .bits = 8, .predictor = 5};
    QTest::newRow("colours one by one") << Coding{.channels = 3, .bits = 8, .scans = true};
  }
  void every_value_comes_back() {
    QFETCH(const Coding, coding);
    const Words values = noise(coding);
    const Bytes bytes = jpeg(coding, values);
    QVERIFY(is_lossless_jpeg(std::as_bytes(std::span(bytes))));
    QCOMPARE(decoded_values(bytes), values);
  }

  void low_bits_may_be_left_out() {
    const Coding coding{.predictor = 6, .shift = 2};
    Words values = noise(coding);
    const Bytes bytes = jpeg(coding, values);
    for (auto& value : values) value = static_cast<std::uint16_t>(value & ~3);
    QCOMPARE(decoded_values(bytes), values);
  }

  void a_scan_is_coded_so() {
    const Coding coding{.width = 4, .height = 2, .bits = 16};
    const Words values{0, 257, 514, 771, 1028, 1028, 1028, 1028};
    for (const char* syntax : {"1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70"}) {
      const cv::Mat image = decoded(small_scan(syntax, 2, false, coded(jpeg(coding, values))));
      QCOMPARE(Bytes(image.datastart, image.dataend), (Bytes{0, 64, 128, 191, 255, 255, 255, 255}));
    }
    QCOMPARE(
        refusal_of(small_scan("1.2.840.10008.1.2.4.70", 3, false, coded(jpeg(coding, values)))),
        "is a DICOM whose description contradicts itself");
  }

  void cut_ones_are_refused() {
    const Bytes whole = jpeg({.predictor = 4, .lines = 3}, noise({}));
    for (std::size_t length = 0; length + 2 < whole.size(); length += 3) {
      const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
      QVERIFY2(!message_of<ImageError>([&] { decoded_values(cut); }).empty(),
               std::to_string(length).c_str());
    }
  }

  void tables_without_end_are_refused() {
    Bytes bytes = jpeg({}, noise({}));
    Bytes empty{0xFF, 0xC4, 0, 19};
    empty.resize(4 + 17);
    const auto insert = [&](int count) {
      for (int i = 0; i < count; ++i) bytes.insert(bytes.begin() + 2, empty.begin(), empty.end());
    };
    insert(250);
    QVERIFY((decoded_values(bytes) == noise({})));
    insert(10);
    QVERIFY(contains(message_of<ImageError>([&] { decoded_values(bytes); }), "is damaged"));
  }

  void large_ones_are_refused_before_memory_is_taken() {
    Bytes huge = jpeg({}, noise({}));
    const Bytes frame{0xFF, 0xC3};
    const auto at = std::search(huge.begin(), huge.end(), frame.begin(), frame.end()) + 5;
    std::copy_n(Bytes{0xFF, 0xFF, 0xFF, 0xFF}.begin(), 4, at);
    QVERIFY(contains(message_of<ImageError>([&] { decoded_values(huge); }), "65535 x 65535"));
    std::copy_n(Bytes{0x10, 0, 0x10, 0}.begin(), 4, at);
    QVERIFY(contains(message_of<ImageError>([&] { decoded_values(huge); }), "is cut off"));
  }
};

SELFSIGHT_SUITE(TestLossless, QCoreApplication);
#include "test_lossless.moc"
