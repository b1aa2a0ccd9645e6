#include <locale.h>
#include <sys/resource.h>
#include <zlib.h>

#include <QTest>
#include <fstream>
#include <numeric>
#include <thread>

#include "core/dataset/archive_reader.h"
#include "core/dataset/catalogue.h"
#include "tests/dataset/archives.h"
#include "tests/dataset/dicom.h"
#include "tests/suite.h"

using namespace selfsight;

namespace {

std::string reason_for(const Dataset& set, const std::string& name) {
  for (const BrokenImage& image : set.broken())
    if (image.name == name) return image.reason;
  return {};
}

void write_gzipped(const Folder& folder, const std::string& name, const Bytes& bytes) {
  const gzFile out = ::gzopen(folder(name).c_str(), "wb");
  ::gzwrite(out, bytes.data(), static_cast<unsigned>(bytes.size()));
  ::gzclose(out);
}

/// Gives the entry whose header lies there another size, in octal digits, and its sum again.
void say_size(Bytes& tar, std::size_t header, const std::string& digits) {
  const auto begin = tar.begin() + static_cast<std::ptrdiff_t>(header);
  std::copy(digits.begin(), digits.end(), begin + 124);
  std::fill_n(begin + 148, 8, ' ');
  char sum[16];
  std::snprintf(sum, sizeof sum, "%06o", std::accumulate(begin, begin + 512, 0u));
  std::copy_n(sum, 7, begin + 148);
}

/// While it lives, this process may have so many files open.
class FewFiles {
 public:
  explicit FewFiles(rlim_t most) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit less{most, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &less);
  }
  ~FewFiles() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  FewFiles(const FewFiles&) = delete;
  FewFiles& operator=(const FewFiles&) = delete;

 private:
  rlimit before_{};
};

/// Bytes that this process has read so far; nothing where the system does not count them.
std::uint64_t bytes_read() {
  std::ifstream in("/proc/self/io");
  std::string word;
  std::uint64_t count = 0;
  in >> word >> count;
  return word == "rchar:" ? count : 0;
}

}  // namespace

