#include <QTest>
#include <algorithm>
#include <chrono>
#include <set>

#include "core/dataset/statistics.h"
#include "tests/dataset/files.h"
#include "tests/suite.h"

using namespace selfsight;
namespace fs = std::filesystem;

namespace {

std::int64_t index_of(const Dataset& set, const std::string& name) {
  for (std::int64_t i = 0; i < set.size(); ++i)
    if (set.image_name(i) == name) return i;
  return -1;
}

std::string label_of(const Dataset& set, const std::string& name) {
  const int label = set.label(index_of(set, name));
  return label < 0 ? "" : set.classes()[static_cast<std::size_t>(label)];
}

}  // namespace

class TestFolder : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void folders_name_the_classes() {
    const Folder folder;
    for (const char* name : {"dog/b.png", "cat/a.png", "cat/deep/down/c.PNG", "loose.png"})
      folder.write(name, encoded(".png"));
    const auto set = open_dataset(folder());
    QCOMPARE(set->size(), 4);
    QCOMPARE(set->classes(), (std::vector<std::string>{"cat", "dog"}));
    QCOMPARE(label_of(*set, "dog/b.png"), "dog");
    QCOMPARE(label_of(*set, "cat/deep/down/c.PNG"), "cat");
    QCOMPARE(set->label(index_of(*set, "loose.png")), -1);
    QCOMPARE(set->image(index_of(*set, "dog/b.png")).cols, 24);
    QCOMPARE(set->channels(), 3);
    const std::string name = folder.path().parent_path().filename().string();
    for (const std::string& path : {folder(), folder("."), folder("cat/..")})
      QCOMPARE(open_dataset(path)->name(), name);
  }

  void folders_name_the_splits() {
    const Folder folder;
    for (const char* name : {"train/cat/1.png", "Train/dog/2.png", "val/cat/3.png",
                             "test/dog/4.png", "test/cat/5.png"})
      folder.write(name, encoded(".png"));
    const auto set = open_dataset(folder());
    QCOMPARE(set->classes(), (std::vector<std::string>{"cat", "dog"}));
    QCOMPARE(set->split(index_of(*set, "train/cat/1.png")), Split::train);
    QCOMPARE(set->split(index_of(*set, "Train/dog/2.png")), Split::train);
    QCOMPARE(set->split(index_of(*set, "val/cat/3.png")), Split::validation);
    QCOMPARE(set->indices(Split::test).size(), 2u);
    QCOMPARE(label_of(*set, "test/dog/4.png"), "dog");
  }

  void splits_are_found_below_a_common_folder_and_below_the_classes() {
    const Folder folder;
    for (int i = 0; i < 30; ++i)
      for (const char* split : {"train", "val", "test"}) {
        const std::string name = std::string(split) + "/" + std::to_string(i) + ".bmp";
        folder.write("flat/images/" + name, encoded(".bmp"));
        for (const char* kind : {"cat/", "dog/"}) {
          folder.write("deep/deep/" + std::string(split) + "/" + kind + std::to_string(i) + ".bmp",
                       encoded(".bmp"));
          folder.write("first/" + (kind + name), encoded(".bmp"));
        }
      }
    for (const char* which : {"flat", "deep", "first"}) {
      const auto set = open_dataset(folder(which));
      for (std::int64_t i = 0; i < set->size(); ++i) {
        const std::string name = "/" + set->image_name(i);
        QCOMPARE(set->split(i), contains(name, "/test/")  ? Split::test
                                : contains(name, "/val/") ? Split::validation
                                                          : Split::train);
      }
      QCOMPARE(set->classes().size(), std::string(which) == "flat" ? 0u : 2u);
    }
    QCOMPARE(open_dataset(folder("flat"))->image_name(0), "images/test/0.bmp");
    QCOMPARE(label_of(*open_dataset(folder("deep")), "deep/test/dog/7.bmp"), "dog");
    QCOMPARE(label_of(*open_dataset(folder("first")), "dog/test/7.bmp"), "dog");
  }

  void a_flat_folder_has_no_labels() {
    const Folder folder;
    const cv::Mat grey(5, 6, CV_8U, cv::Scalar(90));
    for (int i = 0; i < 40; ++i)
      folder.write("all/" + std::to_string(i) + ".png", encoded(".png", grey));
    for (const char* inner : {"", "all"}) {  // one folder is no class either
      const auto set = open_dataset(folder(inner));
      QVERIFY(!set->labelled());
      QCOMPARE(set->label(0), -1);
      QCOMPARE(set->channels(), 1);
      QCOMPARE(set->size(), 40);
    }
  }

  void only_images_are_taken() {
    const Folder folder;
    folder.write("a.png", encoded(".png"));
    folder.write("no suffix", encoded(".jpg"));
    folder.write("notes.txt", std::string("Pictures of the garden"));
    folder.write(".hidden.png", encoded(".png"));
    folder.write(".git/b.png", encoded(".png"));
    folder.write("__MACOSX/c.png", encoded(".png"));
    folder.write("empty.jpg", std::string());
    folder.write("moving.gif", std::string("GIF89a..."));
    const auto set = open_dataset(folder());
    QCOMPARE(set->size(), 2);
    QVERIFY(index_of(*set, "no suffix") >= 0);
    QCOMPARE(set->broken().size(), 2u);
    QCOMPARE(set->broken()[0].name, "empty.jpg");
    QCOMPARE(set->broken()[0].reason, "is empty");
    QCOMPARE(set->broken()[1].name, "moving.gif");
    QVERIFY(contains(set->broken()[1].reason, "GIF"));
  }

  void broken_images_are_found_by_measuring() {
    const Folder folder;
    folder.write("good.png", encoded(".png", cv::Mat(10, 20, CV_8UC3, cv::Scalar(0, 51, 255))));
    folder.write("small.png", encoded(".png", cv::Mat(4, 5, CV_8U, cv::Scalar(102))));
    folder.write("text.jpg", std::string("This is not a picture."));
    const auto set = open_dataset(folder());
    QCOMPARE(set->size(), 3);
    const auto text = index_of(*set, "text.jpg");
    QCOMPARE(message_of<ImageError>([&] { set->image(text); }), "is no image of a known kind");
    const Control control;
    const DatasetStatistics s = measure(*set, 100, control);
    QCOMPARE(s.measured, 2);
    QCOMPARE(s.broken.size(), 1u);
    QCOMPARE(s.broken[0].name, "text.jpg");
    QCOMPARE((std::vector{s.min_width, s.max_width, s.min_height, s.max_height}),
             (std::vector{5, 20, 4, 10}));
    // 200 pixels of (255, 51, 0) and 20 of grey 102.
    QCOMPARE(s.mean.size(), 3u);
    const double share = 20.0 / 220;
    for (std::size_t c = 0; c < 3; ++c) {
      const double main = (std::vector{1.0, 0.2, 0.0})[c], mean = main + share * (0.4 - main);
      QVERIFY(std::abs(s.mean[c] - mean) < 1e-9);
      QVERIFY(std::abs(s.std[c] - std::abs(main - 0.4) * std::sqrt(share * (1 - share))) < 1e-9);
    }
  }

  void links_are_followed_once() {
    const Folder folder, elsewhere;
    elsewhere.write("far.png", encoded(".png"));
    folder.write("a/near.png", encoded(".png"));
    fs::create_directory_symlink(folder.path(), folder.path("a/loop"));
    fs::create_directory_symlink(elsewhere.path(), folder.path("b"));
    fs::create_symlink(folder.path("nowhere.png"), folder.path("dangling.png"));
    const auto set = open_dataset(folder());
    QCOMPARE(set->size(), 2);
    QCOMPARE(set->image_name(0), "a/near.png");
    QCOMPARE(set->image_name(1), "b/far.png");
  }

  void fingerprints_follow_the_files() {
    const Folder one, two;
    for (const Folder* folder : {&one, &two}) {
      folder->write("x/1.png", encoded(".png"));
      folder->write("y/2.png", encoded(".png"));
    }
    const std::string before = open_dataset(one())->fingerprint();
    QCOMPARE(open_dataset(two())->fingerprint(), before);
    two.write("y/3.png", encoded(".png"));
    QVERIFY(open_dataset(two())->fingerprint() != before);
    fs::remove(two.path("y/3.png"));
    QCOMPARE(open_dataset(two())->fingerprint(), before);
    fs::rename(two.path("y"), two.path("z"));  // other labels
    QVERIFY(open_dataset(two())->fingerprint() != before);
  }

  void stamps_follow_what_is_rewritten_in_place() {
    const Folder folder;
    folder.write("x/1.bmp", encoded(".bmp"));
    folder.write("y/2.bmp", encoded(".bmp"));
    const auto moved = [&](const std::string& name, const char* to) {
      fs::last_write_time(folder.path(name),
                          fs::last_write_time(folder.path(name)) + std::chrono::seconds(1));
      return open_dataset(folder(to));
    };
    folder.write("list.csv", std::string("x/1.bmp\ny/2.bmp\n"));
    for (const char* how : {"", "list.csv"}) {
      const auto set = open_dataset(folder(how));
      const std::vector<std::int64_t> first{0}, second{1}, both{0, 1};
      const std::string one = set->stamp(first), two = set->stamp(second), all = set->stamp(both);
      QCOMPARE(open_dataset(folder(how))->stamp(both), all);
      const auto later = moved("y/2.bmp", how);
      QCOMPARE(later->fingerprint(), set->fingerprint());
      QCOMPARE(later->stamp(first), one);  // not of what is not asked for
      QVERIFY(later->stamp(second) != two);
      QVERIFY(later->stamp(both) != all);
      QCOMPARE(set->stamp(both), later->stamp(both));  // a set that stays open sees it too
    }
    const auto joined = open_dataset(folder("x") + ";" + folder("y"));
    const std::vector<std::int64_t> left{0}, right{1};
    const std::string one = joined->stamp(left), two = joined->stamp(right);
    moved("y/2.bmp", "");
    QCOMPARE(joined->stamp(left), one);
    QVERIFY(joined->stamp(right) != two);
  }

  void nothing_to_open_is_one_clear_sentence() {
    const Folder folder;
    QVERIFY(contains(problem_with(folder("missing")), "missing is neither a folder or file"));
    QVERIFY(contains(problem_with("fashion-mnsit"), "Did you mean fashion-mnist?"));
    QVERIFY(contains(problem_with(""), "No data set is named"));
    QVERIFY(contains(problem_with(folder()), "is empty; give one with images in it."));
    folder.write("one.txt", std::string("words"));
    folder.write("in/two.csv", std::string("a,b"));
    QVERIFY(contains(problem_with(folder()), "holds 2 files, but none is an image"));
    QVERIFY(contains(problem_with(folder("one.txt")), "is no data set"));
    folder.write("empty.png", std::string());
    QVERIFY(contains(problem_with(folder()), "None of the 1 images"));
    QVERIFY(contains(problem_with(folder()), "empty.png is empty."));
  }

  void a_set_of_broken_images_says_so_when_it_is_measured() {
    const Folder folder;
    Bytes cut = encoded(".jpg");
    cut.resize(cut.size() / 2);
    for (const char* name : {"shots/a.jpg", "shots/b.jpg", "shots/c.jpg"}) folder.write(name, cut);
    const auto set = open_dataset(folder("shots"));
    Control control;
    const DatasetStatistics statistics = measure(*set, 2, control);
    const std::string message =
        message_of<InputError>([&] { require_decodable(statistics, *set); });
    QVERIFY2(
        message.starts_with("None of the 2 images of shots that were looked at can be decoded: "
                            "a.jpg "),
        message.c_str());
    folder.write("shots/b.jpg", encoded(".jpg"));
    folder.write("shots/c.jpg", encoded(".jpg"));
    require_decodable(measure(*set, 3, control), *set);
  }

  void what_only_calls_itself_an_image_is_tried() {
    const Folder folder;
    folder.write("a.png", encoded(".png"));
    folder.write("b.DCM", std::string("words"));
    QCOMPARE(open_dataset(folder())->size(), 2);
  }

  void many_files_are_only_listed() {
    // None can be decoded; opening does not try more than a few.
    const Folder folder;
    for (int i = 0; i < 2000; ++i)
      folder.write("c" + std::to_string(i % 4) + "/" + std::to_string(i) + ".jpg",
                   std::string("x"));
    const auto set = open_dataset(folder());
    QCOMPARE(set->size(), 2000);
    QCOMPARE(set->classes().size(), 4u);
    QVERIFY(set->broken().empty());
  }
};

SELFSIGHT_SUITE(TestFolder, QCoreApplication);
#include "test_folder.moc"
