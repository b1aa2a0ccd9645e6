#include "widgets/parallel_plot.h"

#include <QFontMetrics>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "widgets/exports.h"
#include "widgets/theme.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

constexpr double axes_side = 64, axes_head = 28, axes_foot = 14;
constexpr double pick_distance = 8;
constexpr double wide_span = 20;       // from here on numbers stand on a logarithmic scale
constexpr std::size_t most_ticks = 7;  // of single values; with more only the ends are named

std::optional<double> number_in(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
    return std::nullopt;
  return value;
}

double distance_to(const QPointF& at, const QPointF& a, const QPointF& b) {
  const QPointF way = b - a;
  const double length = QPointF::dotProduct(way, way);
  const double part =
      length > 0 ? std::clamp(QPointF::dotProduct(at - a, way) / length, 0.0, 1.0) : 0;
  const QPointF apart = at - (a + part * way);
  return std::hypot(apart.x(), apart.y());
}

}  // namespace

std::pair<ParallelAxis, std::vector<double>> parallel_axis(const QString& name,
                                                           const std::vector<std::string>& texts) {
  ParallelAxis axis{name};
  std::vector<double> values;
  const bool numbers = std::ranges::all_of(
      texts, [](const std::string& text) { return text.empty() || number_in(text); });
  QStringList words;
  if (!numbers) {
    for (const std::string& text : texts)
      if (const QString word = QString::fromStdString(text); !text.empty() && !words.contains(word))
        words << word;
    words.sort();
  }
  double least = std::numeric_limits<double>::infinity(), most = -least;
  for (const std::string& text : texts) {
    values.push_back(text.empty() ? std::numeric_limits<double>::quiet_NaN()
                     : numbers    ? *number_in(text)
                               : static_cast<double>(words.indexOf(QString::fromStdString(text))));
    if (std::isnan(values.back())) continue;
    least = std::min(least, values.back());
    most = std::max(most, values.back());
  }
  axis.words = words;
  axis.logarithmic = numbers && least > 0 && most > wide_span * least;
  return {axis, values};
}

ParallelPlot::ParallelPlot(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("parallel_plot"));
  setAccessibleName(tr("Parallel coordinates; arrow keys go from run to run, Return chooses one"));
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  setMinimumSize(240, 180);
}

void ParallelPlot::set_runs(std::vector<ParallelAxis> axes, std::vector<ParallelRun> runs) {
  axes_ = std::move(axes);
  runs_ = std::move(runs);
  ranges_.clear();
  for (std::size_t axis = 0; axis < axes_.size(); ++axis) {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (const ParallelRun& run : runs_) {
      if (std::isnan(run.values[axis])) continue;
      low = std::min(low, run.values[axis]);
      high = std::max(high, run.values[axis]);
    }
    if (!axes_[axis].words.isEmpty())
      low = 0, high = static_cast<double>(axes_[axis].words.size()) - 1;
    if (low > high) low = 0, high = 1;
    ranges_.push_back({low, high});
  }
  if (std::ranges::find(runs_, hovered_, &ParallelRun::id) == runs_.end()) hovered_ = -1;
  update();
}

void ParallelPlot::set_chosen(const std::set<std::int64_t>& runs) {
  chosen_ = runs;
  update();
}

double ParallelPlot::axis_left(std::size_t axis) const {
  if (axes_.size() < 2) return width() / 2.0;
  return axes_side + (width() - 2 * axes_side) * static_cast<double>(axis) /
                         static_cast<double>(axes_.size() - 1);
}

double ParallelPlot::height_of(std::size_t axis, double value) const {
  auto [low, high] = ranges_[axis];
  if (axes_[axis].logarithmic) {
    low = std::log(low);
    high = std::log(high);
    value = std::log(value);
  }
  const double part = high > low ? (value - low) / (high - low) : 0.5;
  return height() - axes_foot - part * (height() - axes_head - axes_foot);
}

std::vector<QPolygonF> ParallelPlot::line_of(const ParallelRun& run) const {
  std::vector<QPolygonF> pieces(1);
  for (std::size_t axis = 0; axis < axes_.size(); ++axis) {
    if (!std::isnan(run.values[axis]))
      pieces.back() << QPointF(axis_left(axis), height_of(axis, run.values[axis]));
    else if (!pieces.back().isEmpty())
      pieces.emplace_back();
  }
  return pieces;
}

