#include "core/dataset/duplicates.h"

#include <algorithm>
#include <unordered_map>

#include "core/base/files.h"

namespace selfsight {
namespace {

constexpr std::int64_t told_every = 64;  // images

std::string hash_of(const cv::Mat& image) {
  const std::string size = std::to_string(image.rows) + 'x' + std::to_string(image.cols) + 'x' +
                           std::to_string(image.channels());
  return size +
         sha256({reinterpret_cast<const std::byte*>(image.data), image.total() * image.elemSize()});
}

bool in_several_splits(const Dataset& dataset, const std::vector<std::int64_t>& group) {
  return std::ranges::any_of(group, [&](std::int64_t index) {
    return dataset.split(index) != dataset.split(group.front());
  });
}

}  // namespace

std::int64_t Duplicates::copies() const {
  std::int64_t count = 0;
  for (const auto& group : groups) count += static_cast<std::int64_t>(group.size()) - 1;
  return count;
}

Duplicates find_duplicates(const Dataset& dataset, const Control& control,
                           const std::function<void(double)>& progress) {
  std::unordered_map<std::string, std::vector<std::int64_t>> by_hash;
  for (std::int64_t index = 0; index < dataset.size(); ++index) {
    control.check();
    try {
      by_hash[hash_of(dataset.image(index))].push_back(index);
    } catch (const ImageError&) {
      // Listed among the broken ones.
    }
    if (progress && index % told_every == 0)
      progress(static_cast<double>(index) / static_cast<double>(dataset.size()));
  }
  Duplicates found;
  for (auto& [hash, group] : by_hash)
    if (group.size() > 1) found.groups.push_back(std::move(group));
  std::ranges::sort(found.groups);
  for (const auto& group : found.groups) found.across_splits += in_several_splits(dataset, group);
  return found;
}

}  // namespace selfsight
