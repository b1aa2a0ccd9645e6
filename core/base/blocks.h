// A large square made small: what is shown of it, and what is kept.
#pragma once

#include <cstdint>
#include <vector>

namespace selfsight {

/// Where block `row` of `rows` begins among so many columns.
std::int64_t first_of_block(std::int64_t row, std::int64_t rows, std::int64_t columns);

/// Means of blocks of a square, row-major matrix, so that it has `most` rows at most.
std::vector<float> block_means(const std::vector<float>& values, std::int64_t columns,
                               std::int64_t most);

}  // namespace selfsight
