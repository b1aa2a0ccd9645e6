// How long kNN and one search take, on made-up features of 512 numbers.
// Usage: bench_neighbours
#include <algorithm>
#include <chrono>
#include <cstdio>

#include "core/base/random.h"
#include "core/maps/search.h"
#include "core/probes/knn.h"

using namespace selfsight;

namespace {

double seconds() {
  using namespace std::chrono;
  return duration<double>(steady_clock::now().time_since_epoch()).count();
}

Features made_up(std::int64_t rows, std::uint64_t seed) {
  constexpr std::int64_t columns = 512;
  Random random{seed};
  Features out{rows, columns, {}, {}, {}};
  out.values.reserve(static_cast<std::size_t>(rows * columns));
  for (std::int64_t i = 0; i < rows; ++i) {
    out.ids.push_back(i);
    out.labels.push_back(static_cast<int>(i % 10));
    for (std::int64_t j = 0; j < columns; ++j)
      out.values.push_back(static_cast<float>(random.normal()) + (j % 10 == i % 10 ? 1.0F : 0.0F));
  }
  return out;
}

}  // namespace

int main() {
  constexpr int rounds = 3, searches = 200;
  const Control control;
  const Features bank = made_up(50'000, 1), queries = made_up(10'000, 2);
  for (int round = 0; round < rounds; ++round) {
    const double begin = seconds();
    const Classification found = knn(bank, queries, 20, 0.1, control);
    std::printf("kNN of 10,000 against 50,000 x 512: %.2f s (right %.3f)\n", seconds() - begin,
                found.top1);
  }
  const Features images = made_up(60'000, 3);
  const SearchIndex index(images.values, images.columns, control);
  std::vector<double> times;
  for (std::size_t i = 0; i < searches; ++i) {
    const double begin = seconds();
    index.nearest({queries.values.data() + 512 * i, 512}, 10);
    times.push_back(seconds() - begin);
  }
  std::sort(times.begin(), times.end());
  std::printf("search in 60,000 x 512: median %.1f ms, 99th of 100 %.1f ms\n",
              1000 * times[searches / 2], 1000 * times[searches * 99 / 100]);
}