QPointF ParallelPlot::place_of(std::int64_t run, std::size_t axis) const {
  const auto found = std::ranges::find(runs_, run, &ParallelRun::id);
  if (found == runs_.end() || std::isnan(found->values[axis])) return {-1, -1};
  return {axis_left(axis), height_of(axis, found->values[axis])};
}

std::int64_t ParallelPlot::hit(const QPointF& at) const {
  std::int64_t best = -1;
  double least = pick_distance;
  for (const ParallelRun& run : runs_)
    for (const QPolygonF& line : line_of(run))
      for (qsizetype i = 0; i + 1 < line.size(); ++i)
        if (const double apart = distance_to(at, line[i], line[i + 1]); apart < least)
          least = apart, best = run.id;
  return best;
}

void ParallelPlot::hover(std::int64_t run) {
  if (run == hovered_) return;
  hovered_ = run;
  setCursor(run >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
  const auto found = std::ranges::find(runs_, run, &ParallelRun::id);
  setToolTip(found == runs_.end() ? QString() : found->name);
  update();
}

QString ParallelPlot::value_words(std::size_t axis, double value) const {
  const QStringList& words = axes_[axis].words;
  if (axes_[axis].share) return percent_words(value, 1);
  return words.isEmpty() ? number_words(value) : words.value(static_cast<int>(value));
}

void ParallelPlot::draw_axis(QPainter& painter, std::size_t axis) const {
  const Tokens& t = tokens();
  const double x = axis_left(axis);
  const bool last = axis + 1 == axes_.size();
  painter.setPen(QPen(last ? t.faint : t.line, last ? 2 : 1));
  painter.drawLine(QPointF(x, axes_head), QPointF(x, height() - axes_foot));
  const double room = axes_.size() > 1 ? axis_left(1) - axis_left(0) - 8 : width();
  painter.setFont(soft_font());
  painter.setPen(last ? t.text : t.soft);
  const double left = std::clamp(x - room / 2, 0.0, std::max(0.0, width() - room));
  painter.drawText(
      QRectF(left, 0, room, axes_head - 8), Qt::AlignHCenter | Qt::AlignVCenter,
      painter.fontMetrics().elidedText(axes_[axis].name, Qt::ElideMiddle, static_cast<int>(room)));
}

/// Over the runs, which would strike them out.
void ParallelPlot::draw_ticks(QPainter& painter, std::size_t axis) const {
  const Tokens& t = tokens();
  const double x = axis_left(axis);
  const double room = axes_.size() > 1 ? axis_left(1) - axis_left(0) - 8 : width();
  painter.setFont(soft_font());
  std::set<double> ticks;
  for (const ParallelRun& run : runs_)
    if (!std::isnan(run.values[axis])) ticks.insert(run.values[axis]);
  if (ticks.size() > most_ticks) ticks = {ranges_[axis].low, ranges_[axis].high};
  for (const double tick : ticks) {
    const double y = height_of(axis, tick);
    const QString words = painter.fontMetrics().elidedText(
        value_words(axis, tick), Qt::ElideRight, static_cast<int>(std::min(room, axes_side) - 8));
    const int wide = painter.fontMetrics().horizontalAdvance(words);
    const QRectF box(x - 8 - wide, y - 8, wide + 3, 16);
    painter.fillRect(box, t.surface);
    painter.setPen(t.soft);
    painter.drawLine(QPointF(x - 3, y), QPointF(x + 3, y));
    painter.drawText(box, Qt::AlignLeft | Qt::AlignVCenter, words);
  }
}

void ParallelPlot::draw_run(QPainter& painter, const ParallelRun& run) const {
  const bool strong = run.id == hovered_ || (hovered_ < 0 && chosen_.contains(run.id));
  QColor colour = series_colour(run.id);
  if (!strong && (hovered_ >= 0 || !chosen_.empty())) colour.setAlphaF(0.3f);
  const QPen pen(colour, strong ? 2.6 : 1.4, series_dash(run.id), Qt::RoundCap, Qt::RoundJoin);
  for (const QPolygonF& line : line_of(run)) {
    painter.setPen(pen);
    painter.setBrush(Qt::NoBrush);
    painter.drawPolyline(line);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colour);
    for (const QPointF& point : line)
      painter.drawEllipse(point, strong ? 3.5 : 2.2, strong ? 3.5 : 2.2);
  }
  painter.setBrush(Qt::NoBrush);
}

