#include <cmath>

#include "core/probes/knn.h"
#include "core/probes/linear.h"
#include "core/training/features.h"
#include "tests/reference/reference.h"

namespace selfsight::reference {
namespace {

Features table(const Matrix& rows, std::int64_t first, std::int64_t last) {
  const auto columns = rows.columns;
  return {last - first,
          columns,
          {rows.values.begin() + first * columns, rows.values.begin() + last * columns},
          {},
          {}};
}

void knn_family(const Json& c, Findings& found) {
  const Json &params = c.at("params"), &expected = c.at("expected");
  const Matrix rows = matrix(c.at("inputs").at("features"));
  const auto split = params.at("n_train").get<std::int64_t>();
  const auto classes = params.at("classes").get<int>();
  const auto temperature = params.at("T").get<double>();
  Features bank = table(rows, 0, split), queries = table(rows, split, rows.rows);
  for (int i = 0; i < rows.rows; ++i) (i < split ? bank : queries).labels.push_back(i % classes);

  const auto k = params.at("k").get<std::int64_t>();
  const Classification result = knn(bank, queries, k, temperature, Control());
  found.near("accuracy", 100 * result.top1, expected.at("top1_percent").get<double>(), 0, 1e-9);
  found.same("the list of predictions",
             result.predictions == expected.at("predictions").get<std::vector<int>>());

  const auto count = static_cast<std::size_t>(classes);
  const auto neighbours = nearest(bank, queries, k, Control());
  std::vector<double> scores(neighbours.size() * count);
  for (std::size_t i = 0; i < neighbours.size(); ++i)
    for (const Neighbour& n : neighbours[i])
      scores[i * count + static_cast<std::size_t>(n.row) % count] +=
          std::exp(n.similarity / temperature);
  found.checksum("class scores", scores, expected.at("class_scores"),
                 c.at("tol").at("scores_f32_rel").get<double>());
}

void linear_probe_family(const Json& c, Findings& found) {
  const Json &params = c.at("params"), &expected = c.at("expected");
  const Matrix rows = matrix(c.at("inputs").at("features"));
  const auto classes = params.at("classes").get<int>();
  Features features = table(rows, 0, rows.rows);
  for (int i = 0; i < rows.rows; ++i) features.labels.push_back(i % classes);
  const auto l2 = params.at("l2").get<double>();
  const SoftmaxFit fit = fit_softmax(features, l2, Control());
  const auto wanted = expected.at("logistic_objective").get<double>();
  const auto near_optimum = c.at("tol").at("objective_f64_rel").get<double>();
  found.near("objective", fit.objective, wanted, near_optimum);
  // The published weights are where their solver stopped. The objective curves by l2 at least, so
  // an objective that is right to within e allows weights off by sqrt(2 e / l2).
  const Json& weights = expected.at("logistic_coef");
  found.checksum("weights", fit.weights, weights,
                 std::sqrt(2 * near_optimum * wanted / l2) / weights.at("l2").get<double>());
  double squares = 0;
  for (const double w : fit.weights) squares += w * w;
  found.near(
      "mean cross-entropy", (fit.objective - l2 / 2 * squares) / static_cast<double>(rows.rows),
      expected.at("logistic_mean_ce").get<double>(), c.at("tol").at("f64_rel").get<double>());
}

void feature_std_family(const Json& c, Findings& found) {
  const Matrix rows = matrix(c.at("inputs").at("features"));
  found.near("feature std", feature_std(table(rows, 0, rows.rows)),
             c.at("expected").at("std_of_l2_normalized").get<double>(),
             c.at("tol").at("f64_rel").get<double>());
}

void embedding_quality(const Json& c, Findings& found) {
  const Matrix x = matrix(c.at("inputs").at("X"));
  Matrix y = matrix(c.at("inputs").at("Y_noise"));
  for (std::int64_t i = 0; i < y.rows; ++i)
    for (std::int64_t j = 0; j < 2; ++j)
      y.values[static_cast<std::size_t>(2 * i + j)] +=
          x.values[static_cast<std::size_t>(i * x.columns + j)];
  const auto relative = c.at("tol").at("f64_rel").get<double>();
  for (const int k : {5, 12}) {
    const std::string suffix = "_k" + std::to_string(k);
    found.near("trustworthiness" + suffix, trustworthiness(x, y, k),
               c.at("expected").at("trustworthiness" + suffix).get<double>(), relative);
    found.near("continuity" + suffix, trustworthiness(y, x, k),
               c.at("expected").at("continuity" + suffix).get<double>(), relative);
  }
}

}  // namespace

void add_metric_families(Families& families) {
  families["knn_weighted_cosine"] = knn_family;
  families["feature_std"] = feature_std_family;
  families["linear_probe_optimum"] = linear_probe_family;
  families["embedding_quality"] = embedding_quality;
}

}  // namespace selfsight::reference
