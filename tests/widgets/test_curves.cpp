#include <QImage>
#include <QLabel>
#include <QMenu>
#include <QMouseEvent>
#include <QSignalSpy>
#include <QtTest>
#include <cmath>
#include <limits>

#include "tests/gui.h"
#include "tests/suite.h"
#include "widgets/curve_plot.h"
#include "widgets/qcp.h"
#include "widgets/theme.h"

using namespace selfsight;

namespace {

constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();

std::vector<CurvePoint> points_of(std::initializer_list<double> values) {
  std::vector<CurvePoint> points;
  for (const double value : values) {
    const auto at = static_cast<double>(points.size() + 1);
    points.push_back({at, at / 10, at * 2, 0, value});
  }
  return points;
}

}  // namespace

class TestCurves : public QObject {
  Q_OBJECT

  std::unique_ptr<CurvePlot> plot_;

  QCustomPlot* canvas() { return plot_->findChild<QCustomPlot*>(); }
  int gaps(int graph) {
    int count = 0;
    for (const QCPGraphData& point : *canvas()->graph(graph)->data())
      count += std::isnan(point.value);
    return count;
  }

 private Q_SLOTS:
  void initTestCase() { apply_theme(*qApp, Scheme::light); }
  void init() {
    fail_on_warnings();
    plot_ = std::make_unique<CurvePlot>(QStringLiteral("plot"));
    plot_->resize(600, 300);
    plot_->show();
    QVERIFY(QTest::qWaitForWindowActive(plot_.get()));
  }
  void cleanup() {
    plot_.reset();
    apply_theme(*qApp, Scheme::light);
  }

  void smoothing_is_debiased() {
    // A constant stays itself from the first value on.
    for (const double mean : smoothed(points_of({3, 3, 3, 3}), 0.9)) QCOMPARE(mean, 3.0);
    // By hand: m1 = 0.5, m2 = 1.25, over 0.5 and 0.75.
    const auto means = smoothed(points_of({1, 2}), 0.5);
    QCOMPARE(means[0], 1.0);
    QCOMPARE(means[1], 1.25 / 0.75);
    QCOMPARE(smoothed(points_of({1, 5, 2}), 0), (std::vector<double>{1, 5, 2}));
  }

  void smoothing_skips_what_is_no_number() {
    const auto means = smoothed(points_of({1, nan_value, 2}), 0.5);
    QVERIFY(std::isnan(means[1]));
    QCOMPARE(means[2], 1.25 / 0.75);
  }

  void smoothing_does_not_depend_on_the_view() {
    plot_->set_smoothing(0.8);
    plot_->set_curves({{1, QStringLiteral("loss"), points_of({5, 4, 3, 2, 1, 2, 3, 4, 5, 6})}});
    const auto before = canvas()->graph(1)->data()->at(9)->value;
    for (int i = 0; i < 6; ++i) QTest::keyClick(canvas(), Qt::Key_Plus);
    QVERIFY(plot_->zoomed());
    QCOMPARE(canvas()->graph(1)->data()->at(9)->value, before);
    QCOMPARE(before, smoothed(plot_->curves()[0].points, 0.8).back());
  }

  void the_line_has_a_gap_at_a_resume_and_where_the_value_is_no_number() {
    auto points = points_of({4, nan_value, 3, 2, 1});
    points[3].segment = points[4].segment = 1;
    plot_->set_curves({{1, QStringLiteral("loss"), points}});
    QCOMPARE(gaps(1), 2);
    QCOMPARE(canvas()->graph(1)->data()->size(), 6);
    QVERIFY(std::isfinite(plot_->view().height()));
  }

  void the_zoom_survives_new_points_and_home_shows_all() {
    plot_->set_curves({{1, QStringLiteral("loss"), points_of({5, 4, 3, 2})}});
    QCOMPARE(plot_->view().right(), 4 * 1.02);
    plot_->append(1, {{8, 0.8, 16, 0, 1}});
    QCOMPARE(plot_->view().right(), 8 * 1.02);  // it follows until somebody zooms
    QTest::keyClick(canvas(), Qt::Key_Plus);
    const QRectF zoomed = plot_->view();
    plot_->append(1, {{20, 2, 40, 0, 9}});
    QCOMPARE(plot_->view(), zoomed);
    QTest::keyClick(canvas(), Qt::Key_Home);
    QVERIFY(!plot_->zoomed());
    QCOMPARE(plot_->view().left(), 20 * -0.02);
    QCOMPARE(plot_->view().right(), 20 * 1.02);
    QVERIFY(plot_->view().top() < 1 && plot_->view().bottom() > 9);
  }

