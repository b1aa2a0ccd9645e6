#include "app/places/health_page.h"

#include <QHBoxLayout>
#include <QVBoxLayout>

#include "app/places/save_plot.h"
#include "app/workspace.h"
#include "widgets/controls.h"
#include "widgets/correlation_view.h"
#include "widgets/curve_plot.h"
#include "widgets/exports.h"
#include "widgets/theme.h"
#include "widgets/words.h"

namespace selfsight {

HealthPage::HealthPage(Workspace& workspace, QWidget* parent)
    : QWidget(parent),
      spectrum_(new CurvePlot(QStringLiteral("health_spectrum"), this)),
      correlation_(new QWidget(this)),
      correlation_view_(new CorrelationView(correlation_)),
      verdict_(paragraph({}, Voice::verdict, this)) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(measures::padding);
  spectrum_->set_log(true);
  spectrum_->set_metric(tr("singular value"));
  spectrum_->set_axis_words(tr("number, the largest first"));
  connect(spectrum_, &CurvePlot::export_wanted, this, [this, &workspace](const QString& format) {
    const QString problem = save_bytes(
        this, QStringLiteral("spectrum"), format,
        format == QLatin1String("csv") ? spectrum_as_csv() : spectrum_->rendered(format));
    if (!problem.isEmpty()) Q_EMIT workspace.problem(problem);
  });
  auto* beside = new QVBoxLayout(correlation_);
  beside->setContentsMargins(0, 0, 0, 0);
  beside->addWidget(paragraph(tr("Correlation of the features between two views. Barlow Twins "
                                 "makes the diagonal 1 and the rest 0."),
                              Voice::soft, correlation_));
  beside->addWidget(correlation_view_, 1);
  offer_files(correlation_view_, workspace, QStringLiteral("correlation"), all_formats(),
              [this](const QString& format) { return correlation_view_->rendered(format); });
  auto* row = new QHBoxLayout;
  row->setSpacing(measures::gap);
  row->addWidget(spectrum_, 1);
  row->addWidget(correlation_, 1);
  verdict_->setObjectName(QStringLiteral("health_verdict"));
  set_mood(verdict_, Mood::plain);
  column->addLayout(row, 1);
  column->addWidget(verdict_);
}

QByteArray HealthPage::spectrum_as_csv() const {
  QByteArray out("number,singular value\n");
  for (const Curve& curve : spectrum_->curves())
    for (const CurvePoint& point : curve.points)
      out += QByteArray::number(point.step) + ',' + QByteArray::number(point.value, 'g', 9) + '\n';
  return out;
}

void HealthPage::show_health(const Health& health) {
  correlation_view_->set_matrix(health.correlation, health.dimensions);
  correlation_->setVisible(!health.correlation.empty());
  show_spectrum(health.spectrum, core_words(health.verdict));
}

void HealthPage::show_kept(const HealthPicture& kept) {
  correlation_view_->set_blocks(kept.correlation, kept.dimensions);
  correlation_->setVisible(!kept.correlation.empty());
  show_spectrum(kept.spectrum, kept.verdict);
}

void HealthPage::show_spectrum(const std::vector<double>& spectrum, const QString& verdict) {
  Curve curve{0, tr("singular value"), {}};
  for (std::size_t i = 0; i < spectrum.size(); ++i)
    curve.points.push_back({.step = static_cast<double>(i + 1), .value = spectrum[i]});
  spectrum_->set_curves({std::move(curve)});
  verdict_->setText(verdict);
}

}  // namespace selfsight
