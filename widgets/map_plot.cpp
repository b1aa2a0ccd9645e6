#include "widgets/map_plot.h"

#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QTimer>
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "widgets/exports.h"
#include "widgets/picture.h"
#include "widgets/theme.h"

namespace selfsight {
namespace {

constexpr double pick_radius = 14;  // px
constexpr int dwell_milliseconds = 125;
constexpr double point_radius = 2.6, smallest_radius = 1.5;
constexpr double radius_share = 0.35;  // of the side of the square that a point has for itself
constexpr double click_slack = 4;      // px a click may slip
constexpr int thumbnail_side = 96, legend_inset = 10;
constexpr double dimmed = 0.22;
constexpr double mark_radius_px = 8;
/// Either: many window managers take a drag with Alt for themselves.
constexpr Qt::KeyboardModifiers take_away = Qt::AltModifier | Qt::ControlModifier;

/// After six colours the mark changes: colour is never the only cue.
void add_mark(QPainterPath& path, QPointF at, int group, double r) {
  switch (group < 0 ? 0 : group / 6 % 4) {
    case 1:
      path.addRect(QRectF(at.x() - r, at.y() - r, 2 * r, 2 * r));
      break;
    case 2:
      path.addPolygon(QPolygonF({at + QPointF(0, -1.3 * r), at + QPointF(1.2 * r, r),
                                 at + QPointF(-1.2 * r, r), at + QPointF(0, -1.3 * r)}));
      break;
    case 3:
      path.addRect(QRectF(at.x() - 1.4 * r, at.y() - 0.5 * r, 2.8 * r, r));
      break;
    default:
      path.addEllipse(at, r, r);
  }
}

/// `ramp` steps from little to much, or 0.
QColor group_colour(int group, int ramp) {
  if (group < 0) return ramp > 0 ? tokens().faint : tokens().accent;
  return ramp > 0 ? ramp_colour((group + 0.5) / ramp) : series_colour(group);
}

/// Source over destination, both premultiplied.
QRgb over(QRgb source, QRgb destination) {
  const uint rest = 255 - qAlpha(source);
  uint even = (destination & 0xff00ff) * rest;
  even = ((even + ((even >> 8) & 0xff00ff) + 0x800080) >> 8) & 0xff00ff;
  uint odd = ((destination >> 8) & 0xff00ff) * rest;
  odd = (odd + ((odd >> 8) & 0xff00ff) + 0x800080) & 0xff00ff00;
  return source + (even | odd);
}

/// One group's mark as pixels, laid straight into the picture: a painter takes ten times as long
/// for a hundred thousand points.
struct Stamp {
  QImage pixels;  // premultiplied, no empty edge
  QPoint offset;  // of its corner from the point

