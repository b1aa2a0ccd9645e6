// The kinds of data set, as open_dataset() tells them apart. Private to this room.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/dataset/dataset.h"

namespace selfsight {

/// What every kind needs to say of each of its images.
struct Entry {
  int label = -1;
  Split split = Split::train;
};

/// The parts that all kinds share; a kind adds where its pixels are.
class ListedDataset : public Dataset {
 public:
  std::string name() const override { return name_; }
  std::string location() const override { return location_; }
  std::int64_t size() const override { return static_cast<std::int64_t>(entries_.size()); }
  int label(std::int64_t index) const override { return entry(index).label; }
  Split split(std::int64_t index) const override { return entry(index).split; }
  const std::vector<std::string>& classes() const override { return classes_; }
  const std::vector<BrokenImage>& broken() const override { return broken_; }
  int channels() const override { return channels_; }
  std::string fingerprint() const override { return fingerprint_; }

 protected:
  const Entry& entry(std::int64_t index) const {
    return entries_.at(static_cast<std::size_t>(index));
  }
  /// Gives a set the splits that it lacks; call once all entries stand.
  void complete_splits();

  std::string name_, location_, fingerprint_;
  std::vector<Entry> entries_;
  std::vector<std::string> classes_;
  std::vector<BrokenImage> broken_;
  int channels_ = 3;
};

/// Each returns null if the path is not of its kind, and throws InputError if it is but is damaged.
std::shared_ptr<const Dataset> open_idx(const std::filesystem::path& path, const std::string& name);
std::shared_ptr<const Dataset> open_cifar(const std::filesystem::path& path);
std::shared_ptr<const Dataset> open_folder(const std::filesystem::path& path);

/// Ten classes of shapes in random colours on random grounds, 32 x 32, made when asked for.
std::shared_ptr<const Dataset> open_procedural(std::int64_t count);

/// Where Debian's package dataset-fashion-mnist puts it.
inline constexpr char fashion_mnist_folder[] = "/usr/share/datasets/fashion-mnist";

}  // namespace selfsight
