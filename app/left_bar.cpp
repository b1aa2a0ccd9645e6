#include "app/left_bar.h"

#include <QPainter>
#include <QVBoxLayout>

#include "widgets/icons.h"
#include "widgets/theme.h"

namespace selfsight {

BarButton::BarButton(const QString& icon, const QString& text, QWidget* parent)
    : QAbstractButton(parent), icon_(icon) {
  setText(text);
  setAccessibleName(text);
  setCheckable(true);
  setFocusPolicy(Qt::TabFocus);
  setCursor(Qt::PointingHandCursor);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

QSize BarButton::sizeHint() const {
  return {measures::left_bar - 17, 60};
}

void BarButton::enterEvent(QEnterEvent*) {
  update();
}
void BarButton::leaveEvent(QEvent*) {
  update();
}

void BarButton::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const Tokens& t = tokens();
  const QRectF ground = QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5);
  if (isChecked() || underMouse() || hasFocus()) {
    painter.setPen(hasFocus() ? QPen(t.accent, 1) : Qt::NoPen);
    painter.setBrush(isChecked()    ? QBrush(t.accent_ground)
                     : underMouse() ? QBrush(t.line)
                                    : QBrush(Qt::NoBrush));
    painter.drawRoundedRect(ground, measures::radius_card, measures::radius_card);
  }
  const QColor colour = isChecked() ? t.accent : t.soft;
  const double side = 20;
  draw_icon(painter, icon_, {(width() - side) / 2, 10, side, side}, colour);
  QFont font = soft_font();
  if (isChecked()) font.setWeight(QFont::DemiBold);
  painter.setFont(font);
  painter.setPen(colour);
  painter.drawText(QRect(0, 34, width(), 18), Qt::AlignCenter, text());
}

LeftBar::LeftBar(QWidget* parent)
    : QWidget(parent), settings_(new BarButton(QStringLiteral("settings"), tr("Settings"), this)) {
  setObjectName(QStringLiteral("left_bar"));
  setAttribute(Qt::WA_StyledBackground);
  setFixedWidth(measures::left_bar);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(8, 8, 9, 8);
  column->setSpacing(4);
  column->addStretch();
  settings_->setObjectName(QStringLiteral("settings_button"));
  settings_->setCheckable(false);
  column->addWidget(settings_);
  connect(settings_, &QAbstractButton::clicked, this, &LeftBar::settings_wanted);
}

void LeftBar::add_place(const QString& name, const QString& title, const QString& shortcut) {
  auto* made = new BarButton(name, title, this);
  made->setObjectName(QStringLiteral("go_to_") + name);
  made->setToolTip(QStringLiteral("%1 (%2)").arg(title, shortcut));
  made->setAutoExclusive(true);
  const int index = static_cast<int>(buttons_.size());
  static_cast<QVBoxLayout*>(layout())->insertWidget(index, made);
  connect(made, &QAbstractButton::clicked, this, [this, index] { Q_EMIT place_chosen(index); });
  buttons_.append(made);
}

void LeftBar::set_current(int index) {
  buttons_.at(index)->setChecked(true);
}

}  // namespace selfsight
