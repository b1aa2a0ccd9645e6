#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <opencv2/core.hpp>

#include "core/base/error.h"
#include "core/maps/maps.h"

namespace selfsight {
namespace {

/// Rows that are worked on together, by one thread: neither the memory nor the sums depend on how
/// many threads or rows there are.
constexpr int block_rows = 2048;
/// Blocks whose products are held at a time.
constexpr int blocks_at_once = 4;

/// The table as it is, without a copy.
cv::Mat view_of(const Matrix& rows) {
  return {static_cast<int>(rows.rows), static_cast<int>(rows.columns), CV_64F,
          const_cast<double*>(rows.values.data())};
}

cv::Mat centred(const cv::Mat& rows, const cv::Mat& mean) {
  cv::Mat out(rows.size(), CV_64F);
  for (int i = 0; i < rows.rows; ++i) cv::subtract(rows.row(i), mean, out.row(i));
  return out;
}

cv::Mat block_of(const cv::Mat& rows, int block) {
  const int first = block * block_rows;
  return rows.rowRange(first, std::min(first + block_rows, rows.rows));
}

int block_count(const cv::Mat& rows) {
  return (rows.rows + block_rows - 1) / block_rows;
}

/// X^T X of the centred rows.
cv::Mat scatter(const cv::Mat& rows, const cv::Mat& mean) {
  cv::Mat sum = cv::Mat::zeros(rows.cols, rows.cols, CV_64F);
  for (int begin = 0; begin < block_count(rows); begin += blocks_at_once) {
    const int end = std::min(begin + blocks_at_once, block_count(rows));
    std::array<cv::Mat, blocks_at_once> products;
#pragma omp parallel for schedule(dynamic)
    for (int block = begin; block < end; ++block)
      cv::mulTransposed(centred(block_of(rows, block), mean),
                        products[static_cast<std::size_t>(block - begin)], true);
    for (int block = begin; block < end; ++block)
      sum += products[static_cast<std::size_t>(block - begin)];
  }
  return sum;
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

/// The axes of largest variance, one per row, and in `squares` the sums of squares along all. A sum
/// up to `least` is rounding: it is 0, and so is its axis.
cv::Mat principal_axes(const cv::Mat& rows, const cv::Mat& mean, int count, double least,
                       std::vector<double>& squares) {
  // Of X^T X and X X^T the smaller one is decomposed; both have the same eigenvalues.
  const bool tall = rows.rows >= rows.cols;
  const cv::Mat whole = tall ? cv::Mat() : centred(rows, mean);
  cv::Mat product, values, vectors;
  if (tall)
    product = scatter(rows, mean);
  else
    cv::mulTransposed(whole, product, false);
  cv::eigen(product, values, vectors);
  // Through X^T an axis without variance becomes what rounding makes of the others, and at length
  // one it would be as long as they are.
  if (!tall)
    least =
        std::max(least, std::numeric_limits<double>::epsilon() * rows.cols * values.at<double>(0));
  const int known = std::min(count, vectors.rows);
  cv::Mat axes =
      tall ? vectors.rowRange(0, known).clone() : cv::Mat(vectors.rowRange(0, known) * whole);
  squares.clear();
  for (int i = 0; i < values.rows; ++i) {
    const double value = values.at<double>(i);
    squares.push_back(value > least ? value : 0);
  }
  for (int i = 0; i < known; ++i) {
    if (squares[static_cast<std::size_t>(i)] == 0)
      axes.row(i).setTo(cv::Scalar(0));
    else if (const double length = cv::norm(axes.row(i)); length > 0)
      axes.row(i) /= length;
  }
  return axes;
}

Matrix scores_of(const cv::Mat& rows, const cv::Mat& mean, const cv::Mat& axes) {
  Matrix out{rows.rows, axes.rows, {}};
  out.values.resize(static_cast<std::size_t>(rows.rows) * static_cast<std::size_t>(axes.rows));
  const cv::Mat scores = view_of(out), turned = axes.t();
#pragma omp parallel for schedule(dynamic)
  for (int block = 0; block < block_count(rows); ++block)
    cv::Mat(centred(block_of(rows, block), mean) * turned).copyTo(block_of(scores, block));
  return out;
}

}  // namespace

Pca pca(const Matrix& rows, std::int64_t components) {
  if (rows.rows < 2 || rows.columns < 1)
    throw InputError("Principal components need at least two rows of features.");
  if (!std::all_of(rows.values.begin(), rows.values.end(),
                   [](double value) { return std::isfinite(value); }))
    throw InputError("Some features are not finite numbers, so they have no principal components.");
  const int count = static_cast<int>(
      std::clamp<std::int64_t>(components, 1, std::min<std::int64_t>(rows.columns, rows.rows)));
  const cv::Mat table = view_of(rows);
  cv::Mat mean;
  cv::reduce(table, mean, 0, cv::REDUCE_AVG);
  // Rounding leaves constant features a variance of their own.
  double largest = 0;
  for (const double value : rows.values) largest = std::max(largest, std::abs(value));
  const double least = 1e-24 * static_cast<double>(rows.rows) * largest * largest;
  Pca out;
  std::vector<double> squares;
  cv::Mat axes = principal_axes(table, mean, count, least, squares);
  fix_signs(axes);
  const double total = std::accumulate(squares.begin(), squares.end(), 0.0);
  squares.resize(static_cast<std::size_t>(count));
  for (const double value : squares) {
    out.explained_ratio.push_back(total > 0 ? value / total : 0);
    out.explained_variance.push_back(value / static_cast<double>(rows.rows - 1));
  }
  out.scores = scores_of(table, mean, axes);
  return out;
}

Pca pca_layout(const Matrix& rows) {
  Pca out = pca(rows, 2);
  if (out.scores.columns == 2) return out;
  std::vector<double> padded;
  for (const double score : out.scores.values) padded.insert(padded.end(), {score, 0.0});
  out.scores = {rows.rows, 2, std::move(padded)};
  out.explained_variance.push_back(0);
  out.explained_ratio.push_back(0);
  return out;
}

}  // namespace selfsight
