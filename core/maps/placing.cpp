#include <algorithm>
#include <array>
#include <cmath>

#include "core/base/clones.h"
#include "core/base/error.h"
#include "core/base/index.h"
#include "core/maps/sequence.h"
#include "core/maps/tsne_parts.h"

namespace selfsight {
namespace {

/// One point's neighbourhood among the mapped ones.
struct Neighbourhood {
  std::vector<std::int64_t> rows;
  std::vector<double> p;
};

struct Slope {
  double cost = 0, x = 0, y = 0;
};

/// The sum of q over all mapped points, and its slope.
SELFSIGHT_CLONES Slope crowd(const float* x, const float* y, std::int64_t n, float own_x,
                             float own_y) {
  float sum = 0, slope_x = 0, slope_y = 0;
#pragma omp simd reduction(+ : sum, slope_x, slope_y)
  for (std::int64_t j = 0; j < n; ++j) {
    const float dx = own_x - x[j], dy = own_y - y[j];
    const float q = 1.0f / (1.0f + dx * dx + dy * dy);
    sum += q;
    slope_x += q * q * dx;
    slope_y += q * q * dy;
  }
  return {sum, -2.0 * static_cast<double>(slope_x), -2.0 * static_cast<double>(slope_y)};
}

class Placer {
 public:
  Placer(const Matrix& layout) {
    for (std::int64_t i = 0; i < layout.rows; ++i) {
      x_.push_back(static_cast<float>(layout.values[at(2 * i)]));
      y_.push_back(static_cast<float>(layout.values[at(2 * i) + 1]));
    }
  }

  /// From the middle of its neighbours downhill, by steps that grow while they help.
  std::array<double, 2> place(const Neighbourhood& near) const {
    std::array<double, 2> here{};
    for (std::size_t j = 0; j < near.rows.size(); ++j) {
      here[0] += near.p[j] * static_cast<double>(x_[at(near.rows[j])]);
      here[1] += near.p[j] * static_cast<double>(y_[at(near.rows[j])]);
    }
    Slope slope = cross_entropy(near, here);
    double step = 1;
    for (int i = 0; i < most_steps && step > 1e-4; ++i) {
      const std::array<double, 2> there{here[0] - step * slope.x, here[1] - step * slope.y};
      const Slope next = cross_entropy(near, there);
      if (next.cost < slope.cost) {
        here = there;
        slope = next;
        step *= 1.5;
      } else {
        step /= 2;
      }
    }
    return here;
  }

 private:
  static constexpr int most_steps = 100;

  /// -sum p log q / (sum of q over all), up to a constant.
  Slope cross_entropy(const Neighbourhood& near, const std::array<double, 2>& here) const {
    const Slope all = crowd(x_.data(), y_.data(), static_cast<std::int64_t>(x_.size()),
                            static_cast<float>(here[0]), static_cast<float>(here[1]));
    Slope out{std::log(all.cost), all.x / all.cost, all.y / all.cost};
    for (std::size_t j = 0; j < near.rows.size(); ++j) {
      const double dx = here[0] - static_cast<double>(x_[at(near.rows[j])]);
      const double dy = here[1] - static_cast<double>(y_[at(near.rows[j])]);
      const double squares = 1 + dx * dx + dy * dy;
      out.cost += near.p[j] * std::log(squares);
      out.x += 2 * near.p[j] * dx / squares;
      out.y += 2 * near.p[j] * dy / squares;
    }
    return out;
  }

  std::vector<float> x_, y_;
};

Neighbourhood neighbourhood(const double* fresh, const Matrix& mapped, std::int64_t k,
                            double perplexity) {
  std::vector<std::pair<double, std::int64_t>> all;
  for (std::int64_t j = 0; j < mapped.rows; ++j) {
    const double* row = mapped.values.data() + j * mapped.columns;
    double sum = 0;
    for (std::int64_t c = 0; c < mapped.columns; ++c)
      sum += (fresh[c] - row[c]) * (fresh[c] - row[c]);
    all.emplace_back(sum, j);
  }
  std::partial_sort(all.begin(), all.begin() + k, all.end());
  Neighbourhood out;
  std::vector<double> distances;
  for (std::int64_t j = 0; j < k; ++j) {
    distances.push_back(all[at(j)].first);
    out.rows.push_back(all[at(j)].second);
  }
  out.p.resize(at(k));
  conditional_probabilities(distances, perplexity, out.p);
  return out;
}

void check_placeable(const Matrix& fresh, const Matrix& mapped, const Matrix& layout,
                     std::int64_t k) {
  if (fresh.columns != mapped.columns)
    throw InputError("The new rows have " + std::to_string(fresh.columns) +
                     " columns and the mapped ones " + std::to_string(mapped.columns) +
                     "; they cannot be placed into that map.");
  if (mapped.rows != layout.rows || layout.columns != 2 || mapped.rows < k)
    throw InputError(
        "Placing needs one place on the map for each mapped row, and at least three times the "
        "perplexity of them.");
  for (const Matrix* rows : {&fresh, &mapped, &layout})
    for (const double value : rows->values)
      if (!std::isfinite(value))
        throw InputError("Some features are not finite numbers, so they cannot be placed.");
}

}  // namespace

Matrix placed(const Matrix& fresh, const Matrix& mapped, const Matrix& layout, double perplexity,
              const Control& control) {
  const auto k = std::max<std::int64_t>(1, static_cast<std::int64_t>(3 * perplexity));
  check_placeable(fresh, mapped, layout, k);
  const Placer placer(layout);
  Matrix out{fresh.rows, 2, std::vector<double>(at(2 * fresh.rows))};
#pragma omp parallel for schedule(dynamic)
  for (std::int64_t i = 0; i < fresh.rows; ++i) {
    if (control.stop_requested()) continue;
    const auto place =
        placer.place(neighbourhood(fresh.values.data() + i * fresh.columns, mapped, k, perplexity));
    out.values[at(2 * i)] = place[0];
    out.values[at(2 * i) + 1] = place[1];
  }
  control.check();
  return out;
}

}  // namespace selfsight