  void press(QImage& image, const QPointF& at) const {
    const QPoint corner = QPoint(qRound(at.x()), qRound(at.y())) + offset;
    const QRect place = QRect(corner, pixels.size()) & image.rect();
    for (int y = place.top(); y <= place.bottom(); ++y) {
      auto* to = reinterpret_cast<QRgb*>(image.scanLine(y)) + place.left();
      const auto* from = reinterpret_cast<const QRgb*>(pixels.constScanLine(y - corner.y())) +
                         (place.left() - corner.x());
      for (int x = 0; x < place.width(); ++x) to[x] = over(from[x], to[x]);
    }
  }
};

/// So that the marks of many points, or of a small map, do not run into each other.
double mark_radius(const QSizeF& room, std::size_t points) {
  const double own =
      room.width() * room.height() / std::max<double>(1, static_cast<double>(points));
  return std::clamp(radius_share * std::sqrt(own), smallest_radius, point_radius);
}

QPainterPath mark_of(int group, int ramp, QPointF at, double radius) {
  QPainterPath path;
  add_mark(path, at, ramp > 0 ? 0 : group, radius);
  return path;
}

QRect inked(const QImage& image) {
  QRect found;
  for (int y = 0; y < image.height(); ++y)
    for (int x = 0; x < image.width(); ++x)
      if (qAlpha(image.pixel(x, y))) found |= QRect(x, y, 1, 1);
  return found;
}

/// What is known of the thing at `at`, kept inside a map so wide, and below it where there is no
/// room above.
void draw_card(QPainter& painter, const QPointF& at, const QImage& thumbnail,
               const QString& caption, double width) {
  if (thumbnail.isNull() && caption.isEmpty()) return;
  painter.setFont(soft_font());
  const QFontMetrics metrics(soft_font());
  const int pad = 8, line = metrics.height();
  const QString words = metrics.elidedText(caption, Qt::ElideMiddle, 2 * thumbnail_side);
  const int wide = std::max(thumbnail_side, metrics.horizontalAdvance(words)) + 2 * pad;
  QRectF card(at.x() - wide / 2.0, at.y() - thumbnail_side - line - 3 * pad - 10, wide,
              thumbnail_side + line + 3 * pad);
  if (card.top() < 4) card.moveTop(at.y() + 12);
  card.moveLeft(std::clamp(card.left(), 4.0, std::max(4.0, width - card.width() - 4)));
  painter.setPen(QPen(tokens().line, 1));
  painter.setBrush(tokens().raised);
  painter.drawRoundedRect(card, measures::radius_card, measures::radius_card);
  const QRectF picture(card.center().x() - thumbnail_side / 2.0, card.top() + pad, thumbnail_side,
                       thumbnail_side);
  QRectF shape = fitted(thumbnail.size(), picture);
  shape.moveCenter(picture.center());
  draw_picture(painter, thumbnail, shape, measures::radius_picture);
  painter.setPen(tokens().text);
  painter.drawText(QRectF(card.left() + pad, picture.bottom() + pad, card.width() - 2 * pad, line),
                   Qt::AlignCenter, words);
}

Stamp make_stamp(int group, int ramp, double radius, double ratio, double opacity) {
  const int half = static_cast<int>(std::ceil((1.5 * radius + 1) * ratio));
  QImage image(2 * half, 2 * half, QImage::Format_ARGB32_Premultiplied);
  image.fill(Qt::transparent);
  QPainter painter(&image);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setOpacity(opacity);
  painter.fillPath(mark_of(group, ramp, QPointF(half, half), radius * ratio),
                   group_colour(group, ramp));
  painter.end();
  const QRect ink = inked(image);
  return {image.copy(ink), ink.topLeft() - QPoint(half, half)};
}

}  // namespace

MapPlot::MapPlot(QWidget* parent) : QWidget(parent), dwell_(new QTimer(this)) {
  setObjectName(QStringLiteral("map_plot"));
  setAccessibleName(
      tr("Map of the images; arrow keys go from one to the next, Return selects it, L draws a "
         "lasso, Home shows all, Escape clears"));
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  setMinimumSize(240, 240);
  dwell_->setSingleShot(true);
  dwell_->setInterval(dwell_milliseconds);
  connect(dwell_, &QTimer::timeout, this, [this] {
    if (hovered_ >= 0) Q_EMIT hovered(points_[static_cast<std::size_t>(hovered_)].id);
  });
}

void MapPlot::set_points(std::vector<MapPoint> points) {
  const bool same = points.size() == points_.size() &&
                    std::equal(points.begin(), points.end(), points_.begin(),
                               [](const MapPoint& a, const MapPoint& b) { return a.id == b.id; });
  points_ = std::move(points);
  index_of_.clear();
  for (std::size_t i = 0; i < points_.size(); ++i) index_of_.insert(points_[i].id, i);
  hovered_ = -1;
  forget_picture();
  if (!same) {
    set_marks({});
    selection_.removeIf([this](qint64 id) { return !index_of_.contains(id); });
    moved_ = false;
  }
  mark_chosen();
  if (!moved_) fit();
}

/// Looked up for every point that is drawn, so it stands beside them.
void MapPlot::mark_chosen() {
  chosen_.assign(points_.size(), false);
  for (const qint64 id : selection_)
    if (const auto at = index_of_.find(id); at != index_of_.end()) chosen_[*at] = true;
}

void MapPlot::set_groups(const QStringList& names) {
  groups_ = names;
  forget_picture();
}

void MapPlot::set_hidden(const QSet<int>& groups) {
  hidden_ = groups;
  forget_picture();
}

void MapPlot::set_ramp(int steps) {
  ramp_ = steps;
  forget_picture();
}

void MapPlot::set_extent(const QRectF& extent) {
  extent_ = extent;
  if (!moved_) fit();
}

void MapPlot::set_selection(const QSet<qint64>& ids) {
  selection_ = ids;
  mark_chosen();
  forget_picture();
}

void MapPlot::set_lasso(bool on) {
  if (on == lasso_on_) return;
  lasso_on_ = on;
  lasso_.clear();
  setCursor(on ? Qt::CrossCursor : Qt::ArrowCursor);
  Q_EMIT lasso_changed(on);
  update();
}

void MapPlot::set_marks(std::vector<MapMark> marks) {
  marks_ = std::move(marks);
  hovered_mark_ = -1;
  update();
}

QRectF MapPlot::bounds() const {
  if (!extent_.isNull()) return extent_;
  double left = std::numeric_limits<double>::max(), right = -left, top = left, bottom = -left;
  for (const MapPoint& p : points_) {
    left = std::min(left, p.x), right = std::max(right, p.x);
    top = std::min(top, p.y), bottom = std::max(bottom, p.y);
  }
  return {QPointF(left, top), QPointF(right, bottom)};
}

void MapPlot::fit() {
  moved_ = false;
  if (points_.empty()) return;
  const QRectF box = bounds();
  centre_ = box.center();
  const double wide = std::max(box.width(), 1e-9), high = std::max(box.height(), 1e-9);
  scale_ = 0.92 * std::min(width() / wide, height() / high);
  forget_picture();
}

QPointF MapPlot::to_widget(double x, double y) const {
  return {width() / 2.0 + (x - centre_.x()) * scale_, height() / 2.0 + (y - centre_.y()) * scale_};
}

QPointF MapPlot::position_of(std::int64_t id) const {
  const auto found = index_of_.find(id);
  if (found == index_of_.end()) return {-1, -1};
  return to_widget(points_[*found].x, points_[*found].y);
}

int MapPlot::hit(const QPointF& at) const {
  int best = -1;
  double least = pick_radius * pick_radius;
  for (std::size_t i = 0; i < points_.size(); ++i) {
    if (!visible(points_[i])) continue;
    const QPointF d = to_widget(points_[i].x, points_[i].y) - at;
    const double squared = QPointF::dotProduct(d, d);
    if (squared <= least) least = squared, best = static_cast<int>(i);
  }
  return best;
}

int MapPlot::mark_at(const QPointF& at) const {
  const auto distance = [&](const MapMark& mark) {
    const QPointF d = position_of(mark) - at;
    return std::hypot(d.x(), d.y());
  };
  const auto nearest = std::ranges::min_element(marks_, {}, distance);
  if (nearest == marks_.end() || distance(*nearest) > mark_radius_px) return -1;
  return static_cast<int>(nearest - marks_.begin());
}

void MapPlot::forget_picture() {
  cloud_ = {};
  update();
}

void MapPlot::draw_points(QImage& image, double ratio) const {
  image.setDevicePixelRatio(ratio);
  image.fill(Qt::transparent);
  const QSizeF size = QSizeF(image.size()) / ratio;
  const double radius = mark_radius(size, points_.size());
  const QRectF room = QRectF(QPointF(), size).adjusted(-8, -8, 8, 8);
  for (const bool chosen : {false, true}) {
    if (chosen && selection_.isEmpty()) break;
    const double opacity = opacity_of(chosen);
    std::map<int, Stamp> stamps;
    for (std::size_t i = 0; i < points_.size(); ++i) {
      const MapPoint& p = points_[i];
      if (chosen_[i] != chosen || !visible(p)) continue;
      const QPointF at = to_widget(p.x, p.y);
      if (!room.contains(at)) continue;
      auto stamp = stamps.find(p.group);
      if (stamp == stamps.end())
        stamp = stamps.emplace(p.group, make_stamp(p.group, ramp_, radius, ratio, opacity)).first;
      stamp->second.press(image, at * ratio);
    }
  }
}

double MapPlot::opacity_of(bool chosen) const {
  return selection_.isEmpty() ? 0.75 : chosen ? 1 : dimmed;
}

/// As shapes, for files that are drawn rather than made of pixels.
void MapPlot::paint_points(QPainter& painter) const {
  const double radius = mark_radius(size(), points_.size());
  painter.setClipRect(rect());
  for (const bool chosen : {false, true}) {
    painter.setOpacity(opacity_of(chosen));
    for (std::size_t i = 0; i < points_.size(); ++i) {
      const MapPoint& p = points_[i];
      const QPointF at = to_widget(p.x, p.y);
      if (chosen_[i] == chosen && visible(p) && rect().contains(at.toPoint()))
        painter.fillPath(mark_of(p.group, ramp_, at, radius), group_colour(p.group, ramp_));
    }
  }
  painter.setOpacity(1);
  painter.setClipping(false);
}

QByteArray MapPlot::as_csv() const {
  QString text = QStringLiteral("id,x,y,group\n");
  for (const MapPoint& p : points_)
    if (visible(p))
      text += QStringLiteral("%1,%2,%3,").arg(p.id).arg(p.x, 0, 'g', 9).arg(p.y, 0, 'g', 9) +
              csv_text(groups_.value(p.group)) + QLatin1Char('\n');
  return text.toUtf8();
}

QByteArray MapPlot::rendered(const QString& format) const {
  if (format == QLatin1String("csv")) return as_csv();
  const QFontMetrics metrics(soft_font());
  QList<QPair<int, QRect>> names;  // of the groups, below the map
  QPoint at(legend_inset, height() + legend_inset);
  for (int group = 0; group < groups_.size(); ++group) {
    if (hidden_.contains(group)) continue;
    const QSize entry(metrics.horizontalAdvance(groups_[group]) + 2 * legend_inset,
                      metrics.height());
    if (at.x() > legend_inset && at.x() + entry.width() > width())
      at = QPoint(legend_inset, at.y() + entry.height());
    names.append({group, QRect(at, entry)});
    at.rx() += entry.width() + legend_inset;
  }
  const int foot = names.isEmpty() ? 0 : names.last().second.bottom() + legend_inset - height();
  return painted_file(QSize(width(), height() + foot), format, [&](QPainter& painter) {
    paint_points(painter);
    paint_marks(painter);
    painter.setFont(soft_font());
    painter.setPen(tokens().soft);
    for (const auto& [group, room] : names) {
      const QPointF dot(room.left() + point_radius, room.center().y() + 0.5);
      painter.fillPath(mark_of(group, ramp_, dot, point_radius), group_colour(group, ramp_));
      painter.drawText(room.adjusted(legend_inset, 0, legend_inset, 0),
                       Qt::AlignLeft | Qt::AlignVCenter, groups_[group]);
    }
  });
}

QImage MapPlot::rendered(const QSize& size, double ratio) const {
  QImage image(size * ratio, QImage::Format_ARGB32_Premultiplied);
  draw_points(image, ratio);
  QImage out(image.size(), QImage::Format_RGB32);
  out.setDevicePixelRatio(ratio);
  out.fill(tokens().surface);
  QPainter(&out).drawImage(QPointF(), image);
  return out;
}

void MapPlot::paintEvent(QPaintEvent*) {
  const double ratio = devicePixelRatioF();
  if (cloud_.isNull()) {
    cloud_ = QImage(size() * ratio, QImage::Format_ARGB32_Premultiplied);
    draw_points(cloud_, ratio);
  }
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.drawImage(QPointF(), cloud_);
  if (lasso_.size() > 1) {
    painter.setPen(QPen(tokens().accent, 1.5, Qt::DashLine));
    QColor fill = tokens().accent;
    fill.setAlphaF(0.08f);
    painter.setBrush(fill);
    painter.drawPolygon(lasso_);
  }
  paint_marks(painter);
  paint_hovered(painter);
}

/// Rings with a cross in them, named.
void MapPlot::paint_marks(QPainter& painter) const {
  const QFontMetrics metrics(soft_font());
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(tokens().text, 2));
  painter.setFont(soft_font());
  std::vector<QRectF> named;
  for (const MapMark& mark : marks_) {
    const QPointF at = position_of(mark);
    painter.drawEllipse(at, mark_radius_px, mark_radius_px);
    painter.drawLine(at - QPointF(mark_radius_px, 0), at + QPointF(mark_radius_px, 0));
    painter.drawLine(at - QPointF(0, mark_radius_px), at + QPointF(0, mark_radius_px));
    const QPointF foot = at + QPointF(mark_radius_px + 4, -4);
    const QRectF room = QRectF(metrics.boundingRect(mark.words)).translated(foot);
    const auto in_the_way = [&](const QRectF& other) { return other.intersects(room); };
    if (std::ranges::any_of(named, in_the_way)) continue;
    painter.drawText(foot, mark.words);
    named.push_back(room);
  }
}

