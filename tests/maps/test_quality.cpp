#include "core/maps/quality.h"

#include <QTest>

#include "core/base/error.h"
#include "tests/maps/tables.h"
#include "tests/suite.h"

using namespace selfsight;
using namespace selfsight::tests;

class TestQuality : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void trustworthiness_is_one_for_the_same_points() {
    const Matrix rows = blobs(50, 2, 5);
    const Matrix other{50, 2, scattered(100, 1)};
    QCOMPARE(trustworthiness(rows, rows, 5), 1.0);
    QCOMPARE(neighbours_kept(rows, rows, 5), 1.0);
    QVERIFY(trustworthiness(rows, other, 5) < 0.7);
    QVERIFY(neighbours_kept(rows, other, 5) < 0.3);
    QVERIFY_EXCEPTION_THROWN(trustworthiness(rows, rows, 25), InputError);
    QVERIFY_EXCEPTION_THROWN(neighbours_kept(rows, rows, 25), InputError);
  }

  void groups_that_are_the_labels_agree_wholly() {
    const std::vector<int> labels{0, 0, 1, 1, 2, 2}, renamed{5, 5, 3, 3, 9, 9};
    const Agreement same = agreement(labels, renamed);
    for (const double value :
         {same.purity, same.nmi, same.ari, same.homogeneity, same.completeness})
      QVERIFY(std::abs(value - 1) < 1e-12);
  }

  void agreement_of_a_known_table() {
    // Labels {0, 0, 1} and {1, 1, 0}: the commonest label of each group has two of three.
    const std::vector<int> labels{0, 0, 1, 1, 1, 0}, groups{0, 0, 0, 1, 1, 1};
    const Agreement got = agreement(labels, groups);
    QVERIFY(std::abs(got.purity - 4.0 / 6) < 1e-12);
    const double shared =
        std::log(2) - (-2.0 / 3 * std::log(2.0 / 3) - 1.0 / 3 * std::log(1.0 / 3));
    QVERIFY(std::abs(got.nmi - shared / std::log(2)) < 1e-12);
    // 2 pairs together in both, of 6 and 6 among 15: (2 - 2.4) / (6 - 2.4).
    QVERIFY(std::abs(got.ari + 0.4 / 3.6) < 1e-12);
  }

  void rows_without_a_label_do_not_count() {
    const std::vector<int> labels{0, 0, -1, 1, 1, -1}, groups{0, 0, 1, 1, 1, 0};
    const Agreement got = agreement(labels, groups);
    QCOMPARE(got.rows, 4);
    QCOMPARE(got.purity, 1.0);
    QCOMPARE(agreement(std::vector<int>{-1, -1}, std::vector<int>{0, 1}).rows, 0);
    Matrix rows = blobs(40, 3, 4);
    auto some = blob_labels(40, 4);
    some[3] = some[7] = -1;
    QCOMPARE(label_purity(rows, some, 3), 1.0);
    QVERIFY(silhouette(rows, some) > 0.5);
  }

  void one_class_only_is_said_or_right() {
    const Matrix rows = blobs(20, 3, 1);
    const std::vector<int> one(20, 0);
    QCOMPARE(label_purity(rows, one, 3), 1.0);
    QVERIFY_EXCEPTION_THROWN(silhouette(rows, one), InputError);
    const Agreement got = agreement(one, blob_labels(20, 2));
    QCOMPARE(got.purity, 1.0);
    QCOMPARE(got.homogeneity, 1.0);
    QCOMPARE(got.ari, 0.0);
    QVERIFY_EXCEPTION_THROWN(label_purity(rows, std::vector<int>(20, -1), 3), InputError);
    QVERIFY_EXCEPTION_THROWN(label_purity(rows, one, 20), InputError);
  }

  void blobs_are_found_again() {
    const Matrix rows = blobs(300, 10, 6);
    const Control control;
    const Clusters got = k_means(rows, 6, 3, control);
    QCOMPARE(agreement(blob_labels(300, 6), got.group).purity, 1.0);
    QCOMPARE(got.centres.rows, 6);
    QCOMPARE(k_means(rows, 6, 3, control).group, got.group);
    QVERIFY(k_means(rows, 7, 3, control).squares < got.squares);
  }

  void the_size_of_the_numbers_does_not_matter_to_groups() {
    const Matrix rows = blobs(300, 10, 6);
    const Control control;
    const Clusters wanted = k_means(rows, 6, 3, control);
    for (const double size : {1e25, 1e-30}) {
      Matrix scaled = rows;
      for (double& value : scaled.values) value *= size;
      const Clusters got = k_means(scaled, 6, 3, control);
      QCOMPARE(agreement(blob_labels(300, 6), got.group).purity, 1.0);
      QVERIFY(std::abs(got.squares / (wanted.squares * size * size) - 1) < 1e-3);
      QVERIFY(std::abs(length(got.centres.values) / (length(wanted.centres.values) * size) - 1) <
              1e-3);
    }
  }

  void what_cannot_be_grouped_is_refused() {
    const Control control;
    QVERIFY_EXCEPTION_THROWN(k_means(blobs(5, 2, 1), 6, 0, control), InputError);
    Matrix broken = blobs(9, 2, 1);
    broken.values[3] = std::nan("");
    QVERIFY_EXCEPTION_THROWN(k_means(broken, 2, 0, control), InputError);
    const Matrix equal{100, 3, std::vector<double>(300, 1.0)};
    QCOMPARE(k_means(equal, 4, 0, control).squares, 0.0);
  }
};

SELFSIGHT_SUITE(TestQuality, QCoreApplication);
#include "test_quality.moc"
