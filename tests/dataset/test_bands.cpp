#include <QTest>
#include <bit>
#include <cmath>

#include "core/dataset/window_words.h"
#include "tests/dataset/tiff.h"
#include "tests/suite.h"

using namespace selfsight;

namespace {

constexpr int bands = 13;
using Pixel = cv::Vec<std::uint8_t, bands>;

/// 4 x 4 pixels whose band b is 1000 * b plus something of each pixel and of the image.
Bytes satellite_tile(int image, int bits = 16) {
  std::vector<std::uint32_t> values;
  for (int i = 0; i < 16; ++i)
    for (int b = 0; b < bands; ++b)
      values.push_back(
          static_cast<std::uint32_t>(bits == 8 ? 10 * b + i : 1000 * b + 10 * i + image));
  return tiff_file({.width = 4, .height = 4, .bits = bits, .samples = bands},
                   words(values, bits / 8));
}

void write_tiles(const Folder& folder, int count) {
  for (int i = 0; i < count; ++i)
    folder.write("tiles/" + std::to_string(100 + i) + ".tif", satellite_tile(i));
}

}  // namespace

class TestBands : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void bytes_stay_as_they_are() {
    const cv::Mat image = decoded(satellite_tile(0, 8));
    QCOMPARE(image.type(), CV_8UC(bands));
    QCOMPARE(image.at<Pixel>(0, 0)[12], uchar(120));
    QCOMPARE(image.at<Pixel>(3, 3)[2], uchar(35));
  }

  void each_band_has_its_own_window() {
    const cv::Mat image = decoded(satellite_tile(7));
    for (int b = 0; b < bands; ++b) {
      QCOMPARE(image.at<Pixel>(0, 0)[b], uchar(0));
      QCOMPARE(image.at<Pixel>(3, 3)[b], uchar(255));
    }
  }

  void real_values_and_gaps_in_them() {
    std::vector<std::uint32_t> values;
    for (int i = 0; i < 4; ++i)
      for (int b = 0; b < 6; ++b)
        values.push_back(std::bit_cast<std::uint32_t>(
            i == 1 ? std::nanf("") : 0.1f * static_cast<float>(i) + static_cast<float>(b)));
    const TiffTags tags{.width = 4, .bits = 32, .samples = 6, .format = 3};
    const cv::Mat image = decoded(tiff_file(tags, words(values, 4)));
    QCOMPARE(image.channels(), 6);
    QCOMPARE(image.ptr()[3 * 6 + 4], uchar(255));
    QCOMPARE(image.ptr()[1 * 6 + 4], uchar(0));
  }

  void a_folder_agrees_on_one_window_and_measures_each_band() {
    const Folder folder;
    write_tiles(folder, 30);
    folder.write("tiles/odd.tif",
                 tiff_file({.width = 4, .height = 4, .samples = 6}, Bytes(4 * 4 * 6, 9)));
    folder.write("tiles/colour.png", encoded(".png"));
    const auto set = open_dataset(folder("tiles"));
    QCOMPARE(set->channels(), bands);
    // What is brighter in the files is brighter in the set.
    const auto first = set->image(0).at<Pixel>(1, 1);
    const auto last = set->image(29).at<Pixel>(1, 1);
    for (int b = 0; b < bands; ++b) QVERIFY(last[b] > first[b]);
    Control control;
    const auto statistics = measure(*set, 100, control);
    QCOMPARE(statistics.mean.size(), std::size_t{bands});
    for (const double mean : statistics.mean) QVERIFY(mean > 0.3 && mean < 0.7);
    for (const double deviation : statistics.std) QVERIFY(deviation > 0.1);
    QCOMPARE(statistics.broken.size(), std::size_t{2});
    QVERIFY(contains(statistics.broken[0].reason + statistics.broken[1].reason, "has 6 bands"));
    QVERIFY((set->outside_image(folder("tiles/105.tif")).at<Pixel>(1, 1) ==
             set->image(5).at<Pixel>(1, 1)));
  }

  void few_bands_are_bands_too_data() {
    QTest::addColumn<int>("samples");
    QTest::newRow("radar: two") << 2;
    QTest::newRow("colours and infrared") << 4;
  }
  void few_bands_are_bands_too() {
    QFETCH(const int, samples);
    const Folder folder;
    for (std::uint32_t i = 0; i < 6; ++i) {
      std::vector<std::uint32_t> values;
      for (std::uint32_t p = 0; p < 16; ++p)
        for (std::uint32_t b = 0; b < static_cast<std::uint32_t>(samples); ++b)
          values.push_back(1000 * b + 10 * p + i);
      folder.write(
          "tiles/" + std::to_string(i) + ".tif",
          tiff_file({.width = 4, .height = 4, .bits = 16, .samples = samples}, words(values, 2)));
    }
    folder.write("tiles/preview.png", encoded(".png"));
    const auto set = open_dataset(folder("tiles"));
    QCOMPARE(set->channels(), samples);
    QVERIFY(set->deep());
    const cv::Mat first = set->image(0), last = set->image(5);
    for (int b = 0; b < samples; ++b) QVERIFY(last.ptr(1)[b] > first.ptr(1)[b]);
    QVERIFY(contains(message_of<ImageError>([&] { set->image(6); }), "has 3 bands"));
    Control control;
    QCOMPARE(measure(*set, 100, control).std.size(), static_cast<std::size_t>(samples));
  }

  void three_deep_bands_have_their_own_windows_as_well() {
    const Folder folder;
    for (int i = 0; i < 3; ++i) {
      std::vector<std::uint32_t> values;
      for (int p = 0; p < 4; ++p)
        for (const float unit : {1.f, 100.f, -1000.f})
          values.push_back(std::bit_cast<std::uint32_t>(unit * static_cast<float>(4 * i + p)));
      folder.write(
          "tiles/" + std::to_string(i) + ".tif",
          tiff_file({.width = 4, .bits = 32, .samples = 3, .format = 3}, words(values, 4)));
    }
    const auto set = open_dataset(folder("tiles"));
    QCOMPARE(set->channels(), 3);
    QVERIFY((set->image(0).at<cv::Vec3b>(0, 0) == cv::Vec3b(0, 0, 255)));
    QVERIFY((set->image(2).at<cv::Vec3b>(0, 3) == cv::Vec3b(255, 255, 0)));
  }

  void a_preview_among_the_tiles_does_not_decide() {
    const Folder folder;
    write_tiles(folder, 5);
    folder.write("tiles/0_preview.png", encoded(".png"));
    const auto set = open_dataset(folder("tiles"));
    QCOMPARE(set->channels(), bands);
    QCOMPARE(set->image(1).channels(), bands);
    QVERIFY(contains(message_of<ImageError>([&] { set->image(0); }), "has 3 bands"));
  }

  void grey_and_colour_outvote_bands_together() {
    const Folder folder;
    write_tiles(folder, 2);
    for (const char* name : {"tiles/a.png", "tiles/b.png"})
      folder.write(name, encoded(".png", cv::Mat(4, 4, CV_8UC1, cv::Scalar(9))));
    folder.write("tiles/c.png", encoded(".png"));
    QCOMPARE(open_dataset(folder("tiles"))->channels(), 3);
    std::filesystem::remove(folder("tiles/100.tif"));
    std::filesystem::remove(folder("tiles/c.png"));
    QCOMPARE(open_dataset(folder("tiles"))->channels(), 1);
  }

  void sets_of_other_bands_are_not_one() {
    const Folder folder;
    write_tiles(folder, 3);
    folder.write("photos/a.png", encoded(".png"));
    QVERIFY(contains(
        message_of<InputError>([&] { open_dataset(folder("tiles") + ";" + folder("photos")); }),
        "cannot be one data set"));
    folder.write("radar/a.tif", tiff_file({.width = 4, .bits = 16, .samples = 2},
                                          words(std::vector<std::uint32_t>(8, 9), 2)));
    folder.write("grey/a.png", encoded(".png", cv::Mat(4, 4, CV_8UC1, cv::Scalar(9))));
    for (const char* other : {"grey", "photos"})
      QVERIFY(
          contains(problem_with(folder("radar") + ";" + folder(other)), "cannot be one data set"));
  }

  void words_of_one_part_of_several_are_no_window() {
    QVERIFY(window_in("scans?window=40,400").has_value());
    QVERIFY(!window_in("scans?window=40,400;more").has_value());
    QVERIFY(!window_in("which?one=this").has_value());
  }

  void a_window_by_hand_is_the_same_for_all_images() {
    const Folder folder;
    for (const int value : {1000, 1100, 1200})
      folder.write("scans/" + std::to_string(value) + ".tif",
                   tiff_file({.width = 2, .height = 1, .bits = 16},
                             words({static_cast<std::uint32_t>(value), 1150}, 2)));
    const auto set = open_dataset(folder("scans?window=1100,200"));
    QCOMPARE(int(set->image(0).ptr()[0]), 0);
    QVERIFY(std::abs(set->image(1).ptr()[0] - 127.5) < 1);
    QCOMPARE(int(set->image(2).ptr()[0]), 255);
    QCOMPARE(int(set->image(0).ptr()[1]), 191);
    QVERIFY(set->fingerprint() != open_dataset(folder("scans"))->fingerprint());
    QCOMPARE(open_dataset(set->location())->fingerprint(), set->fingerprint());
    for (const char* word : {"scans?window=40", "scans?window=1,-2", "scans?window=x,1"})
      QVERIFY(contains(message_of<InputError>([&] { open_dataset(folder(word)); }),
                       "is no centre and width"));
    QVERIFY(contains(message_of<InputError>([&] { open_dataset(folder("scans?every=3")); }),
                     "holds no videos"));
    QVERIFY(contains(message_of<InputError>([&] { open_dataset(folder("scans?widow=3,4")); }),
                     "There is no ?widow"));
  }
};

SELFSIGHT_SUITE(TestBands, QCoreApplication);
#include "test_bands.moc"
