#include "core/maps/sequence.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/index.h"
#include "core/maps/tsne_parts.h"

namespace selfsight {
namespace {

/// Of rows that have changed, so that there is always something to align by.
constexpr double least_weight = 1e-6;

/// Weights are one for each row.
std::array<double, 2> mean_of(const Matrix& layout, const std::vector<double>& weight) {
  std::array<double, 2> mean{};
  double sum = 0;
  for (std::size_t i = 0; i < layout.values.size(); ++i) {
    mean[i % 2] += weight[i / 2] * layout.values[i];
    sum += weight[i / 2] / 2;
  }
  for (double& value : mean) value /= sum;
  return mean;
}

double squared_distance(const Matrix& a, const Matrix& b, std::int64_t i, std::int64_t j) {
  const double* left = a.values.data() + i * a.columns;
  const double* right = b.values.data() + j * b.columns;
  double sum = 0;
  for (std::int64_t c = 0; c < a.columns; ++c) sum += (left[c] - right[c]) * (left[c] - right[c]);
  return sum;
}

/// In [0, 1]: 1 for a row that is what it was, near 0 for one that has gone half the way to where
/// its nearest neighbour was.
double unchanged(const Matrix& before, const Matrix& now, const Affinities& p, std::int64_t i) {
  const double moved = squared_distance(before, now, i, i);
  double nearest = std::numeric_limits<double>::infinity();
  for (auto e = p.starts[at(i)]; e < p.starts[at(i) + 1]; ++e)
    nearest = std::min(nearest, squared_distance(before, before, i, p.columns[at(e)]));
  if (moved == 0) return 1;
  return nearest > 0 ? std::exp(-16 * moved / nearest) : 0;
}

}  // namespace

Matrix aligned(const Matrix& layout, const Matrix& onto, std::vector<double> weight) {
  if (weight.empty()) weight.assign(at(layout.rows), 1);
  if (layout.values.size() != onto.values.size() || weight.size() != at(layout.rows))
    throw InputError("Two layouts of different sizes cannot be aligned.");
  const auto from = mean_of(layout, weight), to = mean_of(onto, weight);
  double xx = 0, xy = 0, yx = 0, yy = 0;  // sums of the products of one's with the other's
  for (std::size_t i = 0; i < layout.values.size(); i += 2) {
    const double x = layout.values[i] - from[0], y = layout.values[i + 1] - from[1];
    const double w = weight[i / 2];
    const double u = w * (onto.values[i] - to[0]), v = w * (onto.values[i + 1] - to[1]);
    xx += x * u, xy += x * v, yx += y * u, yy += y * v;
  }
  // In the plane the best turn, and the best mirrored one, are known in closed form.
  const bool mirrored = std::hypot(xx - yy, xy + yx) > std::hypot(xx + yy, xy - yx);
  const double angle = mirrored ? std::atan2(xy + yx, xx - yy) : std::atan2(xy - yx, xx + yy);
  const double c = std::cos(angle), s = std::sin(angle), flip = mirrored ? -1 : 1;
  Matrix out = layout;
  for (std::size_t i = 0; i < out.values.size(); i += 2) {
    const double x = layout.values[i] - from[0], y = flip * (layout.values[i + 1] - from[1]);
    out.values[i] = c * x - s * y + to[0];
    out.values[i + 1] = s * x + c * y + to[1];
  }
  return out;
}

double width_of(const Matrix& layout) {
  double low[2] = {0, 0}, high[2] = {0, 0};
  for (std::size_t i = 0; i < layout.values.size(); ++i) {
    low[i % 2] = i < 2 ? layout.values[i] : std::min(low[i % 2], layout.values[i]);
    high[i % 2] = i < 2 ? layout.values[i] : std::max(high[i % 2], layout.values[i]);
  }
  return std::max(high[0] - low[0], high[1] - low[1]);
}

struct MapSequence::Last {
  Matrix rows;
  Affinities p;
  Matrix layout;
};

MapSequence::MapSequence(TsneOptions options, std::int64_t later_iterations)
    : options_(std::move(options)), later_iterations_(later_iterations) {}
MapSequence::~MapSequence() = default;

TsneResult MapSequence::next(const Matrix& rows, Control& control, const PartialLayout& partial) {
  check_rows(rows, options_);
  if (last_ && last_->layout.rows != rows.rows)
    throw InputError("The maps of a sequence show the same images, but now there are " +
                     grouped(rows.rows) + " rows instead of " + grouped(last_->layout.rows) + ".");
  const Matrix principal = principal_rows(rows, options_);
  Affinities p = affinities_of(principal, options_, control);
  TsneOptions options = options_;
  Pulling pulling;
  std::vector<double> held(at(rows.rows), least_weight);
  TsneState state;
  if (last_) {
    options.exaggeration_iterations = 0;
    options.iterations = later_iterations_;
    for (std::int64_t i = 0; i < rows.rows && last_->rows.columns == rows.columns; ++i)
      held[at(i)] = std::max(unchanged(last_->rows, rows, last_->p, i), least_weight);
    pulling = [&held](const Layout& y, Layout& gradient) {
      for (std::size_t i = 0; i < y.size(); ++i) gradient[i] *= 1 - held[i / 2];
    };
    state.layout = last_->layout.values;
  } else {
    state.layout = first_layout(principal, options.seed);
  }
  state.update.assign(state.layout.size(), 0.0);
  state.gain.assign(state.layout.size(), 1.0);
  TsneResult result = descend(p, options, state, control, partial, pulling);
  if (last_) result.layout = aligned(result.layout, last_->layout, held);
  last_ = std::make_unique<Last>(Last{rows, std::move(p), result.layout});
  return result;
}

}  // namespace selfsight
