// One step of the weights: the schedules, the forward and backward passes, the optimiser.
#pragma once

#include <functional>

#include "core/methods/method.h"
#include "core/training/optimiser.h"
#include "core/training/run_spec.h"

namespace selfsight {

struct RunLength {
  std::int64_t total_steps = 1, steps_per_epoch = 1;
};

class Updater {
 public:
  Updater(Method& method, const OptimiserOptions& options, const RunLength& length);

  struct Outcome {
    double loss = 0;           // mean over the accumulated batches
    double gradient_norm = 0;  // of the mean gradient, before it is clipped
    Pace pace;
    std::vector<std::pair<std::string, double>> extra;  // the method's diagnostics, also means
  };
  /// Step `step`, from 0, with batches as `next_batch` gives them; each is used before the next is
  /// asked for. Where the loss or the norm is not finite, the weights are not touched.
  Outcome step(std::int64_t step, const std::function<Batch()>& next_batch);

  /// The live tensors of the optimiser.
  NamedTensors state() const { return optimiser_.state(); }

 private:
  Pace pace_at(std::int64_t step) const;
  StepOutput backward(const Batch& batch, const Position& position);

  Method& method_;
  const OptimiserOptions options_;
  const RunLength length_;
  const std::vector<TrainedParameter> parameters_;
  Optimiser optimiser_;
};

}  // namespace selfsight
