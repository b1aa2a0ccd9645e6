#include "widgets/label_curve.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "widgets/controls.h"
#include "widgets/exports.h"
#include "widgets/plot_style.h"
#include "widgets/qcp.h"
#include "widgets/theme.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

constexpr int band_alpha = 38;       // 15 %
constexpr double least_ratio = 1.3;  // between two sizes that are both written under the axis
constexpr double ring_size = 14;
constexpr double reach = 12;  // pixels around a point that a click counts for it

QColor line_colour(const LabelCurveLine& line) {
  return line.colour < 0 ? tokens().faint : series_colour(line.colour);
}

const LabelCurvePoint* point_nearest(const LabelCurveLine& line, double labels) {
  const auto distance = [&](const LabelCurvePoint& point) {
    return std::abs(std::log(point.labels / labels));
  };
  const auto nearest =
      std::min_element(line.points.begin(), line.points.end(),
                       [&](const auto& a, const auto& b) { return distance(a) < distance(b); });
  return nearest == line.points.end() ? nullptr : &*nearest;
}

QString accuracy_words(const LabelCurvePoint& point) {
  const QString mean = percent_words(point.mean, 1);
  return point.band > 0
             ? QStringLiteral("%1 ± %2").arg(mean, QString::number(100 * point.band, 'f', 1))
             : mean;
}

}  // namespace

LabelCurve::LabelCurve(const QString& name, QWidget* parent) : QWidget(parent) {
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
  plot_->setAccessibleName(
      tr("Accuracy by the number of labels; arrow keys go from point to point"));
  plot_->setFocusPolicy(Qt::StrongFocus);
  plot_->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
  plot_->xAxis->setScaleType(QCPAxis::stLogarithmic);
  plot_->xAxis->setLabel(tr("labelled images"));
  plot_->yAxis->setLabel(tr("test accuracy, %"));
  plot_->yAxis->setNumberFormat(QStringLiteral("f"));
  plot_->yAxis->setNumberPrecision(0);
  plot_->installEventFilter(this);
  plot_->axisRect()->insetLayout()->setInsetAlignment(0, Qt::AlignRight | Qt::AlignBottom);
  plot_->legend->setVisible(false);
  crosshair_ = new QCPItemStraightLine(plot_);
  crosshair_->setLayer(QStringLiteral("overlay"));
  crosshair_->setVisible(false);
  ring_ = new QCPItemTracer(plot_);
  ring_->setLayer(QStringLiteral("overlay"));
  ring_->setStyle(QCPItemTracer::tsCircle);
  ring_->setSize(ring_size);
  ring_->setVisible(false);
  column->addWidget(values_);
  column->addWidget(plot_, 1);
  setMinimumHeight(220);
  connect(plot_, &QCustomPlot::mouseWheel, this, [this] { zoomed_ = true; });
  connect(plot_, &QCustomPlot::mouseMove, this, [this](QMouseEvent* event) {
    if (event->buttons() & Qt::LeftButton) zoomed_ = true;
    const double labels = plot_->xAxis->pixelToCoord(event->pos().x());
    crosshair_->point1->setCoords(labels, 0);
    crosshair_->point2->setCoords(labels, 1);
    crosshair_->setVisible(plot_->axisRect()->rect().contains(event->pos()));
    show_values(labels);
    plot_->layer(QStringLiteral("overlay"))->replot();
  });
  connect(plot_, &QCustomPlot::mouseDoubleClick, this, &LabelCurve::fit);
  offer_exports(plot_, all_formats(),
                [this](const QString& format) { Q_EMIT export_wanted(format); });
  restyle();
}

void LabelCurve::set_lines(std::vector<LabelCurveLine> lines) {
  lines_ = std::move(lines);
  ring_->setVisible(false);
  redraw();
}

void LabelCurve::redraw() {
  plot_->clearGraphs();
  for (const LabelCurveLine& line : lines_) draw_line(line);
  draw_sizes();
  show_values(std::numeric_limits<double>::max());
  if (!zoomed_) fit();
  plot_->replot(QCustomPlot::rpQueuedReplot);
}