  void a_wheel_zooms_and_a_double_click_fits() {
    plot_->set_curves({{1, QStringLiteral("loss"), points_of({5, 4, 3, 2})}});
    const QPointF centre = canvas()->rect().center();
    QWheelEvent wheel(centre, canvas()->mapToGlobal(centre), {}, {0, 240}, Qt::NoButton,
                      Qt::NoModifier, Qt::NoScrollPhase, false);
    QCoreApplication::sendEvent(canvas(), &wheel);
    QVERIFY(plot_->zoomed());
    QVERIFY(plot_->view().width() < 4);
    QTest::mouseDClick(canvas(), Qt::LeftButton, {}, canvas()->rect().center());
    QVERIFY(!plot_->zoomed());
    QCOMPARE(plot_->view().width(), 4 * 1.04);
  }

  void points_for_an_unknown_curve_change_nothing() {
    plot_->set_curves({{1, QStringLiteral("loss"), points_of({5, 4})}});
    plot_->append(2, {{9, 0.9, 18, 0, 1}});
    QCOMPARE(plot_->curves().size(), std::size_t{1});
    QCOMPARE(plot_->view().right(), 2 * 1.02);
  }

  void the_axis_may_be_step_epoch_or_time() {
    plot_->set_curves({{1, QStringLiteral("loss"), points_of({5, 4, 3, 2})}});
    plot_->set_axis(CurveAxis::epoch);
    QCOMPARE(plot_->view().right(), 0.4 * 1.02);
    plot_->set_axis(CurveAxis::time);
    QCOMPARE(plot_->view().right(), 8 * 1.02);
  }

  void a_log_axis_leaves_out_what_has_no_logarithm() {
    plot_->set_curves({{1, QStringLiteral("loss"), points_of({-1, 0, 1, 100})}});
    plot_->set_references({{-1, QStringLiteral("collapse")}});
    plot_->set_log(true);
    QCOMPARE(gaps(1), 2);
    QVERIFY(plot_->view().top() > 0.5);
    QVERIFY(plot_->view().bottom() > 100);
    plot_->set_log(false);
    QVERIFY(plot_->view().top() < -1);
  }

  void references_are_in_view() {
    plot_->set_percent(true);
    plot_->set_curves({{1, QStringLiteral("kNN"), points_of({0.4, 0.5})}});
    plot_->set_references({{0.1, QStringLiteral("chance")}});
    QVERIFY(plot_->view().top() < 0.1);
    QVERIFY(plot_->view().top() > 0);
  }

  void references_that_stay_are_not_drawn_anew() {
    plot_->set_curves({{1, QStringLiteral("loss"), points_of({5, 4})}});
    plot_->set_references({{5, QStringLiteral("chance")}});
    const QCPAbstractItem* drawn = canvas()->item();
    plot_->set_references({{5, QStringLiteral("chance")}});
    QVERIFY(canvas()->item() == drawn);
  }

  void the_values_under_the_crosshair_are_told() {
    plot_->set_curves({{1, QStringLiteral("loss"), points_of({5, 4, 3, 2})}});
    auto* words = plot_->findChild<QLabel*>();
    QVERIFY(words->text().contains(QStringLiteral("<b>2</b>")));
    canvas()->replot();
    const double x = canvas()->xAxis->coordToPixel(2.1);
    const QPointF at(x, canvas()->axisRect()->center().y());
    QMouseEvent move(QEvent::MouseMove, at, canvas()->mapToGlobal(at), Qt::NoButton, {}, {});
    QCoreApplication::sendEvent(canvas(), &move);
    QVERIFY(words->text().contains(QStringLiteral("<b>4</b>")));
    QEvent leave(QEvent::Leave);
    QCoreApplication::sendEvent(canvas(), &leave);
    QVERIFY(words->text().contains(QStringLiteral("<b>2</b>")));
  }

