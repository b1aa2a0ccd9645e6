#include <QTemporaryDir>
#include <QTest>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/tensor_file.h"
#include "tests/suite.h"

using namespace selfsight;

class TestTensorFile : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;

  std::filesystem::path file() const {
    return std::filesystem::path(folder_.path().toStdString()) / "t.safetensors";
  }
  void write(const std::string& header, std::size_t data) const {
    const auto length = static_cast<std::uint64_t>(header.size());
    const std::string begin(reinterpret_cast<const char*>(&length), 8);
    write_file(file(), begin + header + std::string(data, '\0'));
  }
  std::string refusal() const {
    try {
      load_tensors(file());
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  }

 private Q_SLOTS:
  void what_multiplies_memory_is_refused_data() {
    QTest::addColumn<QByteArray>("header");
    QTest::addColumn<QByteArray>("reason");
    const auto row = [](const char* name, const char* header, const char* reason) {
      QTest::newRow(name) << QByteArray(header) << QByteArray(reason);
    };
    row("overlapping",
        R"({"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},)"
        R"("b":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}})",
        "b overlaps with others");
    row("empty, but larger than can be counted",
        R"({"a":{"dtype":"U8","shape":[0,9223372036854775808],"data_offsets":[0,0]}})",
        "a has a shape too large");
    row("empty, of extents that overflow together",
        R"({"a":{"dtype":"U8","shape":[4611686018427387904,0,8],"data_offsets":[0,0]}})",
        "a has a shape too large");
  }
  void what_multiplies_memory_is_refused() {
    QFETCH(QByteArray, header);
    QFETCH(QByteArray, reason);
    write(header.toStdString(), 8);
    const std::string message = refusal();
    QVERIFY2(message.find(reason.toStdString()) != std::string::npos, message.c_str());
  }

  void what_cannot_be_read_is_not_damaged() {
    write("{}", 0);
    std::filesystem::resize_file(file(), 9);
    const auto damaged = [&](const std::filesystem::path& path) {
      try {
        load_tensors(path);
      } catch (const DamagedFile&) {
        return true;
      } catch (const InputError&) {
      }
      return false;
    };
    QVERIFY(damaged(file()));
    QVERIFY(!damaged(file().parent_path()));
    QVERIFY(!damaged(file().parent_path() / "gone"));
  }

  void many_names_are_read() {
    const auto named = [](const std::string& name) {
      return '"' + name + "\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}";
    };
    constexpr int count = 100'000;
    std::string header = "{" + named("0");
    for (int i = 1; i < count; ++i) header += "," + named(std::to_string(i * 7LL % count));
    write(header + "}", 0);
    const TensorFile found = load_tensors(file());
    QCOMPARE(found.tensors.size(), static_cast<std::size_t>(count));
    write(header + "," + named("more") + "," + named("most") + "}", 0);
    QVERIFY(refusal().find("more than 100,000 tensors") != std::string::npos);
  }

  void metadata_is_read_without_the_tensors() {
    TensorFile written;
    written.metadata = {{"format", "pt"}, {"state", "{}"}};
    written.tensors = {{"a", {"U8", {2}, std::vector<std::byte>(2)}}};
    save_tensors(file(), written);
    QVERIFY(load_metadata(file()) == written.metadata);
    // Cut off behind the header, which is all that is looked at.
    std::filesystem::resize_file(file(), std::filesystem::file_size(file()) - 2);
    QVERIFY(load_metadata(file()) == written.metadata);
    write(R"({"__metadata__":{"a":1}})", 0);
    QVERIFY_EXCEPTION_THROWN(load_metadata(file()), InputError);
    std::filesystem::resize_file(file(), 12);
    QVERIFY_EXCEPTION_THROWN(load_metadata(file()), InputError);
  }

  void the_layout_is_read_without_the_tensors() {
    TensorFile written;
    written.metadata = {{"format", "pt"}};
    written.tensors = {{"b", {"F32", {2, 3}, std::vector<std::byte>(24)}},
                       {"a", {"U8", {2}, std::vector<std::byte>(2)}}};
    save_tensors(file(), written);
    const TensorFile layout = load_layout(file());
    QVERIFY(layout.metadata == written.metadata);
    QCOMPARE(layout.tensors.size(), 2u);
    for (std::size_t i = 0; i < 2; ++i) {
      QCOMPARE(layout.tensors[i].first, written.tensors[i].first);
      QCOMPARE(layout.tensors[i].second.shape, written.tensors[i].second.shape);
      QVERIFY(layout.tensors[i].second.bytes.empty());
    }
    std::filesystem::resize_file(file(), std::filesystem::file_size(file()) - 1);
    QVERIFY_EXCEPTION_THROWN(load_layout(file()), DamagedFile);  // it points outside the file
    for (const int size : {40, 12, 3, 0}) {
      std::filesystem::resize_file(file(), static_cast<std::uintmax_t>(size));
      QVERIFY_EXCEPTION_THROWN(load_layout(file()), DamagedFile);
    }
    QVERIFY_EXCEPTION_THROWN(load_layout(file().parent_path() / "gone"), InputError);
  }
};

SELFSIGHT_SUITE(TestTensorFile, QCoreApplication);
#include "test_tensor_file.moc"