void LabelCurve::draw_line(const LabelCurveLine& line) {
  QVector<double> labels, means, low, high;
  for (const LabelCurvePoint& point : line.points) {
    labels.append(point.labels);
    means.append(100 * point.mean);
    low.append(100 * (point.mean - point.band));
    high.append(100 * (point.mean + point.band));
  }
  QColor colour = line_colour(line);
  QCPGraph* mean = plot_->addGraph();
  mean->setName(line.title);
  mean->setData(labels, means, true);
  mean->setPen(QPen(colour, curve_width, line.dash));
  mean->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDisc, colour, colour, 6));
  QCPGraph* below = plot_->addGraph();
  below->setData(labels, low, true);
  below->setPen(Qt::NoPen);
  below->removeFromLegend();
  QCPGraph* above = plot_->addGraph();
  above->setData(labels, high, true);
  above->setPen(Qt::NoPen);
  above->removeFromLegend();
  colour.setAlpha(band_alpha);
  above->setBrush(colour);
  above->setChannelFillGraph(below);
}

/// Under the axis stand the sizes themselves, as far as they do not run into each other.
void LabelCurve::draw_sizes() {
  std::map<double, QString> sizes;
  for (const LabelCurveLine& line : lines_)
    for (const LabelCurvePoint& point : line.points) sizes[point.labels] = point.size;
  const auto ticker = QSharedPointer<QCPAxisTickerText>::create();
  double last = 0;
  for (auto size = sizes.rbegin(); size != sizes.rend(); ++size) {
    if (last > 0 && last / size->first < least_ratio) continue;
    last = size->first;
    ticker->addTick(last, QStringLiteral("%1\n%2").arg(
                              grouped_number(static_cast<std::int64_t>(last)), size->second));
  }
  plot_->xAxis->setTicker(ticker);
}

void LabelCurve::fit() {
  zoomed_ = false;
  QCPRange labels(1, 10), values(0, 100);
  bool any = false;
  for (const LabelCurveLine& line : lines_)
    for (const LabelCurvePoint& point : line.points) {
      const QCPRange here(100 * (point.mean - point.band), 100 * (point.mean + point.band));
      labels =
          any ? QCPRange(std::min(labels.lower, point.labels), std::max(labels.upper, point.labels))
              : QCPRange(point.labels, point.labels);
      values = any ? values.expanded(here) : here;
      any = true;
    }
  plot_->xAxis->setRange(labels.lower / 1.25, labels.upper * 1.25);
  const double pad = std::max(2.0, 0.05 * values.size());
  plot_->yAxis->setRange(std::max(-2.0, values.lower - pad), std::min(102.0, values.upper + pad));
  plot_->replot(QCustomPlot::rpQueuedReplot);
}

void LabelCurve::show_values(double labels) {
  QStringList words;
  for (const LabelCurveLine& line : lines_)
    if (const LabelCurvePoint* point = point_nearest(line, labels))
      words << plot_entry(line_colour(line), line.title, accuracy_words(*point));
  values_->setText(words.join(QStringLiteral(" &nbsp; ")));
}

QPointF LabelCurve::position_of(std::size_t line, std::size_t point) const {
  const LabelCurvePoint& p = lines_.at(line).points.at(point);
  return plot_->mapTo(this, QPoint()) +
         QPointF(plot_->xAxis->coordToPixel(p.labels), plot_->yAxis->coordToPixel(100 * p.mean));
}

void LabelCurve::click(const QPoint& at) {
  double nearest = reach;
  const LabelCurveLine* line_hit = nullptr;
  const LabelCurvePoint* hit = nullptr;
  for (std::size_t i = 0; i < lines_.size(); ++i)
    for (std::size_t j = 0; j < lines_[i].points.size(); ++j) {
      const QPointF off = position_of(i, j) - at;
      const double distance = std::hypot(off.x(), off.y());
      if (distance > nearest) continue;
      nearest = distance;
      line_hit = &lines_[i];
      hit = &lines_[i].points[j];
    }
  if (hit) Q_EMIT point_clicked(line_hit->title, hit->size, hit->protocol);
}

