// Settings that were given up for others, and the way back.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "core/spec/settings.h"

namespace selfsight {

class SettingsHistory {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// A change from `before` to `after`. A slider on its way is one change: what follows on the
  /// same option within a second is taken back together.
  void keep(const Settings& before, const Settings& after,
            Time now = std::chrono::steady_clock::now());
  /// What undo() and redo() would go to; null where there is nothing.
  const Settings* earlier() const { return earlier_.empty() ? nullptr : &earlier_.back(); }
  const Settings* later() const { return later_.empty() ? nullptr : &later_.back(); }
  /// Both go from `now` one step, and answer where to. Only while there is such a step.
  Settings undo(const Settings& now);
  Settings redo(const Settings& now);
  void clear();

 private:
  std::vector<Settings> earlier_, later_;  // the nearest is the last
  std::string option_;                     // the only one of the last change; else empty
  Time changed_;
};

}  // namespace selfsight
