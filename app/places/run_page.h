// One run, in training or past: its curves, its health.
#pragma once

#include <QWidget>

#include "core/history/store.h"
#include "widgets/curves.h"

class QLabel;

namespace selfsight {

class BatchStrip;
class Card;
class CurvePlot;
class FactTable;
class Workspace;

/// The two columns are given out, because the place lays them.
class RunPage : public QObject {
  Q_OBJECT
 public:
  RunPage(Workspace& workspace, QWidget* parent);

  QWidget* main() const { return main_; }
  QWidget* side() const { return side_; }
  CurvePlot* loss_plot() const { return loss_plot_; }
  CurvePlot* knn_plot() const { return knn_plot_; }

  /// Reads everything from the store; live numbers follow by append().
  void show_run(std::int64_t run);
  std::int64_t shown() const { return run_.id; }
  const Run& run() const { return run_; }
  void append(const std::vector<StepMetrics>& steps, const std::vector<EpochMetrics>& epochs);
  /// Those that were written since.
  void add_checkpoints(const std::vector<CheckpointInfo>& written);
  /// Draws what came while the page was out of view.
  void show_new();

 private:
  QWidget* build_main(QWidget* parent);
  QWidget* build_side(QWidget* parent);
  void show_health();
  void show_start();
  void show_chance();
  void show_checkpoints();
  void show_batch();
  void save(CurvePlot& plot, const QString& name, const QString& format);

  Workspace& workspace_;
  QWidget* main_;
  QWidget* side_;
  Card* loss_card_ = nullptr;
  BatchStrip* batch_ = nullptr;
  CurvePlot* loss_plot_ = nullptr;
  CurvePlot* knn_plot_ = nullptr;
  Card* knn_card_ = nullptr;
  QLabel* verdict_ = nullptr;
  FactTable* facts_ = nullptr;
  Run run_;
  std::vector<MetricPoint> loss_, feature_std_, output_spread_, knn_;
  std::vector<CurvePoint> new_loss_, new_knn_;  // not drawn yet
  std::vector<CheckpointInfo> written_;         // the newest, which the store may not know yet
  bool new_checkpoints_ = false;                // not drawn yet
  std::string chance_metric_;
  std::vector<MetricPoint> measured_chance_;
  std::optional<MethodInfo::Reference> chance_;  // as it is drawn
};

}  // namespace selfsight
