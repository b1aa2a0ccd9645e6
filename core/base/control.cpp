#include "core/base/control.h"

#include <chrono>
#include <thread>

#include "core/base/error.h"

namespace selfsight {

double Control::wait_while_paused(double most) const {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  const auto waited = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  // Polled, because request_stop() must be callable from a signal handler, which no
  // condition variable allows; twenty wake-ups a second cost nothing.
  while (paused() && !stop_requested() && waited() < most)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  return waited();
}

void Control::check() const {
  if (waits_in_check_.load(std::memory_order_relaxed)) wait_while_paused();
  if (stop_requested()) throw Cancelled();
}

}  // namespace selfsight
