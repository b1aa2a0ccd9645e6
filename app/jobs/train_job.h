// A training run in a thread, its metrics in a queue that the window drains.
#pragma once

#include <QObject>
#include <memory>
#include <optional>
#include <vector>

#include "app/jobs/job.h"
#include "app/jobs/pipeline.h"
#include "core/training/step_clock.h"

namespace selfsight {

class TrainJob : public QObject {
  Q_OBJECT
 public:
  TrainJob(const std::filesystem::path& store, std::int64_t run,
           std::shared_ptr<const Dataset> dataset, QObject* parent = nullptr);
  ~TrainJob() override;

  std::int64_t run() const { return run_; }
  const std::shared_ptr<const Dataset>& dataset() const { return dataset_; }  // what it trains on
  void start();
  void pause();
  void resume();
  void stop();  // after this batch; the state is saved
  bool running() const;
  bool paused() const;
  bool stopping() const;

  const RunShape& shape() const { return shape_; }  // as of the last drained()
  const std::optional<StepMetrics>& last_step() const { return last_step_; }
  /// Active seconds left, measurements and checkpoints included; empty until the pace is known.
  std::optional<double> seconds_left() const;
  std::optional<double> seconds_left_in_epoch() const;

 Q_SIGNALS:
  /// Once a second while there is something new, on the window's thread.
  void drained(const std::vector<StepMetrics>& steps, const std::vector<EpochMetrics>& epochs);
  /// Written, though the store may not know them yet; after the metrics that led there.
  void checkpointed(const std::vector<CheckpointInfo>& checkpoints);
  void state_changed();                   // started, paused, resumed, stopping
  void noticed(const QString& sentence);  // worth knowing, though training goes on
  void ended(const QString& problem);     // empty: finished or stopped as asked

 private:
  struct Queue;
  void drain();

  std::int64_t run_;
  std::shared_ptr<const Dataset> dataset_;
  std::shared_ptr<Queue> queue_;
  Job* job_;
  RunShape shape_;
  std::optional<StepMetrics> last_step_;
  StepClock clock_;
  bool was_paused_ = false;  // at the last drain
};

}  // namespace selfsight
