// Values by themselves and beside their neighbours, channel by channel: what ImageOps and
// ImageEnhance.Sharpness of Pillow do, bit for bit.
#include <algorithm>
#include <array>
#include <cmath>

#include "core/base/clones.h"
#include "core/views/planes.h"

namespace selfsight {
namespace {

using Histogram = std::array<std::int64_t, 256>;
using Table = std::array<std::uint8_t, 256>;

Histogram histogram_of(const std::uint8_t* p, std::size_t n) {
  Histogram counts{};
  for (std::size_t i = 0; i < n; ++i) ++counts[p[i]];
  return counts;
}

void look_up(std::uint8_t* p, std::size_t n, const Table& table) {
  for (std::size_t i = 0; i < n; ++i) p[i] = table[p[i]];
}

struct Range {
  std::size_t first = 0, last = 0;  // of the values that occur
};

Range range_of(const Histogram& counts) {
  Range range{0, 255};
  while (range.first < 255 && counts[range.first] == 0) ++range.first;
  while (range.last > range.first && counts[range.last] == 0) --range.last;
  return range;
}

SELFSIGHT_CLONES void keep_bits(std::uint8_t* p, std::size_t n, int mask) {
  for (std::size_t i = 0; i < n; ++i) p[i] = static_cast<std::uint8_t>(p[i] & mask);
}

SELFSIGHT_CLONES void invert_all(std::uint8_t* p, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) p[i] = static_cast<std::uint8_t>(255 - p[i]);
}

/// One row between two others: Pillow's blend of the smoothed value and the value itself.
SELFSIGHT_CLONES void sharpen_row(const std::uint8_t* above, const std::uint8_t* row,
                                  const std::uint8_t* below, std::size_t width, float factor,
                                  std::uint8_t* __restrict out) {
  for (std::size_t x = 1; x + 1 < width; ++x) {
    const int sum = above[x - 1] + above[x] + above[x + 1] + row[x - 1] + 5 * row[x] + row[x + 1] +
                    below[x - 1] + below[x] + below[x + 1];
    const float smooth = static_cast<float>((2 * sum + 13) / 26);
    float mixed = smooth + factor * (static_cast<float>(row[x]) - smooth);
    mixed = mixed < 0 ? 0 : mixed;
    mixed = mixed > 255 ? 255 : mixed;
    out[x] = static_cast<std::uint8_t>(static_cast<int>(mixed));
  }
}

}  // namespace

void posterize(Planes& planes, int bits) {
  keep_bits(planes.plane(0), planes.values(), 0xFF & ~((1 << (8 - bits)) - 1));
}

void equalize(Planes& planes) {
  for (int c = 0; c < planes.channels(); ++c) {
    const Histogram counts = histogram_of(planes.plane(c), planes.pixels());
    const Range range = range_of(counts);
    const std::int64_t step =
        (static_cast<std::int64_t>(planes.pixels()) - counts[range.last]) / 255;
    if (range.first == range.last || step == 0) continue;
    Table table{};
    std::int64_t below = step / 2;
    for (std::size_t value = 0; value < table.size(); below += counts[value++])
      table[value] = static_cast<std::uint8_t>(std::min<std::int64_t>(255, below / step));
    look_up(planes.plane(c), planes.pixels(), table);
  }
}

void autocontrast(Planes& planes) {
  for (int c = 0; c < planes.channels(); ++c) {
    const Range range = range_of(histogram_of(planes.plane(c), planes.pixels()));
    if (range.first == range.last) continue;
    const double scale = 255.0 / static_cast<double>(range.last - range.first);
    const double offset = -static_cast<double>(range.first) * scale;
    Table table{};
    for (std::size_t value = 0; value < table.size(); ++value)
      table[value] = static_cast<std::uint8_t>(
          std::clamp(static_cast<int>(static_cast<double>(value) * scale + offset), 0, 255));
    look_up(planes.plane(c), planes.pixels(), table);
  }
}

void invert(Planes& planes) {
  invert_all(planes.plane(0), planes.values());
}

void adjust_sharpness(Planes& planes, double factor) {
  const auto width = static_cast<std::size_t>(planes.width());
  const auto height = static_cast<std::size_t>(planes.height());
  if (width < 3 || height < 3) return;
  thread_local std::vector<std::uint8_t> before;
  for (int c = 0; c < planes.channels(); ++c) {
    std::uint8_t* const plane = planes.plane(c);
    before.assign(plane, plane + planes.pixels());
    for (std::size_t y = 1; y + 1 < height; ++y) {
      const std::uint8_t* const row = before.data() + y * width;
      sharpen_row(row - width, row, row + width, width, static_cast<float>(factor),
                  plane + y * width);
    }
  }
}

}  // namespace selfsight
