#include "app/places/compare_curves.h"

#include <QComboBox>
#include <QSignalBlocker>
#include <algorithm>

#include "app/places/curve_controls.h"
#include "app/places/save_plot.h"
#include "app/workspace.h"
#include "widgets/controls.h"
#include "widgets/curve_plot.h"

namespace selfsight {
namespace {

constexpr int reading_patience = 300;  // milliseconds before it is said that something is read

bool few_points(const QString& metric) {
  return metric == QLatin1String("knn") || metric == QLatin1String("feature_std");
}

QString subtitle_of(const ComparedRuns& compared) {
  if (compared.curves.size() == compared.runs.size()) return {};
  return CompareCurves::tr("the first %1 of %2 runs")
      .arg(compared.curves.size())
      .arg(compared.runs.size());
}

}  // namespace

CompareCurves::CompareCurves(Workspace& workspace, QWidget* parent)
    : Card(tr("Curves"), parent),
      workspace_(workspace),
      metric_(new QComboBox(this)),
      curves_(new CurvePlot(QStringLiteral("compare_plot"), this)),
      controls_(new CurveControls(curves_, QStringLiteral("compare"), this)) {
  metric_->setObjectName(QStringLiteral("compare_metric"));
  metric_->setAccessibleName(tr("What the curves show"));
  guard_value(metric_);
  add_to_head(metric_);
  body()->addWidget(controls_);
  body()->addWidget(curves_, 1);
  waits_.setSingleShot(true);
  waits_.setInterval(reading_patience);
  connect(&waits_, &QTimer::timeout, this, [this] { set_subtitle(tr("reading the chosen runs")); });
  connect(metric_, &QComboBox::activated, this, &CompareCurves::metric_chosen);
  connect(curves_, &CurvePlot::export_wanted, this, &CompareCurves::save);
}

QString CompareCurves::metric() const {
  return metric_->currentData().toString();
}

void CompareCurves::expect() {
  if (!waits_.isActive()) waits_.start();
}

void CompareCurves::list_metrics(const ComparedRuns& compared) {
  QStringList listed;
  for (int i = 0; i < metric_->count(); ++i) listed << metric_->itemText(i);
  const QSignalBlocker quiet(metric_);
  if (listed != compared.metrics) {
    metric_->clear();
    for (const QString& name : compared.metrics) metric_->addItem(name, name);
  }
  metric_->setCurrentIndex(metric_->findData(compared.metric));
  metric_->setVisible(metric_->count() > 0);
}

void CompareCurves::show_runs(const ComparedRuns& compared) {
  waits_.stop();
  set_subtitle(subtitle_of(compared));
  list_metrics(compared);
  const bool others = runs_ != compared.runs || shown_metric_ != compared.metric;
  runs_ = compared.runs;
  shown_metric_ = compared.metric;
  curves_->set_metric(shown_metric_);
  if (!others) return curves_->set_curves(compared.curves);  // what is zoomed in to stays
  curves_->set_percent(shown_metric_ == QLatin1String("knn"));
  curves_->set_marks(few_points(shown_metric_));
  controls_->set_few_points(few_points(shown_metric_));
  curves_->set_curves(compared.curves);
  curves_->fit();
}

void CompareCurves::show_newer(const Curve& curve, const QString& metric) {
  const auto shown = std::ranges::find(curves_->curves(), curve.id, &Curve::id);
  if (metric != shown_metric_ || shown == curves_->curves().end()) return;
  const auto known = static_cast<std::ptrdiff_t>(shown->points.size());
  if (std::ssize(curve.points) > known)
    curves_->append(curve.id, {curve.points.begin() + known, curve.points.end()});
}

void CompareCurves::save(const QString& format) {
  const QString problem = save_plot(*curves_, shown_metric_, format);
  if (!problem.isEmpty()) Q_EMIT workspace_.problem(problem);
}

}  // namespace selfsight
