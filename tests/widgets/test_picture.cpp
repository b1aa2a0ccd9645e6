// How a picture comes onto the screen, to the pixel.
#include <QPainter>
#include <QtTest>

#include "tests/suite.h"
#include "widgets/picture.h"

using namespace selfsight;

namespace {

const QColor ground_colour(1, 200, 3);

/// A black and a white column.
QImage two_columns(int height) {
  QImage out(2, height, QImage::Format_RGB888);
  out.fill(Qt::black);
  for (int y = 0; y < height; ++y) out.setPixelColor(1, y, Qt::white);
  return out;
}

/// 40 x 20 points of a screen with so many pixels to the point.
QImage drawn(const QImage& picture, const QRectF& rect, double radius, double density = 1) {
  QImage screen((QSizeF(40, 20) * density).toSize(), QImage::Format_RGB32);
  screen.setDevicePixelRatio(density);
  screen.fill(ground_colour);
  QPainter painter(&screen);
  draw_picture(painter, picture, rect, radius);
  return screen;
}

}  // namespace

class TestPicture : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void it_fills_its_place_and_nothing_else() {
    for (const int density : {1, 2}) {
      const QImage screen = drawn(two_columns(2), QRectF(4, 3, 30, 10), 0, density);
      const QRect place(4 * density, 3 * density, 30 * density, 10 * density);
      for (int y = 0; y < screen.height(); ++y)
        for (int x = 0; x < screen.width(); ++x)
          QCOMPARE(screen.pixelColor(x, y) == ground_colour, !place.contains(x, y));
    }
  }

  void much_enlarged_ones_keep_their_pixels() {
    const QImage screen = drawn(two_columns(2), QRectF(0, 0, 40, 20), 0, 2);
    for (int x = 0; x < 80; ++x)
      QCOMPARE(screen.pixelColor(x, 19), QColor(x < 40 ? Qt::black : Qt::white));
  }

  void little_enlarged_ones_are_smooth() {
    const int between = drawn(two_columns(2), QRectF(0, 0, 5, 2), 0).pixelColor(2, 0).red();
    QVERIFY(between > 0 && between < 255);
  }

  void reduced_ones_keep_their_mean() {
    QImage stripes(400, 200, QImage::Format_Grayscale8);
    for (int y = 0; y < 200; ++y)
      for (int x = 0; x < 400; ++x) stripes.setPixel(x, y, x % 2 ? 0xFFFFFFFF : 0xFF000000);
    const QImage screen = drawn(stripes, QRectF(0, 0, 40, 20), 0);
    for (int x = 0; x < 40; ++x) QVERIFY(std::abs(screen.pixelColor(x, 10).red() - 128) <= 1);
  }

  void corners_are_round_and_show_what_is_behind() {
    QImage white(40, 20, QImage::Format_RGB888);
    white.fill(Qt::white);
    const QImage screen = drawn(white, QRectF(0, 0, 40, 20), 6);
    for (const QPoint corner : {QPoint(0, 0), QPoint(39, 0), QPoint(0, 19), QPoint(39, 19)})
      QCOMPARE(screen.pixelColor(corner), ground_colour);
    for (const QPoint inside : {QPoint(20, 0), QPoint(0, 10), QPoint(39, 10), QPoint(3, 3)})
      QCOMPARE(screen.pixelColor(inside), QColor(Qt::white));
  }

  void none_leaves_all_as_it_was() {
    const QImage screen = drawn({}, QRectF(0, 0, 40, 20), 6);
    QCOMPARE(screen.pixelColor(20, 10), ground_colour);
  }
};

SELFSIGHT_SUITE(TestPicture, QApplication);
#include "test_picture.moc"
