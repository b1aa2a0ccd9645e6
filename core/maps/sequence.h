// Maps of one table of images as its features change, each laid over the one before.
#pragma once

#include <memory>

#include "core/maps/maps.h"

namespace selfsight {

/// Turns, mirrors and shifts `layout` onto `onto` (orthogonal Procrustes, Schönemann 1966), without
/// a change of size. Both [rows, 2], row by row the same thing; each counts by its weight, or all
/// alike.
Matrix aligned(const Matrix& layout, const Matrix& onto, std::vector<double> weight = {});

/// The longer side of the box around a layout.
double width_of(const Matrix& layout);

/// The same images, checkpoint after checkpoint. The first map is laid out from nothing; each later
/// one starts from the one before and is turned onto it. An image whose features are what they
/// were stays where it was; one whose features have gone half the way to where its nearest
/// neighbour was, or further, is free to go.
class MapSequence {
 public:
  /// `later_iterations` for each map after the first.
  explicit MapSequence(TsneOptions options, std::int64_t later_iterations = 150);
  ~MapSequence();

  /// The next map; the rows are the same images every time. Throws as tsne() does, and InputError
  /// if their number has changed. A map that was not finished leaves the sequence as it was.
  TsneResult next(const Matrix& rows, Control& control, const PartialLayout& partial = {});

 private:
  struct Last;
  TsneOptions options_;
  std::int64_t later_iterations_;
  std::unique_ptr<Last> last_;
};

/// Places rows into a finished map, each by itself, so that neither their number nor their order
/// matters: at the least cross-entropy between its neighbourhood among the mapped rows and that on
/// the map. Returns [fresh.rows, 2]. `mapped` and `layout` are row by row the same. Throws
/// InputError: not finite, other columns, fewer mapped rows than 3 * perplexity. Throws Cancelled.
Matrix placed(const Matrix& fresh, const Matrix& mapped, const Matrix& layout, double perplexity,
              const Control& control);

}  // namespace selfsight
