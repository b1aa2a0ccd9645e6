#include <faiss/utils/distances.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/base/index.h"
#include "core/maps/scaled.h"
#include "core/maps/tsne_parts.h"

namespace selfsight {
namespace {

/// p from beta; returns its entropy in nats. `nearest` is the smallest distance, taken off for the
/// exponential's sake.
double fill(std::span<const double> distances, double nearest, double beta, std::span<double> p) {
  double sum = 0, moment = 0;
  for (std::size_t j = 0; j < p.size(); ++j) {
    p[j] = std::exp(-beta * (distances[j] - nearest));
    sum += p[j];
    moment += p[j] * (distances[j] - nearest);
  }
  for (double& value : p) value /= sum;
  return std::log(sum) + beta * moment / sum;
}

double squared_distance(const Matrix& rows, std::int64_t i, std::int64_t j) {
  const double* a = rows.values.data() + i * rows.columns;
  const double* b = rows.values.data() + j * rows.columns;
  double sum = 0;
  for (std::int64_t c = 0; c < rows.columns; ++c) sum += (a[c] - b[c]) * (a[c] - b[c]);
  return sum;
}

/// The k rows of `labels` (k + 1 or more long, nearest first) that are not the row itself.
void without_itself(const std::int64_t* labels, std::int64_t row, std::span<std::int32_t> out) {
  std::size_t kept = 0;
  for (std::size_t j = 0; kept < out.size(); ++j)
    if (labels[j] != row) out[kept++] = static_cast<std::int32_t>(labels[j]);
}

/// Adds the transpose: entries of both directions, each row's columns rising, doubles summed.
Affinities symmetrised(std::int64_t n, std::int64_t k, const std::vector<std::int32_t>& neighbours,
                       const std::vector<double>& conditional) {
  Affinities out;
  out.rows = n;
  std::vector<std::int64_t> count(at(n), k);
  for (const std::int32_t j : neighbours) ++count[at(j)];
  std::vector<std::int64_t> starts(at(n) + 1, 0);
  std::partial_sum(count.begin(), count.end(), starts.begin() + 1);
  std::vector<std::pair<std::int32_t, double>> entries(at(starts.back()));
  std::vector<std::int64_t> next(starts.begin(), starts.end() - 1);
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t e = i * k; e < (i + 1) * k; ++e) {
      const std::int32_t j = neighbours[at(e)];
      entries[at(next[at(i)]++)] = {j, conditional[at(e)]};
      entries[at(next[at(j)]++)] = {static_cast<std::int32_t>(i), conditional[at(e)]};
    }
  }
  const double scale = 1 / (2 * static_cast<double>(n));
  out.starts.push_back(0);
  for (std::int64_t i = 0; i < n; ++i) {
    const auto begin = entries.begin() + starts[at(i)], end = entries.begin() + starts[at(i) + 1];
    // By value too: a sum must not depend on the order in which the two halves came.
    std::sort(begin, end);
    for (auto entry = begin; entry != end; ++entry) {
      if (entry != begin && entry->first == out.columns.back()) {
        out.values.back() += entry->second * scale;
      } else {
        out.columns.push_back(entry->first);
        out.values.push_back(entry->second * scale);
      }
    }
    out.starts.push_back(static_cast<std::int64_t>(out.columns.size()));
  }
  return out;
}

}  // namespace

double conditional_probabilities(std::span<const double> squared_distances, double perplexity,
                                 std::span<double> p) {
  const double target = std::log(perplexity);
  const double nearest = *std::min_element(squared_distances.begin(), squared_distances.end());
  const double farthest = *std::max_element(squared_distances.begin(), squared_distances.end());
  if (!(farthest > nearest)) {
    fill(squared_distances, nearest, 1, p);
    return 1;
  }
  // Entropy falls as beta grows. First a bracket, from the scale of the distances, then bisection
  // until the two ends are neighbours.
  double low = 0, high = 1 / (farthest - nearest);
  for (int i = 0; i < 200 && fill(squared_distances, nearest, high, p) > target; ++i) {
    low = high;
    high *= 2;
  }
  for (int i = 0; i < 200; ++i) {
    const double middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) break;
    (fill(squared_distances, nearest, middle, p) > target ? low : high) = middle;
  }
  fill(squared_distances, nearest, high, p);
  return high;
}

std::vector<std::int32_t> nearest_rows(const Matrix& rows, std::int64_t k, const Control& control) {
  const std::vector<float> values = scaled_floats(rows.values, unit_scale(rows.values));
  std::vector<std::int32_t> out(at(rows.rows * k));
  constexpr std::int64_t block = 512;  // a stop is heard between blocks
  const std::int64_t blocks = (rows.rows + block - 1) / block;
  const std::size_t found = at(k) + 1;
  // Each block by one thread, and BLAS inside it by that thread alone: how BLAS divides a product
  // among threads changes the last bits of distances, and with them which neighbour is the k-th.
#pragma omp parallel
  {
    std::vector<float> distances(at(block) * found);
    std::vector<std::int64_t> labels(distances.size());
#pragma omp for schedule(dynamic)
    for (std::int64_t b = 0; b < blocks; ++b) {
      if (control.stop_requested()) continue;
      const std::int64_t first = b * block;
      const std::size_t count = at(std::min(block, rows.rows - first));
      faiss::float_maxheap_array_t heaps{count, found, labels.data(), distances.data()};
      faiss::knn_L2sqr(values.data() + first * rows.columns, values.data(), at(rows.columns), count,
                       at(rows.rows), &heaps);
      for (std::size_t i = 0; i < count; ++i)
        without_itself(labels.data() + i * found, first + static_cast<std::int64_t>(i),
                       std::span(out).subspan((at(first) + i) * at(k), at(k)));
    }
  }
  control.check();
  return out;
}

Affinities joint_probabilities(const Matrix& rows, double perplexity, std::int64_t k,
                               const Control& control) {
  const std::int64_t n = rows.rows;
  std::vector<std::int32_t> neighbours;
  if (k < n - 1) {
    neighbours = nearest_rows(rows, k, control);
  } else {
    k = n - 1;
    for (std::int64_t i = 0; i < n; ++i)
      for (std::int64_t j = 0; j < n; ++j)
        if (j != i) neighbours.push_back(static_cast<std::int32_t>(j));
  }
  std::vector<double> conditional(neighbours.size());
#pragma omp parallel
  {
    std::vector<double> distances(at(k));
#pragma omp for schedule(dynamic, 64)
    for (std::int64_t i = 0; i < n; ++i) {
      if (control.stop_requested()) continue;
      for (std::int64_t j = 0; j < k; ++j)
        distances[at(j)] = squared_distance(rows, i, neighbours[at(i * k + j)]);
      conditional_probabilities(distances, perplexity,
                                std::span(conditional).subspan(at(i * k), at(k)));
    }
  }
  control.check();
  return symmetrised(n, k, neighbours, conditional);
}

}  // namespace selfsight
