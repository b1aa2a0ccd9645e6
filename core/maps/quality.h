// How well a map keeps neighbours, and how well groups agree with labels.
#pragma once

#include <span>
#include <vector>

#include "core/maps/maps.h"

namespace selfsight {

/// The mean part of each row's k nearest in one table that are among its k nearest in the other.
/// In [0, 1]. Throws InputError as trustworthiness() does.
double neighbours_kept(const Matrix& high, const Matrix& low, std::int64_t k);

/// The mean part of each row's k nearest that have its label, over the rows with a label (0 or
/// more). Throws InputError: no labels, or k is not below the number of rows.
double label_purity(const Matrix& rows, std::span<const int> labels, std::int64_t k);

/// Mean of (b - a) / max(a, b), with a the mean distance to the own group and b that to the nearest
/// other group; 0 for a row alone in its group (Rousseeuw 1987). Rows without a label are left out.
/// Throws InputError for fewer than two groups.
double silhouette(const Matrix& rows, std::span<const int> labels);

/// Between a grouping and labels, over the rows that have both (0 or more). All are 0 to 1, and
/// `ari` may be a little below.
struct Agreement {
  std::int64_t rows = 0;    // that were counted
  double purity = 0;        // the part of rows whose label is the commonest of their group
  double nmi = 0;           // mutual information over the arithmetic mean of the two entropies
  double ari = 0;           // adjusted Rand index (Hubert and Arabie 1985)
  double homogeneity = 0;   // of groups: mutual information over the labels' entropy
  double completeness = 0;  // mutual information over the groups' entropy
};
Agreement agreement(std::span<const int> labels, std::span<const int> groups);

struct Clusters {
  std::vector<int> group;  // of each row
  Matrix centres;          // [k, columns]
  double squares = 0;      // sum of squared distances to the centres
};

/// k-means (faiss), the best of three starts. Throws InputError: not finite, or k above the number
/// of rows.
Clusters k_means(const Matrix& rows, std::int64_t k, std::int64_t seed, const Control& control);

}  // namespace selfsight
