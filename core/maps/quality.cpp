#include "core/maps/quality.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/base/clones.h"
#include "core/base/error.h"
#include "core/base/index.h"

namespace selfsight {
namespace {

SELFSIGHT_CLONES void squared_distances(const double* values, std::int64_t rows,
                                        std::int64_t columns, std::int64_t i, double* out) {
  const double* own = values + i * columns;
  for (std::int64_t j = 0; j < rows; ++j) {
    const double* other = values + j * columns;
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (std::int64_t c = 0; c < columns; ++c) sum += (own[c] - other[c]) * (own[c] - other[c]);
    out[j] = sum;
  }
}

/// From row i to every row.
std::vector<double> distances_of(const Matrix& rows, std::int64_t i) {
  std::vector<double> out(at(rows.rows));
  squared_distances(rows.values.data(), rows.rows, rows.columns, i, out.data());
  return out;
}

/// Nearer than another: ties go by number.
bool nearer(const std::vector<double>& distance, std::int64_t a, std::int64_t b) {
  const double left = distance[at(a)], right = distance[at(b)];
  return left != right ? left < right : a < b;
}

/// The k rows nearest to row i, itself not among them, in no order.
std::vector<std::int64_t> nearest_of(const std::vector<double>& distance, std::int64_t i,
                                     std::int64_t k) {
  std::vector<std::int64_t> others;
  for (std::int64_t j = 0; j < static_cast<std::int64_t>(distance.size()); ++j)
    if (j != i) others.push_back(j);
  std::nth_element(others.begin(), others.begin() + (k - 1), others.end(),
                   [&](std::int64_t a, std::int64_t b) { return nearer(distance, a, b); });
  others.resize(at(k));
  return others;
}

/// 1 for the nearest other row.
std::int64_t rank_of(const std::vector<double>& distance, std::int64_t i, std::int64_t j) {
  std::int64_t rank = 1;
  for (std::int64_t m = 0; m < static_cast<std::int64_t>(distance.size()); ++m)
    rank += m != i && nearer(distance, m, j);
  return rank;
}

void check_tables(const Matrix& high, const Matrix& low, std::int64_t k) {
  if (low.rows != high.rows || k < 1 || 2 * k >= high.rows)
    throw InputError(
        "How neighbours are kept needs as many rows in both tables, and more than 2 * k.");
}

/// The mean of `part(i)` over the rows, in one order on any number of threads.
template <class Part>
double mean_over(std::int64_t rows, const Part& part) {
  std::vector<double> parts(at(rows));
#pragma omp parallel for schedule(dynamic, 16)
  for (std::int64_t i = 0; i < rows; ++i) parts[at(i)] = part(i);
  return std::accumulate(parts.begin(), parts.end(), 0.0) / static_cast<double>(rows);
}

/// The rows with a label, and their labels.
struct Labelled {
  Matrix rows;
  std::vector<int> labels;
};

Labelled labelled(const Matrix& rows, std::span<const int> labels) {
  if (static_cast<std::int64_t>(labels.size()) != rows.rows)
    throw InputError("There are not as many labels as rows.");
  Labelled out{{0, rows.columns, {}}, {}};
  for (std::int64_t i = 0; i < rows.rows; ++i) {
    if (labels[at(i)] < 0) continue;
    const auto begin = rows.values.begin() + i * rows.columns;
    out.rows.values.insert(out.rows.values.end(), begin, begin + rows.columns);
    out.labels.push_back(labels[at(i)]);
  }
  out.rows.rows = static_cast<std::int64_t>(out.labels.size());
  return out;
}

}  // namespace

double trustworthiness(const Matrix& high, const Matrix& low, std::int64_t k) {
  check_tables(high, low, k);
  const double penalty = mean_over(high.rows, [&](std::int64_t i) {
    const auto far = distances_of(high, i);
    double sum = 0;
    for (const std::int64_t j : nearest_of(distances_of(low, i), i, k))
      sum += static_cast<double>(std::max<std::int64_t>(rank_of(far, i, j) - k, 0));
    return sum;
  });
  const auto rows = static_cast<double>(high.rows), near = static_cast<double>(k);
  return 1 - penalty * 2 / (near * (2 * rows - 3 * near - 1));
}

double neighbours_kept(const Matrix& high, const Matrix& low, std::int64_t k) {
  check_tables(high, low, k);
  return mean_over(high.rows, [&](std::int64_t i) {
    auto a = nearest_of(distances_of(high, i), i, k), b = nearest_of(distances_of(low, i), i, k);
    std::sort(a.begin(), a.end());
    std::sort(b.begin(), b.end());
    std::vector<std::int64_t> both;
    std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
    return static_cast<double>(both.size()) / static_cast<double>(k);
  });
}

double label_purity(const Matrix& rows, std::span<const int> labels, std::int64_t k) {
  const Labelled known = labelled(rows, labels);
  if (k < 1 || k >= known.rows.rows)
    throw InputError("The purity of " + std::to_string(k) +
                     " neighbours needs more rows with a label than that.");
  return mean_over(known.rows.rows, [&](std::int64_t i) {
    std::int64_t same = 0;
    for (const std::int64_t j : nearest_of(distances_of(known.rows, i), i, k))
      same += known.labels[at(j)] == known.labels[at(i)];
    return static_cast<double>(same) / static_cast<double>(k);
  });
}

double silhouette(const Matrix& rows, std::span<const int> labels) {
  const Labelled known = labelled(rows, labels);
  std::vector<double> sizes;
  for (const int label : known.labels) {
    if (at(label) >= sizes.size()) sizes.resize(at(label) + 1);
    ++sizes[at(label)];
  }
  if (std::count_if(sizes.begin(), sizes.end(), [](double size) { return size > 0; }) < 2)
    throw InputError("The silhouette needs rows of at least two groups.");
  return mean_over(known.rows.rows, [&](std::int64_t i) {
    const auto own = at(known.labels[at(i)]);
    if (sizes[own] == 1) return 0.0;
    std::vector<double> sums(sizes.size());
    const auto squares = distances_of(known.rows, i);
    for (std::size_t j = 0; j < squares.size(); ++j)
      sums[at(known.labels[j])] += std::sqrt(squares[j]);
    const double inside = sums[own] / (sizes[own] - 1);
    double outside = std::numeric_limits<double>::infinity();
    for (std::size_t g = 0; g < sizes.size(); ++g)
      if (g != own && sizes[g] > 0) outside = std::min(outside, sums[g] / sizes[g]);
    const double larger = std::max(inside, outside);
    return larger > 0 ? (outside - inside) / larger : 0.0;
  });
}

}  // namespace selfsight
