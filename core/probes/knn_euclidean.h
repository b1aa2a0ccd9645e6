// k nearest neighbours by Euclidean distance, as solo-learn's online monitor votes: to compare with
// its numbers. For measuring an encoder, knn() by cosine is the convention.
#pragma once

#include <vector>

#include "core/base/control.h"
#include "core/probes/classification.h"

namespace selfsight {

struct EuclideanKnn {
  Classification result;
  std::vector<double> scores;  // [queries, classes]
};

/// Votes weigh 1 / (distance + epsilon), features as they are. Rows without a label in the bank do
/// not vote; k above the bank is cut to it. Throws InputError without labels, for tables of
/// different columns and for features that are no numbers; Cancelled.
EuclideanKnn knn_euclidean(const Features& bank, const Features& queries, std::int64_t k,
                           double epsilon, const Control& control);

}  // namespace selfsight
