#include <algorithm>
#include <cmath>

#include "core/base/random.h"
#include "core/dataset/dataset.h"

namespace selfsight {
namespace {

/// The indices of the `sample` images with the smallest hash: the same for every run of a set.
std::vector<std::int64_t> fixed_sample(std::int64_t size, std::int64_t sample) {
  std::vector<std::pair<std::uint64_t, std::int64_t>> order;
  for (std::int64_t i = 0; i < size; ++i)
    order.emplace_back(mix64(static_cast<std::uint64_t>(i)), i);
  const auto count = static_cast<std::size_t>(std::clamp<std::int64_t>(sample, 0, size));
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end());
  std::vector<std::int64_t> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(order[i].second);
  std::sort(out.begin(), out.end());
  return out;
}

struct Sums {
  double count = 0;
  std::vector<double> sum, squares;

  void add(const cv::Mat& image) {
    const auto channels = sum.size();
    // A grey image in a colour set counts as one with three equal channels, and a colour one in a
    // grey set by its mean.
    const auto has = static_cast<std::size_t>(image.channels());
    for (int y = 0; y < image.rows; ++y) {
      const auto* row = image.ptr<std::uint8_t>(y);
      for (int x = 0; x < image.cols; ++x, row += has)
        for (std::size_t c = 0; c < channels; ++c) {
          const double v = (has == channels ? row[c]
                            : has == 1      ? row[0]
                                            : (row[0] + row[1] + row[2]) / 3.0) /
                           255.0;
          sum[c] += v;
          squares[c] += v * v;
        }
    }
    count += static_cast<double>(image.total());
  }
};

void include_size(DatasetStatistics& s, const cv::Mat& image) {
  const auto low = [&](int current, int value) {
    return s.measured == 0 ? value : std::min(current, value);
  };
  s.min_width = low(s.min_width, image.cols);
  s.min_height = low(s.min_height, image.rows);
  s.max_width = std::max(s.max_width, image.cols);
  s.max_height = std::max(s.max_height, image.rows);
}

}  // namespace

DatasetStatistics measure(const Dataset& dataset, std::int64_t sample, const Control& control) {
  DatasetStatistics statistics;
  const auto channels = static_cast<std::size_t>(dataset.channels());
  Sums sums{0, std::vector<double>(channels), std::vector<double>(channels)};
  for (const std::int64_t index : fixed_sample(dataset.size(), sample)) {
    control.check();
    try {
      const cv::Mat image = dataset.image(index);
      include_size(statistics, image);
      sums.add(image);
      ++statistics.measured;
    } catch (const ImageError& error) {
      statistics.broken.push_back({dataset.image_name(index), error.what()});
    }
  }
  for (std::size_t c = 0; c < channels && sums.count > 0; ++c) {
    const double mean = sums.sum[c] / sums.count;
    statistics.mean.push_back(mean);
    statistics.std.push_back(std::sqrt(std::max(0.0, sums.squares[c] / sums.count - mean * mean)));
  }
  return statistics;
}

}  // namespace selfsight