void MapPlot::paint_hovered(QPainter& painter) const {
  if (hovered_mark_ >= 0) {
    const MapMark& mark = marks_[static_cast<std::size_t>(hovered_mark_)];
    return draw_card(painter, position_of(mark), mark.image, mark.words, width());
  }
  if (hovered_ < 0) return;
  const MapPoint& point = points_[static_cast<std::size_t>(hovered_)];
  const QPointF at = to_widget(point.x, point.y);
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(tokens().text, 1.5));
  painter.drawEllipse(at, point_radius + 3, point_radius + 3);
  draw_card(painter, at, thumbnail_, caption_, width());
}

void MapPlot::show_thumbnail(std::int64_t id, const QImage& image, const QString& caption) {
  if (hovered_ < 0 || points_[static_cast<std::size_t>(hovered_)].id != id) return;
  thumbnail_ = image;
  caption_ = caption;
  setAccessibleDescription(caption);
  update();
}

void MapPlot::zoom(double factor, const QPointF& around) {
  const QPointF middle(width() / 2.0, height() / 2.0);
  const QPointF offset = around - middle;
  centre_ += offset / scale_ - offset / (scale_ * factor);
  scale_ *= factor;
  moved_ = true;
  forget_picture();
}

void MapPlot::wheelEvent(QWheelEvent* event) {
  zoom(std::pow(1.0015, event->angleDelta().y()), event->position());
  event->accept();
}