  void the_crosshair_goes_by_keys() {
    plot_->set_curves({{1, QStringLiteral("loss"), points_of({9, 8, 7, 6, 5, 4, 3, 2})}});
    auto* words = plot_->findChild<QLabel*>();
    canvas()->replot();
    QSignalSpy moved(plot_.get(), &CurvePlot::crosshair_moved);
    QTest::keyClick(canvas(), Qt::Key_Left, Qt::ShiftModifier);
    const QString at_middle = words->text();
    QVERIFY2(!at_middle.contains(QStringLiteral("<b>2</b>")), qPrintable(at_middle));
    for (int i = 0; i < 100; ++i) QTest::keyClick(canvas(), Qt::Key_Left, Qt::ShiftModifier);
    QVERIFY(words->text().contains(QStringLiteral("<b>9</b>")));
    for (int i = 0; i < 100; ++i) QTest::keyClick(canvas(), Qt::Key_Right, Qt::ShiftModifier);
    QVERIFY(words->text().contains(QStringLiteral("<b>2</b>")));
    QVERIFY(moved.last()[0].toDouble() > 0);
    for (int i = 0; i < 100; ++i) QTest::keyClick(canvas(), Qt::Key_Left, Qt::ShiftModifier);
    plot_->append(1, {{9, 0.9, 18, 0, 1}});
    QVERIFY(
        words->text().contains(QStringLiteral("<b>9</b>")));  // those of its place, not the last
    QCOMPARE(canvas()->accessibleDescription(), QStringLiteral("loss 9"));
    QTest::keyClick(canvas(), Qt::Key_Escape);
    QVERIFY(words->text().contains(QStringLiteral("<b>1</b>")));
    QCOMPARE(moved.last()[0].toDouble(), -1.0);
    QVERIFY(!plot_->zoomed());
  }

  void what_is_saved_is_what_is_shown() {
    plot_->set_curves({{1, QStringLiteral("run \"a\" %1"), points_of({5, 4.25, nan_value})}});
    const QString csv = QString::fromUtf8(plot_->rendered(QStringLiteral("csv")));
    const QStringList lines = csv.trimmed().split('\n');
    QCOMPARE(lines.size(), 4);
    QCOMPARE(lines[0], QStringLiteral("curve,step,epoch,seconds,segment,value"));
    QCOMPARE(lines[2], QStringLiteral("\"run \"\"a\"\" %1\",2,0.2,4,0,4.25"));
    QVERIFY(lines[3].endsWith(QStringLiteral(",nan")));
    const QImage png = QImage::fromData(plot_->rendered(QStringLiteral("png")));
    QCOMPARE(png.width(), canvas()->width() * 2);
    QVERIFY(png.height() > canvas()->height() * 2);  // the legend stands above
    QCOMPARE(png.pixelColor(1, 1), tokens().surface);
    QVERIFY(plot_->rendered(QStringLiteral("svg")).contains("<svg"));
    QVERIFY(plot_->rendered(QStringLiteral("pdf")).startsWith("%PDF-"));
  }

  void a_change_of_scheme_repaints_with_its_colours() {
    plot_->set_curves({{1, QStringLiteral("loss"), points_of({5, 4})}});
    const QColor light = canvas()->xAxis->tickLabelColor();
    apply_theme(*qApp, Scheme::dark);
    QCOMPARE(canvas()->graph(1)->pen().color(), series_colour(1));
    QVERIFY(canvas()->xAxis->tickLabelColor() != light);
  }

  void what_is_saved_in_the_dark_is_dark_on_light() {
    plot_->set_metric(QStringLiteral("training loss"));
    plot_->set_smoothing(0.5);
    plot_->set_curves({{1, QStringLiteral("first run"), points_of({5, 4})},
                       {2, QStringLiteral("second run"), points_of({6, 5})}});
    apply_theme(*qApp, Scheme::dark);
    const QByteArray svg = plot_->rendered(QStringLiteral("svg"));
    for (const char* words : {">step<", ">training loss<", ">first run<", ">second run<"})
      QCOMPARE(svg.count(words), 1);
    QVERIFY(svg.contains(tokens(Scheme::light).surface.name().toLatin1()));
    QVERIFY(svg.contains(tokens(Scheme::light).soft.name().toLatin1()));
    QVERIFY(!svg.contains(tokens(Scheme::dark).soft.name().toLatin1()));
    QCOMPARE(QImage::fromData(plot_->rendered(QStringLiteral("png"))).pixelColor(1, 1),
             tokens(Scheme::light).surface);
    // On the screen nothing of it stays.
    QCOMPARE(current_scheme(), Scheme::dark);
    QCOMPARE(canvas()->xAxis->tickLabelColor(), tokens(Scheme::dark).soft);
    QVERIFY(canvas()->xAxis->label().isEmpty());
    QVERIFY(!canvas()->legend->visible());
    QCOMPARE(canvas()->plotLayout()->rowCount(), 1);
    plot_->set_axis(CurveAxis::time);
    QVERIFY(plot_->rendered(QStringLiteral("svg")).contains(">active time, s<"));
  }

