#include "core/views/masks.h"

#include <algorithm>
#include <cmath>
#include <numeric>

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

/// BEiT's blocks: at least 16 patches (or what is left), aspect ratio log-uniform in [0.3, 1/0.3].
void add_block(Mask& mask, int missing, Random& random) {
  const double log_ratio = std::log(0.3);
  const int least = std::min(16, missing);
  const double area = random.uniform(least, std::max(least + 1, missing));
  const double ratio = std::exp(random.uniform(log_ratio, -log_ratio));
  const int h = std::clamp(static_cast<int>(std::lround(std::sqrt(area * ratio))), 1, mask.rows);
  const int w = std::clamp(static_cast<int>(std::lround(std::sqrt(area / ratio))), 1, mask.columns);
  const auto top = static_cast<int>(random.below(static_cast<std::uint64_t>(mask.rows - h + 1)));
  const auto left =
      static_cast<int>(random.below(static_cast<std::uint64_t>(mask.columns - w + 1)));
  for (int y = top; y < top + h; ++y)
    for (int x = left; x < left + w; ++x)
      mask.hidden[static_cast<std::size_t>(y * mask.columns + x)] = 1;
}

}  // namespace

int Mask::count() const {
  return std::accumulate(hidden.begin(), hidden.end(), 0);
}

Mask make_mask(const MaskOptions& options, int rows, int columns, const ViewKey& key) {
  const int patches = rows * columns;
  Mask mask{rows, columns, std::vector<std::uint8_t>(static_cast<std::size_t>(patches))};
  const int keep = std::clamp(static_cast<int>(patches * (1 - options.ratio)), 1, patches - 1);
  Random random(key, Stream::mask);
  if (options.kind == "block")
    for (int attempt = 0; attempt < 64 && mask.count() < patches - keep; ++attempt)
      add_block(mask, patches - keep - mask.count(), random);
  settle(mask, patches - keep, random);
  return mask;
}

}  // namespace selfsight
