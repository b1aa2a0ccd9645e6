// Goes through the frames of something that changes: play and pause, a slider, keys.
#pragma once

#include <QElapsedTimer>
#include <QStringList>
#include <QWidget>

class QLabel;
class QSlider;
class QTimer;
class QToolButton;

namespace selfsight {

class FramePlayer : public QWidget {
  Q_OBJECT
 public:
  explicit FramePlayer(QWidget* parent = nullptr);

  /// What each frame is called, "epoch 3"; shows the last one. Fewer than two cannot be played.
  void set_frames(const QStringList& names);
  int frame() const { return target_; }          // the one shown, or gone to
  double position() const { return position_; }  // between two frames on the way to it
  bool playing() const { return playing_; }

  void play(bool on);  // from the first one if the last is shown
  void toggle() { play(!playing_); }
  void go_to(int frame);
  void step(int by) { go_to(target_ + by); }

 Q_SIGNALS:
  void moved(double position);
  void settled(int frame);  // stands still there

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void aim_at(int frame);
  void advance();
  void show_state();

  QStringList names_;
  int target_ = 0;
  double from_ = 0, position_ = 0;
  bool playing_ = false;
  QTimer* clock_;
  QElapsedTimer since_;  // the way to the target began
  QToolButton* play_;
  QSlider* slider_;
  QLabel* words_;
};

}  // namespace selfsight
