#include <algorithm>
#include <cmath>
#include <cstdio>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/index.h"
#include "core/probes/health.h"

namespace selfsight {
namespace {

/// reptrix's range.
/// Fewer say nothing about an encoder.
constexpr std::int64_t fewest_images = 10;

bool finite_rows(const Features& f, std::int64_t first, std::int64_t count) {
  const auto begin = f.values.begin() + first * f.columns;
  return std::all_of(begin, begin + count * f.columns, [](float v) { return std::isfinite(v); });
}

void add_rows(Table& out, const Features& f, std::int64_t first, std::int64_t count) {
  out.columns = f.columns;
  out.rows += count;
  const auto begin = f.values.begin() + first * f.columns;
  out.values.insert(out.values.end(), begin, begin + count * f.columns);
}

/// View number `which` of each image.
Table view_of(const Table& views, std::int64_t per_image, std::int64_t which) {
  Table out{views.rows / per_image, views.columns, {}};
  for (std::int64_t i = 0; i < out.rows; ++i) {
    const auto begin = views.values.begin() + (i * per_image + which) * views.columns;
    out.values.insert(out.values.end(), begin, begin + views.columns);
  }
  return out;
}

std::string words(const char* format, double a, double b) {
  char text[200];
  std::snprintf(text, sizeof text, format, a, b);
  return text;
}

/// Of the worst first: what collapsed, what is narrow, or that all is well.
std::string spread_words(const Health& h) {
  const double most = static_cast<double>(std::min(h.images - 1, h.dimensions));
  const double used = h.effective_rank / most;
  const double wide = h.feature_std_healthy > 0 ? h.feature_std / h.feature_std_healthy : 0;
  if (h.images < fewest_images)
    return "There are too few images to tell: " + grouped(h.images) + ", and it takes " +
           grouped(fewest_images) + " at least.";
  if (wide < 0.1 || h.effective_rank < 1.5)
    return words(
        "Collapsed: nearly all images get the same features (std %.4f, healthy is near "
        "%.3f).",
        h.feature_std, h.feature_std_healthy);
  if (used < 0.1)
    return words("Dimensional collapse: the features use about %.0f of %.0f directions.",
                 h.effective_rank, most);
  if (used < 0.3 || wide < 0.4)
    return words("Narrow: the features use about %.0f of %.0f directions.", h.effective_rank, most);
  return words("Healthy: the features are spread over about %.0f of %.0f directions.",
               h.effective_rank, most);
}

/// Then what the views say, and what was left out.
std::string verdict(const Health& h) {
  std::string out = spread_words(h);
  if (h.alignment && *h.alignment > 1)
    out += words(
        " Two views of an image lie far apart (alignment %.2f; 0 is the same point, 2 is "
        "chance).",
        *h.alignment, 0);
  if (h.left_out > 0)
    out += " Of " + grouped(h.images + h.left_out) + " images " + grouped(h.left_out) +
           " are left out: their features hold values that are no numbers.";
  return out;
}

void measure_views(Health& out, const Table& views, std::int64_t per_image) {
  out.views = per_image;
  const Table first = view_of(views, per_image, 0), second = view_of(views, per_image, 1);
  out.alignment = alignment(first, second);
  // Where all images are alike, nothing but the epsilon is left of its eigenvalues.
  if (const Lidar result = lidar(views, per_image); result.top_eigenvalue > lidar_epsilon)
    out.lidar = result.rank;
  out.correlation = cross_correlation(first, second);
  double diagonal = 0, rest = 0;
  for (std::int64_t i = 0; i < out.dimensions; ++i)
    for (std::int64_t j = 0; j < out.dimensions; ++j) {
      const auto c = static_cast<double>(out.correlation[at(i * out.dimensions + j)]);
      (i == j ? diagonal : rest) += i == j ? c : std::abs(c);
    }
  const auto d = static_cast<double>(out.dimensions);
  out.correlation_diagonal = diagonal / d;
  out.correlation_rest = d > 1 ? rest / (d * (d - 1)) : 0;
}

void measure_rows(Health& out, const Table& rows, const Control& control) {
  out.images = rows.rows;
  out.dimensions = rows.columns;
  out.feature_std = spread(rows).unbiased;
  out.feature_std_healthy = 1 / std::sqrt(static_cast<double>(rows.columns));
  control.check();
  out.rank_me = entropy_rank(singular_values(rows, false), rank_me_epsilon);
  control.check();
  out.spectrum = singular_values(rows, true);
  // Rounding leaves constant features a spectrum of its own.
  double largest = 0;
  for (const double value : rows.values) largest = std::max(largest, std::abs(value));
  const double least = 1e-12 * std::sqrt(static_cast<double>(rows.rows)) * largest;
  for (double& s : out.spectrum) s = s > least ? s : 0;
  out.effective_rank = entropy_rank(out.spectrum);
  const auto variances = variance_parts(out.spectrum);
  out.participation = participation_ratio(variances);
  out.power_law = power_law(variances, power_law_from, power_law_to);
  control.check();
  out.uniformity = uniformity(rows);
}

}  // namespace

Health health(const Features& clean, const Features& views, std::int64_t per_image,
              const Control& control) {
  const bool viewed = views.rows > 0;
  if (viewed && (per_image < 2 || views.rows != clean.rows * per_image))
    throw InputError("The health of views needs at least two of each image.");
  Table rows, seen;
  std::int64_t left_out = 0;
  for (std::int64_t i = 0; i < clean.rows; ++i) {
    if (!finite_rows(clean, i, 1) || (viewed && !finite_rows(views, i * per_image, per_image))) {
      ++left_out;
      continue;
    }
    add_rows(rows, clean, i, 1);
    if (viewed) add_rows(seen, views, i * per_image, per_image);
  }
  if (rows.rows < 2 || rows.columns < 1)
    throw InputError(
        "The health of features needs at least two rows of finite numbers, and there are " +
        grouped(rows.rows) + ".");
  Health out;
  out.left_out = left_out;
  measure_rows(out, rows, control);
  control.check();
  if (viewed) measure_views(out, seen, per_image);
  out.verdict = verdict(out);
  return out;
}

}  // namespace selfsight
