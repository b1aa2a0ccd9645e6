// Fewer columns that hold most of what a table of many holds.
#pragma once

#include <vector>

#include "core/base/control.h"
#include "core/training/session.h"

namespace selfsight {

/// The leading principal axes of standardised columns, nearly. Labels have no part in them.
class LeadingAxes {
 public:
  /// Mean, deviation and axes are those of `rows`, or of 10,000 of them evenly apart. At most as
  /// many axes as there are columns. Throws Cancelled.
  LeadingAxes(const Features& rows, std::int64_t count, const Control& control);

  /// [rows, count]: standardised and turned, not scaled again, so that distances between rows stay
  /// what they were but for the part that is left out.
  Features operator()(const Features& table) const;
  /// The part of the variance that is kept, in [0, 1].
  double kept() const { return kept_; }

 private:
  std::int64_t columns_ = 0, count_ = 0;
  std::vector<float> mean_, axes_;  // [columns], [count, columns]
  double kept_ = 1;
};

}  // namespace selfsight
