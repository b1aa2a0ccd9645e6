#include "core/probes/retrieval.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/probes/knn.h"

namespace selfsight {
namespace {

constexpr std::int64_t kBlock = 128;  // queries whose whole lists are in memory at a time

Features rows_between(const Features& all, std::int64_t begin, std::int64_t end) {
  const auto part = [&](const auto& values, std::int64_t width) {
    return std::decay_t<decltype(values)>(values.begin() + begin * width,
                                          values.begin() + end * width);
  };
  return {end - begin, all.columns, part(all.values, all.columns), {}, part(all.labels, 1)};
}

/// Below 0 if the bank has none of that class.
double average_precision(const std::vector<Neighbour>& list, const std::vector<int>& labels,
                         int wanted) {
  std::int64_t seen = 0, relevant = 0;
  double sum = 0;
  for (const Neighbour& neighbour : list) {
    const int label = labels[static_cast<std::size_t>(neighbour.row)];
    if (label < 0) continue;
    ++seen;
    if (label == wanted) sum += static_cast<double>(++relevant) / static_cast<double>(seen);
  }
  return relevant == 0 ? -1 : sum / static_cast<double>(relevant);
}

bool first_is(const std::vector<Neighbour>& list, const std::vector<int>& labels, int wanted) {
  for (const Neighbour& neighbour : list)
    if (const int label = labels[static_cast<std::size_t>(neighbour.row)]; label >= 0)
      return label == wanted;
  return false;
}

}  // namespace

Retrieval retrieval(const Features& bank, const Features& queries, const Control& control) {
  Retrieval out;
  for (std::int64_t begin = 0; begin < queries.rows; begin += kBlock) {
    const Features block = rows_between(queries, begin, std::min(begin + kBlock, queries.rows));
    const auto lists = nearest(bank, block, bank.rows, control);
    for (std::size_t i = 0; i < lists.size(); ++i) {
      const int wanted = block.labels[i];
      const double precision = wanted < 0 ? -1 : average_precision(lists[i], bank.labels, wanted);
      if (precision < 0) continue;
      ++out.queries;
      out.map += precision;
      out.precision_at_1 += first_is(lists[i], bank.labels, wanted);
    }
  }
  if (out.queries == 0)
    throw InputError(
        "No query has a label of which the bank has images, so retrieval cannot be measured.");
  out.map /= static_cast<double>(out.queries);
  out.precision_at_1 /= static_cast<double>(out.queries);
  return out;
}

}  // namespace selfsight
