#include "app/places/frames_field.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSpinBox>

#include "core/dataset/frame_words.h"
#include "widgets/controls.h"

namespace selfsight {
namespace {

constexpr int most_frames = 1'000'000, most_levels = 255;

QSpinBox* count_box(const QString& name, const QString& tip, int most, QWidget* parent) {
  auto* box = new QSpinBox(parent);
  box->setObjectName(name);
  box->setAccessibleName(tip);
  box->setToolTip(tip);
  box->setRange(1, most);
  box->setButtonSymbols(QAbstractSpinBox::NoButtons);
  guard_value(box);
  return box;
}

}  // namespace

FramesField::FramesField(QWidget* parent) : QWidget(parent) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(6);
  kind_ = new QComboBox(this);
  kind_->setObjectName(QStringLiteral("frames_kind"));
  kind_->setAccessibleName(tr("Which frames of the videos are images"));
  kind_->addItem(tr("one of every"));
  kind_->addItem(tr("first of each scene"));
  guard_value(kind_);
  every_ = count_box(QStringLiteral("frames_every"),
                     tr("How many frames from one image to the next"), most_frames, this);
  scene_ = count_box(QStringLiteral("frames_scene"),
                     tr("A new scene differs from the frame before by more than so many of 255 "
                        "levels. Every video is decoded once to find them."),
                     most_levels, this);
  apply_ = button(tr("Apply"), QStringLiteral("frames_apply"), ButtonKind::plain, this);
  row->addWidget(label(tr("Frames"), Voice::soft, this));
  row->addWidget(kind_);
  row->addWidget(every_);
  row->addWidget(scene_);
  row->addWidget(apply_);
  row->addStretch(1);
  connect(kind_, &QComboBox::currentIndexChanged, this, &FramesField::show_kind);
  connect(apply_, &QPushButton::clicked, this, [this] {
    FrameChoice frames{.every = every_->value()};
    if (kind_->currentIndex() == 1) frames.scene = scene_->value();
    Q_EMIT location_chosen(QString::fromStdString(with_frames(location_, frames)));
  });
  show_kind();
  hide();
}

void FramesField::set_location(const std::string& location) {
  location_ = location;
  const FrameChoice frames = frames_in(location);
  every_->setValue(static_cast<int>(frames.every));
  scene_->setValue(qRound(frames.scene > 0 ? frames.scene : usual_scene));
  kind_->setCurrentIndex(frames.scene > 0 ? 1 : 0);
}

void FramesField::show_kind() {
  every_->setVisible(kind_->currentIndex() == 0);
  scene_->setVisible(kind_->currentIndex() == 1);
}

}  // namespace selfsight