  void new_points_are_in_view_as_if_all_had_come_at_once() {
    auto points = points_of({0.5, nan_value, 0.4, 0.9, -0.2, 0, 0.3});
    points.front().epoch = 0;  // no place on a logarithmic axis
    const std::vector<CurvePoint> first(points.begin(), points.begin() + 2);
    for (const bool log : {false, true})
      for (const bool percent : {false, true}) {
        plot_->set_log(log);
        plot_->set_log_x(log);
        plot_->set_axis(log ? CurveAxis::epoch : CurveAxis::step);
        plot_->set_percent(percent);
        plot_->set_curves({{1, QStringLiteral("loss"), points}, {2, QStringLiteral("kNN"), first}});
        const QRectF whole = plot_->view();
        plot_->set_curves({{1, QStringLiteral("loss"), first}, {2, QStringLiteral("kNN"), first}});
        for (auto next = points.begin() + 2; next != points.end(); ++next)
          plot_->append(1, {*next});
        QCOMPARE(plot_->view(), whole);
      }
    plot_->set_curves({});
    QCOMPARE(plot_->view().isValid(), true);
  }

  void new_points_are_smoothed_as_if_all_had_come_at_once() {
    auto points = points_of({5, 4, nan_value, 3, 7, 1, 2, 8, 6});
    points[5].segment = points[6].segment = points[7].segment = points[8].segment = 1;
    plot_->set_smoothing(0.7);
    plot_->set_curves({{1, QStringLiteral("loss"), {points.begin(), points.begin() + 2}}});
    for (auto next = points.begin() + 2; next != points.end(); ++next) plot_->append(1, {*next});
    const auto drawn = [&](int graph) {
      std::vector<double> values;
      for (const QCPGraphData& point : *canvas()->graph(graph)->data())
        if (!std::isnan(point.value)) values.push_back(point.value);
      return values;
    };
    std::vector<double> raw, means = smoothed(points, 0.7);
    std::erase_if(means, [](double mean) { return std::isnan(mean); });
    for (const CurvePoint& point : points)
      if (!std::isnan(point.value)) raw.push_back(point.value);
    QCOMPARE(drawn(1), means);
    QCOMPARE(drawn(0), raw);
    QCOMPARE(gaps(1), 2);
    auto* words = plot_->findChild<QLabel*>();
    QVERIFY(words->text().contains(QString::number(means.back(), 'g', 4)));
  }

  void a_log_x_axis_leaves_out_what_has_no_logarithm() {
    std::vector<CurvePoint> points{{0, 0, 0, 0, 9}, {1, 0, 0, 0, 5}, {1000, 0, 0, 0, 4}};
    plot_->set_curves({{1, QStringLiteral("loss"), points}});
    plot_->set_events({{0, 0, 0, 0, 0}, {100, 0, 0, 0, 0}});
    plot_->set_references({{5, QStringLiteral("chance")}});
    plot_->set_log_x(true);
    QCOMPARE(canvas()->graph(1)->data()->size(), 2);
    QVERIFY(plot_->view().left() > 0.5 && plot_->view().left() < 1);
    QVERIFY(plot_->view().right() > 1000 && plot_->view().right() < 2000);
    QVERIFY(plot_->view().bottom() < 9);
    canvas()->replot();
    const QCPAxis* x = canvas()->xAxis;
    const double middle = x->coordToPixel(std::sqrt(1000.0));
    QVERIFY(std::abs(middle - (x->coordToPixel(1) + x->coordToPixel(1000)) / 2) < 1);
    QTest::keyClick(canvas(), Qt::Key_Right);
    QVERIFY(plot_->view().left() > 1 && plot_->view().left() < 3);
    plot_->set_log_x(false);
    QVERIFY(plot_->view().left() < 0);
    QCOMPARE(canvas()->graph(1)->data()->size(), 3);
  }

  void marks_at_the_ends_are_inside_the_plot() {
    plot_->set_marks(true);
    plot_->set_curves({{1, QStringLiteral("kNN"), points_of({0.4, 0.5, 0.6})}});
    canvas()->replot();
    const double last = canvas()->xAxis->coordToPixel(3);
    QVERIFY(canvas()->axisRect()->right() - last > 6);
  }

