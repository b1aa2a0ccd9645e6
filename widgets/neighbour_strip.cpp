#include "widgets/neighbour_strip.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>

#include "widgets/picture.h"
#include "widgets/theme.h"

namespace selfsight {
namespace {

constexpr int tile_side = 56, tile_gap = 6, words_line = 16, words_height = 2 * words_line,
              tile_rows = 2;

}  // namespace

NeighbourStrip::NeighbourStrip(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("neighbour_strip"));
  setAccessibleName(tr("Nearest neighbours; arrow keys go through them, Return opens one"));
  setFocusPolicy(Qt::StrongFocus);
  setFixedHeight(tile_rows * (tile_side + words_height + tile_gap));
}

void NeighbourStrip::set_pictures(const QList<NeighbourPicture>& pictures) {
  pictures_ = pictures;
  go_to(0);
}

QSize NeighbourStrip::sizeHint() const {
  return {6 * (tile_side + tile_gap), tile_rows * (tile_side + words_height + tile_gap)};
}

int NeighbourStrip::columns() const {
  return std::max(1, (width() + tile_gap) / (tile_side + tile_gap));
}

int NeighbourStrip::shown() const {
  return std::min(static_cast<int>(pictures_.size()), tile_rows * columns());
}

QRectF NeighbourStrip::cell(int index) const {
  return QRectF(index % columns() * (tile_side + tile_gap),
                index / columns() * (tile_side + words_height + tile_gap), tile_side, tile_side);
}

void NeighbourStrip::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setFont(soft_font());
  painter.setPen(tokens().soft);
  for (int i = 0; i < shown(); ++i) {
    const QRectF picture = cell(i);
    draw_picture(painter, pictures_[i].image, picture, measures::radius_picture);
    const QRectF below = picture.translated(0, tile_side).adjusted(0, 0, 0, words_line - tile_side);
    painter.drawText(below, Qt::AlignCenter, pictures_[i].words);
    painter.drawText(
        below.translated(0, words_line), Qt::AlignCenter,
        painter.fontMetrics().elidedText(pictures_[i].label, Qt::ElideRight, tile_side));
  }
  if (!hasFocus() || current_ >= shown()) return;
  painter.setPen(QPen(tokens().accent, 2));
  painter.setBrush(Qt::NoBrush);
  painter.drawRoundedRect(cell(current_).adjusted(1, 1, -1, -1), measures::radius_picture,
                          measures::radius_picture);
}

void NeighbourStrip::mousePressEvent(QMouseEvent* event) {
  for (int i = 0; i < shown(); ++i) {
    if (!cell(i).contains(event->position())) continue;
    go_to(i);
    return Q_EMIT clicked(pictures_[i].id);
  }
}

void NeighbourStrip::go_to(int index) {
  current_ = index;
  const QString words = pictures_.isEmpty() ? QString() : pictures_[index].words;
  const QString told = tr("%1 of %2, likeness %3").arg(index + 1).arg(pictures_.size()).arg(words);
  const QString label = pictures_.isEmpty() ? QString() : pictures_[index].label;
  setAccessibleDescription(words.isEmpty()   ? QString()
                           : label.isEmpty() ? told
                                             : QStringLiteral("%1, %2").arg(told, label));
  update();
}

void NeighbourStrip::keyPressEvent(QKeyEvent* event) {
  const bool chosen = current_ < shown();
  int to = current_;
  switch (event->key()) {
    case Qt::Key_Left:
      to -= 1;
      break;
    case Qt::Key_Right:
      to += 1;
      break;
    case Qt::Key_Up:
      to -= columns();
      break;
    case Qt::Key_Down:
      to += columns();
      break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space:
      if (chosen) Q_EMIT clicked(pictures_[current_].id);
      return;
    default:
      return QWidget::keyPressEvent(event);
  }
  if (to >= 0 && to < shown()) go_to(to);
}

}  // namespace selfsight
