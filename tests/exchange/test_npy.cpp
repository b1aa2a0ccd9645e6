#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <cstring>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/exchange/npy.h"
#include "tests/suite.h"

using namespace selfsight;

namespace {

/// A .npy file of version 1 with this header and these bytes after it.
std::string npy(const std::string& header, const std::string& data) {
  const auto length = static_cast<std::uint16_t>(header.size());
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes.append(reinterpret_cast<const char*>(&length), 2);
  return bytes + header + data;
}

template <class Number>
std::string bytes_of(std::vector<Number> numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(Number)};
}

}  // namespace

class TestNpy : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::filesystem::path file() const {
    return std::filesystem::path(folder_.path().toStdString()) / "m.npy";
  }

 private Q_SLOTS:
  void a_matrix_comes_back_as_it_went() {
    const NpyMatrix matrix{2, 3, {1, 2, 3, 4, 5, 6.5f}};
    save_npy(file(), matrix);
    QCOMPARE(read_file(file()).size() % 64, std::size_t(24));
    const NpyMatrix back = load_npy(file());
    QCOMPARE(back.rows, 2);
    QCOMPARE(back.columns, 3);
    QVERIFY(back.values == matrix.values);
  }

  void doubles_fortran_order_and_vectors_are_read() {
    write_file(file(), npy("{'descr': '<f8', 'fortran_order': True, 'shape': (2, 2), }",
                           bytes_of<double>({1, 2, 3, 4})));
    QVERIFY((load_npy(file()).values == std::vector<float>{1, 3, 2, 4}));
    write_file(file(), npy("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }",
                           bytes_of<float>({1, 2, 3})));
    QCOMPARE(load_npy(file()).rows, 3);
    QCOMPARE(load_npy(file()).columns, 1);
  }

  void other_numbers_become_floats_data() {
    QTest::addColumn<QString>("type");
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QList<float>>("values");
    const auto row = [](const char* type, const std::string& bytes, const QList<float>& values) {
      QTest::newRow(type) << QString::fromLatin1(type) << QByteArray::fromStdString(bytes)
                          << values;
    };
    // As numpy writes [1, -2, 65504, 2**-24] and so on.
    row("<f2", bytes_of<std::uint16_t>({0x3C00, 0xC000, 0x7BFF, 0x0001}), {1, -2, 65504, 0x1p-24F});
    row(">f2", std::string("\x3C\x00\xC0\x00", 4), {1, -2});
    row(">f4", std::string("\x3F\x80\x00\x00\xC0\x20\x00\x00", 8), {1, -2.5F});
    row(">f8", std::string("\xBF\xF8\x00\x00\x00\x00\x00\x00", 8), {-1.5F});
    row("|u1", std::string("\x00\xFF", 2), {0, 255});
    row("|i1", std::string("\x7F\xFF", 2), {127, -1});
    row("|b1", std::string("\x01\x00", 2), {1, 0});
    row("<u2", bytes_of<std::uint16_t>({65535, 7}), {65535, 7});
    row("<i2", bytes_of<std::int16_t>({-300, 7}), {-300, 7});
    row(">i2", std::string("\xFE\xD4\x00\x07", 4), {-300, 7});
    row("<i4", bytes_of<std::int32_t>({-70000, 7}), {-70000, 7});
    row("<u4", bytes_of<std::uint32_t>({4294967040U, 7}), {4294967040.0F, 7});
    row("<i8", bytes_of<std::int64_t>({-5'000'000'000, 7}), {-5e9F, 7});
    row("<u8", bytes_of<std::uint64_t>({std::uint64_t{1} << 63, 7}), {0x1p63F, 7});
  }
  void other_numbers_become_floats() {
    QFETCH(QString, type);
    QFETCH(QByteArray, bytes);
    QFETCH(QList<float>, values);
    const std::string header = "{'descr': '" + type.toStdString() +
                               "', 'fortran_order': False, 'shape': (" +
                               std::to_string(values.size()) + ",), }";
    write_file(file(), npy(header, bytes.toStdString()));
    QVERIFY((load_npy(file()).values == std::vector<float>(values.begin(), values.end())));
    bytes.chop(1);
    write_file(file(), npy(header, bytes.toStdString()));
    QVERIFY_EXCEPTION_THROWN(load_npy(file()), InputError);
  }

  void a_half_that_is_no_number_stays_none() {
    write_file(file(), npy("{'descr': '<f2', 'fortran_order': False, 'shape': (2,), }",
                           bytes_of<std::uint16_t>({0x7E00, 0xFC00})));
    const NpyMatrix read = load_npy(file());
    QVERIFY(std::isnan(read.values[0]));
    QVERIFY(std::isinf(read.values[1]) && read.values[1] < 0);
  }

  void what_lies_is_refused_data() {
    QTest::addColumn<QByteArray>("bytes");
    const auto row = [](const char* name, const std::string& bytes) {
      QTest::newRow(name) << QByteArray::fromStdString(bytes);
    };
    row("empty", "");
    row("text", "hello, this is not a matrix");
    row("header cut", std::string("\x93NUMPY\x01\x00\xff\x7f", 10) + "{}");
    row("short", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (9, 9), }", "1234"));
    row("huge", npy("{'descr': '<f8', 'fortran_order': False, 'shape': (999999999999999, "
                    "999999999999999), }",
                    "12345678"));
    row("objects", npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", "12345678"));
    for (const char* type : {"<c8", "<f3", "|i4", "=f4", "f4", "<f44", "<U4", "<m8", ""})
      row(type[0] ? type : "no type",
          npy("{'descr': '" + std::string(type) + "', 'fortran_order': False, 'shape': (1,), }",
              std::string(64, '1')));
    row("long header",
        npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1), }" + std::string(5000, ' '),
            "1234"));
    row("no columns", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (999999999999999, "
                          "0), }",
                          ""));
    row("no rows", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 9), }", ""));
    row("cube", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 1), }", "1234"));
  }
  void what_lies_is_refused() {
    QFETCH(QByteArray, bytes);
    write_file(file(), bytes.toStdString());
    QVERIFY_EXCEPTION_THROWN(load_npy(file()), InputError);
  }
};

SELFSIGHT_SUITE(TestNpy, QCoreApplication);
#include "test_npy.moc"
