#include "widgets/popover.h"

#include <QScreen>
#include <QVBoxLayout>

#include "widgets/theme.h"

namespace selfsight {

Popover::Popover(QWidget* parent)
    : QFrame(parent, Qt::Popup | Qt::FramelessWindowHint), body_(new QVBoxLayout(this)) {
  setAttribute(Qt::WA_TranslucentBackground);
  setAttribute(Qt::WA_StyledBackground);
  body_->setContentsMargins(14, measures::padding, 14, measures::padding);
  body_->setSpacing(8);
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
