#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>
#include <zlib.h>

#include <QTest>
#include <cstdio>
#include <iostream>
#include <opencv2/imgproc.hpp>
#include <thread>

#include "core/base/random.h"
#include "tests/dataset/files.h"
#include "tests/suite.h"

using namespace selfsight;

namespace {

cv::Vec3b pixel(const cv::Mat& image, int y, int x) {
  return image.at<cv::Vec3b>(y, x);
}

bool near(const cv::Vec3b& a, const cv::Vec3b& b, int tolerance) {
  return cv::norm(a, b, cv::NORM_INF) <= tolerance;
}

double difference(const cv::Mat& a, const cv::Mat& b) {
  return a.size() == b.size() && a.type() == b.type() ? cv::norm(a, b, cv::NORM_INF) : 1e9;
}

Bytes png_chunk(const std::string& name, const Bytes& payload) {
  Bytes chunk, body(name.begin(), name.end());
  body.insert(body.end(), payload.begin(), payload.end());
  append_number(chunk, payload.size(), 4, true);
  chunk.insert(chunk.end(), body.begin(), body.end());
  append_number(chunk, crc32(0, body.data(), static_cast<unsigned>(body.size())), 4, true);
  return chunk;
}

/// With a piece put in at an offset.
Bytes with(Bytes bytes, std::size_t at, const Bytes& piece) {
  bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), piece.begin(), piece.end());
  return bytes;
}

constexpr std::size_t png_head = 33;  // signature and IHDR

/// An EXIF block that says nothing but the orientation.
Bytes exif(int orientation) {
  Bytes bytes{'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1};
  append_number(bytes, static_cast<std::uint64_t>(orientation), 2, true);
  bytes.resize(bytes.size() + 6);
  return bytes;
}

Bytes jpeg_exif_segment(int orientation) {
  Bytes bytes{0xFF, 0xE1, 0, 0, 'E', 'x', 'i', 'f', 0, 0};
  const Bytes block = exif(orientation);
  bytes.insert(bytes.end(), block.begin(), block.end());
  bytes[3] = static_cast<std::uint8_t>(bytes.size() - 2);
  return bytes;
}

const std::vector<std::string> suffixes{".png", ".jpg",  ".bmp", ".ppm", ".pgm",
                                        ".tif", ".webp", ".jp2", ".pbm"};

/// 8 x 8, pure red, in the inks of an Adobe CMYK JPEG.
const char cmyk_jpeg[] =
    "ffd8ffee000e41646f626500640000000000ffdb0043000302020302020303030304030304050805050404050a07"
    "0706080c0a0c0c0b0a0b0b0d0e12100d0e110e0b0b1016101113141515150c0f171816141812141514ffc0001408"
    "00080008044311004d11005911004b1100ffc40014000100000000000000000000000000000009ffc40014100100"
    "000000000000000000000000000000ffda000e0443004d0059004b00003f0054c550aa2a6fffd9";

/// The most that this program has held so far, in MiB.
double most_memory() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_maxrss) / 1024;
}

/// What arrives at the descriptor of standard error while `work` runs.
std::string printed_by(const std::function<void()>& work) {
  const Folder folder;
  std::fflush(stderr);
  const int before = dup(STDERR_FILENO);
  const int file = open(folder("out").c_str(), O_CREAT | O_RDWR, 0600);
  dup2(file, STDERR_FILENO);
  work();
  std::fflush(stderr);
  dup2(before, STDERR_FILENO);
  close(before);
  close(file);
  return read_text(folder.path("out"));
}

}  // namespace

