#include <zlib.h>

#include <QTest>
#include <atomic>
#include <numeric>
#include <thread>

#include "tests/dataset/files.h"
#include "tests/suite.h"

using namespace selfsight;

namespace {

/// 0, 1, 2, … modulo 251, so that neighbouring images differ.
Bytes counting(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i % 251);
  return bytes;
}

Bytes gzipped(const Bytes& bytes) {
  z_stream z{};
  deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  Bytes out(deflateBound(&z, bytes.size()) + 32);
  z.next_in = const_cast<Bytef*>(bytes.data()), z.avail_in = static_cast<uInt>(bytes.size());
  z.next_out = out.data(), z.avail_out = static_cast<uInt>(out.size());
  deflate(&z, Z_FINISH);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

}  // namespace

class TestIdx : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void fashion_mnist_is_whole() {
    const auto set = open_dataset("fashion-mnist");
    QCOMPARE(set->name(), "Fashion-MNIST");
    QCOMPARE(set->size(), 70000);
    QCOMPARE(set->channels(), 1);
    QCOMPARE(set->indices(Split::test).size(), 10000u);
    QCOMPARE(set->indices(Split::test).front(), 60000);
    const auto validation = set->indices(Split::validation).size();
    QVERIFY(validation > 5500 && validation < 6500);
    QCOMPARE(set->classes()[static_cast<std::size_t>(set->label(0))], "Ankle boot");
    QCOMPARE(set->image(0).size(), cv::Size(28, 28));
    const Control control;
    const DatasetStatistics s = measure(*set, set->size(), control);
    QCOMPARE(s.measured, 70000);
    QVERIFY(std::abs(s.mean[0] - 0.2861) < 5e-4);  // as published for the training images: 0.2860
    QVERIFY(std::abs(s.std[0] - 0.3530) < 5e-4);
  }

  void pairs_in_a_folder_are_splits_data() {
    QTest::addColumn<bool>("zip");
    QTest::newRow("plain") << false;
    QTest::newRow("gzipped") << true;
  }
  void pairs_in_a_folder_are_splits() {
    QFETCH(const bool, zip);
    const Folder folder;
    const std::string end = zip ? ".gz" : "";
    const auto write = [&](const std::string& name, const Bytes& bytes) {
      folder.write(name + end, zip ? gzipped(bytes) : bytes);
    };
    write("train-images-idx3-ubyte", idx_file({3, 4, 5}, counting(60)));
    write("train-labels-idx1-ubyte", idx_file({3}, {2, 0, 1}));
    write("t10k-images-idx3-ubyte", idx_file({2, 4, 5}, counting(40)));
    write("t10k-labels-idx1-ubyte", idx_file({2}, {1, 2}));
    const auto set = open_dataset(folder());
    QCOMPARE(set->size(), 5);
    QCOMPARE(set->classes(), (std::vector<std::string>{"0", "1", "2"}));
    QCOMPARE(set->image(1).size(), cv::Size(5, 4));
    QCOMPARE(set->image(1).at<std::uint8_t>(0, 0), 20);
    QCOMPARE(set->image(4).at<std::uint8_t>(0, 1), 21);
    QCOMPARE(set->label(0), 2);
    QCOMPARE(set->label(4), 2);
    QCOMPARE(set->split(2), Split::train);
    QCOMPARE(set->split(3), Split::test);
    QCOMPARE(set->image_name(4), "test 1");
    // The images are copies: a reader cannot spoil the set.
    set->image(1).setTo(0);
    QCOMPARE(set->image(1).at<std::uint8_t>(0, 1), 21);
  }

  void plain_and_gzipped_are_the_same_set() {
    const Folder plain, zipped;
    plain.write("train-images-idx3-ubyte", idx_file({3, 4, 5}, counting(60)));
    zipped.write("train-images-idx3-ubyte.gz", gzipped(idx_file({3, 4, 5}, counting(60))));
    QCOMPARE(open_dataset(zipped())->fingerprint(), open_dataset(plain())->fingerprint());
    zipped.write("train-images-idx3-ubyte", idx_file({3, 4, 5}, counting(60)));
    QCOMPARE(open_dataset(zipped())->size(), 3);  // not read twice
    plain.write("train-images-idx3-ubyte", idx_file({3, 4, 5}, Bytes(60, 1)));
    QVERIFY(open_dataset(zipped())->fingerprint() != open_dataset(plain())->fingerprint());
  }

  void the_word_before_images_is_the_split() {
    const Folder folder;
    folder.write("emnist-letters-train-images-idx3-ubyte", idx_file({3, 4, 5}, counting(60)));
    folder.write("emnist-letters-test-images-idx3-ubyte.gz",
                 gzipped(idx_file({2, 4, 5}, counting(40))));
    folder.write("emnist-letters-test-labels-idx1-ubyte.gz", gzipped(idx_file({2}, {1, 2})));
    const auto set = open_dataset(folder());
    QCOMPARE(set->size(), 5);
    QCOMPARE(set->split(2), Split::train);
    QCOMPARE(set->split(3), Split::test);
    QCOMPARE(set->label(4), 2);
  }

  void several_sets_in_a_folder_are_not_one() {
    const Folder folder;
    for (const char* part : {"emnist-balanced", "emnist-letters"})
      for (const char* split : {"train", "test"})
        folder.write(std::string(part) + "-" + split + "-images-idx3-ubyte",
                     idx_file({2, 4, 5}, counting(40)));
    const std::string why = problem_with(folder());
    QVERIFY2(contains(why, "holds several data sets: emnist-balanced, emnist-letters; open one of"),
             why.c_str());
    QVERIFY2(contains(why, "such as emnist-balanced-train-images-idx3-ubyte,"), why.c_str());
    QCOMPARE(open_dataset(folder("emnist-letters-train-images-idx3-ubyte"))->size(), 2);
  }

  void what_is_only_called_idx_is_what_it_is() {
    const Folder folder;
    folder.write("a.png", encoded(".png"));
    folder.write("train_idx.csv", std::string("path\na.png\n"));
    QCOMPARE(open_dataset(folder("train_idx.csv"))->image_name(0), "a.png");
    folder.write("idx.mp4", std::string(5000, 'x'));
    QVERIFY(contains(problem_with(folder("idx.mp4")), "no video that can be read"));
    folder.write("ubyte.txt", std::string("words"));
    QVERIFY(contains(problem_with(folder("ubyte.txt")), "is no data set"));
  }

  void one_file_is_a_set() {
    const Folder folder;
    folder.write("mine.idx", idx_file({30, 2, 2, 3}, counting(360)));
    const auto set = open_dataset(folder("mine.idx"));
    QCOMPARE(set->size(), 30);
    QCOMPARE(set->channels(), 3);
    QVERIFY(!set->labelled());
    QCOMPARE(set->image(1).at<cv::Vec3b>(0, 1), cv::Vec3b(15, 16, 17));
    QVERIFY(!set->indices(Split::test).empty() || !set->indices(Split::validation).empty());
  }

  void lies_about_the_size_are_refused() {
    const Folder folder;
    const auto refused = [&](const Bytes& bytes, const std::string& part) {
      folder.write("x-images-idx3-ubyte", bytes);
      const std::string plain = problem_with(folder("x-images-idx3-ubyte"));
      folder.write("z-images-idx3-ubyte.gz", gzipped(bytes));
      const std::string zipped = problem_with(folder("z-images-idx3-ubyte.gz"));
      return contains(plain, part) && contains(zipped, part);
    };
    QVERIFY(refused(idx_file({4, 4, 5}, counting(60)), "promises 80 bytes of data but holds 60"));
    QVERIFY(refused(idx_file({0xFFFFFFFF, 28, 28}, counting(60)), "of data but holds"));
    QVERIFY(refused(idx_file({0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF}, {}), "impossible size"));
    QVERIFY(refused(idx_file({1, 0xFFFFFFFF, 1}, {1}), "cannot be used"));
    QVERIFY(refused(idx_file({2, 0, 5}, {}), "cannot be used"));
    QVERIFY(refused(idx_file({0, 4, 5}, {}), "holds no images"));
    folder.write("y-images-idx3-ubyte", idx_file({2, 4, 5}, counting(60)));
    QVERIFY(contains(problem_with(folder("y-images-idx3-ubyte")), "promises 40"));
  }

  void a_packed_desert_is_refused() {
    // A hundred kilobytes that promise, and would unpack to, more than memory is meant to hold.
    const Folder folder;
    Bytes head = idx_file({2'000'000, 28, 28}, Bytes(50'000'000, 0));
    folder.write("d-images-idx3-ubyte.gz", gzipped(head));
    const std::string why = problem_with(folder("d-images-idx3-ubyte.gz"));
    QVERIFY2(contains(why, "promises") || contains(why, "gunzip it first"), why.c_str());
  }

  void other_damage_is_named() {
    const Folder folder;
    folder.write("train-images-idx3-ubyte", idx_file({3, 4, 5}, counting(60)));
    folder.write("train-labels-idx1-ubyte", idx_file({2}, {0, 1}));
    QVERIFY(contains(problem_with(folder()), "labels for 2 images, but there are 3"));
    QVERIFY(contains(problem_with(folder("train-labels-idx1-ubyte")), "open the file of images"));
    folder.write("f-idx", idx_file({3, 4, 5}, counting(240), 13));
    QVERIFY(contains(problem_with(folder("f-idx")), "numbers other than bytes"));
    folder.write("short-idx", Bytes{0, 0, 8});
    QVERIFY(contains(problem_with(folder("short-idx")), "does not begin like an IDX file"));
    Bytes zipped = gzipped(idx_file({3, 4, 5}, counting(60)));
    zipped.resize(zipped.size() - 12);
    folder.write("cut-images-idx3.gz", zipped);
    QVERIFY(!problem_with(folder("cut-images-idx3.gz")).empty());
  }

  void threads_read_what_one_reads() {
    const Folder folder;
    folder.write("m-idx", idx_file({500, 8, 8}, counting(32000)));
    const auto set = open_dataset(folder("m-idx"));
    std::atomic<int> wrong = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        for (std::int64_t i = 0; i < set->size(); ++i)
          wrong += set->image(i).at<std::uint8_t>(0, 0) != i * 64 % 251;
      });
    for (std::thread& thread : threads) thread.join();
    QCOMPARE(wrong.load(), 0);
  }

  void more_images_than_can_be_used_are_refused() {
    const Folder folder;
    Bytes noise(100'000);  // does not pack, so that the file might hold what it says
    std::uint32_t state = 1;
    for (std::uint8_t& value : noise)
      value = static_cast<std::uint8_t>((state = state * 1664525 + 1013904223) >> 24);
    folder.write("train-images-idx3-ubyte.gz", gzipped(idx_file({60'000'000, 1, 1}, noise)));
    QVERIFY(contains(message_of<InputError>([&] { open_dataset(folder()); }),
                     "has 60,000,000 images, more than the 50,000,000 that can be used."));
  }
};

SELFSIGHT_SUITE(TestIdx, QCoreApplication);
#include "test_idx.moc"
