// Nearest by cosine among the rows of a table, exactly or by an index whose recall is known.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/base/control.h"

namespace selfsight {

struct Found {
  std::int64_t row = 0;
  float similarity = 0;  // cosine
};

/// Rows that are not finite are never found.
class SearchIndex {
 public:
  /// Up to so many rows every one is compared.
  static constexpr std::int64_t most_exact_rows = 100'000;

  /// Row-major [rows, columns], not normalised. Above `exact_rows` it builds an inverted file
  /// (faiss IVF) and looks into as many of its lists as give a recall of 0.95, measured. Throws
  /// InputError for an empty table, Cancelled.
  SearchIndex(std::span<const float> values, std::int64_t columns, const Control& control,
              std::int64_t exact_rows = most_exact_rows);
  ~SearchIndex();

  /// The k rows most like `query`, most like first; fewer where there are fewer. Throws InputError
  /// for another number of columns or values that are not finite.
  std::vector<Found> nearest(std::span<const float> query, std::int64_t k) const;

  bool exact() const;
  /// The part of the true ten nearest that it finds, measured on some of its own rows; 1 if exact.
  double recall() const;
  /// Rows that are not finite.
  std::int64_t left_out() const;

 private:
  struct Work;
  std::unique_ptr<Work> work_;
};

}  // namespace selfsight
