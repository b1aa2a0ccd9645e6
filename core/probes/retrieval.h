// Retrieval: how far up the images of the same class come when a bank is sorted by likeness.
#pragma once

#include <cstdint>

#include "core/base/control.h"
#include "core/training/session.h"

namespace selfsight {

struct Retrieval {
  double map = 0;  // mean average precision, in [0, 1]
  double precision_at_1 = 0;
  std::int64_t queries = 0;  // that have a label, and images of their class in the bank
};

/// Each query sorts the whole bank by cosine, equal ones by their row; the average precision is the
/// mean, over the bank's images of the query's class, of the precision down to each. Rows without a
/// label are left out on both sides. Throws InputError without any query, Cancelled.
Retrieval retrieval(const Features& bank, const Features& queries, const Control& control);

}  // namespace selfsight
