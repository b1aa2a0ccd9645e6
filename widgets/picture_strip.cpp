#include "widgets/picture_strip.h"

#include <QPainter>

#include "widgets/picture.h"
#include "widgets/theme.h"

namespace selfsight {
namespace {

constexpr int side = 84, within = 3, between = 14;

}  // namespace

PictureStrip::PictureStrip(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("picture_strip"));
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void PictureStrip::set_groups(const QList<QList<QImage>>& groups) {
  groups_ = groups;
  update();
}

QSize PictureStrip::sizeHint() const {
  return {4 * side, side};
}

void PictureStrip::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  double left = 0;
  for (const QList<QImage>& group : groups_) {
    const double wide = static_cast<double>(group.size()) * (side + within) - within;
    if (left > 0 && left + wide > width()) break;
    for (const QImage& picture : group) {
      draw_picture(painter, picture, fitted(picture.size(), {left, 0, side, side}),
                   measures::radius_picture);
      left += side + within;
    }
    left += between - within;
  }
}

}  // namespace selfsight
