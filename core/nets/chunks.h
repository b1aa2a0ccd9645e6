// Rows in a fixed number of parts: what is summed part by part is the same whatever the threads.
#pragma once

#include <ATen/Parallel.h>

#include <cstdint>

namespace selfsight {

inline constexpr std::int64_t chunks = 64;

/// Calls work(chunk, first row, rows) for every chunk that has rows, in parallel.
template <class Work>
void for_chunks(std::int64_t rows, Work&& work) {
  at::parallel_for(0, chunks, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t chunk = begin; chunk < end; ++chunk) {
      const std::int64_t from = rows * chunk / chunks, to = rows * (chunk + 1) / chunks;
      if (from < to) work(chunk, from, to - from);
    }
  });
}

}  // namespace selfsight
