// STL-10 (Coates, Ng, Lee 2011): 96 x 96 RGB, column by column, plane by plane.
#include <algorithm>
#include <fstream>

#include "core/base/files.h"
#include "core/base/trimmed.h"
#include "core/dataset/byte_file.h"
#include "core/dataset/sets.h"

namespace selfsight {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t stl_side = 96, stl_plane = stl_side * stl_side, stl_pixels = 3 * stl_plane;
constexpr int class_count = 10;

struct StlPart {
  const char* name;  // before "_X.bin"
  Split split;
};
constexpr StlPart stl_parts[] = {
    {"train", Split::train}, {"unlabeled", Split::train}, {"test", Split::test}};

bool holds_part(const fs::path& folder, const StlPart& part) {
  std::error_code unknown;
  return fs::exists(folder / (std::string(part.name) + "_X.bin"), unknown);
}

/// Pixels stay on disk; an image is read when it is asked for.
class StlDataset : public ListedDataset {
 public:
  explicit StlDataset(const fs::path& folder) {
    location_ = folder.string();
    name_ = "STL-10";
    read_class_names(folder / "class_names.txt");
    std::string identity = name_;
    for (const StlPart& part : stl_parts)
      if (holds_part(folder, part)) add(folder, part, identity);
    complete_splits();
    fingerprint_ = sha256(std::as_bytes(std::span(identity)));
  }

  cv::Mat image(std::int64_t index) const override {
    const auto [file, row] = place_of(index);
    std::vector<std::uint8_t> planes(stl_pixels);
    if (!files_[file].read(row * stl_pixels, planes))
      throw ImageError("could not be read from " + files_[file].path().filename().string());
    cv::Mat image(stl_side, stl_side, CV_8UC3);
    for (std::size_t y = 0; y < stl_side; ++y)
      for (std::size_t x = 0; x < stl_side; ++x)
        for (std::size_t c = 0; c < 3; ++c)
          image.data[3 * (y * stl_side + x) + c] = planes[c * stl_plane + x * stl_side + y];
    return image;
  }

  std::string image_name(std::int64_t index) const override {
    const auto [file, row] = place_of(index);
    const std::string stem = files_[file].path().stem().string();
    return stem.substr(0, stem.find('_')) + " " + std::to_string(row);
  }

 protected:
  FileState state_of(std::int64_t index) const override {
    return files_[place_of(index).first].state();
  }

 private:
  std::pair<std::size_t, std::uint64_t> place_of(std::int64_t index) const {
    entry(index);  // throws beyond the end
    const auto after = std::upper_bound(firsts_.begin(), firsts_.end(), index);
    return {static_cast<std::size_t>(after - firsts_.begin()) - 1,
            static_cast<std::uint64_t>(index - *std::prev(after))};
  }

  void add(const fs::path& folder, const StlPart& part, std::string& identity) {
    ByteFile file(folder / (std::string(part.name) + "_X.bin"));
    if (file.size() == 0 || file.size() % stl_pixels != 0)
      throw InputError(file.path().string() + " is " +
                       grouped(static_cast<long long>(file.size())) +
                       " bytes long, which is no whole number of STL-10 images of " +
                       grouped(stl_pixels) + "; it is cut off or damaged.");
    const auto count = static_cast<std::size_t>(file.size() / stl_pixels);
    const std::vector<std::uint8_t> labels = labels_of(folder, part, count);
    firsts_.push_back(size());
    for (std::size_t i = 0; i < count; ++i)
      entries_.push_back({labels.empty() ? -1 : labels[i] - 1, part.split});
    std::vector<std::uint8_t> first(stl_pixels);
    if (!file.read(0, first)) throw InputError("Could not read " + file.path().string() + ".");
    identity += std::to_string(file.size()) + sha256(std::as_bytes(std::span(first))) +
                sha256(std::as_bytes(std::span(labels)));
    files_.push_back(std::move(file));
  }

  /// 1 to 10 each; none for the unlabelled part.
  static std::vector<std::uint8_t> labels_of(const fs::path& folder, const StlPart& part,
                                             std::size_t count) {
    const fs::path path = folder / (std::string(part.name) + "_y.bin");
    std::error_code unknown;
    if (!fs::exists(path, unknown)) return {};
    const ByteFile file(path);
    if (file.size() != count)
      throw InputError(path.string() + " has " + grouped(static_cast<long long>(file.size())) +
                       " labels for " + grouped(static_cast<long long>(count)) + " images.");
    std::vector<std::uint8_t> labels(count);
    if (!file.read(0, labels)) throw InputError("Could not read " + path.string() + ".");
    for (const std::uint8_t label : labels)
      if (label < 1 || label > class_count)
        throw InputError(path.string() + " has the label " + std::to_string(label) +
                         ", which STL-10 does not know; it is damaged.");
    return labels;
  }

  void read_class_names(const fs::path& path) {
    std::ifstream in(path);
    for (std::string line; std::getline(in, line) && classes_.size() <= class_count;) {
      if (const auto name = trimmed(line); !name.empty()) classes_.emplace_back(name);
    }
    if (classes_.size() == class_count) return;
    classes_.clear();
    for (int i = 1; i <= class_count; ++i) classes_.push_back(std::to_string(i));
  }

  std::vector<ByteFile> files_;
  std::vector<std::int64_t> firsts_;  // index of each file's first image
};

}  // namespace

std::shared_ptr<const Dataset> open_stl(const fs::path& path) {
  std::error_code unknown;
  const fs::path folder = fs::is_directory(path, unknown) ? path : path.parent_path();
  const std::string name = path.filename().string();
  if (folder != path && name != "train_X.bin" && name != "test_X.bin" && name != "unlabeled_X.bin")
    return nullptr;
  const bool any = std::any_of(std::begin(stl_parts), std::end(stl_parts),
                               [&](const StlPart& part) { return holds_part(folder, part); });
  return any ? std::make_shared<StlDataset>(folder) : nullptr;
}

}  // namespace selfsight
