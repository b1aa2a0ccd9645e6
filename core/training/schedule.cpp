#include "core/training/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace selfsight {

double warmup_cosine(const WarmupCosine& s, double position) {
  if (position < s.warmup) return s.peak * position / s.warmup;
  const double length = s.total - s.warmup;
  const double done = length > 0 ? std::min(1.0, (position - s.warmup) / length) : 0;
  return s.last + (s.peak - s.last) * 0.5 * (1 + std::cos(std::numbers::pi * done));
}

}  // namespace selfsight
