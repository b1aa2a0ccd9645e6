#include <QTemporaryDir>
#include <QTest>
#include <opencv2/imgcodecs.hpp>

#include "core/dataset/duplicates.h"
#include "tests/suite.h"

using namespace selfsight;
namespace fs = std::filesystem;

class TestDuplicates : public QObject {
  Q_OBJECT

  static cv::Mat picture(int shade) {
    cv::Mat image(12, 10, CV_8UC3, cv::Scalar(shade, 200 - shade, 7));
    image.at<cv::Vec3b>(3, 4) = cv::Vec3b(255, 0, 0);
    return image;
  }

 private Q_SLOTS:
  void the_same_pixels_are_found_under_another_name_and_format() {
    QTemporaryDir folder;
    const fs::path root = folder.path().toStdString();
    for (const char* split : {"train", "test"}) fs::create_directories(root / split);
    for (int i = 0; i < 20; ++i)
      QVERIFY(cv::imwrite((root / "train" / (std::to_string(i) + ".png")).string(), picture(i)));
    QVERIFY(cv::imwrite((root / "train" / "again.bmp").string(), picture(4)));
    QVERIFY(cv::imwrite((root / "test" / "leaked.png").string(), picture(9)));
    QVERIFY(cv::imwrite((root / "test" / "own.png").string(), picture(99)));
    const auto dataset = open_dataset(root.string());
    double told = 0;
    const Duplicates found =
        find_duplicates(*dataset, Control(), [&](double part) { told = std::max(told, part); });
    QCOMPARE(found.groups.size(), std::size_t(2));
    QCOMPARE(found.copies(), 2);
    const auto names = [&](const std::vector<std::int64_t>& group) {
      QStringList out;
      for (const auto index : group)
        out << QString::fromStdString(fs::path(dataset->image_name(index)).filename().string());
      out.sort();
      return out.join(QLatin1Char(' '));
    };
    QStringList all{names(found.groups[0]), names(found.groups[1])};
    all.sort();
    QCOMPARE(all,
             (QStringList{QStringLiteral("4.png again.bmp"), QStringLiteral("9.png leaked.png")}));
    QVERIFY(found.across_splits >= 1);
    QVERIFY(told >= 0 && told <= 1);
  }

  void a_stop_is_heard() {
    Control control;
    control.request_stop();
    QVERIFY_EXCEPTION_THROWN(find_duplicates(*open_dataset("procedural:50"), control), Cancelled);
  }
};

SELFSIGHT_SUITE(TestDuplicates, QCoreApplication);
#include "test_duplicates.moc"
