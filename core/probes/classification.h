// How right a classifier was.
#pragma once

#include <cstdint>
#include <vector>

#include "core/training/session.h"

namespace selfsight {

struct Classification {
  double top1 = 0;                                   // in [0, 1]
  std::vector<int> predictions;                      // one per query
  std::vector<std::vector<std::int64_t>> confusion;  // [true][predicted]
};

/// Classes that any of the rows has: the largest label and those below. 0 without labels.
int class_count(const std::vector<const Features*>& tables);

/// Throws InputError where a row holds what is no number, naming how many do.
void check_finite(const Features& features);

/// Rows of a true label below 0 do not count.
Classification classification(std::vector<int> predictions, const std::vector<int>& truth,
                              int classes);

}  // namespace selfsight
