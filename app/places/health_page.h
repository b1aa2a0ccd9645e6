// The health of an encoder: what it says, under the spectrum and the correlation that say it.
#pragma once

#include <QWidget>

#include "app/places/evaluation_words.h"
#include "core/probes/health.h"

class QLabel;

namespace selfsight {

class CorrelationView;
class CurvePlot;
class Workspace;

class HealthPage : public QWidget {
  Q_OBJECT
 public:
  explicit HealthPage(Workspace& workspace, QWidget* parent = nullptr);
  void show_health(const Health& health);
  /// As much of it as was kept with the numbers.
  void show_kept(const HealthPicture& kept);

 private:
  QByteArray spectrum_as_csv() const;
  void show_spectrum(const std::vector<double>& spectrum, const QString& verdict);

  CurvePlot* spectrum_;
  QWidget* correlation_;  // with its heading
  CorrelationView* correlation_view_;
  QLabel* verdict_;
};

}  // namespace selfsight
