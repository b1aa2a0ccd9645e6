// The classic puzzles, out of one view each. See InputKind and make_input().
#pragma once

#include "core/views/inputs.h"

namespace selfsight {

/// Turned by 0, 90, 180 and 270 degrees anticlockwise (RotNet, Gidaris et al. 2018).
Input rotated_views(const cv::Mat& image, const InputOptions& options, const InputKey& key);

/// Nine tiles; the one in place i is `order[i]` of permutation `target`.
Input shuffled_tiles(const cv::Mat& image, const InputOptions& options, const InputKey& key);

/// The tile in the centre, then a neighbour: target 0 to 7 is above left, above, above right, left,
/// right, below left, below, below right (Doersch et al. 2015).
Input patch_pair(const cv::Mat& image, const InputOptions& options, const InputKey& key);

/// The luma of a view, then the view (Zhang et al. 2016).
Input grey_and_colour(const cv::Mat& image, const InputOptions& options, const InputKey& key);

}  // namespace selfsight
