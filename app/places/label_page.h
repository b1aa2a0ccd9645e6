// What a label is worth: the curve as it is measured, with what it says.
#pragma once

#include <QWidget>
#include <memory>

#include "app/jobs/pipeline_labels.h"

class QLabel;
class QProgressBar;

namespace selfsight {

class Job;
class LabelCurve;
class Workspace;

class LabelPage : public QWidget {
  Q_OBJECT
 public:
  explicit LabelPage(Workspace& workspace, QWidget* parent = nullptr);

  /// Shows what the store has of this run on the open data set, as stored_labels() chooses it; a
  /// measurement under way goes on.
  void show_run(std::int64_t run, const Settings& settings);
  bool has_points() const;
  /// Measures what is missing, as a job of the workspace.
  void start(std::int64_t run, const Settings& settings);
  void stop();
  bool running() const { return job_ != nullptr; }
  LabelCurve* curve() const { return curve_; }

 Q_SIGNALS:
  void ended();
  void point_clicked(const QString& title, const QString& size, const QString& protocol);

 private:
  struct Arrived;
  void drain();
  void over();
  void show_points(const std::vector<LabelPoint>& points);

  Workspace& workspace_;
  Job* job_ = nullptr;
  std::shared_ptr<Arrived> arrived_;
  LabelCurve* curve_;
  QProgressBar* progress_;
  QLabel* verdict_;
};

}  // namespace selfsight
