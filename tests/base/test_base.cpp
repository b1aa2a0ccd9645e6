#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <cstring>
#include <set>
#include <thread>

#include "core/base/control.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/random.h"
#include "core/base/tensor_file.h"
#include "tests/suite.h"

using namespace selfsight;

namespace {

std::string message_of(auto&& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

class TestBase : public QObject {
  Q_OBJECT

  std::filesystem::path in(const char* name) const {
    return std::filesystem::path(folder_.path().toStdString()) / name;
  }
  QTemporaryDir folder_;

 private Q_SLOTS:
  void the_same_key_draws_the_same_numbers() {
    const ViewKey key{7, 3, 42, 1};
    Random a(key, Stream::crop), b(key, Stream::crop), other(key, Stream::blur);
    int equal = 0;
    for (int i = 0; i < 100; ++i) {
      const auto bits = a.bits();
      QCOMPARE(bits, b.bits());
      equal += bits == other.bits();
    }
    QCOMPARE(equal, 0);
  }

  void every_part_of_a_key_counts() {
    const ViewKey base{7, 3, 42, 1};
    std::set<std::uint64_t> first;
    for (const ViewKey& key : {base, ViewKey{8, 3, 42, 1}, ViewKey{7, 4, 42, 1},
                               ViewKey{7, 3, 43, 1}, ViewKey{7, 3, 42, 0}, ViewKey{3, 7, 42, 1}})
      first.insert(Random(key, Stream::crop).bits());
    QCOMPARE(first.size(), std::size_t(6));
  }

  void numbers_are_spread_as_they_should() {
    Random random{1, 2, 3};
    double sum = 0, squares = 0, normal_sum = 0, normal_squares = 0;
    std::vector<int> counts(7);
    constexpr int n = 20000;
    for (int i = 0; i < n; ++i) {
      const double u = random.uniform(), z = random.normal();
      QVERIFY(u >= 0 && u < 1);
      sum += u, squares += u * u, normal_sum += z, normal_squares += z * z;
      ++counts[random.below(7)];
    }
    QVERIFY(std::abs(sum / n - 0.5) < 0.01);
    QVERIFY(std::abs(squares / n - 1.0 / 3) < 0.01);
    QVERIFY(std::abs(normal_sum / n) < 0.03);
    QVERIFY(std::abs(normal_squares / n - 1) < 0.05);
    for (int count : counts) QVERIFY(std::abs(count - n / 7) < 300);
  }

  void a_file_is_whole_or_not_there() {
    write_file(in("a.txt"), "first");
    write_file(in("a.txt"), "second");
    QCOMPARE(read_text(in("a.txt")), std::string("second"));
    // The target is a folder: the rename fails, and nothing is left lying about.
    std::filesystem::create_directories(in("taken") / "inside");
    QVERIFY(contains(message_of([&] { write_file(in("taken"), "x"); }), "taken"));
    QVERIFY(message_of([&] { write_file(in("no/such/folder"), "x"); }).size());
    int files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path().toStdString()))
      files += entry.is_regular_file();
    QCOMPARE(files, 1);
  }

