#include "widgets/picture_strip.h"

#include <QPainter>
#include <algorithm>

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

void PictureStrip::set_groups(const QList<QList<QImage>>& groups,
                              const QList<QStringList>& captions) {
  groups_ = groups;
  const bool before = captioned();
  captions_ = captions;
  if (before != captioned()) updateGeometry();
  update();
}

bool PictureStrip::captioned() const {
  return std::ranges::any_of(captions_, [](const QStringList& lines) { return !lines.isEmpty(); });
}

QSize PictureStrip::sizeHint() const {
  return {4 * side, captioned() ? side + within + fontMetrics().height() : side};
}

void PictureStrip::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setPen(tokens().soft);
  double left = 0;
  for (qsizetype i = 0; i < groups_.size(); ++i) {
    const QList<QImage>& group = groups_[i];
    const QStringList lines = captions_.value(i);
    const double wide = static_cast<double>(group.size()) * (side + within) - within;
    if (left > 0 && left + wide > width()) break;
    for (qsizetype j = 0; j < group.size(); ++j) {
      draw_picture(painter, group[j], fitted(group[j].size(), {left, 0, side, side}),
                   measures::radius_picture);
      const QRectF below(left, side + within, side, fontMetrics().height());
      painter.drawText(below, Qt::AlignHCenter | Qt::AlignTop, lines.value(j));
      left += side + within;
    }
    left += between - within;
  }
}

}  // namespace selfsight
