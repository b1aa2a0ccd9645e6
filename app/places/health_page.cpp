#include "app/places/health_page.h"

#include <QVBoxLayout>

#include "widgets/controls.h"
#include "widgets/curve_plot.h"
#include "widgets/theme.h"

namespace selfsight {

HealthPage::HealthPage(QWidget* parent)
    : QWidget(parent),
      spectrum_(new CurvePlot(QStringLiteral("health_spectrum"), this)),
      verdict_(paragraph({}, Voice::verdict, this)) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(measures::padding);
  spectrum_->set_log(true);
  verdict_->setObjectName(QStringLiteral("health_verdict"));
  set_mood(verdict_, Mood::plain);
  column->addWidget(spectrum_, 1);
  column->addWidget(verdict_);
}

void HealthPage::show_health(const Health& health) {
  Curve curve{0, tr("singular value"), {}};
  for (std::size_t i = 0; i < health.spectrum.size(); ++i)
    curve.points.push_back({.step = static_cast<double>(i + 1), .value = health.spectrum[i]});
  spectrum_->set_curves({std::move(curve)});
  verdict_->setText(QString::fromStdString(health.verdict));
}

}  // namespace selfsight
