// Files of several images: frames of a DICOM, pages of a TIFF.
#include <QTest>

#include "core/dataset/frames.h"
#include "tests/dataset/archives.h"
#include "tests/dataset/dicom.h"
#include "tests/dataset/tiff.h"
#include "tests/suite.h"

using namespace selfsight;

namespace {

/// Three pages that begin with 10, 20 and 30; a smaller copy and a mask lie between them.
Bytes stack() {
  const auto page = [](int kind, const Bytes& values) {
    TiffPage made;
    made.tags.kind = kind;
    made.values = values;
    return made;
  };
  return tiff_stack({page(2, {10, 200}), page(1, {11, 12}), page(2, {20, 200}), page(4, {13, 14}),
                     page(2, {30, 200})});
}

/// Directories of one entry, the kind of page, in any form; the last one leads to `end`.
Bytes chain(const std::vector<int>& kinds, bool big_endian, bool big, std::uint64_t end) {
  const int place = big ? 8 : 4;
  const std::size_t each = big ? 8 + 20 + 8 : 2 + 12 + 4;
  Bytes bytes(2, big_endian ? 'M' : 'I');
  append_number(bytes, big ? 43 : 42, 2, big_endian);
  if (big) append_number(bytes, big_endian ? 0x00080000 : 0x00000008, 4, big_endian);
  append_number(bytes, bytes.size() + static_cast<std::size_t>(place), place, big_endian);
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    const std::size_t next = bytes.size() + each;
    append_number(bytes, 1, big ? 8 : 2, big_endian);
    append_number(bytes, 254, 2, big_endian);
    append_number(bytes, 4, 2, big_endian);
    append_number(bytes, 1, place, big_endian);
    append_number(bytes, static_cast<std::uint64_t>(kinds[i]), 4, big_endian);
    if (big) append_number(bytes, 0, 4, big_endian);
    append_number(bytes, i + 1 < kinds.size() ? next : end, place, big_endian);
  }
  return bytes;
}

std::size_t pages_of(const Bytes& bytes) {
  return tiff_pages(bytes_at(std::as_bytes(std::span(bytes))), bytes.size()).size();
}

}  // namespace

