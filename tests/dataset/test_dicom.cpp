#include <QTest>

#include "tests/dataset/files.h"

using namespace selfsight;

namespace {

/// One element of explicit representation, little-endian.
void element(Bytes& to, std::uint32_t tag, const std::string& kind, const Bytes& value) {
  append_number(to, tag >> 16, 2, false);
  append_number(to, tag & 0xFFFF, 2, false);
  to.insert(to.end(), kind.begin(), kind.end());
  if (kind == "OW") append_number(to, 0, 2, false);
  append_number(to, value.size(), kind == "OW" ? 4 : 2, false);
  to.insert(to.end(), value.begin(), value.end());
}

void text(Bytes& to, std::uint32_t tag, const std::string& kind, std::string value) {
  if (value.size() % 2) value += kind == "UI" ? '\0' : ' ';
  element(to, tag, kind, {value.begin(), value.end()});
}

void number(Bytes& to, std::uint32_t tag, int value) {
  Bytes bytes;
  append_number(bytes, static_cast<std::uint64_t>(value), 2, false);
  element(to, tag, "US", bytes);
}

/// 8 x 6 pixels of 12 bits, brighter from left to right; frame f begins 100 * f higher.
Bytes scan(const std::string& kind, int frames, bool pixels = true, bool rescaled = false) {
  Bytes bytes(128, 0);
  for (const char c : std::string("DICM")) bytes.push_back(static_cast<std::uint8_t>(c));
  text(bytes, 0x00020010, "UI", "1.2.840.10008.1.2.1");
  text(bytes, 0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.7");
  number(bytes, 0x00280002, 1);
  text(bytes, 0x00280004, "CS", kind);
  text(bytes, 0x00280008, "IS", std::to_string(frames));
  number(bytes, 0x00280010, 6);
  number(bytes, 0x00280011, 8);
  number(bytes, 0x00280100, 16);
  number(bytes, 0x00280101, 12);
  number(bytes, 0x00280102, 11);
  number(bytes, 0x00280103, 0);
  if (rescaled) {
    text(bytes, 0x00281052, "DS", "-1000");
    text(bytes, 0x00281053, "DS", "2.0");
  }
  Bytes values;
  for (int f = 0; f < frames; ++f)
    for (int i = 0; i < 48; ++i)
      append_number(values, static_cast<std::uint64_t>(f % 2 ? 700 - 100 * (i % 8) : 100 * (i % 8)),
                    2, false);
  if (pixels) element(bytes, 0x7FE00010, "OW", values);
  return bytes;
}

/// The elements behind the preamble of an image of 4 x 2 pixels of 16 bits, in any syntax; those of
/// group 2 are explicit in all.
Bytes small_scan(const std::string& syntax, int rows, bool implicit, const Bytes& pixels) {
  Bytes bytes(128, 0);
  for (const char c : std::string("DICM")) bytes.push_back(static_cast<std::uint8_t>(c));
  text(bytes, 0x00020010, "UI", syntax);
  const std::size_t begin = bytes.size();
  number(bytes, 0x00280002, 1);
  text(bytes, 0x00280004, "CS", "MONOCHROME2");
  number(bytes, 0x00280010, rows);
  number(bytes, 0x00280011, 4);
  for (const std::uint32_t tag : {0x00280100u, 0x00280101u}) number(bytes, tag, 16);
  number(bytes, 0x00280102, 15);
  number(bytes, 0x00280103, 0);
  // Both ways take 8 bytes before a short value: letters and two of length, or four of length.
  for (std::size_t at = begin; implicit && at < bytes.size();) {
    const std::uint8_t length = bytes[at + 6];
    std::copy_n(Bytes{length, 0, 0, 0}.begin(), 4,
                bytes.begin() + static_cast<std::ptrdiff_t>(at + 4));
    at += 8 + length;
  }
  bytes.insert(bytes.end(), pixels.begin(), pixels.end());
  return bytes;
}

/// Behind the letters of an element or an item: its tag and four bytes of length.
void open_item(Bytes& to, std::uint32_t tag, std::uint64_t length) {
  append_number(to, tag >> 16, 2, false);
  append_number(to, tag & 0xFFFF, 2, false);
  append_number(to, length, 4, false);
}

/// Coded pixels of one piece: an empty table of offsets, the piece, the end.
Bytes coded(const Bytes& piece) {
  Bytes bytes;
  append_number(bytes, 0x7FE0, 2, false);
  append_number(bytes, 0x0010, 2, false);
  for (const char c : std::string("OB")) bytes.push_back(static_cast<std::uint8_t>(c));
  append_number(bytes, 0, 2, false);
  append_number(bytes, 0xFFFFFFFF, 4, false);
  open_item(bytes, 0xFFFEE000, 0);
  open_item(bytes, 0xFFFEE000, piece.size());
  bytes.insert(bytes.end(), piece.begin(), piece.end());
  open_item(bytes, 0xFFFEE0DD, 0);
  return bytes;
}

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

QTEST_GUILESS_MAIN(TestDicom)
#include "test_dicom.moc"
