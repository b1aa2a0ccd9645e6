// k nearest neighbours, weighted (Wu et al. 2018), and what the spread of features says.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/control.h"
#include "core/probes/classification.h"
#include "core/training/features.h"  // feature_std()
#include "core/training/session.h"

namespace selfsight {

struct Neighbour {
  std::int64_t row = 0;  // in the bank
  float similarity = 0;  // cosine
};

/// The k rows of `bank` most like each row of `queries` by cosine, nearest first: [queries][k].
/// k above the bank is cut to it. Throws InputError for features that are no numbers.
std::vector<std::vector<Neighbour>> nearest(const Features& bank, const Features& queries,
                                            std::int64_t k, const Control& control);

/// Votes weigh exp(cosine / temperature) (Wu et al. 2018, section 3.4). The k nearest are those
/// with a label: rows of the bank without one are left out; queries without one do not count.
/// Throws InputError if none of the bank has a label.
Classification knn(const Features& bank, const Features& queries, std::int64_t k,
                   double temperature, const Control& control);

/// Features whose deviation is below this part of the healthy one have collapsed.
constexpr double collapsed_share = 0.1;

/// A number of neighbours and a temperature that were tried.
struct KnnChoice {
  std::int64_t k = 20;
  double temperature = 0.1;
  double accuracy = 0;  // on the validation images, in [0, 1]
};
struct KnnResult {
  Classification test;
  KnnChoice best;
  std::vector<KnnChoice> tried;
};

/// knn() with the best of k in {1, 5, 10, 20, 50, 100, 200} (cut to the bank) and temperature in
/// {0.03, 0.07, 0.1, 0.2, 0.5} on `validation`; of equals the one tried first. `queries` are
/// looked at once.
KnnResult choose_knn(const Features& bank, const Features& validation, const Features& queries,
                     const Control& control);

/// Whether the projector's answers have collapsed. `output_spread` is 1 when they are spread; the
/// mean cosine of two images' answers is 1 - output_spread^2, and above nine tenths they are one.
bool outputs_collapsed(double output_spread);

/// A sentence a colleague would say: "Features are spread: std 0.079, healthy is near 0.088."
/// The projector's answers collapse before the features do, as the loss looks at nothing else.
std::string spread_verdict(double feature_std, double healthy,
                           std::optional<double> output_spread = std::nullopt);

}  // namespace selfsight
