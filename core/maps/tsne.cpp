#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/random.h"
#include "core/maps/maps.h"
#include "core/maps/tsne_parts.h"

namespace selfsight {
namespace {

constexpr std::int64_t partial_every = 25;
/// All pairs of more rows than this would take more than 2 GB.
constexpr std::int64_t most_exact_rows = 12'000;

std::size_t at(std::int64_t index) {
  return static_cast<std::size_t>(index);
}

void check(const Matrix& rows, const TsneOptions& options) {
  const auto least = static_cast<std::int64_t>(std::ceil(3 * options.perplexity)) + 2;
  if (rows.rows < least)
    throw InputError("A t-SNE map of perplexity " +
                     std::to_string(static_cast<int>(options.perplexity)) + " needs at least " +
                     grouped(least) + " rows, and there are " + grouped(rows.rows) +
                     "; lower the perplexity or add images.");
  for (const double value : rows.values)
    if (!std::isfinite(value))
      throw InputError("Some features are not finite numbers, so they cannot be laid out.");
  if (options.theta == 0 && rows.rows > most_exact_rows)
    throw InputError("Exact t-SNE (theta 0) is limited to " + grouped(most_exact_rows) +
                     " rows, and there are " + grouped(rows.rows) + "; set theta to 0.5.");
}

/// Two principal components, the first with standard deviation 1e-4 (Kobak and Berens 2019), and
/// a hundredth of that as noise, which parts equal rows.
Layout first_layout(const Matrix& principal, std::int64_t seed) {
  double squares = 0;
  for (std::int64_t i = 0; i < principal.rows; ++i) {
    const double x = principal.values[at(i * principal.columns)];
    squares += x * x;
  }
  const double deviation = std::sqrt(squares / static_cast<double>(principal.rows));
  const double scale = deviation > 0 ? 1e-4 / deviation : 0;
  Random random{static_cast<std::uint64_t>(seed), 0x74736E65};
  Layout y(at(2 * principal.rows));
  for (std::int64_t i = 0; i < principal.rows; ++i)
    for (std::int64_t c = 0; c < 2; ++c) {
      const double score =
          c < principal.columns ? principal.values[at(i * principal.columns + c)] : 0;
      y[at(2 * i + c)] = score * scale + random.normal() * 1e-6;
    }
  return y;
}

void centre(Layout& y) {
  double mean[2] = {};
  for (std::size_t i = 0; i < y.size(); ++i) mean[i % 2] += y[i];
  for (std::size_t i = 0; i < y.size(); ++i)
    y[i] -= 2 * mean[i % 2] / static_cast<double>(y.size());
}

Matrix to_matrix(const Layout& y) {
  return {static_cast<std::int64_t>(y.size() / 2), 2, y};
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

void Descent::step(const Layout& gradient, double learning_rate, double momentum, Layout& y) {
  constexpr double least_gain = 0.01;
  for (std::size_t i = 0; i < y.size(); ++i) {
    const bool still_downhill = update_[i] * gradient[i] < 0;
    gain_[i] = std::max(still_downhill ? gain_[i] + 0.2 : gain_[i] * 0.8, least_gain);
    update_[i] = momentum * update_[i] - learning_rate * gain_[i] * gradient[i];
    y[i] += update_[i];
  }
}

TsneResult tsne(const Matrix& rows, const TsneOptions& options, Control& control,
                const PartialLayout& partial) {
  check(rows, options);
  const std::int64_t kept = options.pca_components > 0 ? options.pca_components : rows.columns;
  const Matrix principal = pca(rows, std::max<std::int64_t>(kept, 2)).scores;
  Layout y = first_layout(principal, options.seed);
  if (partial) partial(to_matrix(y), 0);
  control.check();

  const auto wanted = static_cast<std::int64_t>(3 * options.perplexity);
  const Affinities p = joint_probabilities(principal, options.perplexity,
                                           options.theta > 0 ? wanted : rows.rows - 1, control);
  const double rate =
      options.learning_rate > 0
          ? options.learning_rate
          : std::max(static_cast<double>(rows.rows) / options.early_exaggeration / 4, 50.0);
  const std::int64_t exaggerated = std::min(options.exaggeration_iterations, options.iterations);
  Descent descent(y.size());
  Layout slope;
  for (std::int64_t i = 0; i < options.iterations; ++i) {
    control.wait_while_paused();
    control.check();
    const bool early = i < exaggerated;
    if (i == exaggerated) descent = Descent(y.size());  // as scikit-learn starts its second stage
    gradient(p, y, early ? options.early_exaggeration : 1, options.theta, slope);
    descent.step(slope, rate, early ? 0.5 : 0.8, y);
    if (!std::isfinite(std::accumulate(y.begin(), y.end(), 0.0)))
      throw Error("The map flew apart at iteration " + grouped(i + 1) +
                  "; choose a smaller learning rate, or 0 for the usual one.");
    const std::int64_t done = i + 1;
    if (partial && (done == 5 || done % partial_every == 0) && done < options.iterations)
      partial(to_matrix(y), done);
  }
  centre(y);
  return {to_matrix(y), kl_divergence(p, y), options.iterations};
}

}  // namespace selfsight
