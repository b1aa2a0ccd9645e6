#include "core/maps/search.h"

#include <QTest>

#include <algorithm>
#include <set>

#include "core/base/error.h"
#include "tests/maps/tables.h"
#include "tests/suite.h"

using namespace selfsight;
using namespace selfsight::tests;

namespace {

std::vector<float> floats(const Matrix& rows) {
  return {rows.values.begin(), rows.values.end()};
}

std::span<const float> row(const std::vector<float>& values, std::int64_t i, std::int64_t columns) {
  return std::span(values).subspan(static_cast<std::size_t>(i * columns),
                                   static_cast<std::size_t>(columns));
}

}  // namespace

class TestSearch : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void the_nearest_by_cosine_come_first() {
    const std::vector<float> values{1, 0, 0, 5, -1, -1, 3, 3};  // lengths must not matter
    const SearchIndex index(values, 2, Control());
    QVERIFY(index.exact());
    QCOMPARE(index.recall(), 1.0);
    const auto found = index.nearest(std::vector<float>{0, 0.5F}, 3);
    QCOMPARE(found.size(), std::size_t(3));
    QCOMPARE(found[0].row, 1);
    QCOMPARE(found[1].row, 3);
    QCOMPARE(found[2].row, 0);
    QVERIFY(std::abs(found[1].similarity - 0.70710678F) < 1e-6F);
  }

  void more_than_there_are_gives_all() {
    const std::vector<float> values{1, 0, 0, 1};
    QCOMPARE(SearchIndex(values, 2, Control()).nearest(std::vector<float>{1, 1}, 50).size(),
             std::size_t(2));
  }

  void rows_that_are_no_numbers_are_never_found() {
    const std::vector<float> values{1, 0, std::nanf(""), 1, 1, 1};
    const SearchIndex index(values, 2, Control());
    const auto found = index.nearest(std::vector<float>{0, 1}, 3);
    QCOMPARE(found.size(), std::size_t(2));
    QCOMPARE(found[0].row, 2);
    QCOMPARE(index.left_out(), 1);
    QVERIFY_EXCEPTION_THROWN(index.nearest(std::vector<float>{std::nanf(""), 1}, 1), InputError);
    QVERIFY_EXCEPTION_THROWN(index.nearest(std::vector<float>{1}, 1), InputError);
    QVERIFY_EXCEPTION_THROWN(SearchIndex(std::span<const float>(), 2, Control()), InputError);
    QVERIFY_EXCEPTION_THROWN(SearchIndex(std::vector<float>(4, std::nanf("")), 2, Control()),
                             InputError);
  }

  void a_large_table_gets_an_index_with_the_recall_it_states() {
    const std::int64_t columns = 16;
    const auto values = floats(blobs(5000, columns, 40));
    const SearchIndex exact(values, columns, Control()), quick(values, columns, Control(), 1000);
    QVERIFY(!quick.exact());
    QVERIFY(quick.recall() >= 0.95 && quick.recall() <= 1);
    double both = 0;
    for (std::int64_t i = 0; i < 100; ++i) {
      const auto query = row(values, 37 * i, columns);
      const auto right = exact.nearest(query, 10), got = quick.nearest(query, 10);
      QCOMPARE(got[0].row, 37 * i);
      for (const Found& one : right)
        both += std::any_of(got.begin(), got.end(),
                            [&](const Found& other) { return other.row == one.row; });
    }
    QVERIFY(both / 1000 > 0.9);
  }

  void an_index_finds_as_many_as_are_asked_for() {
    const std::int64_t columns = 16;
    const auto values = floats(blobs(5000, columns, 40));
    const SearchIndex quick(values, columns, Control(), 1000);
    for (const std::int64_t k : {1, 10, 2500, 5000, 6000}) {
      const auto found = quick.nearest(row(values, 37, columns), k);
      QCOMPARE(static_cast<std::int64_t>(found.size()), std::min<std::int64_t>(k, 5000));
      QCOMPARE(found[0].row, 37);
      std::set<std::int64_t> rows;
      for (const Found& one : found) rows.insert(one.row);
      QCOMPARE(rows.size(), found.size());
    }
    QCOMPARE(quick.nearest(row(values, 37, columns), 10).size(), std::size_t(10));
  }

  void of_equal_rows_any_is_right() {
    const std::int64_t columns = 16;
    Matrix rows = blobs(5000, columns, 40);
    for (std::int64_t i = 2; i < 5000; i += 2)  // half of them the same, but for their length
      std::transform(rows.values.begin(), rows.values.begin() + columns,
                     rows.values.begin() + i * columns,
                     [&](double value) { return value * (1 + static_cast<double>(i) / 1000); });
    const SearchIndex quick(floats(rows), columns, Control(), 1000);
    QVERIFY2(quick.recall() >= 0.95, qPrintable(QString::number(quick.recall())));
  }

  void a_stop_is_heard() {
    Control control;
    control.request_stop();
    QVERIFY_EXCEPTION_THROWN(SearchIndex(std::vector<float>{1, 2}, 2, control), Cancelled);
  }
};

SELFSIGHT_SUITE(TestSearch, QCoreApplication);
#include "test_search.moc"
