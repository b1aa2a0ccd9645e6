#include <algorithm>
#include <cmath>

#include "core/maps/quality.h"
#include "core/maps/tsne_parts.h"
#include "tests/reference/reference.h"

namespace selfsight::reference {
namespace {

/// P over all pairs, as the canonical affinities have it.
Affinities all_pairs(const Json& c) {
  const Matrix rows = matrix(c.at("inputs").at("X"));
  return joint_probabilities(rows, c.at("params").at("perplexity").get<double>(), rows.rows - 1,
                             Control());
}

/// Row i of P with its diagonal.
std::vector<double> dense_row(const Affinities& p, std::size_t i) {
  std::vector<double> out(static_cast<std::size_t>(p.rows));
  for (auto e = p.starts[i]; e < p.starts[i + 1]; ++e)
    out[static_cast<std::size_t>(p.columns[static_cast<std::size_t>(e)])] =
        p.values[static_cast<std::size_t>(e)];
  return out;
}

double entropy(const std::vector<double>& p) {
  double out = 0;
  for (const double value : p)
    if (value > 0) out -= value * std::log(value);
  return out;
}

std::vector<double> squared_distances(const Matrix& rows, std::int64_t i) {
  std::vector<double> out;
  for (std::int64_t j = 0; j < rows.rows; ++j) {
    if (j == i) continue;
    double sum = 0;
    for (std::int64_t c = 0; c < rows.columns; ++c)
      sum += std::pow(rows.values[static_cast<std::size_t>(i * rows.columns + c)] -
                          rows.values[static_cast<std::size_t>(j * rows.columns + c)],
                      2);
    out.push_back(sum);
  }
  return out;
}

void affinities(const Json& c, Findings& found) {
  const Json &expected = c.at("expected"), &tolerance = c.at("tol");
  const Matrix rows = matrix(c.at("inputs").at("X"));
  const auto perplexity = c.at("params").at("perplexity").get<double>();
  std::vector<double> betas;
  for (std::int64_t i = 0; i < rows.rows; ++i) {
    const auto distances = squared_distances(rows, i);
    std::vector<double> p(distances.size());
    betas.push_back(conditional_probabilities(distances, perplexity, p));
    found.near("entropy of row " + std::to_string(i), entropy(p), std::log(perplexity), 1e-12);
    if (i > 0) continue;
    const Json& row = expected.at("conditional_row0");  // with itself in front
    for (std::size_t j = 1; j < row.size(); ++j)
      found.near("conditional p(" + std::to_string(j) + "|0)", p[j - 1], row[j].get<double>(), 0,
                 tolerance.at("joint_abs").get<double>());
  }
  found.checksum("beta", betas, expected.at("beta"), tolerance.at("beta_rel").get<double>());

  const Affinities p = all_pairs(c);
  const Json& joint = expected.at("joint");
  double sum = 0, squares = 0;
  for (const double value : p.values) sum += value, squares += value * value;
  found.near("sum of P", sum, 1, 1e-12);
  found.near("length of P", std::sqrt(squares), joint.at("l2").get<double>(),
             tolerance.at("joint_l2_rel").get<double>());
  found.near("largest of P", *std::max_element(p.values.begin(), p.values.end()),
             joint.at("max").get<double>(), tolerance.at("joint_l2_rel").get<double>());
  found.near("entropy of P", entropy(p.values), expected.at("joint_entropy_nats").get<double>(),
             tolerance.at("joint_l2_rel").get<double>());
  const auto row = dense_row(p, 0);
  for (std::size_t j = 0; j < joint.at("row0_first16").size(); ++j)
    found.near("P(0," + std::to_string(j) + ")", row[j], joint.at("row0_first16")[j].get<double>(),
               0, tolerance.at("joint_abs").get<double>());
}

void objective(const Json& c, Findings& found) {
  const Json &expected = c.at("expected"), &tolerance = c.at("tol");
  const Affinities p = all_pairs(c);
  const Layout y = input(c.at("inputs").at("Y"));
  found.near("KL", kl_divergence(p, y), expected.at("kl").get<double>(),
             tolerance.at("kl_f64_rel").get<double>());
  Layout slope;
  gradient(p, y, 1, 0, slope);
  found.checksum("gradient", slope, expected.at("grad"),
                 tolerance.at("grad_f64_rel_l2").get<double>());
}

void descent(const Json& c, Findings& found) {
  const Json &params = c.at("params"), &tolerance = c.at("tol");
  const Affinities p = all_pairs(c);
  Layout y = input(c.at("inputs").at("Y0")), slope;
  Descent steps(y.size());
  bool exaggerated = true;
  int done = 0;
  for (const Json& point : c.at("expected").at("checkpoints")) {
    if (exaggerated && point.at("stage") != "exaggerated") {
      exaggerated = false;
      steps = Descent(y.size());
      done = 0;
    }
    for (; done < point.at("iterations").get<int>(); ++done) {
      gradient(p, y, exaggerated ? params.at("exaggeration").get<double>() : 1, 0, slope);
      steps.step(slope, params.at("learning_rate").get<double>(),
                 params.at("momentum").at(exaggerated ? 0 : 1).get<double>(), y);
    }
    found.checksum(point.at("stage").get<std::string>() + " " + std::to_string(done), y,
                   point.at("Y"),
                   tolerance.at(exaggerated ? "f64_rel_l2_first_stage" : "f64_rel_l2_second_stage")
                       .get<double>());
  }
}

/// The whole of tsne(), once exact and once by Barnes-Hut.
void quality(const Json& c, Findings& found) {
  const Json& expected = c.at("expected");
  const Matrix rows = matrix(c.at("inputs").at("X"));
  TsneOptions options;
  options.perplexity = c.at("params").at("perplexity").get<double>();
  options.iterations = c.at("params").at("n_iter").get<std::int64_t>();
  options.pca_components = 0;
  const auto clusters = c.at("inputs").at("X").at("clusters").get<int>();
  std::vector<int> labels;
  for (int i = 0; i < rows.rows; ++i) labels.push_back(i % clusters);
  for (const double theta : {0.0, 0.5}) {
    options.theta = theta;
    Control control;
    const TsneResult result = tsne(rows, options, control);
    const std::string how = theta > 0 ? " by Barnes-Hut" : ", exact";
    found.at_most("KL" + how, result.kl, expected.at("kl_final").get<double>() * 1.1 + 0.02);
    found.at_most(
        "lost trustworthiness" + how,
        expected.at("trustworthiness_k12").get<double>() - trustworthiness(rows, result.layout, 12),
        0.01);
    found.at_most("lost silhouette" + how,
                  expected.at("silhouette").get<double>() - silhouette(result.layout, labels), 0.1);
  }
}

}  // namespace

void add_tsne_families(Families& families) {
  families["tsne_affinities"] = affinities;
  families["tsne_objective"] = objective;
  families["tsne_descent"] = descent;
  families["tsne_quality"] = quality;
}

}  // namespace selfsight::reference