/// Of the run under the mouse, beside each axis.
void ParallelPlot::draw_values(QPainter& painter, const ParallelRun& run) const {
  painter.setFont(soft_font());
  for (std::size_t axis = 0; axis < axes_.size(); ++axis) {
    if (std::isnan(run.values[axis])) continue;
    const QString words = value_words(axis, run.values[axis]);
    const double wide = painter.fontMetrics().horizontalAdvance(words) + 8;
    QRectF room(axis_left(axis) + 6, height_of(axis, run.values[axis]) - 9, wide, 18);
    if (room.right() > width()) room.moveRight(axis_left(axis) - 6);
    painter.setPen(QPen(tokens().line, 1));
    painter.setBrush(tokens().raised);
    painter.drawRoundedRect(room, 3, 3);
    painter.setPen(tokens().text);
    painter.drawText(room, Qt::AlignCenter, words);
  }
}

void ParallelPlot::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  paint(painter);
}

void ParallelPlot::paint(QPainter& painter) const {
  for (std::size_t axis = 0; axis < axes_.size(); ++axis) draw_axis(painter, axis);
  const ParallelRun* top = nullptr;
  for (const ParallelRun& run : runs_)
    run.id == hovered_ ? void(top = &run) : draw_run(painter, run);
  if (top) draw_run(painter, *top);
  for (std::size_t axis = 0; axis < axes_.size(); ++axis) draw_ticks(painter, axis);
  if (top) draw_values(painter, *top);
}

QByteArray ParallelPlot::as_csv() const {
  QString text = csv_text(tr("run"));
  for (const ParallelAxis& axis : axes_) text += QLatin1Char(',') + csv_text(axis.name);
  for (const ParallelRun& run : runs_) {
    text += QLatin1Char('\n') + csv_text(run.name);
    for (std::size_t axis = 0; axis < axes_.size(); ++axis) {
      text += QLatin1Char(',');
      if (std::isnan(run.values[axis])) continue;
      text += axes_[axis].words.isEmpty() ? QString::number(run.values[axis], 'g', 9)
                                          : csv_text(value_words(axis, run.values[axis]));
    }
  }
  return (text + QLatin1Char('\n')).toUtf8();
}

QByteArray ParallelPlot::rendered(const QString& format) const {
  if (format == QLatin1String("csv")) return as_csv();
  const int line = QFontMetrics(soft_font()).height() + 2;
  const QSize whole(width(), height() + line * static_cast<int>(runs_.size()) + 8);
  return painted_file(whole, format, [&](QPainter& painter) {
    paint(painter);
    painter.setFont(soft_font());
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      const double y = height() + line * (static_cast<double>(i) + 0.5);
      painter.setPen(QPen(series_colour(runs_[i].id), 2, series_dash(runs_[i].id)));
      painter.drawLine(QPointF(12, y), QPointF(36, y));
      painter.setPen(tokens().soft);
      painter.drawText(QRectF(44, y - line / 2.0, width() - 44, line),
                       Qt::AlignLeft | Qt::AlignVCenter, runs_[i].name);
    }
  });
}

void ParallelPlot::mouseMoveEvent(QMouseEvent* event) {
  hover(hit(event->position()));
}

void ParallelPlot::mousePressEvent(QMouseEvent* event) {
  const std::int64_t run = hit(event->position());
  const bool besides = event->modifiers() & (Qt::ControlModifier | Qt::ShiftModifier);
  if (event->button() == Qt::LeftButton && run >= 0) Q_EMIT clicked(run, besides);
}

void ParallelPlot::leaveEvent(QEvent*) {
  hover(-1);
}

void ParallelPlot::keyPressEvent(QKeyEvent* event) {
  const bool on = event->key() == Qt::Key_Down || event->key() == Qt::Key_Right;
  const bool back = event->key() == Qt::Key_Up || event->key() == Qt::Key_Left;
  if ((on || back) && !runs_.empty()) {
    const auto at = std::ranges::find(runs_, hovered_, &ParallelRun::id) - runs_.begin();
    const auto count = static_cast<std::ptrdiff_t>(runs_.size());
    const auto next = at == count ? 0 : (at + (on ? 1 : count - 1)) % count;
    return hover(runs_[static_cast<std::size_t>(next)].id);
  }
  if (event->key() == Qt::Key_Return && hovered_ >= 0)
    Q_EMIT clicked(hovered_, event->modifiers() & Qt::ControlModifier);
  else
    QWidget::keyPressEvent(event);
}

}  // namespace selfsight
