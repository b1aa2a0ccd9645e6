#include "core/training/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace selfsight {
namespace {

double risen(const WarmupCosine& s, double position) {
  switch (s.rise) {
    case Rise::from_start:
      return position / s.warmup;
    case Rise::inclusive:
      return s.warmup > 1 ? position / (s.warmup - 1) : 0;
    case Rise::one_ahead:
      return (position + 1) / s.warmup;
  }
  return 0;
}

}  // namespace

double half_cosine(double from, double to, double done) {
  return to + (from - to) * 0.5 * (1 + std::cos(std::numbers::pi * done));
}

double warmup_cosine(const WarmupCosine& s, double position) {
  if (position < s.warmup) return s.start + (s.peak - s.start) * risen(s, position);
  const double length = s.total - s.warmup;
  return half_cosine(s.peak, s.last,
                     length > 0 ? std::min(1.0, (position - s.warmup) / length) : 0);
}

}  // namespace selfsight
