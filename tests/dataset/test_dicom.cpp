#include <zlib.h>

#include <QTest>

#include "tests/dataset/archives.h"
#include "tests/dataset/dicom.h"
#include "tests/suite.h"

using namespace selfsight;

namespace {

/// The values 0, 257, 514, ... of 8 pixels in runs: high and low bytes alike.
Bytes run_lengths() {
  Bytes bytes;
  for (const std::uint64_t word : {2, 64, 73}) append_number(bytes, word, 4, false);
  bytes.resize(64);
  for (int segment = 0; segment < 2; ++segment)
    for (const std::uint8_t byte :
         {3, 0, 1, 2, 3, 253, 4, 128, 128})  // four as they are, four alike
      bytes.push_back(byte);
  return bytes;
}

/// The same scan with all behind group 2 deflated; `told`: group 2 says how long it is.
Bytes deflated(const Bytes& plain, bool told) {
  constexpr std::size_t begin = 132, behind_syntax = begin + 28;
  Bytes syntax;
  text(syntax, 0x00020010, "UI", "1.2.840.10008.1.2.1.99");
  Bytes out(plain.begin(), plain.begin() + begin);
  if (told) {
    Bytes length;
    append_number(length, syntax.size(), 4, false);
    element(out, 0x00020000, "UL", length);
  }
  out.insert(out.end(), syntax.begin(), syntax.end());
  Bytes packed(plain.size() + 100);
  z_stream stream{};
  deflateInit2(&stream, 1, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY);
  stream.next_in = const_cast<Bytef*>(plain.data() + behind_syntax);
  stream.avail_in = static_cast<uInt>(plain.size() - behind_syntax);
  stream.next_out = packed.data();
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  out.insert(out.end(), packed.begin(),
             packed.begin() + static_cast<std::ptrdiff_t>(stream.total_out));
  deflateEnd(&stream);
  return out;
}

}  // namespace

