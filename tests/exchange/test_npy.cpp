#include <QTemporaryDir>
#include <QTest>
#include <cstring>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/exchange/npy.h"

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

QTEST_GUILESS_MAIN(TestNpy)
#include "test_npy.moc"
