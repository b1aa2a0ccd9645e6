#include "widgets/neighbour_strip.h"

#include <QMouseEvent>
#include <QPainter>
#include <algorithm>

#include "widgets/picture.h"
#include "widgets/theme.h"

namespace selfsight {
namespace {

constexpr int side = 56, gap = 6, words_height = 18, rows = 2;

}  // namespace

NeighbourStrip::NeighbourStrip(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("neighbour_strip"));
  setAccessibleName(tr("Nearest neighbours"));
  setFixedHeight(rows * (side + words_height + gap));
}

void NeighbourStrip::set_pictures(const QList<NeighbourPicture>& pictures) {
  pictures_ = pictures;
  update();
}

QSize NeighbourStrip::sizeHint() const {
  return {6 * (side + gap), rows * (side + words_height + gap)};
}

int NeighbourStrip::columns() const {
  return std::max(1, (width() + gap) / (side + gap));
}

QRectF NeighbourStrip::cell(int index) const {
  return QRectF(index % columns() * (side + gap), index / columns() * (side + words_height + gap),
                side, side);
}

void NeighbourStrip::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setFont(soft_font());
  painter.setPen(tokens().soft);
  for (int i = 0; i < pictures_.size() && i < rows * columns(); ++i) {
    const QRectF picture = cell(i);
    draw_picture(painter, pictures_[i].image, picture, measures::radius_picture);
    painter.drawText(picture.translated(0, side).adjusted(0, 0, 0, words_height - side),
                     Qt::AlignCenter, pictures_[i].words);
  }
}

void NeighbourStrip::mousePressEvent(QMouseEvent* event) {
  for (int i = 0; i < pictures_.size(); ++i)
    if (cell(i).contains(event->position())) Q_EMIT clicked(pictures_[i].id);
}

}  // namespace selfsight
