#include "core/probes/knn_euclidean.h"

#include <algorithm>
#include <cmath>

#include "core/base/error.h"
#include "core/base/index.h"

namespace selfsight {
namespace {

double distance(const float* a, const float* b, std::int64_t columns) {
  double squares = 0;
  for (std::int64_t j = 0; j < columns; ++j) {
    const double difference = static_cast<double>(a[j]) - static_cast<double>(b[j]);
    squares += difference * difference;
  }
  return std::sqrt(squares);
}

void check(const Features& bank, const Features& queries) {
  if (bank.columns != queries.columns)
    throw InputError("The two sets of features have " + std::to_string(bank.columns) + " and " +
                     std::to_string(queries.columns) + " dimensions; they cannot be compared.");
  for (const Features* features : {&bank, &queries})
    if (!std::all_of(features->values.begin(), features->values.end(),
                     [](float value) { return std::isfinite(value); }))
      throw InputError("Some features are not finite numbers, so neighbours cannot be found.");
}

}  // namespace

EuclideanKnn knn_euclidean(const Features& bank, const Features& queries, std::int64_t k,
                           double epsilon, const Control& control) {
  check(bank, queries);
  const int classes = class_count({&bank, &queries});
  if (classes == 0) throw InputError("kNN accuracy needs labels, and these images have none.");
  k = std::min(k, bank.rows);
  EuclideanKnn out;
  out.scores.assign(at(queries.rows) * at(classes), 0);
  std::vector<int> predictions;
  std::vector<std::pair<double, std::int64_t>> near(at(bank.rows));
  for (std::int64_t i = 0; i < queries.rows; ++i) {
    control.check();
    const float* query = queries.values.data() + i * queries.columns;
    for (std::int64_t j = 0; j < bank.rows; ++j)
      near[at(j)] = {distance(query, bank.values.data() + j * bank.columns, bank.columns), j};
    std::partial_sort(near.begin(), near.begin() + k, near.end());
    const auto scores = out.scores.begin() + i * classes;
    for (std::int64_t n = 0; n < k; ++n)
      if (const int label = bank.labels[at(near[at(n)].second)]; label >= 0)
        scores[label] += 1 / (near[at(n)].first + epsilon);
    predictions.push_back(static_cast<int>(std::max_element(scores, scores + classes) - scores));
  }
  out.result = classification(std::move(predictions), queries.labels, classes);
  return out;
}

}  // namespace selfsight
