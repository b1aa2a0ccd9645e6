#include "core/views/masks.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <opencv2/core.hpp>

namespace selfsight {
namespace {

/// Positions in an order drawn at random (argsort of uniform noise, as MAE's code).
std::vector<std::size_t> random_order(std::size_t count, Random& random) {
  std::vector<double> noise(count);
  for (double& n : noise) n = random.uniform();
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return noise[a] < noise[b]; });
  return order;
}

/// Sets or clears patches at random until exactly `wanted` are hidden.
void settle(Mask& mask, int wanted, Random& random) {
  const int surplus = mask.count() - wanted;
  const std::uint8_t from = surplus > 0 ? 1 : 0;
  int left = std::abs(surplus);
  for (const std::size_t i : random_order(mask.hidden.size(), random)) {
    if (left == 0) return;
    if (mask.hidden[i] != from) continue;
    mask.hidden[i] = 1 - from;
    --left;
  }
}

Mask empty_mask(int rows, int columns) {
  return {rows, columns, std::vector<std::uint8_t>(static_cast<std::size_t>(rows * columns))};
}

void hide(Mask& mask, const cv::Rect& block) {
  for (int y = block.y; y < block.y + block.height; ++y)
    for (int x = block.x; x < block.x + block.width; ++x)
      mask.hidden[static_cast<std::size_t>(y * mask.columns + x)] = 1;
}

/// A block of this size anywhere on the grid.
cv::Rect place(const cv::Size& block, const Mask& grid, Random& random) {
  const auto top = random.below(static_cast<std::uint64_t>(grid.rows - block.height + 1));
  const auto left = random.below(static_cast<std::uint64_t>(grid.columns - block.width + 1));
  return {static_cast<int>(left), static_cast<int>(top), block.width, block.height};
}

/// BEiT's blocks: at least 16 patches (or what is left), aspect ratio log-uniform in [0.3, 1/0.3].
void add_block(Mask& mask, int missing, Random& random) {
  const double log_ratio = std::log(0.3);
  const int least = std::min(16, missing);
  const double area = random.uniform(least, std::max(least + 1, missing));
  const double ratio = std::exp(random.uniform(log_ratio, -log_ratio));
  const int h = std::clamp(static_cast<int>(std::lround(std::sqrt(area * ratio))), 1, mask.rows);
  const int w = std::clamp(static_cast<int>(std::lround(std::sqrt(area / ratio))), 1, mask.columns);
  hide(mask, place({w, h}, mask, random));
}

/// Hides exactly `wanted` cells.
Mask exact_mask(const std::string& kind, int wanted, int rows, int columns, Random random) {
  Mask mask = empty_mask(rows, columns);
  if (kind == "block")
    for (int attempt = 0; attempt < 64 && mask.count() < wanted; ++attempt)
      add_block(mask, wanted - mask.count(), random);
  settle(mask, wanted, random);
  return mask;
}

/// I-JEPA's _sample_block_size: one number sets both the area and the shape.
cv::Size block_size(double scale_min, double scale_max, double ratio_min, double ratio_max,
                    const Mask& grid, Random& random) {
  const double u = random.uniform();
  const double area =
      std::floor(grid.rows * grid.columns * (scale_min + u * (scale_max - scale_min)));
  const double ratio = ratio_min + u * (ratio_max - ratio_min);
  // One row and one column less than the grid at most, as in the authors' code.
  const auto side = [](double length, int whole) {
    return std::clamp(static_cast<int>(std::nearbyint(length)), 1, std::max(1, whole - 1));
  };
  return {side(std::sqrt(area / ratio), grid.columns), side(std::sqrt(area * ratio), grid.rows)};
}

}  // namespace

int Mask::count() const {
  return std::accumulate(hidden.begin(), hidden.end(), 0);
}

Mask make_mask(const MaskOptions& options, int rows, int columns, const ViewKey& key) {
  const int unit = static_cast<int>(options.unit);
  const int units = (rows / unit) * (columns / unit);
  const int keep = std::clamp(static_cast<int>(units * (1 - options.ratio)), 1, units - 1);
  const Mask coarse = exact_mask(options.kind, units - keep, rows / unit, columns / unit,
                                 Random(key, Stream::mask));
  if (unit == 1) return coarse;
  Mask mask = empty_mask(rows, columns);
  for (int y = 0; y < coarse.rows; ++y)
    for (int x = 0; x < coarse.columns; ++x)
      if (coarse.hidden[static_cast<std::size_t>(y * coarse.columns + x)])
        hide(mask, {x * unit, y * unit, unit, unit});
  return mask;
}

Mask make_partial_mask(const PartialMaskOptions& options, int rows, int columns,
                       const ViewKey& key) {
  Random random(key, Stream::mask_shape);
  const bool masked = random.chance(options.probability);
  const double ratio = options.ratio + options.ratio_var * random.uniform(-1, 1);
  const int patches = rows * columns;
  const int wanted = std::clamp(static_cast<int>(patches * ratio), 0, patches - 1);
  return exact_mask(options.kind, masked ? wanted : 0, rows, columns, Random(key, Stream::mask));
}

std::vector<Mask> make_block_masks(const BlockOptions& options, int rows, int columns,
                                   const ViewKey& key, Random batch_random) {
  Mask covered = empty_mask(rows, columns);  // by any target
  const cv::Size target = block_size(options.target_min, options.target_max, options.ratio_min,
                                     options.ratio_max, covered, batch_random);
  const cv::Size context =
      block_size(options.context_min, options.context_max, 1, 1, covered, batch_random);
  Random random(key, Stream::mask);
  std::vector<Mask> targets;
  for (std::int64_t i = 0; i < options.targets; ++i) {
    targets.push_back(empty_mask(rows, columns));
    const cv::Rect block = place(target, covered, random);
    hide(targets.back(), block);
    hide(covered, block);
  }
  constexpr int least = 4, tries = 20;
  Mask seen;
  for (int attempt = 0; attempt <= tries; ++attempt) {
    seen = empty_mask(rows, columns);
    hide(seen, place(context, covered, random));
    if (attempt < tries)
      for (std::size_t i = 0; i < seen.hidden.size(); ++i) seen.hidden[i] &= 1 - covered.hidden[i];
    if (seen.count() >= least) break;
  }
  for (std::uint8_t& cell : seen.hidden) cell = 1 - cell;
  targets.insert(targets.begin(), std::move(seen));
  return targets;
}

Mask make_region(const RegionOptions& options, int size, const ViewKey& key) {
  Mask mask = empty_mask(size, size);
  const int side =
      std::clamp(static_cast<int>(std::lround(size * std::sqrt(options.area))), 1, size - 1);
  Random random(key, Stream::region);
  const int middle = (size - side) / 2;
  hide(mask, options.kind == "centre" ? cv::Rect(middle, middle, side, side)
                                      : place({side, side}, mask, random));
  return mask;
}

}  // namespace selfsight
