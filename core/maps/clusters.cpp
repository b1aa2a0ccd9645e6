#include <faiss/Clustering.h>
#include <faiss/IndexFlat.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/maps/quality.h"
#include "core/maps/scaled.h"

namespace selfsight {
namespace {

double pairs(double count) {
  return count * (count - 1) / 2;
}

double entropy(const std::map<int, double>& counts, double total) {
  double out = 0;
  for (const auto& [key, count] : counts) out -= count / total * std::log(count / total);
  return out;
}

double ratio(double part, double whole, double otherwise) {
  return whole > 0 ? part / whole : otherwise;
}

/// The centres of the best of three starts. faiss is asked for one iteration at a time, each from
/// where the last one ended, as it hears of no stop before it is done.
std::vector<float> best_centres(const std::vector<float>& values, std::int64_t columns,
                                std::int64_t k, std::int64_t seed, const Control& control) {
  constexpr int starts = 3, iterations = 25;
  const auto rows = static_cast<std::int64_t>(values.size()) / columns;
  faiss::ClusteringParameters parameters;
  parameters.niter = 1;
  parameters.min_points_per_centroid = 1;
  parameters.max_points_per_centroid = std::numeric_limits<int>::max();
  std::vector<float> best;
  float least = std::numeric_limits<float>::infinity();
  for (int start = 0; start < starts; ++start) {
    // As faiss goes from start to start.
    parameters.seed = static_cast<int>((seed + start * 15486557) & 0x7FFFFFFF);
    faiss::Clustering clustering(static_cast<int>(columns), static_cast<int>(k), parameters);
    for (int i = 0; i < iterations; ++i) {
      control.check();
      faiss::IndexFlatL2 index(columns);
      clustering.train(rows, values.data(), index);
    }
    // faiss keeps no account where each row is a centre.
    const float squares =
        clustering.iteration_stats.empty() ? 0 : clustering.iteration_stats.back().obj;
    if (!best.empty() && squares >= least) continue;
    least = squares;
    best = clustering.centroids;
  }
  return best;
}

}  // namespace

Agreement agreement(std::span<const int> labels, std::span<const int> groups) {
  if (labels.size() != groups.size())
    throw InputError("There are not as many labels as members of groups.");
  std::map<int, double> of_label, of_group;
  std::map<std::pair<int, int>, double> of_both;  // group, label
  Agreement out;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] < 0 || groups[i] < 0) continue;
    ++of_label[labels[i]];
    ++of_group[groups[i]];
    ++of_both[{groups[i], labels[i]}];
    ++out.rows;
  }
  if (out.rows == 0) return out;
  const auto total = static_cast<double>(out.rows);
  std::map<int, double> commonest;
  double shared = 0, together = 0, same_label = 0, same_group = 0;
  for (const auto& [key, count] : of_both) {
    double& most = commonest[key.first];
    most = std::max(most, count);
    shared += count / total *
              std::log(count * total / (of_group.at(key.first) * of_label.at(key.second)));
    together += pairs(count);
  }
  for (const auto& [group, count] : commonest) out.purity += count / total;
  for (const auto& [label, count] : of_label) same_label += pairs(count);
  for (const auto& [group, count] : of_group) same_group += pairs(count);
  const double label_entropy = entropy(of_label, total), group_entropy = entropy(of_group, total);
  // Where one side has a single group there is nothing to tell apart: 1, as scikit-learn has it.
  out.homogeneity = ratio(shared, label_entropy, 1);
  out.completeness = ratio(shared, group_entropy, 1);
  out.nmi = ratio(shared, (label_entropy + group_entropy) / 2, 1);
  const double expected = total > 1 ? same_label * same_group / pairs(total) : 0;
  out.ari = ratio(together - expected, (same_label + same_group) / 2 - expected, 1);
  return out;
}

Clusters k_means(const Matrix& rows, std::int64_t k, std::int64_t seed, const Control& control) {
  if (k < 1 || k > rows.rows)
    throw InputError("There are " + grouped(rows.rows) + " rows, so they cannot be parted into " +
                     grouped(k) + " groups; ask for fewer.");
  if (!std::all_of(rows.values.begin(), rows.values.end(),
                   [](double value) { return std::isfinite(value); }))
    throw InputError("Some features are not finite numbers, so they cannot be grouped.");
  control.check();
  const double scale = unit_scale(rows.values);
  const std::vector<float> values = scaled_floats(rows.values, scale);
  const std::vector<float> centres =
      best_centres(values, rows.columns, k, seed & 0x7FFFFFFF, control);
  faiss::IndexFlatL2 index(rows.columns);
  index.add(k, centres.data());
  control.check();
  std::vector<float> distances(values.size() / static_cast<std::size_t>(rows.columns));
  std::vector<faiss::Index::idx_t> nearest(distances.size());
  index.search(rows.rows, values.data(), 1, distances.data(), nearest.data());
  Clusters out;
  out.group.assign(nearest.begin(), nearest.end());
  out.centres = {k, rows.columns, {}};
  for (const float value : centres)
    out.centres.values.push_back(static_cast<double>(value) / scale);
  for (const float distance : distances)
    out.squares += static_cast<double>(distance) / scale / scale;
  return out;
}

}  // namespace selfsight
