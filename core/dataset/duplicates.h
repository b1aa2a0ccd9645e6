// Images that are in a set more than once.
#pragma once

#include <functional>

#include "core/dataset/dataset.h"

namespace selfsight {

struct Duplicates {
  /// Each the indices of images of the same size and pixels, in increasing order.
  std::vector<std::vector<std::int64_t>> groups;
  std::int64_t across_splits = 0;  // groups with images of more than one split
  std::int64_t copies() const;     // images beyond the first of each group
};

/// By a hash of the decoded pixels, so that a copy under another name, or saved in another lossless
/// format, is found; images that cannot be decoded are left out. `progress` hears the part done, in
/// [0, 1]. Throws Cancelled.
Duplicates find_duplicates(const Dataset& dataset, const Control& control,
                           const std::function<void(double)>& progress = {});

}  // namespace selfsight
