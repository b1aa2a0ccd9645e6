// One metric of several runs, over each other.
#pragma once

#include <QTimer>

#include "app/places/compare_work.h"
#include "widgets/card.h"

class QComboBox;

namespace selfsight {

class CurveControls;
class CurvePlot;
class Workspace;

/// What it shows is read elsewhere: see compared_runs().
class CompareCurves : public Card {
  Q_OBJECT
 public:
  explicit CompareCurves(Workspace& workspace, QWidget* parent = nullptr);

  QString metric() const;  // that is chosen; empty if there is none yet
  /// Says so, if the answer is long in coming.
  void expect();
  void show_runs(const ComparedRuns& compared);
  /// All points so far of a run whose curve is shown and which goes on. What is zoomed in to stays.
  void show_newer(const Curve& curve, const QString& metric);
  void save(const QString& format);

 Q_SIGNALS:
  void metric_chosen();  // by the person

 private:
  void list_metrics(const ComparedRuns& compared);

  Workspace& workspace_;
  QComboBox* metric_;
  CurvePlot* curves_;
  CurveControls* controls_;
  QTimer waits_;
  std::vector<std::int64_t> runs_;
  QString shown_metric_;
};

}  // namespace selfsight
