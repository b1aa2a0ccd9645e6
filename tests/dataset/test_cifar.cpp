#include <QTest>

#include "tests/dataset/files.h"
#include "tests/suite.h"

using namespace selfsight;

namespace {

/// One record: its labels, then planes of 10 * tint, 20 * tint and 30 * tint.
Bytes record(const Bytes& labels, int tint) {
  Bytes bytes = labels;
  for (int c = 1; c <= 3; ++c)
    bytes.insert(bytes.end(), 1024, static_cast<std::uint8_t>(10 * c * tint));
  return bytes;
}

Bytes joined(const std::vector<Bytes>& parts) {
  Bytes bytes;
  for (const Bytes& part : parts) bytes.insert(bytes.end(), part.begin(), part.end());
  return bytes;
}

}  // namespace

class TestCifar : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void ten_classes() {
    const Folder folder;
    folder.write("data_batch_2.bin", joined({record({3}, 3)}));
    folder.write("data_batch_1.bin", joined({record({9}, 1), record({0}, 2)}));
    folder.write("test_batch.bin", record({5}, 4));
    folder.write(
        "batches.meta.txt",
        std::string("airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n"));
    folder.write("readme.html", std::string("<html>"));
    const auto set = open_dataset(folder());
    QCOMPARE(set->name(), "CIFAR-10");
    QCOMPARE(set->size(), 4);
    QCOMPARE(set->channels(), 3);
    QCOMPARE(set->classes()[static_cast<std::size_t>(set->label(0))], "truck");
    QCOMPARE(set->image(1).at<cv::Vec3b>(31, 31), cv::Vec3b(20, 40, 60));
    QCOMPARE(set->image(2).at<cv::Vec3b>(0, 0), cv::Vec3b(30, 60, 90));
    QCOMPARE(set->image_name(2), "data_batch_2 0");
    QCOMPARE(set->split(2), Split::train);
    QCOMPARE(set->split(3), Split::test);
    QCOMPARE(set->label(3), 5);
  }

  void a_hundred_classes() {
    const Folder folder;
    folder.write("train.bin", joined({record({4, 99}, 1), record({0, 7}, 2)}));
    folder.write("test.bin", record({1, 50}, 3));
    const auto set = open_dataset(folder());
    QCOMPARE(set->name(), "CIFAR-100");
    QCOMPARE(set->size(), 3);
    QCOMPARE(set->classes().size(), 100u);
    QCOMPARE(set->label(0), 99);  // the fine label, not the coarse one
    QCOMPARE(set->image(2).at<cv::Vec3b>(5, 5), cv::Vec3b(30, 60, 90));
    QCOMPARE(set->split(2), Split::test);
  }

  void size_tells_where_the_name_does_not() {
    const Folder folder;
    folder.write("mine.bin", joined({record({1}, 1), record({2}, 2)}));
    folder.write("yours.bin", joined({record({1, 60}, 1)}));
    folder.write("theirs.bin", Bytes(1000, 0));
    QCOMPARE(open_dataset(folder("mine.bin"))->name(), "CIFAR-10");
    QCOMPARE(open_dataset(folder("yours.bin"))->name(), "CIFAR-100");
    QVERIFY(contains(problem_with(folder("theirs.bin")), "is no data set"));
  }

  void damage_is_named() {
    const Folder folder;
    Bytes cut = record({1}, 1);
    cut.resize(3000);
    folder.write("data_batch_1.bin", cut);
    QVERIFY(
        contains(problem_with(folder()), "3,000 bytes long, which is no whole number of CIFAR-10"));
    folder.write("data_batch_1.bin", Bytes{});
    QVERIFY(contains(problem_with(folder()), "0 bytes long"));
    folder.write("data_batch_1.bin", record({10}, 1));
    QVERIFY(contains(problem_with(folder()), "has the label 10, which CIFAR-10 does not know"));
  }

  void fingerprints_see_labels_and_pixels() {
    const Folder folder;
    const auto fingerprint = [&](const Bytes& bytes) {
      folder.write("data_batch_1.bin", bytes);
      return open_dataset(folder())->fingerprint();
    };
    const std::string one = fingerprint(record({1}, 1));
    QCOMPARE(fingerprint(record({1}, 1)), one);
    QVERIFY(fingerprint(record({2}, 1)) != one);
    QVERIFY(fingerprint(record({1}, 2)) != one);
  }
};

SELFSIGHT_SUITE(TestCifar, QCoreApplication);
#include "test_cifar.moc"