class TestDicom : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void values_are_windowed_and_monochrome_1_is_turned_over() {
    const cv::Mat bright = decoded(scan("MONOCHROME2", 1));
    QCOMPARE(bright.size(), cv::Size(8, 6));
    QCOMPARE(bright.type(), CV_8UC1);
    QCOMPARE(bright.at<uchar>(3, 0), uchar(0));
    QCOMPARE(bright.at<uchar>(3, 7), uchar(255));
    const cv::Mat turned = decoded(scan("MONOCHROME1", 1));
    for (int x = 0; x < 8; ++x) QCOMPARE(turned.at<uchar>(2, x), 255 - bright.at<uchar>(2, x));
  }

  void a_window_by_hand_is_in_the_units_of_the_modality() {
    const Folder folder;
    folder.write("ct/a.dcm", scan("MONOCHROME2", 1, true, true));
    folder.write("ct/b.dcm", scan("MONOCHROME2", 2, true, true));
    const auto set = open_dataset(folder("ct?window=-600,800"));  // stored: 0 to 400
    QCOMPARE(set->size(), 3);
    QCOMPARE(int(set->image(0).at<uchar>(3, 0)), 0);
    QCOMPARE(int(set->image(0).at<uchar>(3, 2)), 128);
    QCOMPARE(int(set->image(0).at<uchar>(3, 4)), 255);
    QCOMPARE(int(set->image(2).at<uchar>(3, 7)), 0);
  }

  void each_frame_is_an_image_of_a_folder() {
    const Folder folder;
    folder.write("scans/a.dcm", scan("MONOCHROME2", 3));
    folder.write("scans/b", scan("MONOCHROME2", 1));
    const auto set = open_dataset(folder());
    QCOMPARE(set->size(), 4);
    QCOMPARE(set->image_name(2), "scans/a.dcm frame 2");
    QCOMPARE(set->image_name(3), "scans/b");
    QCOMPARE(set->channels(), 1);
    QCOMPARE(set->image(0).at<uchar>(0, 0), uchar(0));
    QCOMPARE(set->image(1).at<uchar>(0, 0), uchar(255));
  }

  void names_without_a_suffix_are_as_good() {
    const Folder folder;
    folder.write("study/IM0001", scan("MONOCHROME2", 3));
    folder.write("study/1.2.840.7", scan("MONOCHROME2", 1));
    folder.write("study/DICOMDIR", scan("MONOCHROME2", 1, false));
    folder.write("study/README", std::string(200, 'x'));
    const auto set = open_dataset(folder());
    QCOMPARE(set->size(), 4);
    QCOMPARE(set->image_name(0), "study/1.2.840.7");
    QCOMPARE(set->image_name(3), "study/IM0001 frame 2");
    QCOMPARE(int(set->image(2).at<uchar>(0, 0)), 255);
    QVERIFY(set->broken().empty());
  }

  void each_frame_is_an_image_of_an_archive_data() {
    QTest::addColumn<std::string>("name");
    for (const char* name : {"a.zip", "a.tar", "a.tar.gz"})
      QTest::newRow(name) << std::string(name);
  }
  void each_frame_is_an_image_of_an_archive() {
    QFETCH(const std::string, name);
    const Folder folder;
    std::vector<Packed> entries;
    for (int i = 0; i < 25; ++i)
      entries.push_back({"study/" + std::to_string(100 + i) + ".dcm", scan("MONOCHROME2", 3)});
    entries.push_back({"study/IM0001", scan("MONOCHROME1", 1)});
    entries.push_back({"study/README", Bytes(300, 'x')});
    const auto set = open_dataset(packed(folder, name, entries));
    QCOMPARE(set->size(), 76);
    QCOMPARE(set->image_name(2), "100.dcm frame 2");
    QCOMPARE(set->image_name(75), "IM0001");
    QCOMPARE(int(set->image(0).at<uchar>(0, 0)), 0);
    QCOMPARE(int(set->image(1).at<uchar>(0, 0)), 255);
    QCOMPARE(int(set->image(75).at<uchar>(0, 0)), 255);
    for (int i = 0; i < 75; i += 3)
      QVERIFY(set->split(i) == set->split(i + 1) && set->split(i) == set->split(i + 2));
    QVERIFY(!set->indices(Split::test).empty());
    QVERIFY(set->broken().empty());
  }

  void deflated_ones_are_unpacked() {
    const Bytes plain = scan("MONOCHROME2", 3);
    const Folder folder;
    for (const bool told : {false, true}) {
      const Bytes bytes = deflated(plain, told);
      QVERIFY(bytes.size() < plain.size());
      const cv::Mat seen = decoded(bytes), wanted = decoded(plain);
      QCOMPARE(Bytes(seen.datastart, seen.dataend), Bytes(wanted.datastart, wanted.dataend));
      folder.write(told ? "a.dcm" : "b.dcm", bytes);
      QCOMPARE(refusal_of(Bytes(bytes.begin(), bytes.end() - 20)),
               "is a deflated DICOM that is cut off or damaged");
    }
    const auto set = open_dataset(folder());
    QCOMPARE(set->size(), 6);
    QVERIFY(set->deep());
    QCOMPARE(int(set->image(1).at<uchar>(0, 0)), 255);
    Bytes large = plain;
    large.resize(129'000'000);
    QCOMPARE(refusal_of(deflated(large, true)), "unpacks to more than 128 MB");
  }

  void what_cannot_be_read_names_its_transfer_syntax() {
    QCOMPARE(refusal_of(small_scan("1.2.840.10008.1.2.4.80", 2, false, coded({0xFF, 0xD8}))),
             "is a DICOM with transfer syntax 1.2.840.10008.1.2.4.80 (JPEG-LS), which cannot be "
             "read; convert it first");
    QVERIFY(contains(refusal_of(small_scan("1.2.840.10008.1.2.4.102", 2, false, coded({1, 2}))),
                     "1.2.840.10008.1.2.4.102 (video)"));
  }

  void signed_jpeg_2000_is_windowed_like_any_scan() {
    // An unsigned one is a signed one of values half the range lower, but for a bit of its header.
    cv::Mat values(33, 34, CV_16UC1);
    for (int i = 0; i < 33 * 34; ++i)
      values.at<std::uint16_t>(i / 34, i % 34) =
          static_cast<std::uint16_t>(32768 - 1000 + 100 * (i % 34));
    const Bytes file = encoded(".jp2", values, {cv::IMWRITE_JPEG2000_COMPRESSION_X1000, 1000});
    const Bytes start{0xFF, 0x4F, 0xFF, 0x51};
    Bytes stream(std::search(file.begin(), file.end(), start.begin(), start.end()), file.end());
    QVERIFY(stream.size() > 50);
    stream[42] |= 0x80;
    const Bytes bytes = small_scan("1.2.840.10008.1.2.4.90", 33, false, coded(stream));
    const cv::Mat image = decoded(bytes);
    QCOMPARE(image.size(), cv::Size(34, 33));
    QVERIFY(image.at<uchar>(16, 0) < 5 && image.at<uchar>(16, 33) > 250);
    const Folder folder;
    folder.write("a.dcm", bytes);
    const cv::Mat windowed = open_dataset(folder() + "?window=200,400")->image(0);
    QCOMPARE(int(windowed.at<uchar>(5, 10)), 0);
    QCOMPARE(int(windowed.at<uchar>(5, 12)), 128);
    QCOMPARE(int(windowed.at<uchar>(5, 14)), 255);
  }

  void runs_of_equal_bytes() {
    const cv::Mat image =
        decoded(small_scan("1.2.840.10008.1.2.5", 2, false, coded(run_lengths())));
    QCOMPARE(image.size(), cv::Size(4, 2));
    QCOMPARE(Bytes(image.datastart, image.dataend), (Bytes{0, 64, 128, 191, 255, 255, 255, 255}));
    QVERIFY(
        contains(refusal_of(small_scan("1.2.840.10008.1.2.5", 8000, false, coded(run_lengths()))),
                 "is cut off"));
    Bytes cut = run_lengths();
    cut.resize(cut.size() - 5);
    QVERIFY(contains(refusal_of(small_scan("1.2.840.10008.1.2.5", 2, false, coded(cut))),
                     "is damaged"));
  }

  void without_letters_for_the_kind_of_value() {
    Bytes pixels;
    open_item(pixels, 0x7FE00010, 16);
    for (std::uint64_t i = 0; i < 8; ++i) append_number(pixels, 1000 * i, 2, false);
    const cv::Mat image = decoded(small_scan("1.2.840.10008.1.2", 2, true, pixels));
    QCOMPARE(image.size(), cv::Size(4, 2));
    QCOMPARE(image.at<uchar>(0, 0), uchar(0));
    QCOMPARE(image.at<uchar>(1, 3), uchar(255));
  }

  void numbers_may_begin_with_a_plus() {
    const Folder folder;
    Bytes bytes = scan("MONOCHROME2", 1, true, true);
    const std::string slope = "2.0 ", plus = "+2.0";
    std::copy(plus.begin(), plus.end(),
              std::search(bytes.begin(), bytes.end(), slope.begin(), slope.end()));
    folder.write("a.dcm", bytes);
    const auto set = open_dataset(folder() + "?window=-600,800");  // stored: 0 to 400
    QCOMPARE(int(set->image(0).at<uchar>(3, 2)), 128);
  }

  void no_more_frames_than_there_is_room_for() {
    const Folder folder;
    Bytes lying = scan("MONOCHROME2", 100);
    const std::string said = "100 ", more = "9999";
    std::copy(more.begin(), more.end(),
              std::search(lying.begin(), lying.end(), said.begin(), said.end()));
    folder.write("a.dcm", lying);
    QCOMPARE(open_dataset(folder())->size(), std::int64_t(lying.size() / 96));
  }

  void no_file_is_in_two_splits() {
    const Folder folder;
    for (int i = 0; i < 40; ++i)
      folder.write(std::to_string(100 + i) + ".dcm", scan("MONOCHROME2", 3));
    const auto set = open_dataset(folder());
    QCOMPARE(set->size(), 120);
    for (int i = 0; i < 120; i += 3) {
      QCOMPARE(set->split(i + 1), set->split(i));
      QCOMPARE(set->split(i + 2), set->split(i));
    }
    QVERIFY(!set->indices(Split::test).empty());
    QVERIFY(!set->indices(Split::validation).empty());
    const Folder few;
    for (const char* name : {"a.dcm", "b.dcm"}) few.write(name, scan("MONOCHROME2", 30));
    QCOMPARE(open_dataset(few())->indices(Split::train).size(), 60u);
  }

  void what_lies_is_refused_before_memory_is_taken() {
    const Bytes whole = scan("MONOCHROME2", 1);
    for (std::size_t length = 140; length < whole.size(); length += 7) {
      const std::string why =
          refusal_of(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)));
      QVERIFY2(!why.empty(), std::to_string(length).c_str());
    }
    QCOMPARE(refusal_of(scan("MONOCHROME2", 1, false)), "is a DICOM without an image");
    Bytes huge = whole;
    const auto at = huge.size() - 96 - 4;  // the length of the pixels: 4 GB less 2 bytes
    std::copy_n(Bytes{0xFE, 0xFF, 0xFF, 0xFF}.begin(), 4,
                huge.begin() + static_cast<std::ptrdiff_t>(at));
    QVERIFY(contains(refusal_of(huge), "is cut off"));
    QVERIFY(contains(refusal_of(scan("MONOCHROME2", 1), 40), "more than the 40"));
  }
};

SELFSIGHT_SUITE(TestDicom, QCoreApplication);
#include "test_dicom.moc"