class TestImages : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void a_large_jpeg_is_halved_while_it_is_decoded() {
    cv::Mat large;
    cv::resize(sample_picture(64, 48), large, {}, 10, 10, cv::INTER_CUBIC);
    const auto halved = [&](const Bytes& bytes, std::int64_t least_side) {
      return decode_image(std::as_bytes(std::span(bytes)), least_side);
    };
    const Bytes jpeg = encoded(".jpg", large);
    const cv::Mat whole = decoded(jpeg);
    for (const auto& [least_side, divisor] :
         {std::pair{0, 1}, {241, 1}, {240, 2}, {121, 2}, {120, 4}, {60, 8}, {1, 8}}) {
      const cv::Mat image = halved(jpeg, least_side);
      QCOMPARE(image.size(), whole.size() / divisor);
      cv::Mat expected;
      cv::resize(whole, expected, image.size(), 0, 0, cv::INTER_AREA);
      QVERIFY(cv::norm(image, expected, cv::NORM_L1) / static_cast<double>(3 * image.total()) < 2);
    }
    QCOMPARE(halved(encoded(".png", large), 60).size(), whole.size());
    const Bytes turned = with(jpeg, 2, jpeg_exif_segment(6));
    QCOMPARE(difference(halved(turned, 60),
                        [&] {
                          cv::Mat image;
                          cv::rotate(halved(jpeg, 60), image, cv::ROTATE_90_CLOCKWISE);
                          return image;
                        }()),
             0.0);
  }

  void formats_come_back_as_rgb_data() {
    QTest::addColumn<std::string>("suffix");
    QTest::addColumn<double>("tolerance");
    QTest::newRow("png") << std::string(".png") << 0.0;
    QTest::newRow("bmp") << std::string(".bmp") << 0.0;
    QTest::newRow("ppm") << std::string(".ppm") << 0.0;
    QTest::newRow("tif") << std::string(".tif") << 0.0;
    QTest::newRow("jpg") << std::string(".jpg") << 24.0;
    QTest::newRow("webp") << std::string(".webp") << 0.0;
    QTest::newRow("jp2") << std::string(".jp2") << 24.0;
  }
  void formats_come_back_as_rgb() {
    QFETCH(const std::string, suffix);
    QFETCH(const double, tolerance);
    const std::vector<int> options =
        suffix == ".webp" ? std::vector<int>{cv::IMWRITE_WEBP_QUALITY, 101} : std::vector<int>{};
    cv::Mat rgb;
    cv::cvtColor(sample_picture(64, 48), rgb, cv::COLOR_BGR2RGB);
    const cv::Mat image = decoded(encoded(suffix, sample_picture(64, 48), options));
    QVERIFY2(difference(image, rgb) <= tolerance, suffix.c_str());
    QVERIFY(image.isContinuous());
  }

  void grey_stays_one_channel() {
    cv::Mat grey;
    cv::cvtColor(sample_picture(), grey, cv::COLOR_BGR2GRAY);
    for (const std::string suffix : {".png", ".pgm", ".tif", ".bmp"})
      QCOMPARE(difference(decoded(encoded(suffix, grey)), grey), 0.0);
    QCOMPARE(decoded(encoded(".jpg", grey)).channels(), 1);
    QCOMPARE(decoded(encoded(".png", cv::Mat(1, 1, CV_8U, cv::Scalar(7)))).at<std::uint8_t>(0), 7);
  }

  void alpha_lies_on_white() {
    cv::Mat image(1, 3, CV_8UC4);
    image.at<cv::Vec4b>(0, 0) = {0, 0, 200, 0};
    image.at<cv::Vec4b>(0, 1) = {0, 0, 200, 255};
    image.at<cv::Vec4b>(0, 2) = {0, 0, 200, 51};  // a fifth
    const cv::Mat out = decoded(encoded(".png", image));
    QCOMPARE(pixel(out, 0, 0), cv::Vec3b(255, 255, 255));
    QCOMPARE(pixel(out, 0, 1), cv::Vec3b(200, 0, 0));
    QCOMPARE(pixel(out, 0, 2), cv::Vec3b(244, 204, 204));
  }

  void sixteen_bits_become_eight() {
    const cv::Mat narrow = (cv::Mat_<std::uint16_t>(1, 3) << 300, 380, 500);
    QCOMPARE(
        difference(decoded(encoded(".png", narrow)), (cv::Mat_<std::uint8_t>(1, 3) << 0, 102, 255)),
        0.0);
    // An offset of half the range is none of the picture.
    const cv::Mat offset = (cv::Mat_<std::uint16_t>(1, 3) << 33068, 33148, 33268);
    QCOMPARE(
        difference(decoded(encoded(".png", offset)), (cv::Mat_<std::uint8_t>(1, 3) << 0, 102, 255)),
        0.0);
    const cv::Mat full = (cv::Mat_<std::uint16_t>(1, 3) << 0, 25700, 65535);
    QCOMPARE(
        difference(decoded(encoded(".png", full)), (cv::Mat_<std::uint8_t>(1, 3) << 0, 100, 255)),
        0.0);
    // Alpha has no part in the window.
    cv::Mat clear(1, 1, CV_16UC4, cv::Scalar(40000, 40000, 40000, 0));
    QCOMPARE(pixel(decoded(encoded(".png", clear)), 0, 0), cv::Vec3b(255, 255, 255));
  }

  void cmyk_jpeg_becomes_rgb() {
    const QByteArray raw = QByteArray::fromHex(cmyk_jpeg);
    const cv::Mat image = decoded(Bytes(raw.begin(), raw.end()));
    QCOMPARE(image.type(), CV_8UC3);
    QVERIFY(near(pixel(image, 4, 4), {255, 0, 0}, 4));
  }

  void exif_turns_the_picture() {
    const cv::Mat turned_jpeg = decoded(with(encoded(".jpg"), 2, jpeg_exif_segment(6)));
    const cv::Mat plain = decoded(encoded(".jpg"));
    cv::Mat wanted;
    cv::rotate(plain, wanted, cv::ROTATE_90_CLOCKWISE);
    QCOMPARE(difference(turned_jpeg, wanted), 0.0);
    const cv::Mat turned_png = decoded(with(encoded(".png"), png_head, png_chunk("eXIf", exif(3))));
    cv::rotate(decoded(encoded(".png")), wanted, cv::ROTATE_180);
    QCOMPARE(difference(turned_png, wanted), 0.0);
    // Nonsense is passed over.
    QCOMPARE(difference(decoded(with(encoded(".jpg"), 2, jpeg_exif_segment(99))), plain), 0.0);
  }

  void cut_off_files_are_refused_data() {
    QTest::addColumn<std::string>("suffix");
    for (const std::string& suffix : suffixes) QTest::newRow(suffix.c_str()) << suffix;
  }
  void cut_off_files_are_refused() {
    QFETCH(const std::string, suffix);
    cv::Mat image = sample_picture(64, 48);
    if (suffix == ".pgm" || suffix == ".pbm") cv::cvtColor(image, image, cv::COLOR_BGR2GRAY);
    const Bytes whole = encoded(suffix, image);
    QCOMPARE(refusal_of(whole), std::string());
    for (const double part : {0.1, 0.5, 0.9, 0.97}) {
      const auto size = static_cast<std::size_t>(part * static_cast<double>(whole.size()));
      const std::string why =
          refusal_of(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
      QVERIFY2(!why.empty(), qPrintable(QString("%1 of the file were enough").arg(part)));
    }
    QVERIFY(!refusal_of(Bytes(whole.begin(), whole.begin() + 12)).empty());
  }

  void reasons_say_what_is_wrong() {
    QCOMPARE(refusal_of({}), "is empty");
    QCOMPARE(refusal_of({'H', 'e', 'l', 'l', 'o', ',', ' ', 'y', 'o', 'u', '\n'}),
             "is no image of a known kind");
    QCOMPARE(refusal_of({'G', 'I', 'F', '8', '9', 'a', 1, 0, 1, 0}),
             "is in GIF format; convert it to PNG or JPEG first");
    Bytes cut = encoded(".jpg");
    cut.resize(cut.size() - 2);
    QCOMPARE(refusal_of(cut),
             "is a JPEG that is cut off after " + std::to_string(cut.size()) + " bytes");
    // A DICOM whose free first bytes look like a TIFF.
    Bytes dicom(400, 0);
    std::copy_n("II*", 3, dicom.begin());
    std::copy_n("DICM", 4, dicom.begin() + 128);
    QCOMPARE(refusal_of(dicom), "is a DICOM without an image");
  }

  void missing_picture_data_is_noticed() {
    // Whole to look at, from the first marker to the last, but data is missing between.
    Bytes jpeg = encoded(".jpg", sample_picture(256, 256));
    const auto end = static_cast<std::ptrdiff_t>(jpeg.size());
    jpeg.erase(jpeg.begin() + end / 2, jpeg.begin() + end - 2);
    QCOMPARE(refusal_of(jpeg), "is a JPEG that is damaged");
  }

  void bombs_are_refused_before_they_burst() {
    Bytes png = encoded(".png");
    png[16] = png[20] = 0x7F;  // two thousand million pixels wide and high
    QVERIFY(!refusal_of(png).empty());
    png[16] = png[20] = 0, png[17] = png[21] = 1;
    QVERIFY(contains(refusal_of(png), "pixels, more than the 64,000,000 that are allowed"));
    QVERIFY(contains(refusal_of(encoded(".png"), 10), "24 x 16 pixels, more than the 10"));
    QVERIFY(contains(refusal_of({'P', '6', '\n', '9', '9', '9', '9', '9', ' ', '9', '9', '9', '9',
                                 '9', '\n', '2', '5', '5', '\n'}),
                     "cut off"));
    // The last scan over and over.
    Bytes jpeg = encoded(".jpg", cv::Mat(2000, 2000, CV_8U, cv::Scalar(9)),
                         {cv::IMWRITE_JPEG_PROGRESSIVE, 1});
    std::size_t scan = jpeg.size() - 2;
    while (jpeg[scan] != 0xFF || jpeg[scan + 1] != 0xDA) --scan;
    const Bytes last(jpeg.begin() + static_cast<std::ptrdiff_t>(scan), jpeg.end() - 2);
    for (int i = 0; i < 200; ++i) jpeg.insert(jpeg.end() - 2, last.begin(), last.end());
    QCOMPARE(refusal_of(jpeg), "would take too long to decode");
  }

  void texts_in_a_png_are_left_packed() {
    // Each unpacks to 7.9 MB, and libpng would keep them all.
    Bytes text(7'900'000, 'a'), packed(compressBound(text.size()));
    uLongf size = packed.size();
    compress2(packed.data(), &size, text.data(), text.size(), 9);
    packed.resize(size);
    packed.insert(packed.begin(), {'k', 0, 0});
    const Bytes chunk = png_chunk("zTXt", packed);
    Bytes chunks;
    for (int i = 0; i < 60; ++i) chunks.insert(chunks.end(), chunk.begin(), chunk.end());
    const double before = most_memory();
    const cv::Mat image = decoded(with(encoded(".png"), png_head, chunks));
    QVERIFY(most_memory() - before < 100);
    QCOMPARE(difference(image, decoded(encoded(".png"))), 0.0);
  }

  void damaged_files_never_do_more_than_throw() {
    for (const std::string& suffix : suffixes) {
      cv::Mat image = sample_picture(64, 48);
      if (suffix == ".pgm" || suffix == ".pbm") cv::cvtColor(image, image, cv::COLOR_BGR2GRAY);
      const Bytes whole = encoded(suffix, image);
      for (std::uint64_t round = 0; round < 150; ++round) {
        Random random({round, whole.size()});
        Bytes bytes = whole;
        for (std::uint64_t i = 0; i <= round % 8; ++i)
          bytes[random.below(bytes.size())] = static_cast<std::uint8_t>(random.below(256));
        cv::Mat out;
        const std::string why = message_of<ImageError>([&] { out = decoded(bytes); });
        QVERIFY(why.empty() == (!out.empty() && out.depth() == CV_8U && out.isContinuous()));
      }
    }
  }

  void decoders_are_quiet_and_others_are_heard() {
    Bytes jpeg = encoded(".jpg", sample_picture(256, 256));
    jpeg.erase(jpeg.begin() + 700, jpeg.begin() + 900);
    Bytes png = encoded(".png");
    png[png.size() - 20] ^= 0x55;
    const std::string said = printed_by([&] {
      QVERIFY(!refusal_of(jpeg).empty());
      QVERIFY(!refusal_of(png).empty());
      QVERIFY(!refusal_of(Bytes{'B', 'M', 9, 9}).empty());
      std::fputs("from C, ", stderr);
      std::cerr << "from C++" << std::flush;
    });
    QCOMPARE(said, "from C, from C++");
  }

  void every_thread_sees_its_own_picture() {
    std::vector<std::thread> threads;
    std::atomic<int> wrong = 0;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&wrong, t] {
        const cv::Mat grey(20 + t, 30, CV_8U, cv::Scalar(40 * t));
        const Bytes whole = encoded(".png", grey);
        Bytes cut = encoded(".jpg", grey);
        cut.resize(cut.size() / 2);
        for (int i = 0; i < 50; ++i)
          wrong += difference(decoded(whole), grey) != 0 || refusal_of(cut).empty();
      });
    for (std::thread& thread : threads) thread.join();
    QCOMPARE(wrong.load(), 0);
  }

  void files_that_cannot_be_read_say_so() {
    const Folder folder;
    const auto load = [](const std::filesystem::path& path) {
      return message_of<ImageError>([&] { load_image(path); });
    };
    QVERIFY(contains(load(folder.path("missing.png")), "could not be read: No such file"));
    QVERIFY(contains(load(folder.path()), "could not be read"));
    folder.write("empty.png", Bytes{});
    QCOMPARE(load(folder.path("empty.png")), "is empty");
    std::filesystem::resize_file(folder.path("empty.png"), 300'000'000);  // sparse
    QCOMPARE(load(folder.path("empty.png")), "is larger than 260 MB");
  }
};

SELFSIGHT_SUITE(TestImages, QCoreApplication);
#include "test_images.moc"
