#include "widgets/curve_plot.h"

#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "widgets/controls.h"
#include "widgets/exports.h"
#include "widgets/plot_style.h"
#include "widgets/qcp.h"
#include "widgets/theme.h"

namespace selfsight {
namespace {

constexpr int raw_alpha = 85;  // a third
constexpr double headroom = 0.06;
constexpr double sideroom = 0.02;                        // a mark at the edge is drawn whole
constexpr double pan_step = 0.1, crosshair_step = 0.02;  // of the plot's width
constexpr double newest = std::numeric_limits<double>::infinity();  // along the axis
constexpr double event_top = 0.97;  // of the plot's height, from above

/// Keys and values with a gap wherever a segment begins or a value is no number.
struct Series {
  QVector<double> keys, values;
};

/// How a curve's points become a series.
struct Drawing {
  CurveAxis axis;
  double scale;  // of the values
  bool log_x, log_y;
};

/// Of the points from this one on; `value_of` takes the index of a point.
template <class ValueOf>
Series series(const std::vector<CurvePoint>& points, std::size_t from, const Drawing& drawing,
              ValueOf&& value_of) {
  Series out;
  constexpr double gap = std::numeric_limits<double>::quiet_NaN();
  for (std::size_t i = from; i < points.size(); ++i) {
    const double key = position(points[i], drawing.axis), value = drawing.scale * value_of(i);
    if (drawing.log_x && key <= 0) continue;
    if (i > 0 && points[i].segment != points[i - 1].segment) {
      out.keys.append(key);
      out.values.append(gap);
    }
    out.keys.append(key);
    out.values.append(drawing.log_y && value <= 0 ? gap : value);
  }
  return out;
}

template <class Ticker>
class PercentTicker : public Ticker {
 protected:
  QString getTickLabel(double tick, const QLocale& locale, QChar format, int precision) override {
    return Ticker::getTickLabel(tick, locale, format, precision) + QStringLiteral(" %");
  }
};

QSharedPointer<QCPAxisTicker> ticker(bool log, bool percent) {
  using Made = QSharedPointer<QCPAxisTicker>;
  if (log) return percent ? Made(new PercentTicker<QCPAxisTickerLog>) : Made(new QCPAxisTickerLog);
  return percent ? Made(new PercentTicker<QCPAxisTicker>) : Made(new QCPAxisTicker);
}

/// Moved by this part of the range's length, as its axis measures it.
double shifted(double at, const QCPRange& range, bool log, double part) {
  return log ? at * std::pow(range.upper / range.lower, part) : at + part * range.size();
}

QCPRange between(const QCPRange& range, bool log, double below, double above) {
  return {shifted(range.lower, range, log, below), shifted(range.upper, range, log, above)};
}

QString axis_words(CurveAxis axis) {
  switch (axis) {
    case CurveAxis::step:
      return CurvePlot::tr("step");
    case CurveAxis::epoch:
      return CurvePlot::tr("epoch");
    case CurveAxis::time:
      return CurvePlot::tr("active time, s");
  }
  return {};
}

/// Whether a value has a place on its axis.
bool shown(double value, bool log) {
  return std::isfinite(value) && (!log || value > 0);
}

const CurvePoint* nearest_point(const Curve& curve, double at, CurveAxis axis) {
  const auto after = std::lower_bound(
      curve.points.begin(), curve.points.end(), at,
      [&](const CurvePoint& point, double key) { return position(point, axis) < key; });
  if (curve.points.empty()) return nullptr;
  if (after == curve.points.begin()) return &*after;
  if (after == curve.points.end()) return &curve.points.back();
  const auto before = std::prev(after);
  return at - position(*before, axis) < position(*after, axis) - at ? &*before : &*after;
}

}  // namespace

CurvePlot::CurvePlot(const QString& name, QWidget* parent) : QWidget(parent) {
  setObjectName(name);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(4);
  values_ = label({}, Voice::soft, this);
  values_->setTextFormat(Qt::RichText);
  values_->setWordWrap(true);
  values_->setMinimumWidth(1);  // its entries do not break, and shall not widen the plot
  plot_ = new QCustomPlot(this);
  plot_->setMinimumSize(60, 60);  // it cannot paint on nothing
  plot_->setObjectName(name + QStringLiteral("_canvas"));
  plot_->setFocusPolicy(Qt::StrongFocus);
  plot_->setAccessibleName(
      tr("Curves; Home shows them whole, Shift and an arrow key the values at a place"));
  plot_->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
  plot_->setPlottingHints(QCP::phFastPolylines | QCP::phCacheLabels);
  plot_->setNoAntialiasingOnDrag(true);
  plot_->installEventFilter(this);
  crosshair_ = new QCPItemStraightLine(plot_);
  crosshair_->setLayer(QStringLiteral("overlay"));
  crosshair_->setVisible(false);
  column->addWidget(values_);
  column->addWidget(plot_, 1);
  setMinimumHeight(140);
  connect(plot_, &QCustomPlot::mouseWheel, this, [this] { zoomed_ = true; });
  connect(plot_, &QCustomPlot::mouseMove, this, [this](QMouseEvent* event) {
    if (event->buttons() & Qt::LeftButton) zoomed_ = true;
    move_crosshair(event->pos());
  });
  connect(plot_, &QCustomPlot::mouseDoubleClick, this, &CurvePlot::fit);
  offer_exports(plot_, all_formats(),
                [this](const QString& format) { Q_EMIT export_wanted(format); });
  restyle();
}

void CurvePlot::set_curves(std::vector<Curve> curves) {
  curves_ = std::move(curves);
  smooth_anew();
  redraw();
}

void CurvePlot::append(std::int64_t id, const std::vector<CurvePoint>& points) {
  for (std::size_t i = 0; i < curves_.size(); ++i) {
    if (curves_[i].id != id) continue;
    const std::size_t before = curves_[i].points.size();
    curves_[i].points.insert(curves_[i].points.end(), points.begin(), points.end());
    smooth_on(i);
    draw_curve(i, before);
    take_in(curves_[i], before);
  }
  show_values(crosshair_->visible() ? crosshair_->point1->key() : newest);
  if (!zoomed_) fit();
  plot_->replot(QCustomPlot::rpQueuedReplot);
}

void CurvePlot::set_references(std::vector<ReferenceLine> lines) {
  if (lines == references_) return;
  references_ = std::move(lines);
  draw_references();
  if (!zoomed_) fit();
  plot_->replot(QCustomPlot::rpQueuedReplot);
}

void CurvePlot::set_events(std::vector<CurvePoint> events) {
  events_ = std::move(events);
  draw_events();
  plot_->replot(QCustomPlot::rpQueuedReplot);
}

void CurvePlot::draw_events() {
  for (QCPAbstractItem* item : event_items_) plot_->removeItem(item);
  event_items_.clear();
  for (const CurvePoint& event : events_) {
    if (log_x() && position(event, axis_) <= 0) continue;
    auto* mark = new QCPItemLine(plot_);
    for (const auto& [end, height] : {std::pair{mark->start, 1.0}, {mark->end, event_top}}) {
      end->setTypeX(QCPItemPosition::ptPlotCoords);
      end->setTypeY(QCPItemPosition::ptAxisRectRatio);
      end->setCoords(position(event, axis_), height);
    }
    mark->setPen(QPen(tokens().good, 2));
    event_items_.push_back(mark);
  }
}

void CurvePlot::set_smoothing(double weight) {
  smoothing_ = std::clamp(weight, 0.0, 0.999);
  smooth_anew();
  redraw();
}

void CurvePlot::smooth_anew() {
  smoothed_.assign(curves_.size(), {Smoother(smoothing_), {}});
  for (std::size_t i = 0; i < curves_.size(); ++i) smooth_on(i);
}

void CurvePlot::smooth_on(std::size_t index) {
  auto& [smoother, means] = smoothed_[index];
  const auto& points = curves_[index].points;
  while (means.size() < points.size()) means.push_back(smoother.next(points[means.size()].value));
}

bool CurvePlot::log_x() const {
  return plot_->xAxis->scaleType() == QCPAxis::stLogarithmic;
}

bool CurvePlot::log_y() const {
  return plot_->yAxis->scaleType() == QCPAxis::stLogarithmic;
}

void CurvePlot::set_tickers() {
  plot_->xAxis->setTicker(ticker(log_x(), false));
  plot_->yAxis->setTicker(ticker(log_y(), percent_));
}

void CurvePlot::set_log(bool log) {
  plot_->yAxis->setScaleType(log ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
  set_tickers();
  zoomed_ = false;
  redraw();
}

void CurvePlot::set_log_x(bool log) {
  plot_->xAxis->setScaleType(log ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
  set_tickers();
  zoomed_ = false;
  redraw();
}

void CurvePlot::set_axis(CurveAxis axis) {
  axis_ = axis;
  zoomed_ = false;
  redraw();
}

void CurvePlot::set_percent(bool percent) {
  percent_ = percent;
  set_tickers();
  redraw();
}

void CurvePlot::set_marks(bool marks) {
  marks_ = marks;
  redraw();
}

QRectF CurvePlot::view() const {
  const QCPRange x = plot_->xAxis->range(), y = plot_->yAxis->range();
  const double scale = percent_ ? 0.01 : 1;
  return {x.lower, y.lower * scale, x.size(), y.size() * scale};
}

void CurvePlot::redraw() {
  plot_->clearGraphs();
  keys_ = shown_values_ = {};
  for (std::size_t i = 0; i < curves_.size(); ++i) {
    plot_->addGraph()->removeFromLegend();         // the raw series
    plot_->addGraph()->setName(curves_[i].label);  // its smoothing
    draw_curve(i);
    take_in(curves_[i]);
  }
  draw_references();
  draw_events();
  show_values(crosshair_->visible() ? crosshair_->point1->key() : newest);
  if (!zoomed_) fit();
  plot_->replot(QCustomPlot::rpQueuedReplot);
}

void CurvePlot::draw_curve(std::size_t index, std::size_t from) {
  const Curve& curve = curves_[index];
  QCPGraph* raw = plot_->graph(static_cast<int>(2 * index));
  QCPGraph* smooth = plot_->graph(static_cast<int>(2 * index + 1));
  const Drawing drawing{axis_, percent_ ? 100.0 : 1.0, log_x(), log_y()};
  const auto raw_value = [&](std::size_t i) { return curve.points[i].value; };
  const auto mean = [&](std::size_t i) { return smoothed_[index].means[i]; };
  const auto draw = [from](QCPGraph* graph, const Series& line) {
    if (from == 0) graph->data()->clear();
    graph->addData(line.keys, line.values, true);
  };
  QColor colour = series_colour(curve.id);
  draw(smooth, series(curve.points, from, drawing, mean));  // without smoothing, the values
  smooth->setPen(QPen(colour, curve_width, series_dash(curve.id)));
  smooth->setScatterStyle(marks_ ? QCPScatterStyle(QCPScatterStyle::ssDisc, colour, colour, 6)
                                 : QCPScatterStyle(QCPScatterStyle::ssNone));
  raw->setVisible(smoothing_ > 0);
  if (smoothing_ <= 0) return raw->data()->clear();
  draw(raw, series(curve.points, from, drawing, raw_value));
  colour.setAlpha(raw_alpha);
  raw->setPen(QPen(colour, 1));
}

void CurvePlot::draw_references() {
  for (QCPAbstractItem* item : reference_items_) plot_->removeItem(item);
  reference_items_.clear();
  bool first = true;
  for (const ReferenceLine& reference : references_) {
    const double value = percent_ ? 100 * reference.value : reference.value;
    const bool strong = first && !percent_;
    first = false;
    auto* line = new QCPItemStraightLine(plot_);
    for (const auto& [point, part] : {std::pair{line->point1, 0.0}, {line->point2, 1.0}}) {
      point->setTypeX(QCPItemPosition::ptAxisRectRatio);  // of a log axis, 0 would be no place
      point->setTypeY(QCPItemPosition::ptPlotCoords);
      point->setCoords(part, value);
    }
    line->setPen(QPen(strong ? tokens().warn : tokens().faint, 1, Qt::DashLine));
    auto* text = new QCPItemText(plot_);
    text->setText(QStringLiteral("%1 %2").arg(reference.label, value_words(reference.value)));
    text->setFont(soft_font());
    text->setColor(strong ? tokens().warn : tokens().soft);
    text->setPositionAlignment(Qt::AlignRight | Qt::AlignBottom);
    text->position->setTypeX(QCPItemPosition::ptAxisRectRatio);
    text->position->setTypeY(QCPItemPosition::ptPlotCoords);
    text->position->setCoords(0.995, value);
    text->setPadding({0, 0, 4, 2});
    reference_items_.push_back(line);
    reference_items_.push_back(text);
  }
}

void CurvePlot::take_in(const Curve& curve, std::size_t from) {
  const bool log_keys = log_x(), log_values = log_y();
  for (std::size_t i = from; i < curve.points.size(); ++i) {
    const double key = position(curve.points[i], axis_), value = curve.points[i].value;
    if (log_keys && !(key > 0)) continue;
    if (std::isfinite(key)) keys_.include(key);
    if (shown(value, log_values)) shown_values_.include(value);
  }
}

void CurvePlot::fit() {
  zoomed_ = false;
  Extent along = keys_, up = shown_values_;
  if (!log_x()) along.include(0);
  for (const ReferenceLine& reference : references_)
    if (shown(reference.value, log_y())) up.include(reference.value);
  const double scale = percent_ ? 100 : 1;
  std::optional<QCPRange> keys, values;
  if (!along.empty()) keys = QCPRange(along.least, along.greatest);
  if (!up.empty()) values = QCPRange(up.least * scale, up.greatest * scale);
  if (!keys) keys = QCPRange(1, 10);
  if (keys->size() <= 0)
    keys = log_x() ? QCPRange(keys->lower / 2, keys->upper * 2) : QCPRange(0, 1);
  if (!values) values = log_y() ? QCPRange(0.1, 1) : QCPRange(0, 1);
  const double pad = std::max(values->size() * headroom,
                              percent_ ? 1.0 : 1e-3 * std::max(1.0, std::abs(values->upper)));
  plot_->xAxis->setRange(between(*keys, log_x(), -sideroom, sideroom));
  plot_->yAxis->setRange(log_y() ? QCPRange(values->lower / 1.1, values->upper * 1.1)
                                 : QCPRange(values->lower - pad, values->upper + pad));
  plot_->replot(QCustomPlot::rpQueuedReplot);
}

QString CurvePlot::value_words(double value) const {
  if (!std::isfinite(value)) return tr("not a number");
  if (percent_) return QStringLiteral("%1 %").arg(100 * value, 0, 'f', 1);
  return QString::number(value, 'g', 4);
}

void CurvePlot::show_values(double at) {
  QStringList words, said;
  for (std::size_t i = 0; i < curves_.size(); ++i) {
    const Curve& curve = curves_[i];
    const CurvePoint* point = nearest_point(curve, at, axis_);
    if (!point) continue;
    QString text = plot_entry(series_colour(curve.id), curve.label, value_words(point->value));
    if (smoothing_ > 0) {
      const auto index = static_cast<std::size_t>(point - curve.points.data());
      text += tr(", smoothed %1").arg(value_words(smoothed_[i].means[index]));
    }
    words << text;
    said << curve.label + QLatin1Char(' ') + value_words(point->value);
  }
  values_->setText(words.join(QStringLiteral(" &nbsp; ")));
  plot_->setAccessibleDescription(said.join(QStringLiteral("; ")));
}

void CurvePlot::move_crosshair(const QPoint& at) {
  if (!plot_->axisRect()->rect().contains(at)) return drop_crosshair();
  const double key = plot_->xAxis->pixelToCoord(at.x());
  put_crosshair(key);
  for (const Curve& curve : curves_)
    if (const CurvePoint* point = nearest_point(curve, key, axis_))
      return Q_EMIT crosshair_moved(point->epoch);
}

void CurvePlot::put_crosshair(double key) {
  crosshair_->point1->setCoords(key, 0);
  crosshair_->point2->setCoords(key, 1);
  crosshair_->setVisible(true);
  show_values(key);
  plot_->layer(QStringLiteral("overlay"))->replot();
}

void CurvePlot::step_crosshair(double part) {
  const QRect area = plot_->axisRect()->rect();
  const double from = crosshair_->visible() ? plot_->xAxis->coordToPixel(crosshair_->point1->key())
                                            : area.center().x();
  const int to = static_cast<int>(std::round(from + part * area.width()));
  move_crosshair({std::clamp(to, area.left(), area.right()), area.center().y()});
}

void CurvePlot::hide_crosshair() {
  if (!crosshair_->visible()) return;
  crosshair_->setVisible(false);
  show_values(newest);
  plot_->layer(QStringLiteral("overlay"))->replot();
}

void CurvePlot::show_crosshair(double epoch) {
  if (epoch < 0) return hide_crosshair();
  for (const Curve& curve : curves_)
    if (const CurvePoint* point = nearest_point(curve, epoch, CurveAxis::epoch))
      return put_crosshair(position(*point, axis_));
}

void CurvePlot::drop_crosshair() {
  hide_crosshair();
  Q_EMIT crosshair_moved(-1);
}

bool CurvePlot::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::Leave || event->type() == QEvent::FocusOut) drop_crosshair();
  return QWidget::eventFilter(watched, event);
}

void CurvePlot::keyPressEvent(QKeyEvent* event) {
  const double way = event->key() == Qt::Key_Left ? -1 : 1;
  switch (event->key()) {
    case Qt::Key_Home:
      return fit();
    case Qt::Key_Left:
    case Qt::Key_Right:
      if (event->modifiers() & Qt::ShiftModifier) return step_crosshair(way * crosshair_step);
      plot_->xAxis->setRange(
          between(plot_->xAxis->range(), log_x(), way * pan_step, way * pan_step));
      break;
    case Qt::Key_Escape:
      if (!crosshair_->visible()) return QWidget::keyPressEvent(event);
      return drop_crosshair();
    case Qt::Key_Plus:
      plot_->xAxis->scaleRange(0.8);
      break;
    case Qt::Key_Minus:
      plot_->xAxis->scaleRange(1.25);
      break;
    default:
      return QWidget::keyPressEvent(event);
  }
  zoomed_ = true;
  plot_->replot(QCustomPlot::rpQueuedReplot);
}

QByteArray CurvePlot::rendered(const QString& format) {
  if (format == QLatin1String("csv")) return curves_as_csv(curves_).toUtf8();
  plot_->xAxis->setLabel(axis_words_.isEmpty() ? axis_words(axis_) : axis_words_);
  plot_->yAxis->setLabel(metric_);
  QByteArray bytes;
  {
    const LegendAbove legend(*plot_);
    bytes = rendered_plot(*plot_, format, [this] { restyle(); });
  }
  plot_->xAxis->setLabel({});
  plot_->yAxis->setLabel({});
  return bytes;
}

void CurvePlot::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange) restyle();
  QWidget::changeEvent(event);
}

void CurvePlot::restyle() {
  style_plot(*plot_);
  crosshair_->setPen(QPen(tokens().faint, 1));
  redraw();
}

}  // namespace selfsight
