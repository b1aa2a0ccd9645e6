#include <QTest>
#include <cmath>

#include "core/base/error.h"
#include "core/probes/retrieval.h"
#include "tests/suite.h"

using namespace selfsight;

namespace {

/// Points on a circle at these degrees: nearness is the angle between them.
Features rows_at(const std::vector<double>& degrees, std::vector<int> labels) {
  Features out{static_cast<std::int64_t>(degrees.size()), 2, {}, {}, std::move(labels)};
  for (const double angle : degrees) {
    out.values.push_back(static_cast<float>(std::cos(angle * M_PI / 180)));
    out.values.push_back(static_cast<float>(std::sin(angle * M_PI / 180)));
  }
  return out;
}

}  // namespace

class TestRetrieval : public QObject {
  Q_OBJECT

  Control control_;

 private Q_SLOTS:
  void the_mean_of_the_precision_at_each_of_the_class() {
    // In order of likeness to 0 degrees: 1, 0, 1, 1, 0.
    const Features bank = rows_at({5, 10, 20, 30, 40}, {1, 0, 1, 1, 0});
    const Retrieval of_1 = retrieval(bank, rows_at({0}, {1}), control_);
    QVERIFY(std::abs(of_1.map - (1.0 / 1 + 2.0 / 3 + 3.0 / 4) / 3) < 1e-12);
    QCOMPARE(of_1.precision_at_1, 1.0);
    const Retrieval of_0 = retrieval(bank, rows_at({0}, {0}), control_);
    QVERIFY(std::abs(of_0.map - (1.0 / 2 + 2.0 / 5) / 2) < 1e-12);
    QCOMPARE(of_0.precision_at_1, 0.0);
    const Retrieval both = retrieval(bank, rows_at({0, 0}, {0, 1}), control_);
    QVERIFY(std::abs(both.map - (of_0.map + of_1.map) / 2) < 1e-12);
    QCOMPARE(both.queries, 2);
  }

  void what_has_no_label_has_no_part() {
    const Features bank = rows_at({2, 5, 10, 20}, {-1, 0, 1, 1});
    const Retrieval result = retrieval(bank, rows_at({0, 0, 0}, {1, -1, 7}), control_);
    QCOMPARE(result.queries, 1);  // nothing in the bank is of class 7
    QVERIFY(std::abs(result.map - (1.0 / 2 + 2.0 / 3) / 2) < 1e-12);
    QVERIFY_EXCEPTION_THROWN(retrieval(bank, rows_at({0}, {-1}), control_), InputError);
  }

  void more_queries_than_a_block() {
    std::vector<double> angles;
    std::vector<int> labels;
    for (int i = 0; i < 300; ++i) angles.push_back(i), labels.push_back(i < 150 ? 0 : 1);
    const Features all = rows_at(angles, labels);
    const Retrieval result = retrieval(all, all, control_);
    QCOMPARE(result.queries, 300);
    QCOMPARE(result.precision_at_1, 1.0);
    Control stopped;
    stopped.request_stop();
    QVERIFY_EXCEPTION_THROWN(retrieval(all, all, stopped), Cancelled);
  }
};

SELFSIGHT_SUITE(TestRetrieval, QCoreApplication);
#include "test_retrieval.moc"
