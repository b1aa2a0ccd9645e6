#include "widgets/picture_strip.h"

#include <QPainter>
#include <algorithm>

#include "widgets/picture.h"
#include "widgets/theme.h"

namespace selfsight {
namespace {

constexpr int picture_side = 84, picture_gap = 3, group_gap = 14;

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
  return {4 * picture_side,
          captioned() ? picture_side + picture_gap + fontMetrics().height() : picture_side};
}

void PictureStrip::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setPen(tokens().soft);
  double left = 0;
  for (qsizetype i = 0; i < groups_.size(); ++i) {
    const QList<QImage>& group = groups_[i];
    const QStringList lines = captions_.value(i);
    const double wide =
        static_cast<double>(group.size()) * (picture_side + picture_gap) - picture_gap;
    if (left > 0 && left + wide > width()) break;
    for (qsizetype j = 0; j < group.size(); ++j) {
      draw_picture(painter, group[j],
                   fitted(group[j].size(), {left, 0, picture_side, picture_side}),
                   measures::radius_picture);
      const QRectF below(left, picture_side + picture_gap, picture_side, fontMetrics().height());
      painter.drawText(below, Qt::AlignHCenter | Qt::AlignTop, lines.value(j));
      left += picture_side + picture_gap;
    }
    left += group_gap - picture_gap;
  }
}

}  // namespace selfsight
