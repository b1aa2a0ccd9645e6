#include <QTest>
#include <bit>
#include <opencv2/core.hpp>

#include "tests/dataset/tiff.h"
#include "tests/suite.h"

using namespace selfsight;

namespace {

Bytes values_of(const cv::Mat& image) {
  return Bytes(image.datastart, image.dataend);
}

}  // namespace

class TestTiff : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void few_bits_become_grey() {
    QCOMPARE(values_of(decoded(tiff_file({.width = 8, .bits = 1}, {0b10100000}))),
             (Bytes{255, 0, 255, 0, 0, 0, 0, 0}));
    QCOMPARE(values_of(decoded(tiff_file({.width = 4, .bits = 2}, {0b00011011}))),
             (Bytes{0, 85, 170, 255}));
    QCOMPARE(values_of(decoded(tiff_file({.bits = 4}, {0x0F}))), (Bytes{0, 255}));
    QCOMPARE(values_of(decoded(tiff_file({.photometric = 0}, {0, 200}))), (Bytes{255, 55}));
  }

  void palettes_become_colour() {
    TiffTags tags{.bits = 8, .photometric = 3};
    tags.palette.resize(3 * 256);
    tags.palette[1] = 0xFFFF;        // entry 1: red
    tags.palette[512 + 2] = 0xFFFF;  // entry 2: blue
    QCOMPARE(values_of(decoded(tiff_file(tags, {1, 2}))), (Bytes{255, 0, 0, 0, 0, 255}));
  }

  void cmyk_becomes_colour() {
    const TiffTags tags{.width = 2, .bits = 8, .samples = 4, .photometric = 5};
    QCOMPARE(values_of(decoded(tiff_file(tags, {0, 255, 255, 0, 0, 0, 0, 255}))),
             (Bytes{255, 0, 0, 0, 0, 0}));
    TiffTags deep = tags;
    deep.bits = 16;
    QCOMPARE(values_of(decoded(tiff_file(deep, words({0, 65535, 65535, 0, 0, 0, 0, 65535}, 2)))),
             (Bytes{255, 0, 0, 0, 0, 0}));
  }

  void alpha_lies_on_white() {
    TiffTags tags{.samples = 4, .photometric = 2, .extra = 2};
    QCOMPARE(values_of(decoded(tiff_file(tags, {255, 0, 0, 0, 200, 0, 0, 255}))),
             (Bytes{255, 255, 255, 200, 0, 0}));
    tags.extra = 1;  // premultiplied: half of white ground shows through
    QCOMPARE(values_of(decoded(tiff_file(tags, {100, 0, 0, 127, 200, 0, 0, 255}))),
             (Bytes{228, 128, 128, 200, 0, 0}));
    QCOMPARE(values_of(decoded(tiff_file({.samples = 2, .extra = 2}, {9, 0, 200, 255}))),
             (Bytes{255, 200}));
  }

  void what_is_not_said_to_be_alpha_is_a_band() {
    for (const int extra : {-1, 0}) {  // infrared beside colours
      const cv::Mat image = decoded(
          tiff_file({.samples = 4, .photometric = 2, .extra = extra}, {9, 8, 7, 0, 6, 5, 4, 1}));
      QCOMPARE(image.type(), CV_8UC4);
      QCOMPARE(values_of(image), (Bytes{9, 8, 7, 0, 6, 5, 4, 1}));
      const cv::Mat two = decoded(tiff_file({.samples = 2, .extra = extra}, {9, 8, 7, 6}));
      QCOMPARE(two.type(), CV_8UC2);
      QCOMPARE(values_of(two), (Bytes{9, 8, 7, 6}));
    }
    const cv::Mat deep =
        decoded(tiff_file({.bits = 16, .samples = 4}, words({1, 20, 300, 4000, 2, 40, 600, 0}, 2)));
    QCOMPARE(values_of(deep), (Bytes{0, 0, 0, 255, 255, 255, 255, 0}));
  }

  void three_bands_that_are_called_grey_are_colours() {
    const TiffTags tags{.width = 1, .samples = 3};
    QCOMPARE(values_of(decoded(tiff_file(tags, {9, 8, 7}))), (Bytes{9, 8, 7}));
    TiffTags deep = tags;
    deep.bits = 16;
    QCOMPARE(values_of(decoded(tiff_file(deep, words({0, 25700, 65535}, 2)))),
             (Bytes{0, 100, 255}));
  }

  void deep_values_are_windowed() {
    const TiffTags tags{.width = 3, .bits = 16};
    QCOMPARE(values_of(decoded(tiff_file(tags, words({1000, 1400, 2000}, 2)))),
             (Bytes{0, 102, 255}));
    // Signed 16-bit values as a CT has them.
    TiffTags ct = tags;
    ct.format = 2;
    QCOMPARE(values_of(decoded(tiff_file(ct, words({0xFC18, 600, 1000}, 2)))),  // -1000, 600, 1000
             (Bytes{0, 204, 255}));
    TiffTags real = tags;
    real.bits = 32, real.format = 3;
    QCOMPARE(values_of(decoded(tiff_file(real, words({std::bit_cast<std::uint32_t>(-0.5f),
                                                      std::bit_cast<std::uint32_t>(0.3f),
                                                      std::bit_cast<std::uint32_t>(0.5f)},
                                                     4)))),
             (Bytes{0, 204, 255}));
  }

  void full_range_16_bits_keep_their_relation() {
    QCOMPARE(values_of(decoded(tiff_file({.bits = 16}, words({25700, 51400}, 2)))),
             (Bytes{100, 200}));
  }

  void packed_12_bits_are_unpacked() {
    // 0x800 and 0xFFF of 4095: above the window's low end, which is the smaller of the two.
    QCOMPARE(values_of(decoded(tiff_file({.bits = 12}, {0x80, 0x0F, 0xFF}))), (Bytes{0, 255}));
  }

  void not_a_number_is_no_obstacle() {
    const auto nan = std::bit_cast<std::uint32_t>(std::numeric_limits<float>::quiet_NaN());
    const TiffTags tags{.bits = 32, .format = 3};
    QCOMPARE(refusal_of(tiff_file(tags, words({nan, nan}, 4))), "holds no finite values");
    QCOMPARE(decoded(tiff_file(tags, words({nan, std::bit_cast<std::uint32_t>(1.f)}, 4))).cols, 2);
  }

  void orientation_is_followed_data() {
    // The stored picture is 1 2 / 3 4 / 5 6.
    QTest::addColumn<int>("orientation");
    QTest::addColumn<int>("columns");
    QTest::addColumn<std::string>("upright");
    QTest::newRow("as it is") << 1 << 2 << std::string("123456");
    QTest::newRow("mirrored") << 2 << 2 << std::string("214365");
    QTest::newRow("half a turn") << 3 << 2 << std::string("654321");
    QTest::newRow("upside down, mirrored") << 4 << 2 << std::string("563412");
    QTest::newRow("transposed") << 5 << 3 << std::string("135246");
    QTest::newRow("quarter turn right") << 6 << 3 << std::string("531642");
    QTest::newRow("transversed") << 7 << 3 << std::string("642531");
    QTest::newRow("quarter turn left") << 8 << 3 << std::string("246135");
  }
  void orientation_is_followed() {
    QFETCH(const int, orientation);
    QFETCH(const std::string, upright);
    const cv::Mat image = decoded(
        tiff_file({.height = 3, .orientation = orientation}, {'1', '2', '3', '4', '5', '6'}));
    QCOMPARE(std::string(image.datastart, image.dataend), upright);
    QTEST(image.cols, "columns");
    QVERIFY(image.isContinuous());
  }

  void bad_ones_are_refused_with_a_reason() {
    Bytes cut = tiff_file({.width = 40, .height = 10}, Bytes(400, 7));
    cut.resize(100);
    QVERIFY(contains(refusal_of(cut), "TIFF"));
    QVERIFY(contains(refusal_of(tiff_file({.width = 100'000, .height = 100'000}, {0})),
                     "100000 x 100000 pixels"));
    QVERIFY(contains(refusal_of(tiff_file({.width = 8000,
                                           .height = 8000,
                                           .bits = 32,
                                           .samples = 4,
                                           .photometric = 2,
                                           .format = 3,
                                           .extra = 0},
                                          {0})),
                     "MB that are allowed"));
    QVERIFY(contains(refusal_of(tiff_file({.samples = 300}, Bytes(600, 0))), "300 channels"));
  }
};

SELFSIGHT_SUITE(TestTiff, QCoreApplication);
#include "test_tiff.moc"