bool LabelCurve::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::Leave) {
    crosshair_->setVisible(false);
    show_values(std::numeric_limits<double>::max());
    plot_->layer(QStringLiteral("overlay"))->replot();
  }
  if (event->type() == QEvent::FocusOut) leave_point();
  if (event->type() == QEvent::MouseButtonRelease) {
    const auto* mouse = static_cast<QMouseEvent*>(event);
    if (mouse->button() == Qt::LeftButton) click(plot_->mapTo(this, mouse->pos()));
  }
  return QWidget::eventFilter(watched, event);
}

void LabelCurve::go_to(std::size_t line, std::size_t point) {
  line_ = line;
  point_ = std::min(point, lines_[line].points.size() - 1);
  const LabelCurvePoint& at = lines_[line_].points[point_];
  ring_->position->setCoords(at.labels, 100 * at.mean);
  ring_->setVisible(true);
  plot_->setAccessibleDescription(
      tr("%1, %2: %3").arg(lines_[line_].title, at.size, accuracy_words(at)));
  show_values(at.labels);
  plot_->layer(QStringLiteral("overlay"))->replot();
}

void LabelCurve::leave_point() {
  if (!ring_->visible()) return;
  ring_->setVisible(false);
  show_values(std::numeric_limits<double>::max());
  plot_->layer(QStringLiteral("overlay"))->replot();
}

/// Left and right along a line, up and down to the other lines that have points.
void LabelCurve::keyPressEvent(QKeyEvent* event) {
  const int key = event->key();
  if (key == Qt::Key_Home) return fit();
  if (key == Qt::Key_Escape && ring_->visible()) return leave_point();
  if (key == Qt::Key_Return && ring_->visible()) {
    const LabelCurvePoint& at = lines_[line_].points[point_];
    return Q_EMIT point_clicked(lines_[line_].title, at.size, at.protocol);
  }
  const bool along = key == Qt::Key_Left || key == Qt::Key_Right;
  const bool across = key == Qt::Key_Up || key == Qt::Key_Down;
  std::vector<std::size_t> drawn;
  for (std::size_t i = 0; i < lines_.size(); ++i)
    if (!lines_[i].points.empty()) drawn.push_back(i);
  if ((!along && !across) || drawn.empty()) return QWidget::keyPressEvent(event);
  if (!ring_->visible()) return go_to(drawn.front(), 0);
  if (key == Qt::Key_Right) return go_to(line_, point_ + 1);
  if (key == Qt::Key_Left) return go_to(line_, point_ > 0 ? point_ - 1 : 0);
  const auto here = static_cast<std::size_t>(std::ranges::find(drawn, line_) - drawn.begin());
  const std::size_t by = key == Qt::Key_Down ? 1 : drawn.size() - 1;
  go_to(drawn[(here + by) % drawn.size()], point_);
}

QByteArray LabelCurve::rendered(const QString& format) {
  if (format != QLatin1String("csv")) {
    plot_->legend->setVisible(true);  // on the screen it stands above, with the values
    QByteArray drawn = rendered_plot(*plot_, format, [this] { restyle(); });
    plot_->legend->setVisible(false);
    return drawn;
  }
  QString text = QStringLiteral("line,size,labels,mean,band\n");
  for (const LabelCurveLine& line : lines_)
    for (const LabelCurvePoint& p : line.points)
      text += QStringLiteral("%1,%2,%3,%4,%5\n")
                  .arg(csv_text(line.title), csv_text(p.size), QString::number(p.labels, 'f', 0),
                       QString::number(p.mean, 'g', 8), QString::number(p.band, 'g', 8));
  return text.toUtf8();
}

void LabelCurve::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange) restyle();
  QWidget::changeEvent(event);
}

void LabelCurve::restyle() {
  style_plot(*plot_);
  plot_->yAxis->setNumberFormat(QStringLiteral("f"));
  crosshair_->setPen(QPen(tokens().faint, 1));
  ring_->setPen(QPen(tokens().text, 2));
  redraw();
}

}  // namespace selfsight
