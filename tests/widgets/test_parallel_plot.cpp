#include <QSignalSpy>
#include <QtTest>
#include <cmath>

#include "tests/gui.h"
#include "widgets/parallel_plot.h"
#include "widgets/theme.h"

using namespace selfsight;

class TestParallelPlot : public QObject {
  Q_OBJECT

  std::unique_ptr<ParallelPlot> plot_;

  static QPoint middle(const QPointF& a, const QPointF& b) { return ((a + b) / 2).toPoint(); }

 private Q_SLOTS:
  void initTestCase() { apply_theme(*qApp, Scheme::light); }
  void init() {
    fail_on_warnings();
    plot_ = std::make_unique<ParallelPlot>();
    plot_->resize(600, 300);
    plot_->set_runs({{QStringLiteral("temperature")},
                     {QStringLiteral("encoder"), {QStringLiteral("a"), QStringLiteral("b")}},
                     {QStringLiteral("kNN")}},
                    {{3, QStringLiteral("run 3"), {0.1, 0, 0.5}},
                     {7, QStringLiteral("run 7"), {0.5, 1, 0.8}},
                     {9, QStringLiteral("run 9"), {0.3, 1, std::nan("")}}});
    plot_->show();
    QVERIFY(QTest::qWaitForWindowActive(plot_.get()));
  }
  void cleanup() { plot_.reset(); }

  void values_stand_on_their_axes() {
    QCOMPARE(plot_->place_of(3, 0).x(), plot_->place_of(7, 0).x());
    QVERIFY(plot_->place_of(3, 0).y() > plot_->place_of(9, 0).y());
    QVERIFY(plot_->place_of(9, 0).y() > plot_->place_of(7, 0).y());
    QCOMPARE(plot_->place_of(9, 1), plot_->place_of(7, 1));
    QCOMPARE(plot_->place_of(9, 2), QPointF(-1, -1));
  }

  void the_mouse_names_a_run_and_a_click_chooses_it() {
    QSignalSpy clicked(plot_.get(), &ParallelPlot::clicked);
    const QPoint at = middle(plot_->place_of(3, 1), plot_->place_of(3, 2));
    const QImage before = plot_->grab().toImage();
    QMouseEvent move(QEvent::MouseMove, at, plot_->mapToGlobal(at), Qt::NoButton, {}, {});
    QCoreApplication::sendEvent(plot_.get(), &move);
    QCOMPARE(plot_->hovered(), 3);
    QCOMPARE(plot_->toolTip(), QStringLiteral("run 3"));
    QVERIFY(plot_->grab().toImage() != before);
    QTest::mouseClick(plot_.get(), Qt::LeftButton, {}, at);
    QCOMPARE(clicked.size(), 1);
    QCOMPARE(clicked[0][0].toLongLong(), 3);
    QCOMPARE(clicked[0][1].toBool(), false);
    QTest::mouseClick(plot_.get(), Qt::LeftButton, Qt::ControlModifier,
                      middle(plot_->place_of(7, 1), plot_->place_of(7, 2)));
    QCOMPARE(clicked[1][0].toLongLong(), 7);
    QCOMPARE(clicked[1][1].toBool(), true);
  }

  void keys_do_the_same() {
    QSignalSpy clicked(plot_.get(), &ParallelPlot::clicked);
    plot_->setFocus();
    for (const int run : {3, 7, 9, 3}) {
      QTest::keyClick(plot_.get(), Qt::Key_Down);
      QCOMPARE(plot_->hovered(), run);
    }
    QTest::keyClick(plot_.get(), Qt::Key_Up);
    QTest::keyClick(plot_.get(), Qt::Key_Return);
    QCOMPARE(clicked[0][0].toLongLong(), 9);
  }

  void texts_become_axes() {
    const auto [numbers, values] = parallel_axis(QStringLiteral("n"), {"0.1", "", "0.5"});
    QVERIFY(numbers.words.isEmpty() && !numbers.logarithmic);
    QCOMPARE(values[2], 0.5);
    QVERIFY(std::isnan(values[1]));
    QVERIFY(parallel_axis(QStringLiteral("n"), {"0.001", "1"}).first.logarithmic);
    QVERIFY(!parallel_axis(QStringLiteral("n"), {"0", "1000"}).first.logarithmic);
    const auto [words, indices] = parallel_axis(QStringLiteral("w"), {"sgd", "lars", "sgd"});
    QCOMPARE(words.words, (QStringList{QStringLiteral("lars"), QStringLiteral("sgd")}));
    QCOMPARE(indices, (std::vector<double>{1, 0, 1}));
  }
};

QTEST_MAIN(TestParallelPlot)
#include "test_parallel_plot.moc"
