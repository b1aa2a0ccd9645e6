#include "widgets/frame_player.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QSignalBlocker>
#include <QSlider>
#include <QTimer>
#include <QToolButton>
#include <algorithm>

#include "widgets/controls.h"
#include "widgets/icons.h"
#include "widgets/theme.h"

namespace selfsight {
namespace {

constexpr int tick_milliseconds = 16;
constexpr double playing_milliseconds = 600, stepping_milliseconds = 220;  // for one move

/// Sets off and arrives gently; in and out in [0, 1].
double eased(double part) {
  return part * part * (3 - 2 * part);
}

}  // namespace

FramePlayer::FramePlayer(QWidget* parent)
    : QWidget(parent),
      clock_(new QTimer(this)),
      play_(new QToolButton(this)),
      slider_(new QSlider(Qt::Horizontal, this)),
      words_(label({}, Voice::soft, this)) {
  setObjectName(QStringLiteral("frame_player"));
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(8);
  play_->setObjectName(QStringLiteral("play_frames"));
  play_->setFixedSize(measures::button, measures::button);
  slider_->setObjectName(QStringLiteral("frame_slider"));
  slider_->setAccessibleName(tr("Epoch"));
  slider_->setTickPosition(QSlider::TicksBelow);
  slider_->setPageStep(1);
  slider_->installEventFilter(this);
  guard_value(slider_);
  words_->setObjectName(QStringLiteral("frame_words"));
  row->addWidget(play_);
  row->addWidget(slider_, 1);
  row->addWidget(words_);
  clock_->setInterval(tick_milliseconds);
  clock_->setTimerType(Qt::PreciseTimer);
  connect(clock_, &QTimer::timeout, this, &FramePlayer::advance);
  connect(play_, &QToolButton::clicked, this, &FramePlayer::toggle);
  connect(slider_, &QSlider::valueChanged, this, &FramePlayer::go_to);
  set_frames({});
}

void FramePlayer::set_frames(const QStringList& names) {
  clock_->stop();
  playing_ = false;
  names_ = names;
  target_ = std::max(0, static_cast<int>(names.size()) - 1);
  position_ = from_ = target_;
  // As wide as the longest name, so that the slider keeps its length while it plays.
  int widest = 0;
  for (const QString& name : names_)
    widest = std::max(widest, words_->fontMetrics().horizontalAdvance(name));
  words_->setMinimumWidth(widest);
  show_state();
}

void FramePlayer::play(bool on) {
  if (on == playing_ || names_.size() < 2) return;
  playing_ = on;
  if (!on) {
    // Pause stands at a frame, never between two.
    aim_at(target_);
  } else if (target_ + 1 == names_.size()) {
    position_ = 0;
    aim_at(0);
    Q_EMIT moved(position_);
  } else {
    aim_at(target_);
  }
  show_state();
}

void FramePlayer::go_to(int frame) {
  frame = std::clamp(frame, 0, std::max(0, static_cast<int>(names_.size()) - 1));
  playing_ = false;
  if (frame != target_ || position_ != frame) aim_at(frame);
  show_state();
}

void FramePlayer::aim_at(int frame) {
  from_ = position_;
  target_ = frame;
  since_.start();
  clock_->start();
  show_state();
}

void FramePlayer::advance() {
  const double whole = playing_ ? playing_milliseconds : stepping_milliseconds;
  const double part = std::min(1.0, static_cast<double>(since_.elapsed()) / whole);
  position_ = part == 1 ? target_ : from_ + (target_ - from_) * eased(part);
  Q_EMIT moved(position_);
  if (part < 1) return;
  if (playing_ && target_ + 1 < names_.size()) return aim_at(target_ + 1);
  clock_->stop();
  playing_ = false;
  show_state();
  Q_EMIT settled(target_);
}

void FramePlayer::show_state() {
  const bool can = names_.size() > 1;
  const QString does = playing_ ? tr("Pause (Space)") : tr("Play (Space)");
  play_->setIcon(icon(playing_ ? QStringLiteral("pause") : QStringLiteral("play")));
  play_->setToolTip(does);
  play_->setAccessibleName(playing_ ? tr("Pause") : tr("Play"));
  play_->setEnabled(can);
  slider_->setEnabled(can);
  const QSignalBlocker quiet(slider_);
  slider_->setRange(0, std::max(0, static_cast<int>(names_.size()) - 1));
  slider_->setValue(target_);
  words_->setText(names_.value(target_));
}

bool FramePlayer::eventFilter(QObject* watched, QEvent* event) {
  if (watched == slider_ && event->type() == QEvent::KeyPress &&
      static_cast<QKeyEvent*>(event)->key() == Qt::Key_Space) {
    toggle();
    return true;
  }
  return QWidget::eventFilter(watched, event);
}

void FramePlayer::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Space) return toggle();
  QWidget::keyPressEvent(event);
}

}  // namespace selfsight
