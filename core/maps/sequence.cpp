#include "core/maps/sequence.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/maps/tsne_parts.h"

namespace selfsight {
namespace {

/// Of the spring, against the attraction of a whole neighbourhood.
constexpr double hold = 1;

std::size_t at(std::int64_t index) {
  return static_cast<std::size_t>(index);
}

std::array<double, 2> mean_of(const Matrix& layout) {
  std::array<double, 2> mean{};
  for (std::size_t i = 0; i < layout.values.size(); ++i) mean[i % 2] += layout.values[i];
  for (double& value : mean) value /= static_cast<double>(std::max<std::int64_t>(layout.rows, 1));
  return mean;
}

double row_sum(const Affinities& p, std::int64_t i) {
  double sum = 0;
  for (auto e = p.starts[at(i)]; e < p.starts[at(i) + 1]; ++e) sum += p.values[at(e)];
  return sum;
}

/// How much of row i's neighbourhood is in both, in [0, 1]: the sum of the smaller probabilities.
double shared_part(const Affinities& a, const Affinities& b, std::int64_t i) {
  const double of_a = row_sum(a, i), of_b = row_sum(b, i);
  double shared = 0;
  auto e = a.starts[at(i)], f = b.starts[at(i)];
  while (e < a.starts[at(i) + 1] && f < b.starts[at(i) + 1]) {
    const auto left = a.columns[at(e)], right = b.columns[at(f)];
    if (left == right) shared += std::min(a.values[at(e)] / of_a, b.values[at(f)] / of_b);
    e += left <= right;
    f += right <= left;
  }
  return std::min(shared, 1.0);
}

}  // namespace

Matrix aligned(const Matrix& layout, const Matrix& onto) {
  if (layout.values.size() != onto.values.size())
    throw InputError("Two layouts of different sizes cannot be aligned.");
  const auto from = mean_of(layout), to = mean_of(onto);
  double xx = 0, xy = 0, yx = 0, yy = 0;  // sums of the products of one's with the other's
  for (std::size_t i = 0; i < layout.values.size(); i += 2) {
    const double x = layout.values[i] - from[0], y = layout.values[i + 1] - from[1];
    const double u = onto.values[i] - to[0], v = onto.values[i + 1] - to[1];
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
  TsneState state;
  if (last_) {
    options.exaggeration_iterations = 0;
    options.iterations = later_iterations_;
    std::vector<double> strength(at(rows.rows));
    for (std::int64_t i = 0; i < rows.rows; ++i)
      strength[at(i)] = 4 * hold * shared_part(last_->p, p, i) / static_cast<double>(rows.rows);
    pulling = [strength, before = last_->layout.values](const Layout& y, Layout& gradient) {
      for (std::size_t i = 0; i < y.size(); ++i)
        gradient[i] += strength[i / 2] * (y[i] - before[i]);
    };
    state.layout = last_->layout.values;
  } else {
    state.layout = first_layout(principal, options.seed);
  }
  state.update.assign(state.layout.size(), 0.0);
  state.gain.assign(state.layout.size(), 1.0);
  TsneResult result = descend(p, options, state, control, partial, pulling);
  if (last_) result.layout = aligned(result.layout, last_->layout);
  last_ = std::make_unique<Last>(Last{std::move(p), result.layout});
  return result;
}

}  // namespace selfsight
