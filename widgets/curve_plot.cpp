#include "widgets/curve_plot.h"

#include <QMenu>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <limits>

#include "widgets/controls.h"
#include "widgets/plot_style.h"
#include "widgets/qcp.h"
#include "widgets/theme.h"

namespace selfsight {
namespace {

constexpr double line_width = 1.8;
constexpr int raw_alpha = 85;  // a third
constexpr double headroom = 0.06;
constexpr double event_top = 0.97;  // of the plot's height, from above

/// Keys and values with a gap wherever a segment begins or a value is no number.
struct Series {
  QVector<double> keys, values;
};

Series series(const std::vector<CurvePoint>& points, const std::vector<double>& values,
              CurveAxis axis, bool log) {
  Series out;
  constexpr double gap = std::numeric_limits<double>::quiet_NaN();
  for (std::size_t i = 0; i < points.size(); ++i) {
    const double key = position(points[i], axis);
    if (i > 0 && points[i].segment != points[i - 1].segment) {
      out.keys.append(key);
      out.values.append(gap);
    }
    out.keys.append(key);
    out.values.append(log && values[i] <= 0 ? gap : values[i]);
  }
  return out;
}

std::vector<double> raw_values(const std::vector<CurvePoint>& points) {
  std::vector<double> out;
  for (const CurvePoint& point : points) out.push_back(point.value);
  return out;
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

QString dot(const QColor& colour) {
  return QStringLiteral("<span style='color:%1'>●</span>").arg(colour.name());
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
  plot_ = new QCustomPlot(this);
  plot_->setObjectName(name + QStringLiteral("_canvas"));
  plot_->setFocusPolicy(Qt::StrongFocus);
  plot_->setAccessibleName(tr("Curves; Home shows them whole"));
  plot_->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
  plot_->setPlottingHints(QCP::phFastPolylines | QCP::phCacheLabels);
  plot_->setNoAntialiasingOnDrag(true);
  plot_->setContextMenuPolicy(Qt::CustomContextMenu);
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
  connect(plot_, &QWidget::customContextMenuRequested, this, &CurvePlot::offer_exports);
  restyle();
}

void CurvePlot::set_curves(std::vector<Curve> curves) {
  curves_ = std::move(curves);
  redraw();
}

void CurvePlot::append(std::int64_t id, const std::vector<CurvePoint>& points) {
  for (std::size_t i = 0; i < curves_.size(); ++i) {
    if (curves_[i].id != id) continue;
    curves_[i].points.insert(curves_[i].points.end(), points.begin(), points.end());
    draw_curve(i);
  }
  show_values(std::numeric_limits<double>::infinity());
  if (!zoomed_) fit();
  plot_->replot(QCustomPlot::rpQueuedReplot);
}

void CurvePlot::set_references(std::vector<ReferenceLine> lines) {
  references_ = std::move(lines);
  redraw();
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
  redraw();
}

void CurvePlot::set_log(bool log) {
  plot_->yAxis->setScaleType(log ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
  plot_->yAxis->setTicker(log ? QSharedPointer<QCPAxisTicker>(new QCPAxisTickerLog)
                              : QSharedPointer<QCPAxisTicker>(new QCPAxisTicker));
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
  for (std::size_t i = 0; i < curves_.size(); ++i) {
    plot_->addGraph();  // the raw series
    plot_->addGraph();  // its smoothing
    draw_curve(i);
  }
  draw_references();
  draw_events();
  show_values(std::numeric_limits<double>::infinity());
  if (!zoomed_) fit();
  plot_->replot(QCustomPlot::rpQueuedReplot);
}

void CurvePlot::draw_curve(std::size_t index) {
  const Curve& curve = curves_[index];
  QCPGraph* raw = plot_->graph(static_cast<int>(2 * index));
  QCPGraph* smooth = plot_->graph(static_cast<int>(2 * index + 1));
  const bool log = plot_->yAxis->scaleType() == QCPAxis::stLogarithmic;
  std::vector<double> values = raw_values(curve.points);
  std::vector<double> means = smoothed(curve.points, smoothing_);
  if (percent_)
    for (auto* list : {&values, &means})
      for (double& value : *list) value *= 100;
  QColor colour = series_colour(curve.id);
  const Series line = series(curve.points, smoothing_ > 0 ? means : values, axis_, log);
  smooth->setData(line.keys, line.values, true);
  smooth->setPen(QPen(colour, line_width, series_dash(curve.id)));
  smooth->setScatterStyle(marks_ ? QCPScatterStyle(QCPScatterStyle::ssDisc, colour, colour, 6)
                                 : QCPScatterStyle(QCPScatterStyle::ssNone));
  raw->setVisible(smoothing_ > 0);
  if (smoothing_ <= 0) return raw->data()->clear();
  const Series behind = series(curve.points, values, axis_, log);
  raw->setData(behind.keys, behind.values, true);
  colour.setAlpha(raw_alpha);
  raw->setPen(QPen(colour, 1));
}

void CurvePlot::draw_references() {
  for (QCPAbstractItem* item : reference_items_) plot_->removeItem(item);
  reference_items_.clear();
  bool first = true;
  for (const ReferenceLine& reference : references_) {
    const double value = percent_ ? 100 * reference.value : reference.value;
    const QColor colour = first && !percent_ ? tokens().warn : tokens().faint;
    first = false;
    auto* line = new QCPItemStraightLine(plot_);
    line->point1->setCoords(0, value);
    line->point2->setCoords(1, value);
    line->setPen(QPen(colour, 1, Qt::DashLine));
    auto* text = new QCPItemText(plot_);
    text->setText(QStringLiteral("%1 %2").arg(reference.label, value_words(reference.value)));
    text->setFont(soft_font());
    text->setColor(colour);
    text->setPositionAlignment(Qt::AlignRight | Qt::AlignBottom);
    text->position->setTypeX(QCPItemPosition::ptAxisRectRatio);
    text->position->setTypeY(QCPItemPosition::ptPlotCoords);
    text->position->setCoords(0.995, value);
    text->setPadding({0, 0, 4, 2});
    reference_items_.push_back(line);
    reference_items_.push_back(text);
  }
}

void CurvePlot::fit() {
  zoomed_ = false;
  QCPRange keys(0, 0), values(0, 0);
  bool any = false;
  const auto include = [&](double value) {
    if (!std::isfinite(value)) return;
    values = any ? QCPRange(std::min(values.lower, value), std::max(values.upper, value))
                 : QCPRange(value, value);
    any = true;
  };
  const double scale = percent_ ? 100 : 1;
  const bool log = plot_->yAxis->scaleType() == QCPAxis::stLogarithmic;
  for (const Curve& curve : curves_)
    for (const CurvePoint& point : curve.points) {
      keys.upper = std::max(keys.upper, position(point, axis_));
      if (!log || point.value > 0) include(point.value * scale);
    }
  for (const ReferenceLine& reference : references_)
    if (!log || reference.value > 0) include(reference.value * scale);
  if (keys.upper <= 0) keys.upper = 1;
  if (!any) values = log ? QCPRange(0.1, 1) : QCPRange(0, 1);
  const double pad = std::max(values.size() * headroom,
                              percent_ ? 1.0 : 1e-3 * std::max(1.0, std::abs(values.upper)));
  if (log)
    values = QCPRange(values.lower / 1.1, values.upper * 1.1);
  else
    values = QCPRange(values.lower - pad, values.upper + pad);
  plot_->xAxis->setRange(keys);
  plot_->yAxis->setRange(values);
  plot_->replot(QCustomPlot::rpQueuedReplot);
}

QString CurvePlot::value_words(double value) const {
  if (!std::isfinite(value)) return tr("not a number");
  if (percent_) return QStringLiteral("%1 %").arg(100 * value, 0, 'f', 1);
  return QString::number(value, 'g', 4);
}

void CurvePlot::show_values(double at) {
  QStringList words;
  for (const Curve& curve : curves_) {
    const CurvePoint* point = nearest_point(curve, at, axis_);
    if (!point) continue;
    QString text = QStringLiteral("%1 %2 <b>%3</b>")
                       .arg(dot(series_colour(curve.id)), curve.label.toHtmlEscaped(),
                            value_words(point->value));
    if (smoothing_ > 0) {
      const auto means = smoothed(curve.points, smoothing_);
      const auto index = static_cast<std::size_t>(point - curve.points.data());
      text += tr(", smoothed %1").arg(value_words(means[index]));
    }
    words << text;
  }
  values_->setText(words.join(QStringLiteral(" &nbsp; ")));
}

void CurvePlot::move_crosshair(const QPoint& at) {
  if (!plot_->axisRect()->rect().contains(at)) {
    hide_crosshair();
    return Q_EMIT crosshair_moved(-1);
  }
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

void CurvePlot::hide_crosshair() {
  if (!crosshair_->visible()) return;
  crosshair_->setVisible(false);
  show_values(std::numeric_limits<double>::infinity());
  plot_->layer(QStringLiteral("overlay"))->replot();
}

void CurvePlot::show_crosshair(double epoch) {
  if (epoch < 0) return hide_crosshair();
  for (const Curve& curve : curves_)
    if (const CurvePoint* point = nearest_point(curve, epoch, CurveAxis::epoch))
      return put_crosshair(position(*point, axis_));
}

bool CurvePlot::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::Leave) {
    hide_crosshair();
    Q_EMIT crosshair_moved(-1);
  }
  return QWidget::eventFilter(watched, event);
}

void CurvePlot::keyPressEvent(QKeyEvent* event) {
  const double part = event->key() == Qt::Key_Left ? -0.1 : 0.1;
  switch (event->key()) {
    case Qt::Key_Home:
      return fit();
    case Qt::Key_Left:
    case Qt::Key_Right:
      plot_->xAxis->moveRange(part * plot_->xAxis->range().size());
      break;
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

void CurvePlot::offer_exports(const QPoint& at) {
  auto* menu = new QMenu(this);
  menu->setAttribute(Qt::WA_DeleteOnClose);
  for (const char* format : {"png", "svg", "pdf", "csv"}) {
    const QString name = QString::fromLatin1(format);
    menu->addAction(tr("Save as %1…").arg(name.toUpper()), this,
                    [this, name] { Q_EMIT export_wanted(name); });
  }
  menu->popup(plot_->mapToGlobal(at));
}

QByteArray CurvePlot::rendered(const QString& format) {
  if (format == QLatin1String("csv")) return curves_as_csv(curves_).toUtf8();
  return rendered_plot(*plot_, format);
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
