#include <QAbstractItemModelTester>
#include <QScrollBar>
#include <QtTest>
#include <numeric>

#include "tests/gui.h"
#include "tests/suite.h"
#include "widgets/image_grid.h"
#include "widgets/picture.h"
#include "widgets/theme.h"

using namespace selfsight;

namespace {

std::vector<std::int64_t> many(std::int64_t count) {
  std::vector<std::int64_t> ids(static_cast<std::size_t>(count));
  std::iota(ids.begin(), ids.end(), 0);
  return ids;
}

QImage plain(QColor colour) {
  QImage image(32, 32, QImage::Format_RGB888);
  image.fill(colour);
  return image;
}

}  // namespace

class TestImageGrid : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { apply_theme(*qApp, Scheme::light); }
  void init() { fail_on_warnings(); }

  void the_model_keeps_qts_rules() {
    ImageModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.set_ids(many(50));
    model.set_captions([](std::int64_t id) { return QString::number(id); });
    model.set_thumbnails({{3, plain(Qt::red)}, {4, {}}});
    QCOMPARE(model.rowCount(), 50);
    QVERIFY(!model.missing(3));
    QVERIFY(!model.missing(4));
    QVERIFY(model.missing(5));
    QCOMPARE(model.index(4).data(ImageModel::broken_role).toBool(), true);
    QCOMPARE(model.index(3).data(Qt::ToolTipRole).toString(), QStringLiteral("3"));
    model.set_ids(many(2));
    QCOMPARE(model.rowCount(), 2);
  }

  void only_what_is_in_view_is_asked_for() {
    ImageGrid grid;
    grid.set_images(many(100000));
    grid.resize(640, 480);
    QSignalSpy asked(&grid, &ImageGrid::thumbnails_wanted);
    grid.show();
    QVERIFY(QTest::qWaitForWindowExposed(&grid));
    QTRY_VERIFY(!asked.isEmpty());
    // Answer until nothing is missing: no more than the view holds may have been asked for.
    QSet<qint64> seen;
    while (!asked.isEmpty()) {
      const auto ids = asked.takeFirst().at(0).value<QList<qint64>>();
      QList<Thumbnail> answer;
      for (const qint64 id : ids) answer.append({id, plain(Qt::blue)});
      seen.unite(QSet<qint64>(ids.begin(), ids.end()));
      grid.set_thumbnails(answer);
      QCoreApplication::processEvents();
    }
    const auto [first, last] = grid.rows_in_view();
    QCOMPARE(first, 0);
    QCOMPARE(seen.size(), last + 1);
    QVERIFY(seen.size() < 200);

    grid.scrollToBottom();
    QTRY_VERIFY(!asked.isEmpty());
    QVERIFY(asked.last().at(0).value<QList<qint64>>().first() > 99000);
    QCOMPARE(grid.rows_in_view().second, 99999);
  }

  void a_hundred_thousand_images_are_laid_out_at_once() {
    ImageGrid grid;
    grid.resize(900, 700);
    grid.show();
    QElapsedTimer timer;
    timer.start();
    grid.set_images(many(100000));
    grid.set_cell(32);
    grid.grab();
    QVERIFY2(timer.elapsed() < 1500, qPrintable(QString::number(timer.elapsed())));
  }

  void a_click_and_the_arrow_keys_name_the_image() {
    ImageGrid grid;
    grid.resize(400, 300);
    grid.set_images({70, 80, 90});
    grid.show();
    QVERIFY(QTest::qWaitForWindowActive(&grid));
    QSignalSpy clicked(&grid, &ImageGrid::image_clicked);
    QTest::mouseClick(grid.viewport(), Qt::LeftButton, {},
                      grid.visualRect(grid.model()->index(1, 0)).center());
    QCOMPARE(clicked.last().at(0).toLongLong(), 80);
    QCOMPARE(clicked.size(), 1);
    grid.setFocus();
    QTRY_VERIFY(grid.hasFocus());
    QTest::keyClick(&grid, Qt::Key_Right);
    QCOMPARE(clicked.last().at(0).toLongLong(), 90);
  }

  void pictures_cross_from_opencv() {
    cv::Mat colour(2, 3, CV_8UC3, cv::Scalar(10, 20, 30));
    QCOMPARE(to_image(colour).pixelColor(2, 1), QColor(10, 20, 30));
    cv::Mat grey(100, 50, CV_8UC1, cv::Scalar(77));
    QCOMPARE(to_thumbnail(grey, 20).size(), QSize(10, 20));
    QCOMPARE(to_thumbnail(grey, 200).size(), QSize(50, 100));
    QVERIFY(to_image({}).isNull());
  }
};

SELFSIGHT_SUITE(TestImageGrid, QApplication);
#include "test_image_grid.moc"