class TestArchives : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void names_that_are_no_ascii_are_read_whatever_the_locale() {
    const Folder folder;
    const locale_t plain = ::newlocale(LC_ALL_MASK, "C", nullptr);
    const locale_t utf8 = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    const locale_t before = ::uselocale(utf8);  // else the names are not marked as what they are
    const std::string name = "Hühner/Bild ä.png";
    const auto path = packed(folder, "a.zip", {{name, plain_png(1)}, {"b.png", plain_png(2)}});
    ::uselocale(plain);
    const auto set = open_dataset(path);
    ::uselocale(before);
    ::freelocale(plain);
    ::freelocale(utf8);
    QVERIFY(set->broken().empty());
    QCOMPARE(set->size(), 2);
    QVERIFY(set->image_name(0) == name || set->image_name(1) == name);
  }

  void images_are_read_where_they_lie_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"a.zip", "a.tar", "a.tar.gz", "a.tar.zst", "A.ZIP", "b.TAR"})
      QTest::newRow(name) << QString::fromLatin1(name);
  }
  void images_are_read_where_they_lie() {
    QFETCH(QString, name);
    const Folder folder;
    const std::string path = packed(folder, name.toStdString(),
                                    {{"photos/readme.txt", {'h', 'i'}},
                                     {"photos/train/dog/2.png", plain_png(20)},
                                     {"photos/train/cat/1.png", plain_png(10)},
                                     {"photos/train/cat/odd.png", Bytes(300, 7)},
                                     {"photos/.hidden.png", plain_png(1)},
                                     {"photos/test/cat/3.png", plain_png(30)}});
    const auto set = open_dataset(path);
    QCOMPARE(set->location(), path);
    QCOMPARE(set->name(), name.toStdString());
    QCOMPARE(set->size(), 4);
    QCOMPARE(set->image_name(0), "train/dog/2.png");
    QVERIFY((set->classes() == std::vector<std::string>{"cat", "dog"}));
    QCOMPARE(set->label(0), 1);
    QCOMPARE(set->label(3), 0);
    QCOMPARE(set->split(3), Split::test);
    // Any order, any thread.
    std::vector<std::thread> threads;
    std::atomic<int> right = 0;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        for (const int i : {3, 0, 1, 0, 3})
          if (set->image(i).at<cv::Vec3b>(4, 5)[0] == 3 * (i == 0 ? 20 : i == 1 ? 10 : 30)) ++right;
      });
    for (std::thread& thread : threads) thread.join();
    QCOMPARE(right.load(), 20);
    QVERIFY(contains(message_of<ImageError>([&] { set->image(2); }), "no image"));
    QCOMPARE(open_dataset(path)->fingerprint(), set->fingerprint());
  }

  void what_leads_out_is_refused_with_the_reason() {
    const Folder folder;
    const std::string path = packed(folder, "a.tar",
                                    {{"../up.png", plain_png(1)},
                                     {"/root.png", plain_png(2)},
                                     {"in/../../up.png", plain_png(3)},
                                     {"link.png", {}, "/etc/passwd"},
                                     {"good.png", plain_png(4)},
                                     {"hard.png", {}, "", "good.png"}});
    const auto set = open_dataset(path);
    QCOMPARE(set->size(), 1);
    QCOMPARE(set->broken().size(), 5u);
    for (const char* name : {"../up.png", "/root.png", "in/../../up.png"})
      QVERIFY(contains(reason_for(*set, name), "leads out of the archive"));
    for (const char* name : {"link.png", "hard.png"})
      QVERIFY(contains(reason_for(*set, name), "is a link"));
    QVERIFY(contains(problem_with(packed(folder, "b.tar", {{"l.png", {}, "/etc/passwd"}})),
                     "None of the images"));
  }

  void a_name_without_end_is_refused() {
    const Folder folder;
    const std::string path =
        packed(folder, "a.tar",
               {{std::string(5000, 'x') + ".png", plain_png(1)}, {"good.png", plain_png(4)}});
    const auto set = open_dataset(path);
    QCOMPARE(set->size(), 1);
    QCOMPARE(set->broken().size(), 1u);
    QVERIFY(set->broken().front().name.size() < 100);
    QCOMPARE(set->broken().front().reason, "has a name longer than 4,096 bytes");
  }

  void a_long_name_is_not_kept_for_each_of_many_frames() {
    constexpr int frames = 300'000;  // of one pixel
    Bytes bytes(128, 0);
    for (const char c : std::string("DICM")) bytes.push_back(static_cast<std::uint8_t>(c));
    text(bytes, 0x00020010, "UI", "1.2.840.10008.1.2.1");
    text(bytes, 0x00280008, "IS", std::to_string(frames));
    number(bytes, 0x00280010, 1);
    number(bytes, 0x00280011, 1);
    number(bytes, 0x00280100, 8);
    element(bytes, 0x7FE00010, "OW", Bytes(frames, 7));
    const Folder folder;
    QVERIFY(
        contains(problem_with(packed(folder, "a.tar", {{std::string(4000, 'x') + ".dcm", bytes}})),
                 "has too many frames for so long a name"));
  }

  void what_a_tar_is_shows_when_it_is_read() {
    const Folder folder;
    for (const auto& [from, to] :
         {std::pair("a.tar.gz", "packed.tar"), {"b.tar", "plain.tar.gz"}}) {
      std::filesystem::rename(packed(folder, from, {{"1.png", plain_png(10)}}), folder(to));
      const auto set = open_dataset(folder(to));
      QCOMPARE(set->size(), 1);
      QCOMPARE(set->image(0).at<cv::Vec3b>(0, 0)[0], 30);
    }
  }

  void empty_and_cut_images_are_told() {
    const Folder folder;
    for (const char* name : {"a.tar", "a.tar.gz"}) {
      const auto set =
          open_dataset(packed(folder, name, {{"empty.png", {}}, {"good.png", plain_png(4)}}));
      QCOMPARE(set->size(), 1);
      QCOMPARE(reason_for(*set, "empty.png"), "is empty");
    }
    const std::string cut =
        packed(folder, "cut.tar", {{"good.png", plain_png(4)}, {"cut.png", Bytes(100'000, 7)}});
    std::filesystem::resize_file(cut, 50'000);
    const auto set = open_dataset(cut);
    QCOMPARE(set->size(), 1);
    QCOMPARE(reason_for(*set, "cut.png"), "is cut off within its archive");
  }

  void unpacking_leaves_out_what_leads_out_and_links() {
    const Folder folder;
    const Control control;
    std::filesystem::create_directories(folder("elsewhere"));
    std::vector<Packed> entries{{"../up.png", plain_png(1)},
                                {"in/../../up.png", plain_png(1)},
                                {"link", {}, folder("elsewhere")},
                                {"in/good.png", plain_png(3)}};
    for (const char* name : {"a.zip", "a.tar", "a.tar.gz"}) {
      const std::string to = folder(std::string("out/") + name);
      unpack_archive(packed(folder, name, entries), to, control);
      QVERIFY(std::filesystem::exists(to + "/in/good.png"));
      QVERIFY(!std::filesystem::exists(folder("out/up.png")));
      QVERIFY(!std::filesystem::is_symlink(to + "/link"));
      // Of a zip that is read from the front the link is a file, in which nothing can be.
      if (entries.size() == 4) entries.push_back({"link/through.png", plain_png(2)});
    }
    QVERIFY(std::filesystem::is_empty(folder("elsewhere")));
  }

  void unpacking_ends_where_there_is_no_room() {
    const Folder folder;
    const Control control;
    for (const char* name : {"a.zip", "a.tar.gz", "a.tar.zst"}) {
      const std::string path =
          packed(folder, name, {{"a.bin", Bytes(3'000'000)}, {"b.bin", Bytes(3'000'000)}});
      QVERIFY(std::filesystem::file_size(path) < 100'000);
      const std::string to = folder(std::string("out/") + name);
      QCOMPARE(message_of<InputError>([&] { unpack_archive(path, to, control, 5'000'000); }),
               "unpacks to more bytes than it may");
      unpack_archive(path, to, control, 6'000'000);
      QCOMPARE(std::filesystem::file_size(to + "/b.bin"), std::uintmax_t{3'000'000});
    }
  }

  void bombs_are_not_unpacked() {
    const Folder folder;
    // 261 MB of zeros in a few hundred kB.
    const Bytes zeros(261'000'000);
    for (const char* name : {"a.zip", "a.tar.gz"}) {
      const std::string path = packed(folder, name, {{"bomb.png", zeros}, {"b.png", plain_png(9)}});
      QVERIFY(std::filesystem::file_size(path) < 2'000'000);
      const auto set = open_dataset(path);
      const std::string reason = set->broken().empty()
                                     ? message_of<ImageError>([&] { set->image(0); })
                                     : reason_for(*set, "bomb.png");
      QVERIFY2(contains(reason, "260 MB"), reason.c_str());
      QCOMPARE(set->image(set->size() - 1).at<cv::Vec3b>(0, 0)[0], 27);
    }
  }

  void what_unpacks_without_end_is_refused_at_once() {
    const Folder folder;
    packed(folder, "a.tar", {{"one.png", plain_png(9)}, {"zeros.bin", {}}});
    const std::string tar = read_text(folder.path("a.tar"));
    Bytes bytes(tar.begin(), tar.begin() + 3 * 512);
    say_size(bytes, 1024, "20000000000");  // 2 GiB, behind a header, a picture and a header
    write_gzipped(folder, "b.tar.gz", bytes);
    QCOMPARE(problem_with(folder("b.tar.gz")), folder("b.tar.gz") + " unpacks to more than 1 GB.");
    const std::string once = read_text(packed(folder, "c.tar.gz", {{"one.png", plain_png(9)}}));
    write_gzipped(folder, "twice.tar.gz", Bytes(once.begin(), once.end()));
    QVERIFY(contains(problem_with(folder("twice.tar.gz")), "is no archive that can be read"));
  }

  void damage_is_told_and_what_came_before_is_kept() {
    const Folder folder;
    std::vector<Packed> entries;
    cv::RNG random(3);
    for (int i = 0; i < 30; ++i) {  // of noise, which does not pack
      cv::Mat image(80, 80, CV_8UC3);
      random.fill(image, cv::RNG::UNIFORM, 0, 256);
      entries.push_back({"p" + std::to_string(i) + ".png", encoded(".png", image)});
    }
    for (const char* name : {"a.tar", "a.tar.gz", "a.zip"}) {
      const std::string path = packed(folder, name, entries);
      std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
      const auto set = open_dataset(path);
      QVERIFY(set->size() > 0 && set->size() < 30);
      QCOMPARE(set->image(0).rows, 80);
    }
    folder.write("b.tar", std::string(2000, 'x'));
    folder.write("c.zip", std::string("PK\x03\x04 no more"));
    folder.write("d.tar.gz", std::string("\x1f\x8b\x08 no more"));
    folder.write("e.tar", std::string());
    for (const char* name : {"b.tar", "c.zip", "d.tar.gz", "e.tar"})
      QVERIFY2(!problem_with(folder(name)).empty(), name);
    QVERIFY(
        contains(problem_with(packed(folder, "f.tar", {{"a.txt", {'a'}}})), "none is an image"));
  }

  void shards_of_webdataset() {
    const Folder folder;
    for (int shard = 0; shard < 3; ++shard) {
      std::vector<Packed> entries;
      for (int i = 0; i < 4; ++i) {
        const std::string key = "00" + std::to_string(shard) + std::to_string(i);
        const std::string label = i % 2 ? "10\n" : "2";
        entries.push_back({key + ".cls", Bytes(label.begin(), label.end())});
        entries.push_back({key + ".png", plain_png(10 * shard + i)});
        entries.push_back({key + ".json", {'{', '}'}});
      }
      packed(folder, "shards/train-" + std::to_string(100 + shard) + ".tar", entries);
    }
    for (const std::string& path : {folder("shards"), folder("shards/train-{100..102}.tar")}) {
      const auto set = open_dataset(path);
      QCOMPARE(set->size(), 12);
      QVERIFY((set->classes() == std::vector<std::string>{"2", "10"}));
      QCOMPARE(set->label(0), 0);
      QCOMPARE(set->label(5), 1);
      QCOMPARE(set->image(9).at<cv::Vec3b>(0, 0)[2], 21);
      QCOMPARE(set->location(), path);
    }
    QVERIFY(!problem_with(folder("shards/train-{100..104}.tar")).empty());
    const auto windowed = open_dataset(folder("shards/train-{100..102}.tar?window=100,20"));
    QVERIFY(contains(windowed->location(), "?window=100,20"));
    QCOMPARE(open_dataset(windowed->location())->fingerprint(), windowed->fingerprint());
  }

  void shards_that_count_alike_keep_their_own_labels() {
    const Folder folder;
    const Bytes cat{'c', 'a', 't'}, dog{'d', 'o', 'g'};
    packed(folder, "alike/train-0.tar", {{"0.png", plain_png(1)}, {"0.cls", cat}});
    packed(folder, "alike/train-1.tar", {{"0.png", plain_png(2)}, {"0.cls", dog}});
    packed(folder, "alike/train-2.tar", {{"0.png", plain_png(3)}});
    const auto set = open_dataset(folder("alike"));
    QCOMPARE(set->size(), 3);
    QCOMPARE(set->classes().at(static_cast<std::size_t>(set->label(0))), "cat");
    QCOMPARE(set->classes().at(static_cast<std::size_t>(set->label(1))), "dog");
    QCOMPARE(set->label(2), -1);
  }

  void the_split_stands_anywhere_in_the_name_of_a_shard() {
    const Folder folder;
    packed(folder, "set/imagenet-train-000000.tar", {{"1.png", plain_png(1)}});
    packed(folder, "set/imagenet-val-000000.tar", {{"1.png", plain_png(2)}});
    packed(folder, "set/imagenet_test.000000.tar", {{"1.png", plain_png(3)}});
    const auto set = open_dataset(folder("set"));
    QCOMPARE(set->size(), 3);
    for (int i = 0; i < 3; ++i) {
      const int shade = set->image(i).at<cv::Vec3b>(0, 0)[2];
      QCOMPARE(set->split(i), shade == 1   ? Split::train
                              : shade == 2 ? Split::validation
                                           : Split::test);
    }
  }

  void archives_that_are_all_a_folder_holds_are_one_set() {
    const Folder folder;
    packed(folder, "parts/a.zip", {{"cat/1.png", plain_png(1)}, {"dog/2.png", plain_png(2)}});
    packed(folder, "parts/b.tar.gz", {{"cat/3.png", plain_png(3)}});
    folder.write("parts/readme.txt", std::string("words"));
    const auto set = open_dataset(folder("parts"));
    QCOMPARE(set->size(), 3);
    QVERIFY((set->classes() == std::vector<std::string>{"cat", "dog"}));
    QCOMPARE(set->image(2).at<cv::Vec3b>(0, 0)[2], 3);
    QCOMPARE(open_dataset(set->location())->fingerprint(), set->fingerprint());
  }

  void archives_beside_images_or_in_folders_are_told() {
    const Folder folder;
    packed(folder, "set/part/a.zip", {{"1.png", plain_png(1)}});
    packed(folder, "set/part 2/b.tar", {{"2.png", plain_png(2)}});
    QVERIFY(contains(problem_with(folder("set")),
                     "holds no images, but 2 archives in folders; open one, such as " +
                         folder("set/part 2/b.tar") + ", or several with semicolons"));
    folder.write("set/c.png", plain_png(3));
    const auto set = open_dataset(folder("set"));
    QCOMPARE(set->size(), 1);
    QCOMPARE(set->broken().size(), std::size_t{2});
    QCOMPARE(set->broken()[1].name, "part/a.zip");
    QVERIFY(contains(set->broken()[1].reason, "is an archive within a folder"));
    QCOMPARE(open_dataset(folder("set") + ";" + folder("set/part/a.zip"))->size(), 2);
  }

  void several_binary_sets_are_not_one() {
    const Folder folder;
    for (const char* name : {"sets/a.tar.gz", "sets/b.tar.gz"})
      packed(folder, name, {{"data_batch_1.bin", Bytes(3073, 1)}});
    QVERIFY(contains(problem_with(folder("sets")),
                     "holds several data sets in archives; open one of them, such as a.tar.gz"));
  }

  void several_sets_in_an_archive_are_told_with_its_name() {
    const Folder folder;
    const Bytes images = idx_file({1, 2, 2}, {1, 2, 3, 4});
    const std::string archive = packed(folder, "gzip.zip",
                                       {{"gzip/emnist-letters-train-images-idx3-ubyte", images},
                                        {"gzip/emnist-digits-test-images-idx3-ubyte", images}});
    const std::string why = problem_with(archive);
    QVERIFY2(why.starts_with(archive + " holds several data sets: emnist-digits, emnist-letters;"),
             why.c_str());
  }

  void sets_of_binary_files_inside() {
    const Folder folder;
    Bytes record(3073, 50);
    record[0] = 4;
    const auto cifar = open_dataset(packed(folder, "cifar-10-binary.tar.gz",
                                           {{"cifar-10-batches-bin/data_batch_1.bin", record},
                                            {"cifar-10-batches-bin/test_batch.bin", record}}));
    QCOMPARE(cifar->name(), "CIFAR-10");
    QCOMPARE(cifar->size(), 2);
    QCOMPARE(cifar->location(), folder("cifar-10-binary.tar.gz"));
    QCOMPARE(cifar->image(1).at<cv::Vec3b>(0, 0)[0], 50);
    QCOMPARE(cifar->split(1), Split::test);
  }

  void stl_10_lies_column_by_column() {
    const Folder folder;
    Bytes pixels(2 * 27648);
    for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i % 251);
    folder.write("train_X.bin", pixels);
    folder.write("train_y.bin", Bytes{1, 10});
    folder.write("unlabeled_X.bin", Bytes(27648, 9));
    const auto set = open_dataset(folder());
    QCOMPARE(set->name(), "STL-10");
    QCOMPARE(set->size(), 3);
    QCOMPARE(set->label(1), 9);
    QCOMPARE(set->label(2), -1);
    QCOMPARE(set->image_name(2), "unlabeled 0");
    const std::size_t at = 27648 + 9216 * 2 + 96 * 5 + 7;  // blue, column 5, row 7
    QCOMPARE(set->image(1).at<cv::Vec3b>(7, 5)[2], pixels[at]);
    folder.write("train_y.bin", Bytes{1, 11});
    QVERIFY(contains(problem_with(folder()), "has the label 11"));
    folder.write("train_y.bin", Bytes{1});
    QVERIFY(contains(problem_with(folder()), "1 labels for 2 images"));
    folder.write("train_X.bin", Bytes(27647));
    QVERIFY(contains(problem_with(folder()), "no whole number"));
  }

  void there_may_be_more_shards_than_files_may_be_open() {
    const Folder folder;
    constexpr int shards = 100;
    for (int i = 0; i < shards; ++i)
      packed(folder, "train-" + std::to_string(1000 + i) + ".tar", {{"1.png", plain_png(i % 80)}});
    const FewFiles few(64);
    const auto set = open_dataset(folder("train-{1000..1099}.tar"));
    QCOMPARE(set->size(), shards);
    std::vector<std::thread> threads;
    std::atomic<int> right = 0;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&, t] {
        for (int i = 0; i < shards; ++i) {
          const int index = (i * 37 + t) % shards;
          if (set->image(index).at<cv::Vec3b>(0, 0)[0] == 3 * (index % 80)) ++right;
        }
      });
    for (std::thread& thread : threads) thread.join();
    QCOMPARE(right.load(), 4 * shards);
    // One that was put in the place of another since is not taken for it.
    packed(folder, "new.tar", {{"1.png", plain_png(70)}});
    std::filesystem::rename(folder("new.tar"), folder("train-1000.tar"));
    for (int i = 1; i < shards; ++i) set->image(i);
    QVERIFY(contains(message_of<ImageError>([&] { set->image(0); }), "within its archive"));
  }

  void what_is_skipped_is_not_read() {
    const Folder folder;
    constexpr std::size_t size = 300'000, count = 20;
    std::vector<Packed> entries;
    for (std::size_t i = 0; i < count; ++i)
      entries.push_back({std::to_string(i) + ".bin", Bytes(size, 7)});
    const ByteFile file(packed(folder, "a.tar", entries));
    const std::uint64_t before = bytes_read();
    ArchiveReader reader(file);
    std::size_t listed = 0;
    while (reader.next()) ++listed;
    QCOMPARE(listed, count);
    QVERIFY2(bytes_read() - before < count * 20'000,
             qPrintable(QString::number(bytes_read() - before)));
  }

  void opening_can_be_stopped() {
    const Folder folder;
    packed(folder, "a.tar", {{"1.png", plain_png(10)}});
    packed(folder, "a.tar.gz", {{"1.png", plain_png(10)}});
    folder.write("one/1.png", plain_png(10));
    folder.write("list.csv", std::string("one/1.png\n"));
    Control control;
    const std::vector<std::string> sets{"a.tar", "a.tar.gz", "one", "list.csv"};
    for (const std::string& name : sets) QCOMPARE(open_dataset(folder(name), control)->size(), 1);
    control.request_stop();
    for (const std::string& name : sets)
      QVERIFY_EXCEPTION_THROWN(open_dataset(folder(name), control), Cancelled);
    QVERIFY_EXCEPTION_THROWN(open_dataset(folder("one") + ";" + folder("a.tar"), control),
                             Cancelled);
  }

  void several_as_one() {
    const Folder folder;
    for (const char* name : {"one/cat/1.png", "one/dog/1.png", "two/bird/1.png", "two/cat/1.png"})
      folder.write(name, plain_png(static_cast<int>(std::string(name).size())));
    const auto set = open_dataset(folder("one") + ";" + folder("two"));
    QCOMPARE(set->size(), 4);
    QCOMPARE(set->name(), "one + two");
    QVERIFY((set->classes() == std::vector<std::string>{"bird", "cat", "dog"}));
    QCOMPARE(set->label(1), 2);
    QCOMPARE(set->label(2), 0);
    QCOMPARE(set->image_name(3), "two/cat/1.png");
    QCOMPARE(set->image(3).at<cv::Vec3b>(0, 0)[2], 13);
    QCOMPARE(open_dataset(set->location())->fingerprint(), set->fingerprint());
    QVERIFY(contains(problem_with(folder("one") + ";" + folder("three")), "three is neither"));
  }

  void parts_that_are_named_after_a_split_are_in_it() {
    const Folder folder;
    std::vector<Packed> train, test;
    for (int i = 100; i < 200; ++i) {
      const Packed image{std::to_string(i) + ".png", plain_png(i % 80)};
      (i < 170 ? train : test).push_back(image);
      folder.write((i < 170 ? "x/train/" : "x/Test/") + image.name, image.bytes);
    }
    packed(folder, "x.train.zip", train);
    packed(folder, "test.tar", test);
    for (const std::string& words : {folder("x.train.zip") + ";" + folder("test.tar"),
                                     folder("x/train") + ";" + folder("x/Test")}) {
      const auto set = open_dataset(words);
      const auto held_out = set->indices(Split::test);
      QCOMPARE(held_out.size(), 30u);
      QCOMPARE(held_out.front(), 70);
      QVERIFY(!set->indices(Split::validation).empty());
    }
    // Alone it is a set like any other.
    QVERIFY(!open_dataset(folder("x/Test"))->indices(Split::train).empty());
  }
};

SELFSIGHT_SUITE(TestArchives, QCoreApplication);
#include "test_archives.moc"
