#include <algorithm>
#include <numeric>

#include "core/base/error.h"
#include "core/maps/maps.h"

namespace selfsight {
namespace {

std::size_t at(std::int64_t index) {
  return static_cast<std::size_t>(index);
}

/// The other rows, nearest to row i first; ties by number.
std::vector<std::int64_t> by_distance(const Matrix& rows, std::int64_t i, std::int64_t count) {
  std::vector<std::pair<double, std::int64_t>> others;
  const double* own = rows.values.data() + i * rows.columns;
  for (std::int64_t j = 0; j < rows.rows; ++j) {
    if (j == i) continue;
    const double* other = rows.values.data() + j * rows.columns;
    double sum = 0;
    for (std::int64_t c = 0; c < rows.columns; ++c)
      sum += (own[c] - other[c]) * (own[c] - other[c]);
    others.emplace_back(sum, j);
  }
  std::partial_sort(others.begin(), others.begin() + count, others.end());
  std::vector<std::int64_t> out;
  for (std::int64_t j = 0; j < count; ++j) out.push_back(others[at(j)].second);
  return out;
}

}  // namespace

double trustworthiness(const Matrix& high, const Matrix& low, std::int64_t k) {
  const std::int64_t n = high.rows;
  if (low.rows != n || k < 1 || 2 * k >= n)
    throw InputError("Trustworthiness needs as many rows in both tables, and more than 2 * k.");
  std::vector<double> penalty(at(n));
#pragma omp parallel for schedule(dynamic, 16)
  for (std::int64_t i = 0; i < n; ++i) {
    std::vector<std::int64_t> rank(at(n));
    const auto near = by_distance(high, i, n - 1);
    for (std::int64_t place = 0; place < n - 1; ++place) rank[at(near[at(place)])] = place + 1;
    for (const std::int64_t j : by_distance(low, i, k))
      penalty[at(i)] += static_cast<double>(std::max<std::int64_t>(rank[at(j)] - k, 0));
  }
  const double sum = std::accumulate(penalty.begin(), penalty.end(), 0.0);
  const auto rows = static_cast<double>(n), near = static_cast<double>(k);
  return 1 - sum * 2 / (rows * near * (2 * rows - 3 * near - 1));
}

}  // namespace selfsight
