#include <QToolTip>
#include <QtTest>

#include "tests/gui.h"
#include "tests/suite.h"
#include "widgets/confusion_view.h"
#include "widgets/neighbour_strip.h"
#include "widgets/theme.h"

using namespace selfsight;

class TestConfusion : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { apply_theme(*qApp, Scheme::light); }
  void init() { fail_on_warnings(); }

  void a_cell_says_what_was_taken_for_what() {
    ConfusionView view;
    view.resize(400, 300);
    view.set_matrix({QStringLiteral("cat"), QStringLiteral("dog")}, {{3, 1}, {0, 1200}});
    QCOMPARE(view.words_at({60, 40}), QStringLiteral("cat recognised: 3 of 4"));
    QCOMPARE(view.words_at({380, 40}), QStringLiteral("cat taken for dog: 1 of 4"));
    QCOMPARE(view.words_at({380, 250}), QStringLiteral("dog recognised: 1,200 of 1,200"));
    QCOMPARE(view.words_at({380, 299}), QString());  // the names stand there
  }

  void arrow_keys_mark_a_cell_and_tell_it() {
    ConfusionView view;
    view.resize(400, 300);
    view.set_matrix({QStringLiteral("cat"), QStringLiteral("dog")}, {{3, 1}, {0, 1200}});
    view.show();
    QVERIFY(QTest::qWaitForWindowActive(&view));
    view.clearFocus();
    const QImage unmarked = view.grab().toImage();
    const QByteArray file = view.rendered(QStringLiteral("svg"));
    view.setFocus();
    QVERIFY(view.grab().toImage() != unmarked);
    QCOMPARE(view.rendered(QStringLiteral("svg")), file);
    const auto after = [&](Qt::Key key) {
      QTest::keyClick(&view, key);
      return view.accessibleDescription();
    };
    QCOMPARE(after(Qt::Key_Up), QStringLiteral("cat recognised: 3 of 4"));
    QCOMPARE(after(Qt::Key_Right), QStringLiteral("cat taken for dog: 1 of 4"));
    QCOMPARE(QToolTip::text(), QStringLiteral("cat taken for dog: 1 of 4"));
    QCOMPARE(after(Qt::Key_Down), QStringLiteral("dog recognised: 1,200 of 1,200"));
    QCOMPARE(after(Qt::Key_Right), QStringLiteral("dog recognised: 1,200 of 1,200"));
    QCOMPARE(after(Qt::Key_Left), QStringLiteral("dog taken for cat: 0 of 1,200"));
    QTest::mouseClick(&view, Qt::LeftButton, {}, {60, 40});
    QCOMPARE(view.accessibleDescription(), QStringLiteral("cat recognised: 3 of 4"));
    QCOMPARE(after(Qt::Key_Right), QStringLiteral("cat taken for dog: 1 of 4"));
    view.set_matrix({QStringLiteral("cat")}, {{3}});  // it has no such cell
    QCOMPARE(view.accessibleDescription(), QStringLiteral("cat recognised: 3 of 3"));
    view.set_matrix({}, {});
    QCOMPARE(after(Qt::Key_Right), QString());
  }

  void the_more_often_the_stronger() {
    ConfusionView view;
    view.resize(400, 300);
    view.set_matrix({QStringLiteral("a"), QStringLiteral("b")}, {{9, 1}, {0, 10}});
    const QImage picture = view.grab().toImage();
    const auto at = [&](double x, double y) {
      return picture.pixelColor(static_cast<int>(x * picture.width()),
                                static_cast<int>(y * picture.height()));
    };
    QCOMPARE(at(0.9, 0.7), tokens().accent);
    QVERIFY(at(0.9, 0.1) != at(0.3, 0.1));
    QVERIFY(at(0.3, 0.1) != tokens().accent);
  }

  void its_numbers_can_be_read_on_every_ground() {
    for (const Scheme scheme : {Scheme::light, Scheme::dark}) {
      apply_theme(*qApp, scheme);
      const Tokens& t = tokens();
      for (int percent = 0; percent <= 100; ++percent) {
        const auto mixed = [&](int a, int b) { return (percent * a + (100 - percent) * b) / 100; };
        const QColor ground = QColor::fromRgb(mixed(t.accent.red(), t.well.red()),
                                              mixed(t.accent.green(), t.well.green()),
                                              mixed(t.accent.blue(), t.well.blue()));
        QVERIFY(contrast_ratio(readable_on(ground), ground) >= 4.5);
      }
    }
    apply_theme(*qApp, Scheme::light);
  }

  void it_is_saved_as_a_picture_and_as_counts() {
    ConfusionView view;
    view.resize(400, 300);
    view.set_matrix({QStringLiteral("cat"), QStringLiteral("dog")}, {{3, 1}, {0, 1200}});
    QCOMPARE(view.rendered(QStringLiteral("csv")),
             QByteArray("\"true class\",\"cat\",\"dog\"\n\"cat\",3,1\n\"dog\",0,1200\n"));
    const QByteArray svg = view.rendered(QStringLiteral("svg"));
    QVERIFY(svg.contains(">cat<") && svg.contains(">75<"));
    QCOMPARE(QImage::fromData(view.rendered(QStringLiteral("png"))).size(), QSize(800, 600));
    QVERIFY(view.rendered(QStringLiteral("pdf")).startsWith("%PDF-"));
  }

  void keys_go_through_the_neighbours() {
    NeighbourStrip strip;
    strip.resize(190, 160);  // three in a row
    QImage grey(8, 8, QImage::Format_RGB32);
    grey.fill(Qt::gray);
    QList<NeighbourPicture> pictures;
    for (int i = 0; i < 5; ++i) pictures.append({10 + i, grey, QStringLiteral("0.9%1").arg(i)});
    pictures[4].label = QStringLiteral("boot");
    strip.set_pictures(pictures);
    strip.show();
    QVERIFY(QTest::qWaitForWindowActive(&strip));
    strip.setFocus();
    QSignalSpy clicked(&strip, &NeighbourStrip::clicked);
    const auto after = [&](int key) {
      QTest::keyClick(&strip, static_cast<Qt::Key>(key));
      return strip.current();
    };
    QCOMPARE(after(Qt::Key_Left), 0);
    QCOMPARE(after(Qt::Key_Right), 1);
    QCOMPARE(after(Qt::Key_Down), 4);
    QCOMPARE(after(Qt::Key_Right), 4);
    QVERIFY(strip.accessibleDescription().endsWith(QStringLiteral("0.94, boot")));
    QTest::keyClick(&strip, Qt::Key_Return);
    QCOMPARE(clicked.last()[0].toLongLong(), 14);
    QCOMPARE(after(Qt::Key_Up), 1);
    strip.set_pictures({});
    QTest::keyClick(&strip, Qt::Key_Return);
    QCOMPARE(clicked.size(), 1);
  }

  void a_thousand_classes_are_drawn_without_names() {
    ConfusionView view;
    view.resize(500, 500);
    QStringList names;
    for (int i = 0; i < 200; ++i) names.append(QString::number(i));
    view.set_matrix(names, std::vector(200, std::vector<std::int64_t>(200, 1)));
    QCOMPARE(view.words_at({0.5, 0.5}), QStringLiteral("0 recognised: 1 of 200"));
    QVERIFY(!view.grab().isNull());
  }

  void a_click_on_a_neighbour_names_it() {
    NeighbourStrip strip;
    strip.resize(300, 160);
    QImage grey(8, 8, QImage::Format_RGB32);
    grey.fill(Qt::gray);
    strip.set_pictures({{7, grey, QStringLiteral("0.97")}, {9, grey, QStringLiteral("0.95")}});
    strip.show();
    QSignalSpy clicked(&strip, &NeighbourStrip::clicked);
    QTest::mouseClick(&strip, Qt::LeftButton, {}, {20, 20});
    QCOMPARE(clicked.size(), 1);
    QCOMPARE(clicked.first().first().toLongLong(), 7);
    QTest::mouseClick(&strip, Qt::LeftButton, {}, {290, 150});
    QCOMPARE(clicked.size(), 1);
  }
};

SELFSIGHT_SUITE(TestConfusion, QApplication);
#include "test_confusion.moc"
