#include <QComboBox>
#include <QDoubleSpinBox>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QtTest>
#include <opencv2/imgcodecs.hpp>

#include "app/places/band_picker.h"
#include "app/places/data_work.h"
#include "app/places/map_colours.h"
#include "app/places/window_field.h"
#include "tests/gui.h"
#include "tests/suite.h"
#include "widgets/picture.h"

using namespace selfsight;

class TestFields : public QObject {
  Q_OBJECT

  const OwnSettings own_settings_;
  QTemporaryDir folder_;
  std::shared_ptr<const Dataset> set_;

 private Q_SLOTS:
  void initTestCase() {
    fail_on_warnings();
    QFile list(folder_.filePath(QStringLiteral("list.csv")));
    QVERIFY(list.open(QIODevice::WriteOnly));
    list.write("path,camera,age\n");
    for (int i = 0; i < 30; ++i) {
      const QByteArray name = QByteArray::number(i) + ".png";
      cv::imwrite(folder_.filePath(QString::fromLatin1(name)).toStdString(),
                  cv::Mat(9, 9, CV_8U, cv::Scalar(i)));
      list.write(name +
                 (i % 3 == 0 ? ",front,"
                  : i == 1   ? ",,"
                             : ",rear,") +
                 (i == 2 ? "" : QByteArray::number(20 + 2 * i)) + "\n");
    }
    list.close();
    set_ = open_dataset(list.fileName().toStdString());
  }

  void a_map_is_coloured_by_words_and_by_numbers() {
    const auto ways = column_colours(*set_);
    QCOMPARE(ways.size(), std::size_t{2});
    QCOMPARE(ways[0].words, QStringLiteral("camera"));
    QCOMPARE(map_colour(ways[1].key).words, QStringLiteral("age"));
    std::vector<std::int64_t> ids;
    for (int i = 0; i < 30; ++i) ids.push_back(i);
    const Colouring cameras = colouring_of(ways[0].key, *set_, ids);
    QCOMPARE(cameras.names, (QStringList{QStringLiteral("rear"), QStringLiteral("front")}));
    QVERIFY(!cameras.ramp);
    QCOMPARE(cameras.groups[0], 1);
    QCOMPARE(cameras.groups[1], -1);
    QCOMPARE(cameras.groups[2], 0);
    const Colouring ages = colouring_of(ways[1].key, *set_, ids);
    QVERIFY(ages.ramp);
    QCOMPARE(ages.names.size(), 5);
    QCOMPARE(ages.groups[2], -1);
    QCOMPARE(ages.groups[0], 0);
    QCOMPARE(ages.groups[29], 4);
  }

  void a_window_is_set_by_hand() {
    const QTemporaryDir folder;
    cv::imwrite(folder.filePath(QStringLiteral("a.png")).toStdString(),
                cv::Mat(9, 9, CV_16U, cv::Scalar(300)));
    const auto set = open_dataset(folder.path().toStdString());
    QVERIFY(set->deep());
    QVERIFY(!set_->deep());
    WindowField field;
    field.set_location(set->location());
    QSignalSpy chosen(&field, &WindowField::location_chosen);
    field.findChild<QDoubleSpinBox*>(QStringLiteral("window_centre"))->setValue(250);
    field.findChild<QDoubleSpinBox*>(QStringLiteral("window_width"))->setValue(200);
    field.findChild<QPushButton*>(QStringLiteral("window_apply"))->click();
    const QString word = chosen.takeFirst().first().toString();
    QCOMPARE(word, folder.path() + QStringLiteral("?window=250,200"));
    const auto windowed = open_dataset(word.toStdString());
    QVERIFY(std::abs(windowed->image(0).data[0] - 191) <= 1);
    field.set_location(windowed->location());
    field.findChild<QPushButton*>(QStringLiteral("window_automatic"))->click();
    QCOMPARE(chosen.takeFirst().first().toString(), folder.path());
  }

  void two_bands_are_chosen_for_the_screen_too() {
    BandPicker picker;
    picker.set_channels(2);
    QVERIFY(!picker.isHidden());
    QCOMPARE(picker.findChild<QComboBox*>(QStringLiteral("band_red"))->count(), 2);
    const cv::Mat image(40, 40, CV_8UC2, cv::Scalar(200, 90));
    QCOMPARE(to_image(image).pixelColor(0, 0), QColor(200, 90, 90));
    QCOMPARE(to_thumbnail(image, 8).pixelColor(0, 0), QColor(200, 90, 90));
  }

  void bands_are_chosen_for_the_screen() {
    BandPicker picker;
    picker.set_channels(3);
    QVERIFY(picker.isHidden());
    picker.set_channels(13);
    QSignalSpy chosen(&picker, &BandPicker::bands_chosen);
    auto* red = picker.findChild<QComboBox*>(QStringLiteral("band_red"));
    QCOMPARE(red->currentText(), QStringLiteral("4"));
    QTest::keyClick(red, Qt::Key_End);
    QCOMPARE(chosen.size(), 1);
    cv::Mat image(1, 1, CV_8UC(13));
    for (int band = 0; band < 13; ++band) image.data[band] = static_cast<uchar>(10 * band);
    QCOMPARE(to_image(image).pixelColor(0, 0), QColor(120, 20, 10));
    QCOMPARE(to_thumbnail(image, 8).pixelColor(0, 0), QColor(120, 20, 10));
    BandPicker later;
    later.set_channels(13);
    QCOMPARE(later.findChild<QComboBox*>(QStringLiteral("band_red"))->currentText(),
             QStringLiteral("13"));
  }

  void an_image_tells_what_the_list_says() {
    QCOMPARE(told_of(*set_, 3), QStringLiteral("camera: front\nage: 26"));
    QCOMPARE(told_of(*set_, 2), QStringLiteral("camera: rear"));
    QCOMPARE(larger_image(*set_, 1, 100).told, QStringLiteral("age: 22"));
  }
};

SELFSIGHT_SUITE(TestFields, QApplication);
#include "test_fields.moc"
