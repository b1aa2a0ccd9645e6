#include <QtTest>

#include "tests/gui.h"
#include "tests/suite.h"
#include "widgets/correlation_view.h"
#include "widgets/theme.h"

using namespace selfsight;

class TestCorrelation : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { apply_theme(*qApp, Scheme::light); }
  void init() { fail_on_warnings(); }

  void blocks_are_averaged() {
    const std::vector<float> square{1, 0, 0, 0,  //
                                    0, 1, 0, 0,  //
                                    0, 0, 1, 0,  //
                                    0, 0, 0, 1};
    QCOMPARE(block_means(square, 4, 4), square);
    QCOMPARE(block_means(square, 4, 2), (std::vector<float>{0.5F, 0, 0, 0.5F}));
    // Of three rows in two blocks, the first has one.
    QCOMPARE(block_means({1, 2, 3, 4, 5, 6, 7, 8, 9}, 3, 2),
             (std::vector<float>{1, 2.5F, 5.5F, 7}));
  }

  void a_cell_tells_its_features_and_files_hold_it() {
    CorrelationView view;
    view.resize(300, 200);
    view.set_matrix({1, -0.5F, 0.25F, 1}, 2);
    QCOMPARE(view.words_at({10, 10}), QStringLiteral("features 1 and 1: 1.00"));
    QCOMPARE(view.words_at({190, 10}), QStringLiteral("features 1 and 2: -0.50"));
    QVERIFY(view.words_at({290, 10}).isEmpty());
    QCOMPARE(view.rendered(QStringLiteral("csv")), QByteArray("1,-0.5\n0.25,1\n"));
    QVERIFY(view.rendered(QStringLiteral("svg")).contains(">-1<"));
    QVERIFY(view.rendered(QStringLiteral("pdf")).startsWith("%PDF-"));
    QVERIFY(!view.grab().isNull());
  }

  void it_is_reached_by_keys_for_its_menu() {
    CorrelationView view;
    view.resize(300, 200);
    view.set_matrix({1, -0.5F, 0.25F, 1}, 2);
    view.show();
    QVERIFY(QTest::qWaitForWindowActive(&view));
    view.clearFocus();
    const QImage before = view.grab().toImage();
    QCOMPARE(view.focusPolicy(), Qt::TabFocus);
    view.setFocus();
    QVERIFY(view.grab().toImage() != before);
  }

  void a_large_one_is_shown_in_blocks() {
    CorrelationView view;
    view.resize(300, 200);
    view.set_matrix(std::vector<float>(512 * 512, 0.5F), 512);
    QCOMPARE(view.shown_rows(), 256);
    QCOMPARE(view.words_at({0.5, 0.5}), QStringLiteral("features 1 to 2 and 1 to 2: mean 0.50"));
    view.set_blocks({1, -0.5F, 0.25F, 1}, 6);
    QCOMPARE(view.shown_rows(), 2);
    QCOMPARE(view.words_at({190, 10}), QStringLiteral("features 1 to 3 and 4 to 6: mean -0.50"));
    view.set_matrix({}, 0);
    QVERIFY(view.words_at({1, 1}).isEmpty());
    QVERIFY(!view.grab().isNull());
  }
};

SELFSIGHT_SUITE(TestCorrelation, QApplication);
#include "test_correlation.moc"
