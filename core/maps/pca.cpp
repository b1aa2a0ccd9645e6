#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>

#include "core/base/error.h"
#include "core/maps/maps.h"

namespace selfsight {
namespace {

cv::Mat centred(const Matrix& rows) {
  const cv::Mat given(static_cast<int>(rows.rows), static_cast<int>(rows.columns), CV_64F,
                      const_cast<double*>(rows.values.data()));
  cv::Mat mean, out;
  cv::reduce(given, mean, 0, cv::REDUCE_AVG);
  cv::subtract(given, cv::repeat(mean, given.rows, 1), out);
  return out;
}

/// Each row's entry of largest size becomes positive: the sign of a component is arbitrary.
void fix_signs(cv::Mat& axes) {
  for (int i = 0; i < axes.rows; ++i) {
    const double* row = axes.ptr<double>(i);
    const double* largest = std::max_element(
        row, row + axes.cols, [](double a, double b) { return std::abs(a) < std::abs(b); });
    if (*largest < 0) axes.row(i) *= -1;
  }
}

/// The axes of largest variance, one per row, and in `squares` the sums of squares along them.
cv::Mat principal_axes(const cv::Mat& rows, int count, std::vector<double>& squares) {
  // Of X^T X and X X^T the smaller one is decomposed; both have the same eigenvalues.
  const bool tall = rows.rows >= rows.cols;
  cv::Mat product, values, vectors;
  cv::mulTransposed(rows, product, tall);
  cv::eigen(product, values, vectors);
  const int known = std::min(count, vectors.rows);
  cv::Mat axes =
      tall ? vectors.rowRange(0, known).clone() : cv::Mat(vectors.rowRange(0, known) * rows);
  squares.assign(static_cast<std::size_t>(count), 0.0);
  for (int i = 0; i < known; ++i) {
    squares[static_cast<std::size_t>(i)] = std::max(values.at<double>(i), 0.0);
    const double length = cv::norm(axes.row(i));
    if (length > 0) axes.row(i) /= length;
  }
  return axes;
}

}  // namespace

Pca pca(const Matrix& rows, std::int64_t components) {
  if (rows.rows < 2 || rows.columns < 1)
    throw InputError("Principal components need at least two rows of features.");
  const int count = static_cast<int>(
      std::clamp<std::int64_t>(components, 1, std::min<std::int64_t>(rows.columns, rows.rows)));
  const cv::Mat x = centred(rows);
  Pca out;
  cv::Mat axes = principal_axes(x, count, out.explained_variance);
  fix_signs(axes);
  const cv::Mat scores = x * axes.t();
  const double total = cv::sum(x.mul(x))[0];
  for (double& value : out.explained_variance) {
    out.explained_ratio.push_back(total > 0 ? value / total : 0);
    value /= static_cast<double>(rows.rows - 1);
  }
  out.scores = {rows.rows, count, {scores.begin<double>(), scores.end<double>()}};
  return out;
}

}  // namespace selfsight
