// Linear probe: multinomial logistic regression on frozen features.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/control.h"
#include "core/probes/classification.h"
#include "core/spec/field.h"

namespace selfsight {

/// How a linear probe is fitted.
struct LinearOptions {
  std::string solver = "lbfgs";
  double epochs = 90;
  std::int64_t batch_size = 256;
  bool standardise = true;  // no option of the user's: off where the columns belong together as
                            // they are

  template <class Options, class Visit>
  static void describe(Options& o, Visit&& visit) {
    visit(o.solver, Field{.key = "solver",
                          .help = "How the linear probe is fitted. lbfgs finds the optimum of "
                                  "logistic regression, its penalty chosen on the validation "
                                  "split; sgd takes steps without one, its learning rate chosen "
                                  "there. Keep lbfgs; figures of the two compare only roughly. sgd "
                                  "as in MoCo, He et al. 2020, and MAE, He et al. 2022.",
                          .choices = {"lbfgs", "sgd"}});
    visit(o.epochs, Field{.key = "epochs",
                          .help = "How often sgd sees each training image. More takes longer and "
                                  "comes nearer to the optimum. Usually 90, as in MAE, or 100, as "
                                  "in MoCo. MAE, He et al. 2022; MoCo, He et al. 2020.",
                          .unit = "epochs",
                          .min = 0.01,
                          .max = 10000,
                          .only_if = Condition{"solver", {"sgd"}}});
    visit(o.batch_size, Field{.key = "batch_size",
                              .help = "Images in a step of sgd. More makes fewer and steadier "
                                      "steps. Usually 256. MoCo, He et al. 2020.",
                              .unit = "images",
                              .min = 1,
                              .max = 65536,
                              .only_if = Condition{"solver", {"sgd"}}});
  }
};

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

/// One of the learning rates that were tried.
struct RatePoint {
  double rate = 0;      // at the first step
  double accuracy = 0;  // on the validation images, in [0, 1]
};

/// Of the two solvers, only the values of the one that was used are there.
struct LinearResult {
  Classification test;
  double l2 = 0;                 // the one chosen, per image
  std::vector<PathPoint> path;   // in the order tried
  double rate = 0;               // the one chosen
  std::vector<RatePoint> rates;  // rising
  std::int64_t steps = 0;
};

/// Each feature is standardised by its mean and deviation over `train`, unless told otherwise. Rows
/// without a label are left out. What is chosen is chosen on `validation`; then `test` is
/// classified, once.
///
/// lbfgs: the penalty falls from 10 to 1e-6 per image in tens, each fit beginning where the last
/// one ended, and stops early where the validation accuracy has fallen twice in a row; of equals
/// the strongest is taken.
///
/// sgd: momentum 0.9, no penalty, weights from zero, the rate falling to 0 along a cosine, the
/// order of the images by `seed`, once for each rate of a fixed list; of equals the lowest is
/// taken. The same arguments give the same numbers.
///
/// Throws InputError without labels, or for a solver that is none, Cancelled.
LinearResult linear_probe(const Features& train, const Features& validation, const Features& test,
                          const Control& control, const LinearOptions& options = {},
                          std::uint64_t seed = 0);

}  // namespace selfsight