class TestFrames : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void each_page_is_an_image_data() {
    QTest::addColumn<std::string>("name");
    for (const char* name : {"folder", "list.csv", "a.zip", "a.tar", "a.tar.gz"})
      QTest::newRow(name) << std::string(name);
  }
  void each_page_is_an_image() {
    QFETCH(const std::string, name);
    const Folder folder;
    const std::vector<Packed> files{{"one.tif", tiff_file({}, {40, 200})}, {"stack.tif", stack()}};
    if (name == "folder" || name == "list.csv")
      for (const Packed& file : files) folder.write("folder/" + file.name, file.bytes);
    else
      packed(folder, name, files);
    folder.write("list.csv", std::string("path\nfolder/one.tif\nfolder/stack.tif\n"));
    const auto set = open_dataset(folder(name));
    QCOMPARE(set->size(), 4);
    QVERIFY(set->image_name(0).ends_with("one.tif"));
    QVERIFY(set->image_name(3).ends_with("stack.tif frame 2"));
    const int firsts[] = {40, 10, 20, 30};
    for (int i = 0; i < 4; ++i) QCOMPARE(int(set->image(i).at<uchar>(0, 0)), firsts[i]);
  }

  void of_a_long_scan_no_more_is_read_than_the_frame() {
    const Folder folder;
    constexpr int frames = 1000;
    constexpr std::size_t each = 48 * 2;
    Bytes bytes = scan("MONOCHROME2", frames);
    const std::size_t begin = bytes.size() - frames * each;
    for (int i = 0; i < 10; ++i) bytes[begin + 500 * each + 20 + i] = 9;  // unlike all the others
    const auto read = bytes_at(std::as_bytes(std::span(bytes)));
    folder.write("a.dcm", bytes);
    const auto set = open_dataset(packed(folder, "a.tar", {{"a.dcm", bytes}}));
    QCOMPARE(set->size(), frames);
    for (const int frame : {0, 1, 500, frames - 2, frames - 1}) {
      QCOMPARE(frame_alone(read, bytes.size(), frame).size(), begin + each);
      const cv::Mat whole = decode_frame(std::as_bytes(std::span(bytes)), frame, 0, {});
      const cv::Mat alone = load_frame(folder.path("a.dcm"), frame, 0, {});
      QCOMPARE(cv::norm(whole, alone, cv::NORM_INF), 0.0);
      QCOMPARE(cv::norm(whole, set->image(frame), cv::NORM_INF), 0.0);
      const cv::Mat other = load_frame(folder.path("a.dcm"), 498, 0, {});
      QCOMPARE(cv::norm(whole, other, cv::NORM_INF) == 0, frame != 500 && frame % 2 == 0);
    }
    QVERIFY(frame_alone(read, bytes.size(), frames).empty());
    QVERIFY(frame_alone(read, bytes.size(), -1).empty());
    bytes.resize(bytes.size() - 10);
    folder.write("cut.dcm", bytes);
    QVERIFY(contains(message_of<ImageError>([&] { load_frame(folder.path("cut.dcm"), 3, 0, {}); }),
                     "cut off"));
  }

  void what_a_list_says_holds_for_each_frame() {
    const Folder folder;
    folder.write("a.dcm", scan("MONOCHROME2", 3));
    folder.write("IM0001", scan("MONOCHROME2", 2));
    folder.write("b.TIF", stack());
    folder.write("list.csv", std::string("path,label,split,patient\na.dcm,ill,test,7\n"
                                         "missing.dcm,ill,,\nb.TIF,well,val,8\nIM0001,ill,,9\n"));
    const auto set = open_dataset(folder("list.csv"));
    QCOMPARE(set->size(), 8);
    QCOMPARE(set->image_name(0), "a.dcm frame 0");
    QCOMPARE(set->image_name(5), "b.TIF frame 2");
    QCOMPARE(set->image_name(7), "IM0001 frame 1");
    QCOMPARE(int(set->image(0).at<uchar>(0, 0)), 0);
    QCOMPARE(int(set->image(1).at<uchar>(0, 0)), 255);
    for (int i = 0; i < 8; ++i) {
      const int line = i < 3 ? 0 : i < 6 ? 1 : 2;
      QCOMPARE(set->label(i), line == 1 ? 1 : 0);
      QCOMPARE(set->cell(i, 0), std::to_string(7 + line));
      QCOMPARE(set->split(i), line == 0   ? Split::test
                              : line == 1 ? Split::validation
                                          : Split::train);
    }
    QVERIFY(set->deep());
  }

  void no_file_of_a_list_is_in_two_splits() {
    const Folder folder;
    std::string list;
    for (int i = 100; i < 140; ++i) {
      const std::string name = std::to_string(i) + (i % 2 ? ".dcm" : ".tif");
      folder.write(name, i % 2 ? scan("MONOCHROME2", 3) : stack());
      list += name + "\n";
    }
    folder.write("list.csv", list);
    const auto set = open_dataset(folder("list.csv"));
    QCOMPARE(set->size(), 120);
    for (int i = 0; i < 120; i += 3)
      QVERIFY(set->split(i) == set->split(i + 1) && set->split(i) == set->split(i + 2));
    QVERIFY(!set->indices(Split::test).empty());
    QVERIFY(!set->indices(Split::validation).empty());
  }

  void no_file_of_several_sets_is_in_two_splits() {
    const Folder folder;
    for (int i = 100; i < 200; ++i)
      folder.write((i < 190 ? "train/" : "test/") + std::to_string(i) + ".tif", stack());
    const auto set = open_dataset(folder("train") + ";" + folder("test"));
    QCOMPARE(set->size(), 300);
    for (int i = 0; i < 300; i += 3)
      QVERIFY(set->split(i) == set->split(i + 1) && set->split(i) == set->split(i + 2));
    QCOMPARE(set->indices(Split::test).size(), 30u);
    QVERIFY(!set->indices(Split::validation).empty());
    QCOMPARE(file_of_frame("walk frame 12"), "walk");
    for (const char* name : {"walk frame 12.tif", "walk12", "12", "walk frame ", ""})
      QCOMPARE(file_of_frame(name), std::string(name));
  }

  void pages_are_found_in_every_form_data() {
    QTest::addColumn<bool>("big_endian");
    QTest::addColumn<bool>("big");
    QTest::newRow("little") << false << false;
    QTest::newRow("big-endian") << true << false;
    QTest::newRow("BigTIFF") << false << true;
    QTest::newRow("big-endian BigTIFF") << true << true;
  }
  void pages_are_found_in_every_form() {
    QFETCH(const bool, big_endian);
    QFETCH(const bool, big);
    const std::vector<int> kinds{1, 2, 1, 0, 4, 5, 2};  // the first is one, whatever it is called
    const std::uint64_t first = big ? 16 : 8;
    QCOMPARE(pages_of(chain(kinds, big_endian, big, 0)), 4u);
    QCOMPARE(pages_of(chain(kinds, big_endian, big, first)), 4u);        // comes back
    QCOMPARE(pages_of(chain(kinds, big_endian, big, 0xFFFFFFF0u)), 4u);  // leads out
    Bytes cut = chain(kinds, big_endian, big, 0);
    cut.resize(cut.size() - 1);
    QCOMPARE(pages_of(cut), 3u);
    QCOMPARE(pages_of({}), 0u);
  }

  void a_page_that_went_is_told() {
    const Folder folder;
    folder.write("a.tif", stack());
    const auto set = open_dataset(folder());
    QCOMPARE(set->size(), 3);
    folder.write("a.tif", tiff_file({}, {1, 2}));
    QCOMPARE(message_of<ImageError>([&] { set->image(2); }),
             "is a TIFF of fewer pages than it had");
  }

  void frames_of_nothing_are_not_counted() {
    // 8 MB of zeros that are called a million frames, in a few kB.
    Bytes bomb = small_scan("1.2.840.10008.1.2.5", 2, false, {});
    text(bomb, 0x00280008, "IS", "1000000");
    bomb.resize(8'500'000);
    const Folder folder;
    for (const char* name : {"a.zip", "a.tar.gz"}) {
      const auto set = open_dataset(
          packed(folder, name,
                 {{"bomb.dcm", bomb}, {"s.dcm", scan("MONOCHROME2", 2)}, {"t.tif", stack()}}));
      QCOMPARE(set->broken().front().name, "bomb.dcm");
      QCOMPARE(set->broken().front().reason, "has more frames than its archive has bytes");
      QCOMPARE(set->size(), 5);
    }
  }
};

SELFSIGHT_SUITE(TestFrames, QCoreApplication);
#include "test_frames.moc"
