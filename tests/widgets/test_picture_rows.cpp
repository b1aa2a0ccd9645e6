#include <QScrollBar>
#include <QtTest>

#include "tests/gui.h"
#include "tests/suite.h"
#include "widgets/input_rows.h"
#include "widgets/mask_preview.h"
#include "widgets/theme.h"
#include "widgets/view_pairs.h"

using namespace selfsight;

namespace {

View example_view() {
  View view;
  view.image = cv::Mat(32, 32, CV_8UC3, cv::Scalar(200, 0, 0));
  view.crop = {3, 8, 20, 16};
  view.drawn = {{"crop", {{"x", 0}}},
                {"flip", {}},
                {"jitter", {{"hue", -0.034}, {"brightness", 1.214}, {"contrast", 0.9}}},
                {"grey", {}},
                {"blur", {{"sigma", 1.26}}}};
  return view;
}

}  // namespace

class TestPictureRows : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { apply_theme(*qApp, Scheme::light); }
  void init() { fail_on_warnings(); }

  void what_was_drawn_is_said_in_words() {
    QCOMPARE(drawn_words(example_view(), {40, 40}),
             QStringLiteral("crop 20 × 16 at 3, 8 (20 %) · flip · jitter: hue -0.03, brightness "
                            "1.21, contrast 0.90 · grey · blur σ 1.3"));
    View turned = example_view();
    turned.drawn = {{"upside down", {}}, {"jitter", {{"hue", -0.001}}}};
    QCOMPARE(drawn_words(turned, {40, 40}),
             QStringLiteral("crop 20 × 16 at 3, 8 (20 %) · upside down · jitter: hue 0.00"));
  }

  void crops_are_drawn_into_the_original() {
    const cv::Mat original(40, 40, CV_8UC3, cv::Scalar(255, 255, 255));
    View b = example_view();
    b.crop = {20, 20, 20, 20};
    PictureRows rows;
    rows.set_titles(input_titles(InputKind::two_views, {}));
    rows.set_rows({pair_row(7, QStringLiteral("horse"), original, example_view(), b)});
    rows.resize(900, 300);
    const QImage picture = rows.grab().toImage();
    const auto has = [&](QColor colour) {
      for (int y = 0; y < picture.height(); ++y)
        for (int x = 0; x < 240; ++x)
          if (picture.pixelColor(x, y) == colour) return true;
      return false;
    };
    QVERIFY(has(series_colour(0)));
    QVERIFY(has(series_colour(1)));
    QVERIFY(rows.accessibleDescription().contains(QStringLiteral("horse")));
  }

  void a_mask_covers_what_it_hides_and_nothing_else() {
    Mask mask{.rows = 2, .columns = 2, .hidden = {1, 0, 0, 0}};
    const cv::Mat view(32, 32, CV_8UC1, cv::Scalar(250));
    const QImage picture = masked_picture(view, mask, Qt::red);
    QCOMPARE(picture.pixelColor(15, 15), QColor(Qt::red));
    QCOMPARE(picture.pixelColor(16, 15), QColor(250, 250, 250));
    QCOMPARE(picture.pixelColor(0, 16), QColor(250, 250, 250));
  }

  void a_column_blinks_between_two_pictures() {
    QImage red(8, 8, QImage::Format_RGB888), green = red;
    red.fill(Qt::red);
    green.fill(Qt::green);
    PictureRows rows;
    rows.set_titles({QStringLiteral("one"), QStringLiteral("two"), QStringLiteral("text")});
    rows.set_rows({{{{red, {}, {}, green}, {red, {}, {}, green}}, {}}});
    rows.resize(700, 300);
    const auto middle = [&](int column) {
      const QImage picture = rows.viewport()->grab().toImage();
      const QPointF at = rows.picture_place(0, column).center() * picture.devicePixelRatio();
      return picture.pixelColor(at.toPoint());
    };
    QCOMPARE(middle(0), QColor(Qt::red));
    rows.set_blink(0, QStringLiteral("A"), QStringLiteral("B"));
    QTRY_VERIFY(rows.other_shown());
    QCOMPARE(middle(0), QColor(Qt::green));
    QCOMPARE(middle(1), QColor(Qt::red));
    QTRY_VERIFY(!rows.other_shown());
    rows.set_blink(-1);
    QCOMPARE(middle(0), QColor(Qt::red));
  }

  void a_difference_is_of_each_channel() {
    QImage a(2, 1, QImage::Format_RGB888), b = a;
    a.setPixelColor(0, 0, QColor(200, 10, 30));
    b.setPixelColor(0, 0, QColor(150, 60, 30));
    a.setPixelColor(1, 0, QColor(9, 9, 9));
    b.setPixelColor(1, 0, QColor(9, 9, 9));
    const QImage apart = difference_picture(a, b);
    QCOMPARE(apart.pixelColor(0, 0), QColor(50, 50, 0));
    QCOMPARE(apart.pixelColor(1, 0), QColor(0, 0, 0));
    QCOMPARE(mean_of(apart), 100.0 / (6 * 255));
  }

  void a_press_tells_the_place_in_the_picture() {
    QImage red(8, 8, QImage::Format_RGB888);
    red.fill(Qt::red);
    PictureRows rows;
    rows.set_titles({QStringLiteral("one"), QStringLiteral("two"), QStringLiteral("text")});
    rows.set_rows({{{{red, {}, {}}, {red, {}, {}}}, {}}, {{{red, {}, {}}, {red, {}, {}}}, {}}});
    rows.resize(700, 500);
    QSignalSpy pressed(&rows, &PictureRows::picture_pressed);
    const QRectF place = rows.picture_place(1, 1);
    QTest::mouseClick(
        rows.viewport(), Qt::LeftButton, {},
        (place.topLeft() + QPointF(0.75 * place.width(), 0.25 * place.height())).toPoint());
    QCOMPARE(pressed.size(), 1);
    QCOMPARE(pressed[0][0].toInt(), 1);
    QCOMPARE(pressed[0][1].toInt(), 1);
    QVERIFY(QLineF(pressed[0][2].toPointF(), {0.75, 0.25}).length() < 0.02);
    QTest::mouseClick(rows.viewport(), Qt::LeftButton, {}, {690, 100});  // the text
    QCOMPARE(pressed.size(), 1);
  }

  void keys_press_patch_by_patch() {
    const cv::Mat grey(32, 32, CV_8UC3, cv::Scalar(90, 90, 90));
    const Mask mask{.rows = 2, .columns = 2, .hidden = {1, 0, 0, 0}};
    PictureRows rows;
    rows.set_titles(input_titles(InputKind::masked_view, {}));
    const PictureRow row = mask_row(1, {}, grey, example_view(), mask, Qt::red, {}, {});
    rows.set_rows({row, row});
    rows.resize(900, 600);
    rows.show();
    QVERIFY(QTest::qWaitForWindowActive(&rows));
    rows.setFocus();
    QSignalSpy pressed(&rows, &PictureRows::picture_pressed);
    QTest::keyClick(&rows, Qt::Key_Space);
    QCOMPARE(pressed.size(), 0);
    const auto press = [&](std::initializer_list<Qt::Key> keys) {
      for (const Qt::Key key : keys) QTest::keyClick(&rows, key);
      QTest::keyClick(&rows, Qt::Key_Space);
      return pressed.last();
    };
    QCOMPARE(press({Qt::Key_Down}), (QList<QVariant>{0, 2, QPointF(0.25, 0.25)}));
    QCOMPARE(press({Qt::Key_Right, Qt::Key_Right}), (QList<QVariant>{0, 2, QPointF(0.75, 0.25)}));
    rows.set_rows({row, row});  // as after each press
    QCOMPARE(press({Qt::Key_Down}), (QList<QVariant>{0, 2, QPointF(0.75, 0.75)}));
    QCOMPARE(press({Qt::Key_Down}), (QList<QVariant>{1, 2, QPointF(0.75, 0.25)}));
    QCOMPARE(press({Qt::Key_Up}), (QList<QVariant>{0, 2, QPointF(0.75, 0.75)}));
    rows.set_rows({});
    QTest::keyClick(&rows, Qt::Key_Space);
    QCOMPARE(pressed.size(), 5);
  }

  void many_rows_scroll_and_are_all_on_the_contact_sheet() {
    const cv::Mat original(40, 40, CV_8UC3, cv::Scalar(255, 255, 255));
    PictureRows rows;
    rows.set_titles(input_titles(InputKind::two_views, {}));
    QList<PictureRow> list;
    for (int i = 0; i < 12; ++i)
      list.append(pair_row(i, {}, original, example_view(), example_view()));
    rows.set_rows(list);
    rows.resize(700, 300);
    rows.show();
    QVERIFY(QTest::qWaitForWindowExposed(&rows));
    QVERIFY(rows.verticalScrollBar()->maximum() > 300);
    QTest::keyClick(&rows, Qt::Key_End);
    QCOMPARE(rows.verticalScrollBar()->value(), rows.verticalScrollBar()->maximum());
    const QImage sheet = rows.contact_sheet(900);
    QCOMPARE(sheet.width(), 1800);
    QVERIFY(sheet.height() > 2 * 12 * 150);
  }
};

SELFSIGHT_SUITE(TestPictureRows, QApplication);
#include "test_picture_rows.moc"
