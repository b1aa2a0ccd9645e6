#include "app/places/curve_controls.h"

#include <QHBoxLayout>
#include <QSlider>

#include "app/app_settings.h"
#include "widgets/controls.h"
#include "widgets/curve_plot.h"

namespace selfsight {
namespace {

constexpr int smoothing_steps = 100;

CurveAxis axis_of(const QString& word) {
  return word == QLatin1String("step")    ? CurveAxis::step
         : word == QLatin1String("epoch") ? CurveAxis::epoch
                                          : CurveAxis::time;
}

}  // namespace

CurveControls::CurveControls(CurvePlot* plot, const QString& name, QWidget* parent)
    : QWidget(parent), plot_(plot), name_(name) {
  auto* row = new FlowLayout(this);
  QWidget* smoothing = build_smoothing(name + QStringLiteral("_smoothing"));
  log_x_ = chip(tr("log x"), name + QStringLiteral("_log_x"),
                tr("Logarithmic x axis; what lies at 0 is then left out"));
  log_y_ = chip(tr("log y"), name + QStringLiteral("_log"),
                tr("Logarithmic y axis; values at or below 0 are then left out"));
  axis_ = new ChoiceChips({{QStringLiteral("step"), tr("step")},
                           {QStringLiteral("epoch"), tr("epoch")},
                           {QStringLiteral("time"), tr("time")}},
                          this);
  axis_->setObjectName(name + QStringLiteral("_axis"));
  for (QWidget* control : std::initializer_list<QWidget*>{smoothing, log_x_, log_y_, axis_})
    row->addWidget(control);
  const auto look = app_settings::curve_look(name);
  smoothing_->setValue(look.smoothing);
  log_x_->setChecked(look.log_x);
  log_y_->setChecked(look.log);
  axis_->set_current(look.axis);
  apply_smoothing();
  plot_->set_log_x(look.log_x);
  plot_->set_log(look.log);
  plot_->set_axis(axis_of(axis_->current()));
  connect(smoothing_, &QSlider::valueChanged, this, &CurveControls::apply_smoothing);
  connect(smoothing_, &QSlider::valueChanged, this, &CurveControls::keep);
  connect(log_x_, &QPushButton::toggled, plot_, &CurvePlot::set_log_x);
  connect(log_x_, &QPushButton::toggled, this, &CurveControls::keep);
  connect(log_y_, &QPushButton::toggled, plot_, &CurvePlot::set_log);
  connect(log_y_, &QPushButton::toggled, this, &CurveControls::keep);
  connect(axis_, &ChoiceChips::chosen, this, [this](const QString& which) {
    plot_->set_axis(axis_of(which));
    keep();
  });
}

QWidget* CurveControls::build_smoothing(const QString& name) {
  auto* whole = new QWidget(this);
  auto* row = new QHBoxLayout(whole);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(8);
  smoothing_ = new QSlider(Qt::Horizontal, whole);
  smoothing_->setObjectName(name);
  smoothing_->setAccessibleName(tr("Smoothing of the curves"));
  smoothing_->setRange(0, smoothing_steps - 1);
  smoothing_->setFixedWidth(84);
  guard_value(smoothing_);
  weight_ = label({}, Voice::soft, whole);
  row->addWidget(label(tr("smoothing"), Voice::soft, whole));
  row->addWidget(smoothing_);
  row->addWidget(weight_);
  return whole;
}

QPushButton* CurveControls::chip(const QString& words, const QString& name, const QString& tip) {
  QPushButton* made = button(words, name, ButtonKind::chip, this);
  made->setCheckable(true);
  made->setToolTip(tip);
  return made;
}

void CurveControls::set_few_points(bool few) {
  smoothing_->setEnabled(!few);
  smoothing_->setToolTip(few ? tr("There are too few points to smooth") : QString());
  apply_smoothing();
}

void CurveControls::apply_smoothing() {
  const double weight =
      smoothing_->isEnabled() ? smoothing_->value() / static_cast<double>(smoothing_steps) : 0;
  weight_->setText(QString::number(weight, 'f', 2));
  plot_->set_smoothing(weight);
}

void CurveControls::keep() const {
  app_settings::set_curve_look(
      name_, {smoothing_->value(), axis_->current(), log_y_->isChecked(), log_x_->isChecked()});
}

}  // namespace selfsight