void MapPlot::mousePressEvent(QMouseEvent* event) {
  pressed_ = last_ = event->position();
  dragging_ = event->button() == Qt::LeftButton || event->button() == Qt::MiddleButton;
  if (lasso_on_ && event->button() == Qt::LeftButton) lasso_ = QPolygonF({pressed_});
}

void MapPlot::mouseMoveEvent(QMouseEvent* event) {
  const QPointF at = event->position();
  if (dragging_ && !lasso_.isEmpty()) {
    lasso_.append(at);
    return update();
  }
  if (dragging_ && (at - pressed_).manhattanLength() > click_slack) pan(last_ - at);
  last_ = at;
  const int mark = dragging_ ? -1 : mark_at(at);
  if (mark != hovered_mark_) update();
  hovered_mark_ = mark;
  point_at(dragging_ || mark >= 0 ? -1 : hit(at));
}

void MapPlot::point_at(int index) {
  if (index == hovered_) return;
  hovered_ = index;
  thumbnail_ = {};
  caption_.clear();
  if (index >= 0)
    dwell_->start();
  else
    Q_EMIT hovered(-1);
  update();
}

void MapPlot::mouseReleaseEvent(QMouseEvent* event) {
  const bool click = (event->position() - pressed_).manhattanLength() <= click_slack;
  dragging_ = false;
  if (!lasso_.isEmpty() && !click) return finish_lasso(event->modifiers());
  lasso_.clear();
  if (!click || event->button() != Qt::LeftButton) return;
  if (const int mark = mark_at(event->position()); mark >= 0) return Q_EMIT mark_clicked(mark);
  const int index = hit(event->position());
  if (index < 0) return select({});
  choose(index, event->modifiers());
}

