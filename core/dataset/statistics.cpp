#include "core/dataset/statistics.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "core/base/files.h"
#include "core/base/random.h"

namespace selfsight {
namespace {

/// One index from each of `sample` equal stretches, by a hash: the same for every run of a set.
std::vector<std::int64_t> fixed_sample(std::int64_t size, std::int64_t sample) {
  const std::int64_t count = std::clamp<std::int64_t>(sample, 0, size);
  std::vector<std::int64_t> out;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto edge = [&](std::int64_t k) {
      return static_cast<std::int64_t>(static_cast<double>(size) * static_cast<double>(k) /
                                       static_cast<double>(count));
    };
    const auto width = static_cast<std::uint64_t>(edge(i + 1) - edge(i));
    out.push_back(edge(i) + static_cast<std::int64_t>(mix64(static_cast<std::uint64_t>(i)) %
                                                      std::max<std::uint64_t>(width, 1)));
  }
  return out;
}

struct Sums {
  explicit Sums(int channel_count)
      : channels(channel_count),
        sum(static_cast<std::size_t>(channel_count)),
        squares(static_cast<std::size_t>(channel_count)) {}

  /// An image with other channels than the set counts as what an encoder of the set is given.
  void add(cv::Mat image) {
    if (image.channels() != channels)
      cv::cvtColor(image, image, channels == 3 ? cv::COLOR_GRAY2RGB : cv::COLOR_RGB2GRAY);
    std::vector<double> mean, deviation;
    cv::meanStdDev(image, mean, deviation);
    const auto pixels = static_cast<double>(image.total());
    for (std::size_t c = 0; c < sum.size(); ++c) {
      const double m = mean[c] / 255, d = deviation[c] / 255;
      sum[c] += pixels * m;
      squares[c] += pixels * (d * d + m * m);
    }
    count += pixels;
  }

  int channels;
  double count = 0;
  std::vector<double> sum, squares;  // of each channel
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
  Sums sums(dataset.channels());
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
  for (std::size_t c = 0; c < sums.sum.size() && sums.count > 0; ++c) {
    const double mean = sums.sum[c] / sums.count;
    statistics.mean.push_back(mean);
    statistics.std.push_back(std::sqrt(std::max(0.0, sums.squares[c] / sums.count - mean * mean)));
  }
  return statistics;
}

void require_decodable(const DatasetStatistics& statistics, const Dataset& dataset) {
  if (statistics.measured > 0 || statistics.broken.empty()) return;
  const BrokenImage& first = statistics.broken.front();
  throw InputError("None of the " + grouped(static_cast<long long>(statistics.broken.size())) +
                   " images of " + dataset.name() +
                   " that were looked at can be decoded: " + first.name + " " + first.reason + ".");
}

}  // namespace selfsight
