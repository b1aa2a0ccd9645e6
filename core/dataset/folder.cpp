// A folder of images, with labels and splits from the names of its folders.
#include <algorithm>
#include <map>
#include <set>

#include "core/base/files.h"
#include "core/dataset/frames.h"
#include "core/dataset/listing.h"
#include "core/dataset/sets.h"

namespace selfsight {
namespace {

namespace fs = std::filesystem;

/// The places of all images, and which of them each has. Sorted by name, a folder's images stand
/// together, more or less.
struct Places {
  std::vector<Placed> all;
  std::vector<std::size_t> of_image;
};

Places places_of(const std::vector<ImageFile>& files) {
  Places places;
  // By name, what the first and the last are in all are in.
  const std::size_t common = common_folder({files.front().name, files.back().name});
  std::map<std::string, std::size_t> known;
  std::string folder;  // of the image before, and its place
  std::size_t place = 0;
  for (const ImageFile& file : files) {
    const std::size_t slash = file.name.rfind('/') + 1;  // 0 where there is none
    if (places.all.empty() || file.name.compare(0, slash, folder) != 0) {
      folder = file.name.substr(0, slash);
      const auto [found, fresh] = known.emplace(folder, places.all.size());
      if (fresh) places.all.push_back(place_of(folder.substr(common)));
      place = found->second;
    }
    places.of_image.push_back(place);
  }
  return places;
}

class FolderDataset : public ListedDataset {
 public:
  FolderDataset(const fs::path& root, Listing found, const ValueWindow& asked)
      : root_(root), files_(std::move(found.images)) {
    location_ = root.string();
    name_ = root.filename().string();
    broken_ = std::move(found.broken);
    if (std::any_of(files_.begin(), files_.end(), [](const ImageFile& f) { return f.frames > 1; }))
      part_into_frames();
    const Places places = places_of(files_);
    std::set<std::string> labels;
    for (const Placed& placed : places.all)
      if (!placed.label.empty()) labels.insert(placed.label);
    // One folder is a place to keep images, not a class.
    if (labels.size() > 1) classes_.assign(labels.begin(), labels.end());
    std::vector<Entry> entries;
    for (const Placed& placed : places.all)
      entries.push_back({label_of(placed.label), placed.split.value_or(Split::train)});
    entries_.reserve(files_.size());
    for (const std::size_t place : places.of_image) entries_.push_back(entries[place]);
    complete_splits(files_of_frames(frames_));
    identify_files();
    agree_on_values(asked);
  }

  cv::Mat image(std::int64_t index) const override { return reduced_image(index, 0); }
  cv::Mat reduced_image(std::int64_t index, std::int64_t least_side) const override {
    const fs::path path = root_ / files_.at(static_cast<std::size_t>(index)).name;
    return as_agreed(load_frame(path, frame_of(index), least_side, window()));
  }
  std::string image_name(std::int64_t index) const override {
    return frame_name(files_.at(static_cast<std::size_t>(index)).name, frame_of(index));
  }

 protected:
  std::vector<std::byte> file_bytes(std::int64_t index) const override {
    return image_bytes(root_ / files_.at(static_cast<std::size_t>(index)).name);
  }
  FileState state_of(std::int64_t index) const override {
    return file_state(root_ / files_.at(static_cast<std::size_t>(index)).name);
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

  void part_into_frames() {
    std::vector<ImageFile> parted;
    for (const ImageFile& file : files_)
      for (std::int64_t f = 0; f < file.frames; ++f) {
        parted.push_back(file);
        frames_.push_back(file.frames > 1 ? f : -1);
      }
    files_ = std::move(parted);
  }
  std::int64_t frame_of(std::int64_t index) const {
    return frames_.empty() ? -1 : frames_.at(static_cast<std::size_t>(index));
  }

  fs::path root_;
  std::vector<ImageFile> files_;
  std::vector<std::int64_t> frames_;  // of each image; empty where no file holds several
};

/// What a folder holds instead of images.
std::string why_none_of(const fs::path& path, const Listing& found) {
  const std::string folder = "The folder " + path.string();
  const auto count = static_cast<long long>(found.broken.size());
  if (found.broken.empty() && found.others == 0)
    return folder + " is empty; give one with images in it.";
  if (found.broken.empty())
    return folder + " holds " + grouped(static_cast<long long>(found.others)) +
           (found.others == 1 ? " file" : " files") +
           ", but none is an image; give one with images in it.";
  const BrokenImage& first = found.broken.front();
  if (std::all_of(found.broken.begin(), found.broken.end(),
                  [](const BrokenImage& file) { return is_archive(file.name); }))
    return folder + " holds no images, but " + grouped(count) +
           (count == 1 ? " archive" : " archives") + " in folders; open one, such as " +
           (path / first.name).string() + ", or several with semicolons between them.";
  return "None of the " + grouped(count) + " images in " + path.string() +
         " can be used: " + first.name + " " + first.reason + ".";
}

}  // namespace

std::shared_ptr<const Dataset> open_folder(const fs::path& path, const ValueWindow& window,
                                           const Control& control) {
  std::error_code problem;
  fs::directory_iterator probe(path, problem);
  if (problem)
    throw InputError("Could not open the folder " + path.string() + ": " + problem.message() + ".");
  Listing found = cached_listing(path, control);
  if (found.images.empty()) throw InputError(why_none_of(path, found));
  return std::make_shared<FolderDataset>(path, std::move(found), window);
}

}  // namespace selfsight