void MapPlot::choose(int index, Qt::KeyboardModifiers keys) {
  const qint64 id = points_[static_cast<std::size_t>(index)].id;
  QSet<qint64> chosen{id};
  if (keys & Qt::ShiftModifier) chosen |= selection_;
  if (keys & Qt::ControlModifier)
    chosen = selection_.contains(id) ? selection_ - chosen : selection_ + chosen;
  if (keys & Qt::AltModifier) chosen = selection_ - QSet<qint64>{id};
  select(chosen);
  Q_EMIT clicked(id);
}

void MapPlot::finish_lasso(Qt::KeyboardModifiers modifiers) {
  QSet<qint64> inside;
  const QRectF around = lasso_.boundingRect();
  for (const MapPoint& p : points_) {
    const QPointF at = to_widget(p.x, p.y);
    if (around.contains(at) && visible(p) && lasso_.containsPoint(at, Qt::OddEvenFill))
      inside.insert(p.id);
  }
  lasso_.clear();
  if (modifiers & Qt::ShiftModifier) inside |= selection_;
  if (modifiers & take_away) inside = selection_ - inside;
  select(inside);
}

void MapPlot::select(QSet<qint64> ids) {
  selection_ = std::move(ids);
  mark_chosen();
  forget_picture();
  Q_EMIT selection_changed();
}

void MapPlot::mouseDoubleClickEvent(QMouseEvent*) {
  fit();
}

void MapPlot::leaveEvent(QEvent*) {
  hovered_ = hovered_mark_ = -1;
  dwell_->stop();
  Q_EMIT hovered(-1);
  update();
}

void MapPlot::resizeEvent(QResizeEvent*) {
  moved_ ? forget_picture() : fit();
  forget_picture();
}

void MapPlot::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange) forget_picture();
  QWidget::changeEvent(event);
}

}  // namespace selfsight