  void two_threads_may_write_one_file() {
    const auto write = [&](char letter) {
      return message_of([&] {
        for (int i = 0; i < 40; ++i) write_file(in("both"), std::string(300'000, letter));
      });
    };
    std::string other;
    std::thread beside([&] { other = write('b'); });
    const std::string one = write('a');
    beside.join();
    QCOMPARE(one, std::string());
    QCOMPARE(other, std::string());
    const std::string text = read_text(in("both"));
    QVERIFY(text == std::string(300'000, text.front()));
    std::filesystem::remove(in("both"));
  }

  void a_digest_is_sha256() {
    write_file(in("abc"), "abc");
    QCOMPARE(sha256_file(in("abc")),
             std::string("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
  }

  void numbers_and_words_read_well() {
    QCOMPARE(grouped(0), std::string("0"));
    QCOMPARE(grouped(999), std::string("999"));
    QCOMPARE(grouped(60000), std::string("60,000"));
    QCOMPARE(grouped(-1234567), std::string("-1,234,567"));
    QCOMPARE(nearest_word("temprature", {"lr", "temperature", "momentum"}),
             std::string("temperature"));
    QCOMPARE(nearest_word("simclr-fashon", {"mae-fashion-quick", "simclr-fashion-quick"}),
             std::string("simclr-fashion-quick"));
    QCOMPARE(nearest_word("temprature", {"train.seed", "method.temperature"}),
             std::string("method.temperature"));
    QCOMPARE(nearest_word("zzzzzz", {"lr", "temperature"}), std::string());
    QCOMPARE(nearest_word("foo", {"features", "show"}), std::string());
  }

  void tensors_come_back_as_they_went() {
    TensorFile file;
    file.metadata["step"] = "12";
    StoredTensor weight{"F32", {2, 3}, std::vector<std::byte>(24)};
    for (int i = 0; i < 6; ++i) {
      const float value = 0.5f * static_cast<float>(i);
      std::memcpy(weight.bytes.data() + 4 * i, &value, 4);
    }
    file.tensors = {{"weight", weight}, {"count", {"I64", {}, std::vector<std::byte>(8)}}};
    save_tensors(in("model.safetensors"), file);
    const TensorFile back = load_tensors(in("model.safetensors"));
    QCOMPARE(back.metadata.at("step"), std::string("12"));
    QCOMPARE(back.tensors.size(), std::size_t(2));
    QCOMPARE(back.tensors[0].first, std::string("weight"));
    QVERIFY(back.find("weight")->shape == weight.shape);
    QVERIFY(back.find("weight")->bytes == weight.bytes);
    QVERIFY(back.find("missing") == nullptr);
  }

  void a_lying_tensor_file_is_refused_data() {
    QTest::addColumn<QByteArray>("header");
    QTest::addColumn<QByteArray>("reason");
    const auto row = [](const char* name, const char* header, const char* reason) {
      QTest::newRow(name) << QByteArray(header) << QByteArray(reason);
    };
    row("no JSON", "{\"a\":", "header cannot be read");
    row("outside", R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}})", "outside");
    row("backwards", R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[8,4]}})", "outside");
    row("shape", R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", "does not fit");
    row("negative", R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})", "no shape");
    row("overflow", R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}})",
        "too large");
    row("dtype", R"({"a":{"dtype":"PICKLE","shape":[1],"data_offsets":[0,8]}})", "number type");
    row("missing", R"({"a":{"dtype":"F32"}})", "described");
  }
  void a_lying_tensor_file_is_refused() {
    QFETCH(QByteArray, header);
    QFETCH(QByteArray, reason);
    const std::uint64_t length = static_cast<std::uint64_t>(header.size());
    std::string bytes(reinterpret_cast<const char*>(&length), 8);
    write_file(in("lie"), bytes + header.toStdString() + std::string(8, '\0'));
    const std::string message = message_of([&] { load_tensors(in("lie")); });
    QVERIFY2(contains(message, reason.toStdString()), message.c_str());
  }
  void a_cut_tensor_file_is_refused() {
    for (const std::string& bytes : {std::string(), std::string("1234"), std::string(8, '\xff')}) {
      write_file(in("cut"), bytes);
      QVERIFY(contains(message_of([&] { load_tensors(in("cut")); }), "not a whole"));
    }
  }

  void pause_waits_until_resumed_or_stopped() {
    Control control;
    control.pause();
    std::thread asker([&] { control.resume(); });
    control.wait_while_paused();
    asker.join();
    QVERIFY(!control.paused());
    control.pause();
    control.request_stop();
    control.wait_while_paused();  // a stop ends a pause
    QVERIFY_EXCEPTION_THROWN(control.check(), Cancelled);
  }
  void a_check_waits_too_unless_it_is_told_not_to() {
    Control control;
    control.pause();
    std::atomic<bool> passed = false;
    std::thread work([&] {
      control.check();
      passed = !control.paused();
    });
    control.resume();
    work.join();
    QVERIFY(passed);
    control.check_stops_only();
    control.pause();
    control.check();
    QVERIFY(control.paused());
  }
  void only_a_file_is_written_over() {
    std::filesystem::create_directory(in("folder"));
    QVERIFY(contains(message_of([&] { write_file(in("folder"), "text"); }), "name another"));
    QVERIFY(contains(message_of([] { write_file("/dev/null", "text"); }), "name another"));
    QVERIFY(!std::filesystem::is_regular_file("/dev/null"));
  }
  void a_checksum_can_be_stopped() {
    write_file(in("long"), std::string(1000, 'x'));
    Control control;
    QCOMPARE(sha256_file(in("long"), control), sha256_file(in("long")));
    control.request_stop();
    QVERIFY_EXCEPTION_THROWN(sha256_file(in("long"), control), Cancelled);
  }
};

SELFSIGHT_SUITE(TestBase, QCoreApplication);
#include "test_base.moc"
