// The images of a data set that have a label.
#pragma once

#include <cstdint>
#include <vector>

#include "core/dataset/dataset.h"

namespace selfsight {

/// Those of `indices` that have a label, in their order.
inline std::vector<std::int64_t> labelled_of(const Dataset& dataset,
                                             std::vector<std::int64_t> indices) {
  std::erase_if(indices, [&](std::int64_t index) { return dataset.label(index) < 0; });
  return indices;
}

}  // namespace selfsight
