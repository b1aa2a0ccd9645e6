// How curves are drawn: smoothing, logarithmic axes, what lies along the x axis.
#pragma once

#include <QWidget>

class QLabel;
class QPushButton;
class QSlider;

namespace selfsight {

class ChoiceChips;
class CurvePlot;

/// Controls of one plot, in a row that breaks where it must. What a person chose is kept from one
/// day to the next.
class CurveControls : public QWidget {
  Q_OBJECT
 public:
  /// Kept, and found by tests, under `name`: "loss" has "loss_smoothing", "loss_log", "loss_log_x"
  /// and "loss_axis".
  CurveControls(CurvePlot* plot, const QString& name, QWidget* parent);

  /// A few points are worth no smoothing; the slider waits for others.
  void set_few_points(bool few);

 private:
  QWidget* build_smoothing(const QString& name);
  QPushButton* chip(const QString& words, const QString& name, const QString& tip);
  void apply_smoothing();
  void keep() const;

  CurvePlot* plot_;
  QString name_;
  QSlider* smoothing_ = nullptr;
  QLabel* weight_ = nullptr;
  QPushButton* log_x_ = nullptr;
  QPushButton* log_y_ = nullptr;
  ChoiceChips* axis_ = nullptr;
};

}  // namespace selfsight
