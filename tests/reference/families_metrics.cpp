#include <algorithm>
#include <cmath>

#include "core/maps/quality.h"
#include "core/probes/health.h"
#include "core/probes/knn.h"
#include "core/probes/knn_euclidean.h"
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

void knn_euclidean_family(const Json& c, Findings& found) {
  const Json &params = c.at("params"), &expected = c.at("expected");
  const Matrix rows = matrix(c.at("inputs").at("features"));
  const auto split = params.at("n_train").get<std::int64_t>();
  const auto classes = params.at("classes").get<int>();
  Features bank = table(rows, 0, split), queries = table(rows, split, rows.rows);
  for (int i = 0; i < rows.rows; ++i) (i < split ? bank : queries).labels.push_back(i % classes);
  const EuclideanKnn got = knn_euclidean(bank, queries, params.at("k").get<std::int64_t>(),
                                         params.at("epsilon").get<double>(), Control());
  found.near("accuracy", 100 * got.result.top1, expected.at("top1_percent").get<double>(), 0, 1e-9);
  found.same("the list of predictions",
             got.result.predictions == expected.at("predictions").get<std::vector<int>>());
  found.checksum("class scores", got.scores, expected.at("class_scores"),
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
  const Json& expected = c.at("expected");
  const auto relative = c.at("tol").at("f64_rel").get<double>();
  found.near("feature std", feature_std(table(rows, 0, rows.rows)),
             expected.at("std_of_l2_normalized").get<double>(), relative);
  const Spread all = spread({rows.rows, rows.columns, rows.values});
  found.near("unbiased", all.unbiased, expected.at("std_of_l2_normalized").get<double>(), relative);
  found.near("biased", all.biased, expected.at("biased_variant").get<double>(), relative);
  found.near("raw", all.raw, expected.at("raw_std_mean").get<double>(), relative);
  found.near("isotropic", 1 / std::sqrt(static_cast<double>(rows.columns)),
             expected.at("isotropic_reference").get<double>(), relative);
}

void rank_family(const Json& c, Findings& found) {
  const Matrix rows = matrix(c.at("inputs").at("features"));
  const Table features{rows.rows, rows.columns, rows.values};
  const Json& expected = c.at("expected");
  const auto relative = c.at("tol").at("f64_rel").get<double>();
  const auto near = [&](const char* what, double got) {
    found.near(what, got, expected.at(what).get<double>(), relative);
  };
  const auto raw = singular_values(features, false), centred = singular_values(features, true);
  const auto list = [&](const char* what, const std::vector<double>& got) {
    const auto wanted = expected.at(what).get<std::vector<double>>();
    found.same(std::string("the number of ") + what, got.size() == wanted.size());
    for (std::size_t i = 0; i < std::min(got.size(), wanted.size()); ++i)
      found.near(std::string(what) + " " + std::to_string(i), got[i], wanted[i], relative);
  };
  const auto variances = variance_parts(centred);
  list("singular_values", raw);
  list("explained_variance_ratio", variances);
  near("rankme_paper_eps1e_7", entropy_rank(raw, rank_me_epsilon));
  near("rankme_spt_eps1e_5", entropy_rank(raw, 1e-5));
  near("rankme_reptrix_eigenvalue_form", entropy_rank(variances, 1e-7));
  near("effective_rank_uncentred_sv", entropy_rank(raw));
  near("effective_rank_centred_sv", entropy_rank(centred));
  near("effective_rank_covariance_eigs", entropy_rank(variances));
  near("participation_ratio", participation_ratio(variances));
  found.same("numerical rank", std::count_if(raw.begin(), raw.end(), [&](double s) {
                                 return s > 1e-3 * raw[0];
                               }) == expected.at("numerical_rank_1e_3").get<std::int64_t>());
}

void alpha_req_family(const Json& c, Findings& found) {
  const Matrix rows = matrix(c.at("inputs").at("features"));
  const Json &expected = c.at("expected"), &params = c.at("params");
  const auto relative = c.at("tol").at("f64_rel").get<double>();
  const auto variances =
      variance_parts(singular_values({rows.rows, rows.columns, rows.values}, true));
  const auto fit = power_law(variances, params.at("fit_from_index").get<std::int64_t>(),
                             params.at("fit_to_index_exclusive").get<std::int64_t>());
  found.same("whether there is a fit", fit.has_value());
  if (!fit) return;
  found.near("alpha", fit->alpha, expected.at("alpha").get<double>(), relative);
  found.near("intercept", fit->log_scale, expected.at("intercept_log").get<double>(), relative);
  found.near("r2", fit->r2.value(), expected.at("r2").get<double>(), relative);
  found.near("alpha without weights", fit->alpha_unweighted,
             expected.at("alpha_unweighted_ols").get<double>(), relative);
  found.checksum("spectrum", variances, expected.at("spectrum_checksum"), relative);
}

void lidar_family(const Json& c, Findings& found) {
  const Matrix rows = matrix(c.at("inputs").at("features"));
  const Json &expected = c.at("expected"), &params = c.at("params");
  const auto relative = c.at("tol").at("f64_rel").get<double>();
  const Lidar got = lidar({rows.rows, rows.columns, rows.values},
                          params.at("samples_per_class").get<std::int64_t>(),
                          params.at("delta").get<double>(), params.at("epsilon").get<double>());
  found.near("LiDAR", got.rank, expected.at("lidar").get<double>(), relative);
  found.near("entropy", got.entropy, expected.at("entropy").get<double>(), relative);
  found.near("top eigenvalue", got.top_eigenvalue, expected.at("top_eigenvalue").get<double>(),
             relative);
}

void align_uniform_family(const Json& c, Findings& found) {
  const Matrix x = matrix(c.at("inputs").at("x")), y = matrix(c.at("inputs").at("y"));
  const Json& expected = c.at("expected");
  const auto relative = c.at("tol").at("f64_rel").get<double>();
  const Table a{x.rows, x.columns, x.values};
  Table b = a;
  for (std::size_t i = 0; i < b.values.size(); ++i) b.values[i] += y.values[i];
  const auto near = [&](const char* what, double got) {
    found.near(what, got, expected.at(what).get<double>(), relative);
  };
  near("align_a2", alignment(a, b, 2));
  near("align_a1", alignment(a, b, 1));
  near("uniform_t2_x", uniformity(a, 2));
  near("uniform_t2_y", uniformity(b, 2));
  near("uniform_t2_mean", (uniformity(a, 2) + uniformity(b, 2)) / 2);
  near("uniform_t4_x", uniformity(a, 4));
}

Matrix normalised_rows(Matrix rows) {
  for (std::int64_t i = 0; i < rows.rows; ++i) {
    const auto begin = rows.values.begin() + i * rows.columns, end = begin + rows.columns;
    double squares = 0;
    for (auto value = begin; value != end; ++value) squares += *value * *value;
    for (auto value = begin; value != end; ++value) *value /= std::sqrt(squares);
  }
  return rows;
}

/// Every row with the closest of the first rows, which stand for centres.
std::vector<int> nearest_anchors(const Matrix& rows, std::int64_t anchors) {
  std::vector<int> out;
  for (std::int64_t i = 0; i < rows.rows; ++i) {
    std::vector<double> distance;
    for (std::int64_t a = 0; a < anchors; ++a) {
      double sum = 0;
      for (std::int64_t j = 0; j < rows.columns; ++j)
        sum += std::pow(rows.values[static_cast<std::size_t>(i * rows.columns + j)] -
                            rows.values[static_cast<std::size_t>(a * rows.columns + j)],
                        2);
      distance.push_back(sum);
    }
    out.push_back(
        static_cast<int>(std::min_element(distance.begin(), distance.end()) - distance.begin()));
  }
  return out;
}

void embedding_quality(const Json& c, Findings& found) {
  const Matrix x = matrix(c.at("inputs").at("X"));
  Matrix y = matrix(c.at("inputs").at("Y_noise"));
  for (std::int64_t i = 0; i < y.rows; ++i)
    for (std::int64_t j = 0; j < 2; ++j)
      y.values[static_cast<std::size_t>(2 * i + j)] +=
          x.values[static_cast<std::size_t>(i * x.columns + j)];
  const Json& expected = c.at("expected");
  const auto relative = c.at("tol").at("f64_rel").get<double>();
  const auto clusters = c.at("params").at("clusters").get<int>();
  std::vector<int> labels;
  for (int i = 0; i < x.rows; ++i) labels.push_back(i % clusters);
  // The numbers of neighbours are in the names of what is expected.
  for (const auto& [name, value] : expected.items()) {
    const auto underscore = name.rfind("_k");
    if (underscore == std::string::npos || !value.is_number()) continue;
    const std::string what = name.substr(0, underscore);
    const std::int64_t k = std::stoll(name.substr(underscore + 2));
    double got = 0;
    if (what == "trustworthiness")
      got = trustworthiness(x, y, k);
    else if (what == "trustworthiness_cosine")
      got = trustworthiness(normalised_rows(x), y, k);
    else if (what == "continuity")
      got = trustworthiness(y, x, k);
    else if (what == "knn_preservation")
      got = neighbours_kept(x, y, k);
    else if (what == "knn_label_purity")
      got = label_purity(y, labels, k);
    else
      found.same("whether " + name + " is known", false);
    found.near(name, got, value.get<double>(), relative);
  }
  found.near("silhouette of X", silhouette(x, labels), expected.at("silhouette_X").get<double>(),
             relative);
  found.near("silhouette of Y", silhouette(y, labels), expected.at("silhouette_Y").get<double>(),
             relative);
  const Json& anchors = expected.at("nearest_anchor");
  const auto wanted = anchors.at("assignment").get<std::vector<int>>();
  found.same("the assignment to anchors",
             wanted == nearest_anchors(x, clusters) || wanted == nearest_anchors(y, clusters));
  const Agreement got = agreement(labels, wanted);
  found.near("NMI", got.nmi, anchors.at("nmi").get<double>(), relative);
  found.near("ARI", got.ari, anchors.at("ari").get<double>(), relative);
  found.near("homogeneity", got.homogeneity, anchors.at("homogeneity").get<double>(), relative);
  found.near("completeness", got.completeness, anchors.at("completeness").get<double>(), relative);
}

}  // namespace

void add_metric_families(Families& families) {
  families["knn_weighted_cosine"] = knn_family;
  families["knn_weighted_euclidean"] = knn_euclidean_family;
  families["feature_std"] = feature_std_family;
  families["linear_probe_optimum"] = linear_probe_family;
  families["embedding_quality"] = embedding_quality;
  families["rank"] = rank_family;
  families["alpha_req"] = alpha_req_family;
  families["lidar"] = lidar_family;
  families["align_uniform"] = align_uniform_family;
}

}  // namespace selfsight::reference
