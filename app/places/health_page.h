// The health of an encoder: what it says, over the spectrum that says it.
#pragma once

#include <QWidget>

#include "core/probes/health.h"

class QLabel;

namespace selfsight {

class CurvePlot;

class HealthPage : public QWidget {
  Q_OBJECT
 public:
  explicit HealthPage(QWidget* parent = nullptr);
  void show_health(const Health& health);

 private:
  CurvePlot* spectrum_;
  QLabel* verdict_;
};

}  // namespace selfsight
