#include <QKeyEvent>
#include <QLineF>
#include <algorithm>
#include <cmath>
#include <limits>

#include "widgets/map_plot.h"

namespace selfsight {
namespace {

constexpr double pan_step = 60, edge_room = 24;  // px

QPointF way_of(int key) {
  switch (key) {
    case Qt::Key_Left:
      return {-1, 0};
    case Qt::Key_Right:
      return {1, 0};
    case Qt::Key_Up:
      return {0, -1};
    case Qt::Key_Down:
      return {0, 1};
    default:
      return {};
  }
}

}  // namespace

void MapPlot::pan(const QPointF& by) {
  centre_ += by / scale_;
  moved_ = true;
  forget_picture();
}

int MapPlot::nearest(const QPointF& at, const QPointF& way) const {
  int best = -1;
  double least = std::numeric_limits<double>::max();
  for (std::size_t i = 0; i < points_.size(); ++i) {
    if (!visible(points_[i])) continue;
    const QPointF d = QPointF(points_[i].x, points_[i].y) - at;
    const double along = QPointF::dotProduct(d, way);
    const double aside = std::abs(d.x() * way.y() - d.y() * way.x());
    if (!way.isNull() && (along <= 0 || aside > along)) continue;
    const double squared = QPointF::dotProduct(d, d);
    if (squared < least) least = squared, best = static_cast<int>(i);
  }
  return best;
}

/// From the point that is pointed at, or the only one that is selected, or else to the middle one.
void MapPlot::go(const QPointF& way) {
  int from = hovered_;
  if (from < 0 && selection_.size() == 1)
    if (const auto at = index_of_.find(*selection_.begin()); at != index_of_.end())
      from = static_cast<int>(*at);
  const auto point = [this](int index) {
    const MapPoint& p = points_[static_cast<std::size_t>(index)];
    return QPointF(p.x, p.y);
  };
  const int to = from < 0 ? nearest(centre_) : nearest(point(from), way);
  if (to < 0) return;
  const QPointF at = to_widget(point(to).x(), point(to).y());
  const QPointF inside(std::clamp(at.x(), edge_room, std::max(edge_room, width() - edge_room)),
                       std::clamp(at.y(), edge_room, std::max(edge_room, height() - edge_room)));
  if (at != inside && !rect().contains(at.toPoint())) pan(at - inside);
  hovered_mark_ = -1;
  point_at(to);
}

void MapPlot::keyPressEvent(QKeyEvent* event) {
  const QPointF middle(width() / 2.0, height() / 2.0);
  if (const QPointF way = way_of(event->key()); !way.isNull())
    return event->modifiers() & Qt::ShiftModifier ? pan(way * pan_step) : go(way);
  switch (event->key()) {
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space:
      if (hovered_ >= 0 && visible(points_[static_cast<std::size_t>(hovered_)]))
        return choose(hovered_, event->modifiers());
      return QWidget::keyPressEvent(event);
    case Qt::Key_L:
      return set_lasso(!lasso_on_);
    case Qt::Key_Home:
      return fit();
    case Qt::Key_Plus:
      return zoom(1.25, middle);
    case Qt::Key_Minus:
      return zoom(0.8, middle);
    case Qt::Key_Escape:
      select({});
      set_marks({});
      return Q_EMIT marks_cleared();
    default:
      QWidget::keyPressEvent(event);
  }
}

}  // namespace selfsight
