#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/index.h"
#include "core/base/random.h"
#include "core/maps/maps.h"
#include "core/maps/tsne_parts.h"

namespace selfsight {
namespace {

constexpr std::int64_t partial_every = 25;
/// All pairs of more rows than this would take more than 2 GB.
constexpr std::int64_t most_exact_rows = 12'000;

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

std::int64_t fewest_tsne_rows(double perplexity) {
  return static_cast<std::int64_t>(std::ceil(3 * perplexity)) + 2;
}

void check_rows(const Matrix& rows, const TsneOptions& options) {
  const std::int64_t least = fewest_tsne_rows(options.perplexity);
  if (rows.rows < least)
    throw InputError("A t-SNE map of perplexity " +
                     std::to_string(static_cast<int>(options.perplexity)) + " needs at least " +
                     grouped(least) + " rows, and there are " + grouped(rows.rows) +
                     "; lower the perplexity, or map more images.");
  for (const double value : rows.values)
    if (!std::isfinite(value))
      throw InputError("Some features are not finite numbers, so they cannot be laid out.");
  if (options.theta == 0 && rows.rows > most_exact_rows)
    throw InputError("Exact t-SNE (theta 0) is limited to " + grouped(most_exact_rows) +
                     " rows, and there are " + grouped(rows.rows) + "; set theta to 0.5.");
}

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

void Descent::step(const Layout& gradient, double learning_rate, double momentum, Layout& y) {
  constexpr double least_gain = 0.01;
  for (std::size_t i = 0; i < y.size(); ++i) {
    const bool still_downhill = update_[i] * gradient[i] < 0;
    gain_[i] = std::max(still_downhill ? gain_[i] + 0.2 : gain_[i] * 0.8, least_gain);
    update_[i] = momentum * update_[i] - learning_rate * gain_[i] * gradient[i];
    y[i] += update_[i];
  }
}

double learning_rate(const TsneOptions& options, std::int64_t rows) {
  if (options.learning_rate > 0) return options.learning_rate;
  return std::max(static_cast<double>(rows) / options.early_exaggeration / 4, 50.0);
}

Affinities affinities_of(const Matrix& principal, const TsneOptions& options,
                         const Control& control) {
  const auto wanted = static_cast<std::int64_t>(3 * options.perplexity);
  return joint_probabilities(principal, options.perplexity,
                             options.theta > 0 ? wanted : principal.rows - 1, control);
}

Matrix principal_rows(const Matrix& rows, const TsneOptions& options) {
  const std::int64_t kept = options.pca_components > 0 ? options.pca_components : rows.columns;
  return pca(rows, std::max<std::int64_t>(kept, 2)).scores;
}

TsneResult descend(const Affinities& p, const TsneOptions& options, TsneState& state,
                   Control& control, const PartialLayout& partial, const Pulling& pulling) {
  const double rate = learning_rate(options, p.rows);
  const std::int64_t exaggerated = std::min(options.exaggeration_iterations, options.iterations);
  Descent descent(std::move(state.update), std::move(state.gain));
  Gradient slope_of(p, options);
  Layout slope;
  const auto keep = [&] {
    state.update = descent.update();
    state.gain = descent.gain();
  };
  while (state.iteration < options.iterations) {
    control.wait_while_paused();
    if (control.stop_requested()) {
      keep();
      throw Cancelled();
    }
    const bool early = state.iteration < exaggerated;
    // As scikit-learn starts its second stage.
    if (state.iteration == exaggerated) descent = Descent(state.layout.size());
    slope_of(state.layout, early ? options.early_exaggeration : 1, slope);
    if (pulling) pulling(state.layout, slope);
    descent.step(slope, rate, early ? 0.5 : 0.8, state.layout);
    if (!std::isfinite(std::accumulate(state.layout.begin(), state.layout.end(), 0.0)))
      throw Error("The map flew apart at iteration " + grouped(state.iteration + 1) +
                  "; choose a smaller learning rate, or 0 for the usual one.");
    const std::int64_t done = ++state.iteration;
    if (partial && (done == 5 || done % partial_every == 0) && done < options.iterations)
      partial(to_matrix(state.layout), done);
  }
  keep();
  centre(state.layout);
  return {to_matrix(state.layout), kl_divergence(p, state.layout), state.iteration};
}

TsneResult tsne(const Matrix& rows, const TsneOptions& options, Control& control,
                const PartialLayout& partial, TsneState* going_on) {
  check_rows(rows, options);
  TsneState own;
  TsneState& state = going_on ? *going_on : own;
  const auto size = at(2 * rows.rows);
  if (state.iteration > 0 &&
      (state.layout.size() != size || state.update.size() != size || state.gain.size() != size))
    throw InputError("The layout to go on from has " + grouped(state.layout.size() / 2) +
                     " points, and there are " + grouped(rows.rows) + " rows; begin anew.");
  const Matrix principal = principal_rows(rows, options);
  if (state.iteration == 0)
    state = {0, first_layout(principal, options.seed), Layout(size, 0.0), Layout(size, 1.0)};
  if (partial) partial(to_matrix(state.layout), state.iteration);
  control.check();
  return descend(affinities_of(principal, options, control), options, state, control, partial);
}

}  // namespace selfsight
