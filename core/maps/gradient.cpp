#include <cmath>

#include "core/base/clones.h"
#include "core/base/index.h"
#include "core/maps/tsne_parts.h"

namespace selfsight {
namespace {

/// From so many points on interpolation is faster than the tree; see docs/maps.md.
constexpr std::int64_t many_rows = 20'000;

struct Pull {
  float x = 0, y = 0;
};

/// Sum over j of p_j q_ij (y_i - y_j), for the neighbours [begin, end).
SELFSIGHT_CLONES Pull pull_of(const float* x, const float* y, const std::int32_t* columns,
                              const float* p, std::int64_t begin, std::int64_t end, float own_x,
                              float own_y) {
  float sum_x = 0, sum_y = 0;
#pragma omp simd reduction(+ : sum_x, sum_y)
  for (std::int64_t e = begin; e < end; ++e) {
    const float dx = own_x - x[columns[e]], dy = own_y - y[columns[e]];
    const float weight = p[e] / (1.0f + dx * dx + dy * dy);
    sum_x += weight * dx;
    sum_y += weight * dy;
  }
  return {sum_x, sum_y};
}

}  // namespace

void gradient(const Affinities& p, const Layout& y, double exaggeration, double theta,
              Layout& out) {
  Repulsion repulsion;
  if (theta > 0)
    repulsion_barnes_hut(y, theta, repulsion);
  else
    repulsion_exact(y, repulsion);
  out.resize(y.size());
#pragma omp parallel for schedule(static) if (p.rows > few_rows)
  for (std::int64_t i = 0; i < p.rows; ++i) {
    const double x = y[at(2 * i)], z = y[at(2 * i) + 1];
    double pull_x = 0, pull_y = 0;
    for (std::int64_t e = p.starts[at(i)]; e < p.starts[at(i) + 1]; ++e) {
      const auto j = static_cast<std::size_t>(p.columns[at(e)]);
      const double dx = x - y[2 * j], dy = z - y[2 * j + 1];
      const double pull = p.values[at(e)] / (1 + dx * dx + dy * dy);
      pull_x += pull * dx;
      pull_y += pull * dy;
    }
    out[at(2 * i)] = 4 * (exaggeration * pull_x - repulsion.force[at(2 * i)] / repulsion.total);
    out[at(2 * i) + 1] =
        4 * (exaggeration * pull_y - repulsion.force[at(2 * i) + 1] / repulsion.total);
  }
}

double kl_divergence(const Affinities& p, const Layout& y) {
  Repulsion repulsion;
  repulsion_exact(y, repulsion);
  std::vector<double> parts(at(p.rows));
#pragma omp parallel for schedule(static) if (p.rows > few_rows)
  for (std::int64_t i = 0; i < p.rows; ++i) {
    for (std::int64_t e = p.starts[at(i)]; e < p.starts[at(i) + 1]; ++e) {
      const double value = p.values[at(e)];
      if (value <= 0) continue;
      const auto j = static_cast<std::size_t>(p.columns[at(e)]);
      const double dx = y[at(2 * i)] - y[2 * j], dy = y[at(2 * i) + 1] - y[2 * j + 1];
      parts[at(i)] += value * std::log(value * repulsion.total * (1 + dx * dx + dy * dy));
    }
  }
  double sum = 0;
  for (const double part : parts) sum += part;
  return sum;
}

Gradient::Gradient(const Affinities& p, const TsneOptions& options) : p_(p), theta_(options.theta) {
  if (theta_ == 0) return;
  if (options.repulsion == "interpolation" || (options.repulsion == "auto" && p.rows >= many_rows))
    interpolation_ = std::make_unique<InterpolatedRepulsion>();
  values_.assign(p.values.begin(), p.values.end());
}

void Gradient::operator()(const Layout& y, double exaggeration, Layout& out) {
  if (theta_ == 0) return gradient(p_, y, exaggeration, 0, out);
  if (interpolation_)
    (*interpolation_)(y, repulsion_);
  else
    repulsion_barnes_hut(y, theta_, repulsion_);
  attract(y, exaggeration, out);
}

void Gradient::attract(const Layout& y, double exaggeration, Layout& out) {
  x_.resize(at(p_.rows));
  y_.resize(at(p_.rows));
  for (std::size_t i = 0; i < x_.size(); ++i) {
    x_[i] = static_cast<float>(y[2 * i]);
    y_[i] = static_cast<float>(y[2 * i + 1]);
  }
  out.resize(y.size());
#pragma omp parallel for schedule(static) if (p_.rows > few_rows)
  for (std::int64_t i = 0; i < p_.rows; ++i) {
    const Pull pull = pull_of(x_.data(), y_.data(), p_.columns.data(), values_.data(),
                              p_.starts[at(i)], p_.starts[at(i) + 1], x_[at(i)], y_[at(i)]);
    out[at(2 * i)] = 4 * (exaggeration * static_cast<double>(pull.x) -
                          repulsion_.force[at(2 * i)] / repulsion_.total);
    out[at(2 * i) + 1] = 4 * (exaggeration * static_cast<double>(pull.y) -
                              repulsion_.force[at(2 * i) + 1] / repulsion_.total);
  }
}

}  // namespace selfsight
