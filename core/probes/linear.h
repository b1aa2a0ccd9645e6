// Linear probe: multinomial logistic regression on frozen features.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/control.h"
#include "core/probes/classification.h"

namespace selfsight {

struct SoftmaxFit {
  std::vector<double> weights;  // row-major [classes, columns]
  std::vector<double> bias;     // [classes]
  double objective = 0;         // at the end
  std::int64_t evaluations = 0;
};

/// The minimum of sum of cross-entropies + l2 / 2 |weights|^2, the bias free: convex, so any solver
/// that converges finds the same. By L-BFGS with a strong Wolfe line search, in double precision,
/// until no gradient of the mean is above 1e-9 or the objective no longer falls. Rows without a
/// label are left out. Throws Cancelled.
SoftmaxFit fit_softmax(const Features& features, double l2, const Control& control);

/// One of the penalties that were tried.
struct PathPoint {
  double l2 = 0;        // per image: the penalty of fit_softmax() over their number
  double accuracy = 0;  // on the validation images, in [0, 1]
};

struct LinearResult {
  Classification test;
  double l2 = 0;                // the one chosen, per image
  std::vector<PathPoint> path;  // in the order tried
};

/// Each feature is standardised by its mean and deviation over `train`. The penalty falls from 10
/// to 1e-6 per image in tens, each fit beginning where the last one ended, and stops early where
/// the validation accuracy has fallen twice in a row; the best on `validation` (of equals the
/// strongest) classifies `test`, which is looked at once. Rows without a label are left out.
/// Throws InputError without labels, Cancelled.
LinearResult linear_probe(const Features& train, const Features& validation, const Features& test,
                          const Control& control);

}  // namespace selfsight
