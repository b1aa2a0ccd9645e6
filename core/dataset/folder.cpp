// A folder of images, with labels and splits from the names of its folders.
#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "core/base/files.h"
#include "core/dataset/listing.h"
#include "core/dataset/sets.h"

namespace selfsight {
namespace {

namespace fs = std::filesystem;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::optional<Split> split_named(const std::string& folder) {
  static const std::map<std::string, Split> names{
      {"train", Split::train},      {"training", Split::train},        {"val", Split::validation},
      {"valid", Split::validation}, {"validation", Split::validation}, {"test", Split::test},
      {"testing", Split::test}};
  const auto found = names.find(lower(folder));
  return found == names.end() ? std::nullopt : std::optional(found->second);
}

struct Placed {
  Split split = Split::train;
  std::string label;  // empty: directly under the root or the split's folder
};

/// Of the images in a folder, named relative to the root with a slash behind.
Placed place_of(const std::string& folder) {
  std::vector<std::string> parts;
  std::istringstream in(folder);
  for (std::string part; std::getline(in, part, '/');) parts.push_back(part);
  Placed placed;
  std::size_t at = 0;
  if (!parts.empty())
    if (const auto split = split_named(parts[0])) placed.split = *split, at = 1;
  if (parts.size() > at) placed.label = parts[at];
  return placed;
}

/// The places of all images, and which of them each has. Sorted by name, a folder's images stand
/// together, more or less.
struct Places {
  std::vector<Placed> all;
  std::vector<std::size_t> of_image;
};

Places places_of(const std::vector<ImageFile>& files) {
  Places places;
  std::map<std::string, std::size_t> known;
  std::string folder;  // of the image before, and its place
  std::size_t place = 0;
  for (const ImageFile& file : files) {
    const std::size_t slash = file.name.rfind('/') + 1;  // 0 where there is none
    if (places.all.empty() || file.name.compare(0, slash, folder) != 0) {
      folder = file.name.substr(0, slash);
      const auto [found, fresh] = known.emplace(folder, places.all.size());
      if (fresh) places.all.push_back(place_of(folder));
      place = found->second;
    }
    places.of_image.push_back(place);
  }
  return places;
}

class FolderDataset : public ListedDataset {
 public:
  FolderDataset(const fs::path& root, Listing found)
      : root_(root), files_(std::move(found.images)) {
    location_ = root.string();
    name_ = root.filename().string();
    broken_ = std::move(found.broken);
    const Places places = places_of(files_);
    std::set<std::string> labels;
    for (const Placed& placed : places.all)
      if (!placed.label.empty()) labels.insert(placed.label);
    // One folder is a place to keep images, not a class.
    if (labels.size() > 1) classes_.assign(labels.begin(), labels.end());
    std::vector<Entry> entries;
    for (const Placed& placed : places.all)
      entries.push_back({label_of(placed.label), placed.split});
    entries_.reserve(files_.size());
    for (const std::size_t place : places.of_image) entries_.push_back(entries[place]);
    complete_splits();
    identify_files();
    channels_ = look_at_channels();
  }

  cv::Mat image(std::int64_t index) const override {
    return load_image(root_ / files_.at(static_cast<std::size_t>(index)).name);
  }
  std::string image_name(std::int64_t index) const override {
    return files_.at(static_cast<std::size_t>(index)).name;
  }

 private:
  int label_of(const std::string& label) const {
    const auto at = std::lower_bound(classes_.begin(), classes_.end(), label);
    return at == classes_.end() || *at != label ? -1 : static_cast<int>(at - classes_.begin());
  }

  void identify_files() {
    Sha256 identity;
    for (const ImageFile& file : files_) {
      const std::string line = file.name + '\0' + std::to_string(file.size) + '\n';
      identity.add(line.data(), line.size());
    }
    fingerprint_ = identity.hex();
  }

  int look_at_channels() const {
    const std::size_t step = std::max<std::size_t>(1, files_.size() / 16);
    bool any = false;
    for (std::size_t i = 0; i < files_.size(); i += step) {
      try {
        if (image(static_cast<std::int64_t>(i)).channels() == 3) return 3;
        any = true;
      } catch (const ImageError&) {
        // measure() and the loader report it.
      }
    }
    return any ? 1 : 3;
  }

  fs::path root_;
  std::vector<ImageFile> files_;
};

}  // namespace

std::shared_ptr<const Dataset> open_folder(const fs::path& path) {
  std::error_code problem;
  fs::directory_iterator probe(path, problem);
  if (problem)
    throw InputError("Could not open the folder " + path.string() + ": " + problem.message() + ".");
  Listing found = cached_listing(path);
  if (found.images.empty()) {
    if (!found.broken.empty())
      throw InputError("None of the " + grouped(static_cast<long long>(found.broken.size())) +
                       " images in " + path.string() + " can be used: " +
                       found.broken.front().name + " " + found.broken.front().reason + ".");
    throw InputError(found.others == 0
                         ? "The folder " + path.string() + " is empty; give one with images in it."
                         : "The folder " + path.string() + " holds " +
                               grouped(static_cast<long long>(found.others)) +
                               (found.others == 1 ? " file" : " files") +
                               ", but none is an image; give one with images in it.");
  }
  return std::make_shared<FolderDataset>(path, std::move(found));
}

}  // namespace selfsight
