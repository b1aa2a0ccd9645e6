#include "core/training/features.h"

#include <algorithm>
#include <cmath>
#include <future>
#include <map>
#include <numeric>
#include <optional>
#include <thread>

namespace selfsight {
namespace {

struct Chunk {
  std::vector<cv::Mat> images;
  std::vector<std::int64_t> ids;
};

/// Decodes ids[begin, end) on all cores.
Chunk decode(const Dataset& dataset, const std::vector<std::int64_t>& ids, std::size_t begin,
             std::size_t end, const std::function<cv::Mat(const cv::Mat&)>& prepare) {
  std::vector<cv::Mat> images(end - begin);
  const auto part = [&](std::size_t first, std::size_t stride) {
    for (std::size_t i = first; i < images.size(); i += stride) {
      try {
        images[i] = prepare(dataset.image(ids[begin + i]));
      } catch (const ImageError&) {
        images[i].release();
      }
    }
  };
  const std::size_t threads = std::clamp(std::thread::hardware_concurrency(), 1u, 8u);
  std::vector<std::future<void>> parts;
  for (std::size_t t = 1; t < threads; ++t)
    parts.push_back(std::async(std::launch::async, part, t, threads));
  part(0, threads);
  for (auto& one : parts) one.get();
  Chunk chunk;
  for (std::size_t i = 0; i < images.size(); ++i) {
    if (images[i].empty()) continue;
    chunk.images.push_back(std::move(images[i]));
    chunk.ids.push_back(ids[begin + i]);
  }
  return chunk;
}

void append(Features& all, Features&& rows, const Dataset& dataset,
            const std::vector<std::int64_t>& ids) {
  all.columns = rows.columns;
  all.rows += rows.rows;
  all.values.insert(all.values.end(), rows.values.begin(), rows.values.end());
  all.ids.insert(all.ids.end(), ids.begin(), ids.end());
  for (const std::int64_t id : ids) all.labels.push_back(dataset.label(id));
}

/// Moves `count` members, drawn at random, to the front and drops the rest.
void draw(std::vector<std::int64_t>& members, std::int64_t count, Random random) {
  const auto take = static_cast<std::size_t>(count);
  if (take >= members.size()) return;
  for (std::size_t i = 0; i < take; ++i)
    std::swap(members[i], members[i + random.below(members.size() - i)]);
  members.resize(take);
}

/// How many to take of each group: its share of `count`, the largest remainders rounded up.
std::vector<std::int64_t> shares(const std::vector<std::int64_t>& sizes, std::int64_t count) {
  const std::int64_t total = std::max<std::int64_t>(1, std::reduce(sizes.begin(), sizes.end()));
  std::vector<std::int64_t> out;
  std::vector<std::pair<std::int64_t, std::size_t>> remainders;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    out.push_back(sizes[i] * count / total);
    remainders.emplace_back(-(sizes[i] * count % total), i);
  }
  std::sort(remainders.begin(), remainders.end());
  const std::int64_t given = std::reduce(out.begin(), out.end());
  for (std::int64_t i = 0; i < count - given; ++i)
    ++out[remainders[static_cast<std::size_t>(i)].second];
  return out;
}

}  // namespace

std::vector<std::int64_t> random_sample(std::vector<std::int64_t> indices, std::int64_t count,
                                        std::uint64_t seed) {
  draw(indices, count, Random{seed, static_cast<std::uint64_t>(Stream::sampling)});
  std::sort(indices.begin(), indices.end());
  return indices;
}

std::vector<std::int64_t> stratified_sample(const Dataset& dataset,
                                            const std::vector<std::int64_t>& indices,
                                            std::int64_t count, std::uint64_t seed) {
  std::map<int, std::vector<std::int64_t>> groups;
  for (const std::int64_t index : indices) groups[dataset.label(index)].push_back(index);
  std::vector<std::int64_t> sizes;
  for (const auto& [label, members] : groups)
    sizes.push_back(static_cast<std::int64_t>(members.size()));
  const auto all = static_cast<std::int64_t>(indices.size());
  const auto wanted = shares(sizes, std::min(count, all));
  std::vector<std::int64_t> out;
  std::size_t group = 0;
  for (auto& [label, members] : groups) {
    draw(members, wanted[group++],
         Random{seed, static_cast<std::uint64_t>(Stream::sampling),
                static_cast<std::uint64_t>(label + 1)});
    out.insert(out.end(), members.begin(), members.end());
  }
  std::sort(out.begin(), out.end());
  return out;
}

Features features_of(const Dataset& dataset, const std::vector<std::int64_t>& ids,
                     const std::function<cv::Mat(const cv::Mat&)>& prepare,
                     const EncodeImages& encode, const Control& control,
                     const std::function<void(double)>& progress) {
  Features all;
  const auto start = [&](std::size_t begin) {
    return std::async(std::launch::async, [&, begin] {
      return decode(dataset, ids, begin, std::min(begin + images_at_once, ids.size()), prepare);
    });
  };
  std::optional<std::future<Chunk>> ahead;
  if (!ids.empty()) ahead = start(0);
  for (std::size_t begin = 0; begin < ids.size(); begin += images_at_once) {
    const Chunk chunk = ahead->get();
    control.check();
    const std::size_t next = begin + images_at_once;
    if (next < ids.size()) ahead = start(next);
    if (!chunk.images.empty()) append(all, encode(chunk.images), dataset, chunk.ids);
    if (progress)
      progress(static_cast<double>(std::min(next, ids.size())) / static_cast<double>(ids.size()));
  }
  return all;
}

double feature_std(const Features& f) {
  if (f.rows < 2 || f.columns < 1) return 0;
  const auto columns = static_cast<std::size_t>(f.columns);
  const auto rows = static_cast<std::size_t>(f.rows);
  std::vector<double> scale(rows), mean(columns), squares(columns);
  for (std::size_t r = 0; r < rows; ++r) {
    double sum = 0;
    for (std::size_t c = 0; c < columns; ++c)
      sum += std::pow(static_cast<double>(f.values[r * columns + c]), 2);
    scale[r] = 1 / std::max(std::sqrt(sum), 1e-12);
    for (std::size_t c = 0; c < columns; ++c) mean[c] += f.values[r * columns + c] * scale[r];
  }
  for (double& m : mean) m /= static_cast<double>(rows);
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c)
      squares[c] += std::pow(f.values[r * columns + c] * scale[r] - mean[c], 2);
  double sum = 0;
  for (const double s : squares) sum += std::sqrt(s / static_cast<double>(rows - 1));
  return sum / static_cast<double>(columns);
}

}  // namespace selfsight
