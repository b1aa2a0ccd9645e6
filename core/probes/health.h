// Whether a representation is in good health: numbers on features that need no labels, each naming
// the variant that is computed, and what they say in plain words.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/training/session.h"

namespace selfsight {

/// Row-major [rows, columns].
struct Table {
  std::int64_t rows = 0, columns = 0;
  std::vector<double> values;
};
Table table_of(const Features& features);

/// Falling; min(rows, columns) of them. `centred` takes the columns' means off first.
std::vector<double> singular_values(const Table& table, bool centred);

/// Their squares over the sum of them: the parts of the variance, where the values were of a
/// centred table.
std::vector<double> variance_parts(std::span<const double> singular_values);

/// exp of the entropy of p = weight / sum (+ epsilon, not normalised again). On the singular
/// values of the table as it is, with 1e-7, this is RankMe (Garrido et al. 2023); without epsilon
/// on those of the centred table, or on the variances, the effective rank (Roy and Vetterli 2007).
double entropy_rank(std::span<const double> weights, double epsilon = 0);
inline constexpr double rank_me_epsilon = 1e-7;  // stable-pretraining: 1e-5

/// (sum l)^2 / sum l^2 of variances.
double participation_ratio(std::span<const double> variances);

inline constexpr std::int64_t power_law_from = 10, power_law_to = 100;  // as Health has it

/// A power law for falling variances, l_j = scale * j^-alpha (Agrawal et al. 2022), fitted to the
/// logarithms of those with zero-based index in [from, to), weighted by 1 / j with j counted from
/// 1, as reptrix does. Its r2 is, as there, over the indices from + 1 to min(500, size - 10), and
/// none where these are fewer than two.
struct PowerLaw {
  double alpha = 0, log_scale = 0;
  std::optional<double> r2;
  double alpha_unweighted = 0;
  std::int64_t ranks = 0;  // it was fitted to: from + 1 to from + ranks, counted from 1
};
/// Nothing for fewer than two positive variances in the range.
std::optional<PowerLaw> power_law(std::span<const double> variances, std::int64_t from,
                                  std::int64_t to);

/// LiDAR (Thilak et al. 2023) as stable-pretraining has it: of `per_image` rows for each image, one
/// after another. Throws InputError for fewer than two images or rows of each.
struct Lidar {
  double rank = 0, entropy = 0, top_eigenvalue = 0;
};
inline constexpr double lidar_epsilon = 1e-8;
Lidar lidar(const Table& table, std::int64_t per_image, double delta = 1e-4,
            double epsilon = lidar_epsilon);

/// Mean of |a - b|^power over pairs of normalised rows (Wang and Isola 2020).
double alignment(const Table& a, const Table& b, double power = 2);

/// Log of the mean of exp(-t |a - b|^2) over the pairs of different normalised rows (Wang and
/// Isola 2020): -2 t at the least, 0 where all are the same.
double uniformity(const Table& table, double t = 2);

/// Of normalised rows: the mean over columns of the standard deviation; and of the rows as they
/// are.
struct Spread {
  double unbiased = 0, biased = 0;  // 1 / sqrt(columns) where all directions are used alike
  double raw = 0;                   // unbiased, rows not normalised
};
Spread spread(const Table& table);

/// Correlation of each column of `a` with each of `b` over the rows: [columns, columns]. 0 where a
/// column is constant. What Barlow Twins makes the identity (Zbontar et al. 2021).
std::vector<float> cross_correlation(const Table& a, const Table& b);

struct Health {
  std::int64_t images = 0, dimensions = 0, views = 0;
  std::int64_t left_out = 0;  // images whose features are no numbers
  double feature_std = 0, feature_std_healthy = 0;
  double rank_me = 0;  // of at most min(images, dimensions)
  double effective_rank =
      0;  // of the centred singular values: of at most min(images - 1, dimensions)
  double participation = 0;
  std::optional<PowerLaw> power_law;  // of the variances
  double uniformity = 0;              // t = 2
  std::vector<double> spectrum;       // singular values, centred
  // Of views; where there are any.
  std::optional<double> alignment;  // power 2, the first two views
  std::optional<double> lidar;      // none where all images are alike
  std::vector<float> correlation;   // [dimensions, dimensions], of the first two views
  double correlation_diagonal = 0, correlation_rest = 0;  // means of C_ii and of |C_ij|
  std::string verdict;                                    // one to three sentences
};

/// `clean` has one row per image. `views` has none, or `per_image` rows for each image, one after
/// another. Rows that are not finite are left out with their image; throws InputError if fewer than
/// two images are left, and Cancelled.
Health health(const Features& clean, const Features& views, std::int64_t per_image,
              const Control& control);

}  // namespace selfsight
