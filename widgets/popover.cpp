#include "widgets/popover.h"

#include <QPainter>
#include <QScreen>
#include <QVBoxLayout>

#include "widgets/theme.h"

namespace selfsight {

Popover::Popover(QWidget* parent)
    : QFrame(parent, Qt::Popup | Qt::FramelessWindowHint), body_(new QVBoxLayout(this)) {
  setAttribute(Qt::WA_TranslucentBackground);
  body_->setContentsMargins(14, measures::padding, 14, measures::padding);
  body_->setSpacing(8);
}

void Popover::paintEvent(QPaintEvent*) {
  // A window that lets the desktop through at its corners gets no ground from a style sheet.
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(tokens().line);
  painter.setBrush(tokens().raised);
  painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), measures::radius_card,
                          measures::radius_card);
}

void Popover::show_at(QWidget* anchor) {
  adjustSize();
  const QRect room = anchor->window()->geometry().intersected(anchor->screen()->geometry());
  const QPoint below = anchor->mapToGlobal(QPoint(0, anchor->height() + 4));
  const QPoint above = anchor->mapToGlobal(QPoint(0, -4 - height()));
  QPoint place = below.y() + height() <= room.bottom() ? below : above;
  place.setX(qBound(room.left() + 8, place.x(), qMax(room.left() + 8, room.right() - 8 - width())));
  place.setY(qMax(room.top() + 8, place.y()));
  move(place);
  show();
}

}  // namespace selfsight
