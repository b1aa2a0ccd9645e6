#include "core/base/blocks.h"

#include <algorithm>

namespace selfsight {

std::int64_t first_of_block(std::int64_t row, std::int64_t rows, std::int64_t columns) {
  return row * columns / rows;
}

std::vector<float> block_means(const std::vector<float>& values, std::int64_t columns,
                               std::int64_t most) {
  const std::int64_t rows = std::min(columns, most);
  if (rows == columns) return values;
  const auto first = [&](std::int64_t row) { return first_of_block(row, rows, columns); };
  std::vector<float> out;
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < rows; ++j) {
      double sum = 0;
      std::int64_t count = 0;
      for (auto y = first(i); y < first(i + 1); ++y)
        for (auto x = first(j); x < first(j + 1); ++x) {
          sum += static_cast<double>(values[static_cast<std::size_t>(y * columns + x)]);
          ++count;
        }
      out.push_back(static_cast<float>(sum / static_cast<double>(count)));
    }
  return out;
}

}  // namespace selfsight
