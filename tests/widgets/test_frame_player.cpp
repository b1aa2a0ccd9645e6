#include <QLabel>
#include <QSignalSpy>
#include <QSlider>
#include <QToolButton>
#include <QtTest>

#include "tests/gui.h"
#include "tests/suite.h"
#include "widgets/frame_player.h"
#include "widgets/theme.h"

using namespace selfsight;

class TestFramePlayer : public QObject {
  Q_OBJECT

  std::unique_ptr<FramePlayer> player_;

  QSlider* slider() { return player_->findChild<QSlider*>(); }
  QToolButton* button() { return player_->findChild<QToolButton*>(); }
  static QStringList names(int count) {
    QStringList out;
    for (int i = 0; i < count; ++i) out << QStringLiteral("epoch %1").arg(i);
    return out;
  }

 private Q_SLOTS:
  void initTestCase() { apply_theme(*qApp, Scheme::light); }
  void init() {
    fail_on_warnings();
    player_ = std::make_unique<FramePlayer>();
    player_->resize(500, 40);
    player_->set_frames(names(3));
    player_->show();
    QVERIFY(QTest::qWaitForWindowActive(player_.get()));
  }
  void cleanup() { player_.reset(); }

  void the_last_frame_is_shown_first() {
    QCOMPARE(player_->frame(), 2);
    QCOMPARE(player_->position(), 2.0);
    QCOMPARE(player_->findChild<QLabel*>(QStringLiteral("frame_words"))->text(),
             QStringLiteral("epoch 2"));
  }

  void play_goes_from_the_first_to_the_last_and_stops_there() {
    QSignalSpy moved(player_.get(), &FramePlayer::moved);
    QSignalSpy settled(player_.get(), &FramePlayer::settled);
    QTest::mouseClick(button(), Qt::LeftButton);
    QVERIFY(player_->playing());
    QCOMPARE(button()->accessibleName(), QStringLiteral("Pause"));
    QTRY_COMPARE(settled.size(), 1);
    QCOMPARE(settled.first().first().toInt(), 2);
    QVERIFY(!player_->playing());
    QCOMPARE(button()->accessibleName(), QStringLiteral("Play"));
    double before = -1;
    bool between = false;
    for (const auto& heard : moved) {
      const double position = heard.first().toDouble();
      QVERIFY(position >= before);
      between |= position != std::floor(position);
      before = position;
    }
    QCOMPARE(moved.first().first().toDouble(), 0.0);
    QVERIFY(between);
  }

  void a_pause_comes_to_stand_at_a_frame() {
    QSignalSpy settled(player_.get(), &FramePlayer::settled);
    QTest::mouseClick(button(), Qt::LeftButton);
    QTRY_VERIFY(player_->position() > 0.3);
    slider()->setFocus();
    QTest::keyClick(slider(), Qt::Key_Space);
    QVERIFY(!player_->playing());
    QTRY_COMPARE(settled.size(), 1);
    QCOMPARE(player_->position(), std::round(player_->position()));
  }

  void keys_step_and_home_goes_to_the_first() {
    slider()->setFocus();
    QTest::keyClick(slider(), Qt::Key_Left);
    QCOMPARE(player_->frame(), 1);
    QTRY_COMPARE(player_->position(), 1.0);
    QTest::keyClick(slider(), Qt::Key_Home);
    QTRY_COMPARE(player_->position(), 0.0);
    player_->step(-1);
    QCOMPARE(player_->frame(), 0);
  }

  void one_frame_cannot_be_played() {
    player_->set_frames(names(1));
    QVERIFY(!button()->isEnabled());
    QVERIFY(!slider()->isEnabled());
    player_->play(true);
    QVERIFY(!player_->playing());
  }
};

SELFSIGHT_SUITE(TestFramePlayer, QApplication);
#include "test_frame_player.moc"
