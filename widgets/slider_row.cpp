#include "widgets/slider_row.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QSignalBlocker>
#include <QSlider>
#include <cmath>

#include "widgets/controls.h"
#include "widgets/field_words.h"
#include "widgets/theme.h"
#include "widgets/words.h"

namespace selfsight {

SliderRow::SliderRow(const QString& text, const QString& name, const Range& range, QWidget* parent)
    : QWidget(parent),
      range_(range),
      last_on_(range.on),
      label_(label(text, Voice::body, this)),
      slider_(new QSlider(Qt::Horizontal, this)),
      text_(new QLineEdit(this)) {
  setFixedHeight(measures::row);
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(8);
  if (range.off) {
    switch_ = new Switch(this);
    switch_->setObjectName(name + QStringLiteral("_switch"));
    switch_->setAccessibleName(tr("%1 on or off").arg(text));
    row->addWidget(switch_);
    connect(switch_, &Switch::clicked, this,
            [this](bool on) { take(on ? last_on_ : *range_.off); });
  }
  label_->setMinimumWidth(104);
  row->addWidget(label_);
  slider_->setObjectName(name + QStringLiteral("_slider"));
  slider_->setAccessibleName(text);
  slider_->setRange(0, static_cast<int>(std::lround((range.max - range.min) / range.step)));
  slider_->setPageStep(qMax(1, slider_->maximum() / 10));
  slider_->setMinimumWidth(64);
  guard_value(slider_);
  row->addWidget(slider_, 1);
  text_->setObjectName(name + QStringLiteral("_value"));
  text_->setAccessibleName(tr("%1, value").arg(text));
  text_->setProperty("kind", QStringLiteral("quiet"));
  text_->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
  text_->setFixedWidth(54);
  row->addWidget(text_);
  connect(slider_, &QSlider::valueChanged, this,
          [this](int ticks) { take(range_.min + ticks * range_.step); });
  connect(text_, &QLineEdit::editingFinished, this, [this] {
    bool number = false;
    const double wanted = with_point(text_->text()).toDouble(&number);
    if (number && std::isfinite(wanted)) take(qBound(range_.min, wanted, range_.max));
    show_value();
  });
  value_ = range.min;
  show_value();
}

void SliderRow::set_value(double value) {
  value_ = value;
  show_value();
}

void SliderRow::take(double value) {
  // Steps add up to 0.15000000000000002; a person means 0.15.
  value = std::round(value * 1e6) / 1e6;
  if (value == value_) return;
  value_ = value;
  show_value();
  Q_EMIT value_changed(value_);
}

void SliderRow::show_value() {
  const bool off = range_.off && value_ == *range_.off;
  if (switch_) switch_->setChecked(!off);
  if (!off) last_on_ = value_;
  const QSignalBlocker quiet(slider_);
  slider_->setValue(static_cast<int>(std::lround((value_ - range_.min) / range_.step)));
  text_->setText(range_.step < 1 && std::abs(value_ * 100 - std::round(value_ * 100)) < 1e-9
                     ? QString::number(value_, 'f', 2)
                     : number_text(value_));
}

}  // namespace selfsight
