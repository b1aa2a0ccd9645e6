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
