#include <QComboBox>
#include <QPushButton>
#include <QSpinBox>
#include <filesystem>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/videoio.hpp>

#include "app/workspace.h"
#include "tests/app/clicks.h"
#include "tests/gui.h"
#include "tests/suite.h"
#include "widgets/theme.h"

using namespace selfsight;

namespace {

/// Frames of one brightness, which changes at frame 20.
bool write_video(const std::string& path) {
  cv::VideoWriter writer(path, cv::CAP_FFMPEG, cv::VideoWriter::fourcc('M', 'J', 'P', 'G'), 25,
                         cv::Size(64, 48));
  for (int i = 0; i < 40; ++i)
    writer.write(cv::Mat(48, 64, CV_8UC3, cv::Scalar::all(i < 20 ? 30 : 200)));
  return writer.isOpened();
}

}  // namespace

class TestFrames : public QObject {
  Q_OBJECT

  const OwnSettings own_settings_;
  QTemporaryDir folder_;
  std::unique_ptr<Workspace> workspace_;
  std::unique_ptr<MainWindow> window_;

  template <class W>
  W* find(const char* name) {
    return find_in<W>(*window_, name);
  }
  void apply() {
    QSignalSpy changed(workspace_.get(), &Workspace::dataset_changed);
    click_in(*window_, "frames_apply");
    QTRY_COMPARE_WITH_TIMEOUT(changed.size(), 1, patience);
  }

 private Q_SLOTS:
  void initTestCase() {
    fail_on_warnings();
    apply_theme(*qApp, Scheme::light);
    std::filesystem::create_directory(folder_.filePath(QStringLiteral("clips")).toStdString());
    for (const char* name : {"clips/a.avi", "clips/b.avi"})
      QVERIFY(write_video(folder_.filePath(QString::fromLatin1(name)).toStdString()));
    workspace_ =
        std::make_unique<Workspace>(folder_.filePath(QStringLiteral("store")).toStdString());
    window_ = std::make_unique<MainWindow>(*workspace_);
    window_->resize(1440, 900);
    window_->show();
    QVERIFY(QTest::qWaitForWindowActive(window_.get()));
  }
  void init() { fail_on_warnings(); }
  void cleanupTestCase() {
    window_.reset();
    workspace_.reset();
  }

  void pictures_have_no_frames_to_choose() {
    workspace_->open_dataset_at(QStringLiteral("procedural:40"));
    QTRY_VERIFY_WITH_TIMEOUT(workspace_->dataset(), patience);
    QVERIFY(!find<QPushButton>("frames_apply")->isVisible());
  }

  void other_frames_are_opened_by_a_click() {
    QSignalSpy changed(workspace_.get(), &Workspace::dataset_changed);
    workspace_->open_dataset_at(folder_.filePath(QStringLiteral("clips")));
    QTRY_COMPARE_WITH_TIMEOUT(changed.size(), 1, patience);
    QCOMPARE(workspace_->dataset()->size(), 8);
    auto* every = find<QSpinBox>("frames_every");
    QCOMPARE(every->value(), 10);
    QVERIFY(every->isVisible() && !find<QSpinBox>("frames_scene")->isVisible());
    every->selectAll();
    QTest::keyClicks(every, QStringLiteral("4"));
    apply();
    QCOMPARE(workspace_->dataset()->size(), 20);
    QCOMPARE(every->value(), 4);
  }

  void scenes_are_found_by_a_click() {
    auto* kind = find<QComboBox>("frames_kind");
    kind->setFocus();
    QTest::keyClick(kind, Qt::Key_Down);
    QVERIFY(find<QSpinBox>("frames_scene")->isVisible());
    QCOMPARE(find<QSpinBox>("frames_scene")->value(), 30);
    apply();
    QCOMPARE(workspace_->dataset()->size(), 4);
    QCOMPARE(kind->currentIndex(), 1);
    QTest::keyClick(kind, Qt::Key_Up);
    apply();
    QCOMPARE(workspace_->dataset()->size(), 8);
  }

  void of_several_no_window_and_no_frames_are_chosen() {
    std::filesystem::create_directory(folder_.filePath(QStringLiteral("deep")).toStdString());
    cv::imwrite(folder_.filePath(QStringLiteral("deep/a.png")).toStdString(),
                cv::Mat(9, 9, CV_16U, cv::Scalar(300)));
    QSignalSpy changed(workspace_.get(), &Workspace::dataset_changed);
    workspace_->open_dataset_at(folder_.filePath(QStringLiteral("deep?window=300,200;")) +
                                folder_.filePath(QStringLiteral("clips")));
    QTRY_COMPARE_WITH_TIMEOUT(changed.size(), 1, patience);
    QCOMPARE(workspace_->dataset()->size(), 9);
    for (const char* name : {"window_apply", "frames_apply"})
      QVERIFY(!find<QPushButton>(name)->isVisible());
  }
};

SELFSIGHT_SUITE(TestFrames, QApplication);
#include "test_frames.moc"
