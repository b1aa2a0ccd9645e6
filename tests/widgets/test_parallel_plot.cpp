#include <QSignalSpy>
#include <QtTest>
#include <cmath>

#include "tests/gui.h"
#include "tests/suite.h"
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

  void a_line_breaks_where_a_value_is_missing() {
    plot_->set_runs({{QStringLiteral("a")}, {QStringLiteral("b")}, {QStringLiteral("c")}},
                    {{3, QStringLiteral("run 3"), {0.1, std::nan(""), 0.5}},
                     {7, QStringLiteral("run 7"), {0.5, 1, 0.8}}});
    const auto move_to = [&](const QPointF& at) {
      QMouseEvent move(QEvent::MouseMove, at, plot_->mapToGlobal(at), Qt::NoButton, {}, {});
      QCoreApplication::sendEvent(plot_.get(), &move);
      return plot_->hovered();
    };
    QCOMPARE(move_to(middle(plot_->place_of(3, 0), plot_->place_of(3, 2))), -1);
    QCOMPARE(move_to(middle(plot_->place_of(7, 0), plot_->place_of(7, 1))), 7);
  }

  void accuracies_are_read_as_percentages() {
    plot_->set_runs({{QStringLiteral("lr")}, {.name = QStringLiteral("kNN"), .share = true}},
                    {{3, QStringLiteral("run 3"), {0.1, 0.739}}});
    QCOMPARE(plot_->value_words(1, 0.739), QStringLiteral("73.9 %"));
    QCOMPARE(plot_->value_words(0, 0.1), QStringLiteral("0.1"));
  }

  void it_is_saved_with_the_names_of_its_runs() {
    const QByteArray csv = plot_->rendered(QStringLiteral("csv"));
    QCOMPARE(csv,
             QByteArray("\"run\",\"temperature\",\"encoder\",\"kNN\"\n\"run 3\",0.1,\"a\",0.5\n"
                        "\"run 7\",0.5,\"b\",0.8\n\"run 9\",0.3,\"b\",\n"));
    const QByteArray svg = plot_->rendered(QStringLiteral("svg"));
    for (const char* words : {">temperature<", ">encoder<", ">run 3<", ">run 9<"})
      QVERIFY(svg.contains(words));
    QCOMPARE(QImage::fromData(plot_->rendered(QStringLiteral("png"))).width(), 1200);
    QVERIFY(plot_->rendered(QStringLiteral("pdf")).startsWith("%PDF-"));
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

SELFSIGHT_SUITE(TestParallelPlot, QApplication);
#include "test_parallel_plot.moc"
