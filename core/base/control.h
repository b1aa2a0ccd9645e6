// Stop and pause, as long work sees them.
#pragma once

#include <atomic>
#include <limits>

namespace selfsight {

/// Shared by the one who asks (a window, a signal handler) and the work that listens.
/// All calls are safe from any thread; request_stop() is also safe in a signal handler.
class Control {
 public:
  void request_stop() noexcept { stop_.store(true, std::memory_order_relaxed); }
  bool stop_requested() const noexcept { return stop_.load(std::memory_order_relaxed); }

  void pause() noexcept { paused_.store(true, std::memory_order_relaxed); }
  void resume() noexcept { paused_.store(false, std::memory_order_relaxed); }
  bool paused() const noexcept { return paused_.load(std::memory_order_relaxed); }

  /// Blocks while paused and not stopped, for so many seconds at most. Returns those spent waiting.
  double wait_while_paused(double most = std::numeric_limits<double>::infinity()) const;

  /// Blocks while paused. Throws Cancelled if a stop was asked for.
  void check() const;
  /// From here on check() blocks no more: for work that waits where its state is saved.
  void check_stops_only() noexcept { waits_in_check_.store(false, std::memory_order_relaxed); }

 private:
  std::atomic<bool> stop_{false};
  std::atomic<bool> paused_{false};
  std::atomic<bool> waits_in_check_{true};
};

}  // namespace selfsight
