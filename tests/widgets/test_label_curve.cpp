#include <QSignalSpy>
#include <QtTest>

#include "tests/gui.h"
#include "tests/suite.h"
#include "widgets/label_curve.h"
#include "widgets/qcp.h"
#include "widgets/theme.h"

using namespace selfsight;

namespace {

std::vector<LabelCurveLine> two_lines() {
  return {{QStringLiteral("ours"),
           4,
           Qt::SolidLine,
           {{10, 0.5, 0.1, QStringLiteral("1 per class"), QStringLiteral("{\"a\":1}")},
            {1000, 0.8, 0.02, QStringLiteral("10 %"), QStringLiteral("{\"a\":2}")}}},
          {QStringLiteral("pixels"),
           -1,
           Qt::DotLine,
           {{10, 0.3, 0, QStringLiteral("1 per class"), QStringLiteral("{\"a\":3}")}}}};
}

}  // namespace

class TestLabelCurve : public QObject {
  Q_OBJECT

  std::unique_ptr<LabelCurve> curve_;
  QCustomPlot* canvas() { return curve_->findChild<QCustomPlot*>(); }

 private Q_SLOTS:
  void initTestCase() { apply_theme(*qApp, Scheme::light); }
  void init() {
    fail_on_warnings();
    curve_ = std::make_unique<LabelCurve>(QStringLiteral("curve"));
    curve_->resize(700, 400);
    curve_->show();
    QVERIFY(QTest::qWaitForWindowActive(curve_.get()));
  }
  void cleanup() { curve_.reset(); }

  void a_line_stands_in_its_band() {
    curve_->set_lines(two_lines());
    QCOMPARE(canvas()->graphCount(), 6);  // a mean, and the two edges of its band, for each
    QCOMPARE(canvas()->graph(0)->data()->at(1)->value, 80.0);
    QCOMPARE(canvas()->graph(1)->data()->at(0)->value, 40.0);
    QCOMPARE(canvas()->graph(2)->data()->at(0)->value, 60.0);
    QCOMPARE(canvas()->graph(2)->channelFillGraph(), canvas()->graph(1));
    QCOMPARE(canvas()->legend->itemCount(), 2);
    // All of it is in view.
    QVERIFY(canvas()->xAxis->range().lower < 10 && canvas()->xAxis->range().upper > 1000);
    QVERIFY(canvas()->yAxis->range().lower < 30 && canvas()->yAxis->range().upper > 82);
  }

  void new_points_do_not_move_a_zoomed_view() {
    curve_->set_lines(two_lines());
    QWheelEvent wheel({300, 200}, curve_->mapToGlobal(QPoint(300, 200)), {}, {0, 120}, Qt::NoButton,
                      Qt::NoModifier, Qt::NoScrollPhase, false);
    QCoreApplication::sendEvent(canvas(), &wheel);
    const QCPRange before = canvas()->xAxis->range();
    auto lines = two_lines();
    lines[0].points.push_back({54000, 0.9, 0, QStringLiteral("100 %"), {}});
    curve_->set_lines(lines);
    QCOMPARE(canvas()->xAxis->range().upper, before.upper);
    curve_->fit();
    QVERIFY(canvas()->xAxis->range().upper > 54000);
  }

  void a_click_on_a_point_gives_its_protocol() {
    curve_->set_lines(two_lines());
    canvas()->replot();
    QSignalSpy clicked(curve_.get(), &LabelCurve::point_clicked);
    const QPoint at = curve_->position_of(0, 1).toPoint();
    QTest::mouseClick(canvas(), Qt::LeftButton, {}, canvas()->mapFrom(curve_.get(), at));
    QCOMPARE(clicked.size(), 1);
    QCOMPARE(clicked[0][1].toString(), QStringLiteral("10 %"));
    QCOMPARE(clicked[0][2].toString(), QStringLiteral("{\"a\":2}"));
    QTest::mouseClick(canvas(), Qt::LeftButton, {}, {350, 200});
    QCOMPARE(clicked.size(), 1);
  }

  void it_is_saved_as_a_picture_and_as_numbers() {
    curve_->set_lines(two_lines());
    QVERIFY(curve_->rendered(QStringLiteral("svg")).contains("<svg"));
    QVERIFY(QImage::fromData(curve_->rendered(QStringLiteral("png"))).width() > 700);
    QVERIFY(curve_->rendered(QStringLiteral("pdf")).startsWith("%PDF"));
    const QByteArray csv = curve_->rendered(QStringLiteral("csv"));
    QCOMPARE(csv.count('\n'), 4);
    QVERIFY(csv.contains("\"ours\",\"10 %\",1000,0.8,0.02"));
  }

  void keys_go_from_point_to_point() {
    curve_->set_lines(two_lines());
    QSignalSpy clicked(curve_.get(), &LabelCurve::point_clicked);
    canvas()->setFocus();
    QTest::keyClick(canvas(), Qt::Key_Return);
    QCOMPARE(clicked.size(), 0);  // on none yet
    QTest::keyClick(canvas(), Qt::Key_Right);
    QVERIFY(canvas()->accessibleDescription().contains(QStringLiteral("1 per class")));
    QTest::keyClick(canvas(), Qt::Key_Right);
    QTest::keyClick(canvas(), Qt::Key_Right);  // there is no further one
    QTest::keyClick(canvas(), Qt::Key_Return);
    QCOMPARE(clicked.last()[2].toString(), QStringLiteral("{\"a\":2}"));
    QTest::keyClick(canvas(), Qt::Key_Down);  // the other line is shorter
    QTest::keyClick(canvas(), Qt::Key_Return);
    QCOMPARE(clicked.last()[2].toString(), QStringLiteral("{\"a\":3}"));
    QTest::keyClick(canvas(), Qt::Key_Escape);
    QTest::keyClick(canvas(), Qt::Key_Return);
    QCOMPARE(clicked.size(), 2);
  }

  void nothing_measured_is_an_empty_plot() {
    curve_->set_lines({});
    QCOMPARE(canvas()->graphCount(), 0);
    QVERIFY(!curve_->grab().isNull());
  }
};

SELFSIGHT_SUITE(TestLabelCurve, QApplication);
#include "test_label_curve.moc"
