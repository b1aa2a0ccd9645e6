#include <QTest>
#include <chrono>

#include "tests/dataset/files.h"
#include "tests/suite.h"

using namespace selfsight;
namespace fs = std::filesystem;

namespace {

constexpr int folders = 6, each = 1000;

const std::string one_pixel = "P6\n1 1\n255\nabc";

std::string name_of(int folder, int image) {
  return "class" + std::to_string(folder) + "/" + std::to_string(1000 + image) + ".ppm";
}

/// As if nothing had changed for an hour.
void settle(const Folder& folder) {
  const auto then = fs::file_time_type::clock::now() - std::chrono::hours(1);
  for (const auto& inner : fs::directory_iterator(folder.path()))
    fs::last_write_time(inner.path(), then);
  fs::last_write_time(folder.path(), then);
}

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> out;
  if (!fs::exists(folder)) return out;
  for (const auto& entry : fs::directory_iterator(folder)) out.push_back(entry.path());
  return out;
}

}  // namespace

class TestListing : public QObject {
  Q_OBJECT

  Folder cache_;

  std::vector<fs::path> listings() const { return files_in(cache_.path("selfsight/listings")); }

 private Q_SLOTS:
  void initTestCase() { qputenv("XDG_CACHE_HOME", QByteArray::fromStdString(cache_())); }

  void a_large_folder_is_listed_once_while_it_stays_as_it_is() {
    const Folder folder;
    for (int f = 0; f < folders; ++f)
      for (int i = 0; i < each; ++i) folder.write(name_of(f, i), one_pixel);
    folder.write("class0/text.png", std::string());
    settle(folder);
    const auto first = open_dataset(folder());
    QCOMPARE(first->size(), folders * each);
    QCOMPARE(listings().size(), std::size_t(1));

    // A file that changes in place tells that the listing was taken from the cache; see
    // unchanged().
    folder.write(name_of(0, 1), one_pixel + " ");
    const auto second = open_dataset(folder());
    QCOMPARE(second->fingerprint(), first->fingerprint());
    QCOMPARE(second->classes(), first->classes());
    QCOMPARE(second->broken().size(), std::size_t(1));
    QCOMPARE(second->broken()[0].name, std::string("class0/text.png"));
    for (std::int64_t i = 0; i < first->size(); i += 97) {
      QCOMPARE(second->image_name(i), first->image_name(i));
      QCOMPARE(second->label(i), first->label(i));
      QCOMPARE(second->split(i), first->split(i));
    }

    // What is noticed: a file more, less, another name, another size of one that is looked at.
    const auto noticed = [&](const auto& change) {
      const std::string before = open_dataset(folder())->fingerprint();
      change();
      const std::string after = open_dataset(folder())->fingerprint();
      settle(folder);
      return before != after && open_dataset(folder())->fingerprint() == after;
    };
    QVERIFY(noticed([&] { folder.write("class3/new.ppm", one_pixel); }));
    QVERIFY(noticed([&] { fs::remove(folder.path(name_of(2, 7))); }));
    QVERIFY(noticed([&] { fs::rename(folder.path(name_of(2, 8)), folder.path("class2/x.ppm")); }));
    QVERIFY(noticed([&] { folder.write("class6/new.ppm", one_pixel); }));
    QVERIFY(noticed([&] { folder.write(name_of(0, 0), one_pixel + "   "); }));
  }

  void a_damaged_cache_costs_only_time() {
    const Folder folder;
    for (int f = 0; f < folders; ++f)
      for (int i = 0; i < each; ++i) folder.write(name_of(f, i), one_pixel);
    settle(folder);
    fs::remove_all(cache_.path("selfsight"));
    const std::string fingerprint = open_dataset(folder())->fingerprint();
    QCOMPARE(listings().size(), std::size_t(1));
    const fs::path file = listings().front();
    const std::string whole = read_text(file);
    std::string other = whole;
    other[whole.size() / 2] ^= 1;
    for (const std::string& text : {whole.substr(0, whole.size() / 2), std::string("hello"),
                                    std::string(), other, whole + "x"}) {
      write_file(file, text);
      QCOMPARE(open_dataset(folder())->fingerprint(), fingerprint);
      QCOMPARE(read_text(file), whole);  // and it is mended
    }
  }

  void what_could_not_be_read_is_looked_at_again() {
    fs::remove_all(cache_.path("selfsight"));
    const Folder folder, elsewhere;
    for (int f = 0; f < folders; ++f)
      for (int i = 0; i < each; ++i) folder.write(name_of(f, i), one_pixel);
    folder.write("class0/late.ppm", std::string());
    settle(folder);
    QCOMPARE(open_dataset(folder())->size(), folders * each);
    QCOMPARE(listings().size(), std::size_t(1));
    folder.write("class0/late.ppm", one_pixel);
    QCOMPARE(open_dataset(folder())->size(), folders * each + 1);

    fs::remove_all(cache_.path("selfsight"));
    fs::create_symlink(elsewhere.path("far.ppm"), folder.path("class1/far.ppm"));
    settle(folder);
    QCOMPARE(open_dataset(folder())->size(), folders * each + 1);
    QVERIFY(listings().empty());
    elsewhere.write("far.ppm", one_pixel);
    QCOMPARE(open_dataset(folder())->size(), folders * each + 2);
    QCOMPARE(listings().size(), std::size_t(1));
  }

  void small_folders_and_those_just_changed_are_not_kept() {
    fs::remove_all(cache_.path("selfsight"));
    const Folder small, fresh;
    small.write("a/1.ppm", one_pixel);
    open_dataset(small());
    for (int i = 0; i < 6000; ++i) fresh.write("a/" + std::to_string(i) + ".ppm", one_pixel);
    open_dataset(fresh());
    QVERIFY(listings().empty());
  }
};

SELFSIGHT_SUITE(TestListing, QCoreApplication);
#include "test_listing.moc"
