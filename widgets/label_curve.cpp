#include "widgets/label_curve.h"

#include <QMenu>
#include <QMouseEvent>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "widgets/controls.h"
#include "widgets/plot_style.h"
#include "widgets/qcp.h"
#include "widgets/theme.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

constexpr double line_width = 1.8;
constexpr int band_alpha = 38;       // 15 %
constexpr double least_ratio = 1.3;  // between two sizes that are both written under the axis
constexpr double reach = 12;         // pixels around a point that a click counts for it

QColor colour_of(const LabelCurveLine& line) {
  return line.colour < 0 ? tokens().faint : series_colour(line.colour);
}

const LabelCurvePoint* nearest_point(const LabelCurveLine& line, double labels) {
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
  plot_ = new QCustomPlot(this);
  plot_->setObjectName(name + QStringLiteral("_canvas"));
  plot_->setAccessibleName(tr("Accuracy by the number of labels"));
  plot_->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
  plot_->setContextMenuPolicy(Qt::CustomContextMenu);
  plot_->xAxis->setScaleType(QCPAxis::stLogarithmic);
  plot_->xAxis->setLabel(tr("labelled images"));
  plot_->yAxis->setLabel(tr("test accuracy, %"));
  plot_->yAxis->setNumberFormat(QStringLiteral("f"));
  plot_->yAxis->setNumberPrecision(0);
  plot_->installEventFilter(this);
  plot_->axisRect()->insetLayout()->setInsetAlignment(0, Qt::AlignLeft | Qt::AlignTop);
  plot_->legend->setVisible(true);
  crosshair_ = new QCPItemStraightLine(plot_);
  crosshair_->setLayer(QStringLiteral("overlay"));
  crosshair_->setVisible(false);
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
  connect(plot_, &QWidget::customContextMenuRequested, this, &LabelCurve::offer_exports);
  restyle();
}

void LabelCurve::set_lines(std::vector<LabelCurveLine> lines) {
  lines_ = std::move(lines);
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
  QColor colour = colour_of(line);
  QCPGraph* mean = plot_->addGraph();
  mean->setName(line.title);
  mean->setData(labels, means, true);
  mean->setPen(QPen(colour, line_width, line.dash));
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
    if (const LabelCurvePoint* point = nearest_point(line, labels))
      words << QStringLiteral("<span style='color:%1'>●</span> %2 <b>%3</b>")
                   .arg(colour_of(line).name(), line.title.toHtmlEscaped(), accuracy_words(*point));
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
  if (event->type() == QEvent::MouseButtonRelease) {
    const auto* mouse = static_cast<QMouseEvent*>(event);
    if (mouse->button() == Qt::LeftButton) click(plot_->mapTo(this, mouse->pos()));
  }
  return QWidget::eventFilter(watched, event);
}

void LabelCurve::offer_exports(const QPoint& at) {
  auto* menu = new QMenu(this);
  menu->setAttribute(Qt::WA_DeleteOnClose);
  for (const char* format : {"png", "svg", "pdf", "csv"}) {
    const QString name = QString::fromLatin1(format);
    menu->addAction(tr("Save as %1…").arg(name.toUpper()), this,
                    [this, name] { Q_EMIT export_wanted(name); });
  }
  menu->popup(plot_->mapToGlobal(at));
}

QByteArray LabelCurve::rendered(const QString& format) {
  if (format != QLatin1String("csv")) return rendered_plot(*plot_, format);
  QString text = QStringLiteral("line,size,labels,mean,band\n");
  for (const LabelCurveLine& line : lines_)
    for (const LabelCurvePoint& p : line.points)
      text += QStringLiteral("\"%1\",\"%2\",%3,%4,%5\n")
                  .arg(line.title, p.size, QString::number(p.labels, 'f', 0),
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
  plot_->legend->setBrush(Qt::NoBrush);
  plot_->legend->setBorderPen(Qt::NoPen);
  plot_->legend->setFont(soft_font());
  plot_->legend->setTextColor(tokens().soft);
  crosshair_->setPen(QPen(tokens().faint, 1));
  redraw();
}

}  // namespace selfsight
