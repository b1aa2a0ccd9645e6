#include <QScrollBar>
#include <QtTest>

#include "tests/gui.h"
#include "widgets/input_rows.h"
#include "widgets/mask_preview.h"
#include "widgets/theme.h"
#include "widgets/view_pairs.h"

using namespace selfsight;

namespace {

View example_view() {
  View view;
  view.image = cv::Mat(32, 32, CV_8UC3, cv::Scalar(200, 0, 0));
  view.crop = {0, 0, 20, 20};
  view.drawn = {{"crop", {{"x", 0}}},
                {"flip", {}},
                {"jitter", {{"brightness", 1.1}}},
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
             QStringLiteral("crop 25 % · flip · jitter · grey · blur σ 1.3"));
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

QTEST_MAIN(TestPictureRows)
#include "test_picture_rows.moc"
