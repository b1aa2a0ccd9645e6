#include "app/places/window_field.h"

#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>

#include "core/dataset/window_words.h"
#include "widgets/controls.h"

namespace selfsight {
namespace {

constexpr double largest_value = 1e6;

QDoubleSpinBox* number_box(const QString& name, const QString& tip, double least, QWidget* parent) {
  auto* box = new QDoubleSpinBox(parent);
  box->setObjectName(name);
  box->setAccessibleName(tip);
  box->setToolTip(tip);
  box->setRange(least, largest_value);
  box->setDecimals(1);
  box->setButtonSymbols(QAbstractSpinBox::NoButtons);
  guard_value(box);
  return box;
}

}  // namespace

WindowField::WindowField(QWidget* parent) : QWidget(parent) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(6);
  centre_ = number_box(QStringLiteral("window_centre"),
                       tr("The value in the middle between black and white"), -largest_value, this);
  width_ = number_box(QStringLiteral("window_width"),
                      tr("How many values lie between black and white"), 0.1, this);
  apply_ = button(tr("Apply"), QStringLiteral("window_apply"), ButtonKind::plain, this);
  automatic_ =
      button(tr("by percentile"), QStringLiteral("window_automatic"), ButtonKind::link, this);
  automatic_->setToolTip(tr("Each image between its own 0.5th and 99.5th percentile"));
  row->addWidget(label(tr("Window"), Voice::soft, this));
  row->addWidget(centre_);
  row->addWidget(label(tr("width"), Voice::soft, this));
  row->addWidget(width_);
  row->addWidget(apply_);
  row->addWidget(automatic_);
  row->addStretch(1);
  connect(apply_, &QPushButton::clicked, this, [this] {
    const CentreWidth window{centre_->value(), width_->value()};
    Q_EMIT location_chosen(QString::fromStdString(with_window(location_, window)));
  });
  connect(automatic_, &QPushButton::clicked, this, [this] {
    Q_EMIT location_chosen(QString::fromStdString(with_window(location_, std::nullopt)));
  });
  hide();
}

void WindowField::set_location(const std::string& location) {
  location_ = location;
  const auto window = window_in(location);
  automatic_->setVisible(window.has_value());
  // Soft tissue in a CT, where nothing is chosen yet.
  centre_->setValue(window ? window->centre : 40);
  width_->setValue(window ? window->width : 400);
}

}  // namespace selfsight