  void percentages_say_so_along_the_axis() {
    plot_->set_percent(true);
    plot_->set_curves({{1, QStringLiteral("kNN"), points_of({0.4, 0.5, 0.6})}});
    canvas()->replot();
    const auto ticks = canvas()->yAxis->tickVectorLabels();
    QVERIFY(!ticks.isEmpty() && ticks.first().endsWith(QStringLiteral(" %")));
    plot_->set_percent(false);
    canvas()->replot();
    QVERIFY(!canvas()->yAxis->tickVectorLabels().first().contains(QLatin1Char('%')));
  }

  void an_entry_of_the_values_is_not_broken() {
    plot_->set_curves({{1, QStringLiteral("run 1 & more"), points_of({5, 4})}});
    const QString words = plot_->findChild<QLabel*>()->text();
    QVERIFY2(words.contains(QStringLiteral("run&nbsp;1&nbsp;&amp;&nbsp;more&nbsp;<b>4</b>")),
             qPrintable(words));
  }

  void a_right_click_offers_to_save() {
    QSignalSpy wanted(plot_.get(), &CurvePlot::export_wanted);
    Q_EMIT canvas()->customContextMenuRequested({10, 10});
    auto* menu = canvas()->findChild<QMenu*>(QStringLiteral("export_menu"));
    QVERIFY(menu);
    QCOMPARE(menu->actions().size(), 4);
    menu->actions()[1]->trigger();
    QCOMPARE(wanted.size(), 1);
    QCOMPARE(wanted[0][0].toString(), QStringLiteral("svg"));
    menu->close();
  }

  void the_crosshair_of_one_plot_is_that_of_another_over_other_axes() {
    CurvePlot steps(QStringLiteral("steps")), epochs(QStringLiteral("epochs"));
    std::vector<CurvePoint> points;
    for (int i = 1; i <= 100; ++i)
      points.push_back({static_cast<double>(i), i / 10.0, i / 5.0, 0, 100.0 - i});
    steps.set_curves({{1, QStringLiteral("a"), points}});
    epochs.set_axis(CurveAxis::epoch);
    epochs.set_curves({{1, QStringLiteral("b"), points}});
    connect(&steps, &CurvePlot::crosshair_moved, &epochs, &CurvePlot::show_crosshair);
    steps.resize(500, 300);
    steps.show();
    QVERIFY(QTest::qWaitForWindowExposed(&steps));
    auto* canvas = steps.findChild<QWidget*>(QStringLiteral("steps_canvas"));
    QSignalSpy moved(&steps, &CurvePlot::crosshair_moved);
    const QPointF centre = canvas->rect().center();
    QMouseEvent move(QEvent::MouseMove, centre, canvas->mapToGlobal(centre), Qt::NoButton, {}, {});
    QCoreApplication::sendEvent(canvas, &move);
    QVERIFY(!moved.isEmpty());
    const double epoch = moved.last()[0].toDouble();
    QVERIFY(epoch > 3 && epoch < 8);
    const auto words = [](const CurvePlot& plot) { return plot.findChild<QLabel*>()->text(); };
    QVERIFY(words(epochs).contains(QString::number(100 - 10 * epoch, 'g', 4)));
    epochs.show_crosshair(-1);
    QVERIFY(words(epochs).contains(QStringLiteral("<b>0</b>")));  // the last value again
  }

  void checkpoints_are_marked_where_they_were_written() {
    CurvePlot plot(QStringLiteral("plot"));
    plot.set_curves({{1, QStringLiteral("a"), {{0, 0, 0, 0, 1}, {100, 1, 1, 0, 0}}}});
    plot.resize(500, 300);
    plot.show();
    QVERIFY(QTest::qWaitForWindowExposed(&plot));
    const auto marked = [&] {
      const QImage picture = plot.grab().toImage();
      int count = 0;
      for (int x = 0; x < picture.width(); ++x)
        for (int y = picture.height() / 2; y < picture.height(); ++y)
          count += picture.pixelColor(x, y) == tokens().good;
      return count;
    };
    QCOMPARE(marked(), 0);
    plot.set_events({{50, 0.5, 0.5, 0, 0}});
    QTRY_VERIFY(marked() > 4);
  }
};

SELFSIGHT_SUITE(TestCurves, QApplication);
#include "test_curves.moc"
