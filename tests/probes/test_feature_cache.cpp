// clang-format off
#include <torch/torch.h>
// clang-format on
#include <QTemporaryDir>
#include <QTest>
#include <opencv2/imgcodecs.hpp>

#include "core/base/files.h"
#include "core/probes/feature_cache.h"
#include "tests/suite.h"
#include "tests/training/runs.h"

using namespace selfsight;

namespace {

const Features small_table{2, 3, {1, 2, 3, 4, 5, 6}, {7, 9}, {0, -1}};

bool same(const Features& a, const Features& b) {
  return a.rows == b.rows && a.columns == b.columns && a.values == b.values && a.ids == b.ids &&
         a.labels == b.labels;
}

}  // namespace

class TestFeatureCache : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  int made_ = 0;

  std::filesystem::path at(const char* name) const {
    return std::filesystem::path(folder_.path().toStdString()) / name;
  }
  std::function<Features()> maker(const Features& what = small_table) {
    return [this, what] {
      ++made_;
      return what;
    };
  }

 private Q_SLOTS:
  void init() { made_ = 0; }

  void a_table_is_made_once() {
    const FeatureCache cache(at("once"));
    const FeatureKey key{"a", "b", {7, 9}, 8, "bicubic"};
    QVERIFY(same(cache.get(key, maker()), small_table));
    QVERIFY(same(FeatureCache(at("once")).get(key, maker({})), small_table));
    QCOMPARE(made_, 1);
  }

  void whatever_it_depends_on_makes_another() {
    const FeatureKey key{"a", "b", {7, 9}, 8, "bicubic"};
    std::vector<FeatureKey> others(6, key);
    others[0].encoder = "c";
    others[1].dataset = "c";
    others[2].indices = {9, 7};
    others[3].view_size = 16;
    others[4].interpolation = "bilinear";
    others[5].stamp = "rewritten";
    for (const FeatureKey& other : others) QVERIFY(other.hash() != key.hash());
    QCOMPARE((FeatureKey{"a", "b", {7, 9}, 8, "bicubic"}.hash()), key.hash());
  }

  void a_damaged_file_is_made_anew() {
    const FeatureCache cache(at("damaged"));
    const FeatureKey key{"a", "b", {7, 9}, 8, "bicubic"};
    cache.get(key, maker());
    for (const auto& file : std::filesystem::directory_iterator(at("damaged")))
      write_file(file.path(), std::string_view("half a file"));
    QVERIFY(same(cache.get(key, maker()), small_table));
    QCOMPARE(made_, 2);
    cache.get(key, maker());
    QCOMPARE(made_, 2);
  }

  void a_table_of_no_image_is_not_kept() {
    const FeatureCache cache(at("none"));
    const FeatureKey key{"a", "b", {7, 9}, 8, "bicubic"};
    QCOMPARE(cache.get(key, maker({})).rows, 0);
    QVERIFY(same(cache.get(key, maker()), small_table));
    QCOMPARE(made_, 2);
  }

  void a_table_that_lacks_an_image_which_opens_now_is_made_anew() {
    const FeatureCache cache(at("for a while"));
    Control control;
    const auto rows = [&](std::set<std::int64_t> broken) {
      return raw_pixels(cache, Squares(4, 0, std::move(broken)), {0, 1, 2, 3}, 4, control).rows;
    };
    QCOMPARE(rows({1, 3}), 2);
    QCOMPARE(rows({1, 3}), 2);
    QCOMPARE(rows({1}), 3);
    QCOMPARE(rows({}), 4);
    QCOMPARE(rows({1}), 4);  // what is there is not opened again
  }

  void a_disk_that_takes_nothing_costs_only_time() {
    write_file(at("a file"), std::string_view("not a folder"));
    const FeatureCache cache(at("a file"));
    QVERIFY(same(cache.get({"a", "b", {}, 8, ""}, maker()), small_table));
  }

  void beyond_the_limit_the_longest_idle_goes() {
    const Features large{1, 1000, std::vector<float>(1000, 1.0f), {0}, {0}};  // over 4,000 bytes
    const FeatureCache cache(at("bounded"), 9000);
    const auto key = [](std::int64_t i) { return FeatureKey{"a", "b", {i}, 8, ""}; };
    const auto file = [&](std::int64_t i) {
      return at("bounded") / (key(i).hash() + ".safetensors");
    };
    cache.get(key(0), maker(large));
    cache.get(key(1), maker(large));
    // The first was used last.
    const auto now = std::filesystem::file_time_type::clock::now();
    std::filesystem::last_write_time(file(0), now - std::chrono::minutes(1));
    std::filesystem::last_write_time(file(1), now - std::chrono::minutes(2));
    cache.get(key(2), maker(large));
    QVERIFY(std::filesystem::exists(file(0)));
    QVERIFY(!std::filesystem::exists(file(1)));
    QVERIFY(std::filesystem::exists(file(2)));
  }

  void what_a_kill_left_behind_goes() {
    namespace fs = std::filesystem;
    fs::create_directories(at("killed"));
    const auto old = at("killed") / "a.safetensors.part12-3", other = at("killed") / "notes.txt";
    const auto saving = at("killed") / "b.safetensors.part12-4";
    for (const auto& file : {old, other, saving}) write_file(file, std::string_view("half"));
    for (const auto& file : {old, other})
      fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::hours(2));
    FeatureCache(at("killed")).get({"a", "b", {1}, 8, ""}, maker());
    QVERIFY(!fs::exists(old));
    QVERIFY(fs::exists(other));
    QVERIFY(fs::exists(saving));
  }

  void an_image_changed_in_place_is_measured_anew() {
    namespace fs = std::filesystem;
    fs::create_directories(at("pictures"));
    const auto begin = fs::file_time_type::clock::now();
    const auto paint = [&](const char* name, int grey, std::chrono::seconds when) {
      cv::imwrite((at("pictures") / name).string(), cv::Mat(8, 8, CV_8UC1, cv::Scalar(grey)));
      fs::last_write_time(at("pictures") / name, begin + when);
    };
    paint("a.bmp", 10, std::chrono::seconds(1));
    paint("b.bmp", 20, std::chrono::seconds(1));
    const FeatureCache cache(at("in place"));
    Control control;
    const auto value = [&](std::int64_t image) {
      const auto set = open_dataset(at("pictures").string());
      return raw_pixels(cache, *set, {image}, 4, control).values.front();
    };
    const auto tables = [&] {
      return std::distance(fs::directory_iterator(at("in place")), fs::directory_iterator());
    };
    const float a = value(0), b = value(1);
    QVERIFY(a != b);
    paint("a.bmp", 200, std::chrono::seconds(2));  // as long as before
    QVERIFY(value(0) != a);
    QCOMPARE(tables(), 3);
    QCOMPARE(value(1), b);  // its neighbour is not
    value(0);
    QCOMPARE(tables(), 3);
  }

  void a_checkpoint_may_be_pruned_once_it_is_open() {
    const Squares squares(60, 20);
    Settings settings = tiny_run("simclr");
    settings.set("train.epochs", 0.5);
    Listener listener;
    train({settings, std::make_shared<Squares>(60, 20), at("pruned"), {}, {}}, listener,
          listener.control);
    const CheckpointInfo last = listener.checkpoints.back();
    const auto model = FrozenModel::from_checkpoint(last.file);
    std::filesystem::remove(last.file);
    QCOMPARE(model->identity(), last.sha256);
    QCOMPARE(model->checkpoint().sha256, last.sha256);
    QCOMPARE(model->checkpoint().step, last.step);
    QVERIFY(model->untrained(0)->checkpoint().sha256.empty());
    const FeatureCache cache(at("features of the pruned"));
    const auto ids = squares.indices(Split::validation);
    QCOMPARE(extract(cache, *model, squares, ids, listener.control).rows, 20);
  }

  void encoders_are_told_apart_by_their_weights() {
    const Squares squares(60, 20);
    Listener listener;
    train({tiny_run("simclr"), std::make_shared<Squares>(60, 20), at("run"), {}, {}}, listener,
          listener.control);
    const auto model = FrozenModel::from_checkpoint(listener.checkpoints.back().file);
    QCOMPARE(model->identity(), listener.checkpoints.back().sha256);
    QVERIFY(model->untrained(0)->identity() != model->untrained(1)->identity());
    QCOMPARE(model->untrained(1)->identity(), model->untrained(1)->identity());
    const FeatureCache cache(at("encoders"));
    const auto ids = squares.indices(Split::validation);
    const Features first = extract(cache, *model, squares, ids, listener.control);
    QVERIFY(same(first, extract(*model, squares, ids, listener.control)));
    QVERIFY(same(first, extract(cache, *model, squares, ids, listener.control)));
    QVERIFY(!same(first, extract(cache, *model->untrained(0), squares, ids, listener.control)));
    QCOMPARE(raw_pixels(cache, squares, ids, 8, listener.control).columns, 64);
  }
};

SELFSIGHT_SUITE(TestFeatureCache, QCoreApplication);
#include "test_feature_cache.moc"
