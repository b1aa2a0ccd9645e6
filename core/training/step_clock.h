// How fast a run goes, from what it tells of its steps.
#pragma once

#include <cstdint>
#include <optional>

#include "core/training/session.h"

namespace selfsight {

/// The mean time from one step to the next since the run began or went on: measurements and
/// checkpoints in between count, pauses do not.
class StepClock {
 public:
  void follow(const StepMetrics& m) {
    last_ = {m.step, m.active_seconds};
    if (!first_) first_ = last_;  // before its end the loader may have had to begin
  }
  /// Active seconds; empty until two steps were heard.
  std::optional<double> step_seconds() const {
    if (!first_ || last_.step == first_->step) return std::nullopt;
    return (last_.seconds - first_->seconds) / static_cast<double>(last_.step - first_->step);
  }

 private:
  struct Mark {
    std::int64_t step = 0;
    double seconds = 0;
  };
  std::optional<Mark> first_;
  Mark last_;
};

}  // namespace selfsight
