// The loop: from a data set and a spec to a pretrained encoder. Plain values outside; torch inside.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/control.h"
#include "core/dataset/dataset.h"
#include "core/training/run_spec.h"

namespace selfsight {

/// A table of features, one row per image. The rows are not normalised.
struct Features {
  std::int64_t rows = 0, columns = 0;
  std::vector<float> values;      // row-major [rows, columns]
  std::vector<std::int64_t> ids;  // sample id of each row
  std::vector<int> labels;        // -1 without a label
};

struct StepMetrics {
  std::int64_t step = 0;  // steps done, from 1
  double epoch = 0;       // epochs done, fractional
  double loss = 0;
  double lr = 0;
  double images_per_second = 0;  // recent, pauses excluded
  double active_seconds = 0;     // since the run's very first start, pauses and gaps excluded
  int segment = 0;               // 0, then one more at each resume
  std::vector<std::pair<std::string, double>> extra;  // the method's own diagnostics
};

struct EpochMetrics {
  std::int64_t step = 0;
  double epoch = 0;  // 0 is the fresh encoder
  int segment = 0;
  double active_seconds = 0;
  double feature_std = 0;          // mean over dimensions of the std of l2-normalised features
  double feature_std_healthy = 0;  // 1 / sqrt(dimensions)
  std::optional<double> knn;       // accuracy in [0, 1] on the validation split
  /// Mean of the steps' output_spread since the last measurement, where the method tells it.
  std::optional<double> output_spread;
};

struct CheckpointInfo {
  std::filesystem::path file;
  std::string sha256;
  std::int64_t step = 0;
  double epoch = 0;
};

/// Written once the run's size is known.
struct RunShape {
  std::int64_t steps = 0, steps_per_epoch = 0;
  std::int64_t train_images = 0, parameters = 0, feature_dimensions = 0;
  std::string device;  // "CPU, 2 threads"
};

/// Hears what happens, on the training thread. Must not block for long.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_shape(const RunShape&) {}
  virtual void on_step(const StepMetrics&) {}
  virtual void on_epoch(const EpochMetrics&) {}
  virtual void on_checkpoint(const CheckpointInfo&) {}
  /// Something a person should know though training goes on: a broken image, a full disk.
  virtual void on_notice(const std::string& /*sentence*/) {}
  /// Why what was heard cannot be kept; empty when all is well. Training waits until it is.
  virtual std::string problem() const { return {}; }
};

/// Accuracy in [0, 1] of `queries` classified by `bank`. Given from outside, because kNN lives in
/// probes, further down the flow.
using KnnScore = std::function<double(const Features& bank, const Features& queries)>;

struct TrainRequest {
  Settings settings;  // see run_schema()
  std::shared_ptr<const Dataset> dataset;
  std::filesystem::path folder;                      // checkpoints go here
  std::optional<std::filesystem::path> resume_from;  // a checkpoint of the same run
  KnnScore knn;                                      // may be empty
  bool same_batch = false;  // feed every step the first batch: to measure the step alone
};

struct TrainResult {
  enum class End { finished, stopped } end = End::finished;
  std::int64_t step = 0;
  double epoch = 0;
  double active_seconds = 0;
  double last_loss = 0;
};

/// Trains until the end or until stopped; on a stop the state is saved first. Resuming is exact:
/// the same numbers as if it had never stopped. Where a checkpoint or what the observer keeps
/// cannot be written (a full disk), training pauses, says so and tries again until it can.
/// Throws InputError before the first step if the spec or the data cannot be trained on (fewer
/// images than a batch, …), Error if the loss is no longer a number or a stop finds no room for its
/// checkpoint.
TrainResult train(const TrainRequest& request, Observer& observer, Control& control);

}  // namespace selfsight
