#include <QTest>
#include <cmath>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/probes/leading.h"
#include "tests/suite.h"

using namespace selfsight;

namespace {

/// Six columns of very different sizes, all of them mixed from two, and a seventh that is constant.
Features mixed(std::int64_t rows, std::uint64_t seed) {
  Random random{seed};
  Features out{rows, 7, {}, {}, {}};
  for (std::int64_t i = 0; i < rows; ++i) {
    const double a = random.normal(), b = random.normal();
    for (int j = 0; j < 6; ++j)
      out.values.push_back(
          static_cast<float>((std::cos(j) * a + std::sin(j) * b) * std::pow(10, j)));
    out.values.push_back(7);
    out.ids.push_back(10 * i);
    out.labels.push_back(static_cast<int>(i % 3));
  }
  return out;
}

double squared_distance(const Features& table, std::int64_t i, std::int64_t j,
                        const std::vector<double>& scale) {
  double out = 0;
  for (std::int64_t c = 0; c < table.columns; ++c) {
    const auto at = [&](std::int64_t row) {
      return double(table.values[static_cast<std::size_t>(row * table.columns + c)]);
    };
    const double d = (at(i) - at(j)) / scale[static_cast<std::size_t>(c)];
    out += d * d;
  }
  return out;
}

}  // namespace

class TestLeading : public QObject {
  Q_OBJECT

  Control control_;

 private Q_SLOTS:
  void what_has_two_directions_needs_two_columns() {
    const Features train = mixed(500, 1), other = mixed(40, 2);
    const LeadingAxes axes(train, 2, control_);
    QVERIFY(std::abs(axes.kept() - 1) < 1e-5);
    const Features turned = axes(other);
    QCOMPARE(turned.rows, other.rows);
    QCOMPARE(turned.columns, std::int64_t{2});
    QVERIFY(turned.labels == other.labels && turned.ids == other.ids);
    // Distances are those of the standardised columns.
    std::vector<double> deviation;
    for (std::int64_t c = 0; c < 7; ++c) {
      double sum = 0, squares = 0;
      for (std::int64_t i = 0; i < train.rows; ++i) {
        const double value = double(train.values[static_cast<std::size_t>(7 * i + c)]);
        sum += value / 500;
        squares += value * value / 500;
      }
      deviation.push_back(std::max(std::sqrt(std::max(squares - sum * sum, 0.0)), 1e-3));
    }
    for (std::int64_t i = 1; i < other.rows; ++i) {
      const double wanted = squared_distance(other, 0, i, deviation);
      const double got = squared_distance(turned, 0, i, {1, 1});
      QVERIFY2(std::abs(got - wanted) < 1e-3 * (1 + wanted),
               QByteArray::number(got) + " " + QByteArray::number(wanted));
    }
    QVERIFY(axes(other).values == LeadingAxes(train, 2, control_)(other).values);
  }

  void fewer_columns_keep_less() {
    const Features train = mixed(500, 1);
    const double one = LeadingAxes(train, 1, control_).kept();
    QVERIFY(one > 0.4 && one < 0.99);
    QCOMPARE(LeadingAxes(train, 99, control_)(train).columns, std::int64_t{7});
  }

  void what_is_no_number_is_told_and_a_stop_heard() {
    Features broken = mixed(20, 1);
    broken.values[3] = std::nanf("");
    QVERIFY_EXCEPTION_THROWN(LeadingAxes(broken, 2, control_), InputError);
    Control stopped;
    stopped.request_stop();
    QVERIFY_EXCEPTION_THROWN(LeadingAxes(mixed(20, 1), 2, stopped), Cancelled);
  }
};

SELFSIGHT_SUITE(TestLeading, QCoreApplication);
#include "test_leading.moc"
