// A folder of images, with labels and splits from the names of its folders.
#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <set>

#include "core/base/files.h"
#include "core/dataset/image_header.h"
#include "core/dataset/sets.h"

namespace selfsight {
namespace {

namespace fs = std::filesystem;

struct ImageFile {
  std::string name;  // relative to the root
  std::uintmax_t size = 0;
};

struct Found {
  std::vector<ImageFile> images;
  std::vector<BrokenImage> broken;
  std::uint64_t others = 0;  // files that are no images
};

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

/// Suffixes of formats that can be read; what such a file really is shows when it is decoded.
bool has_image_suffix(const fs::path& path) {
  static const std::set<std::string> suffixes{".jpg", ".jpeg", ".jpe",  ".jfif", ".png", ".bmp",
                                              ".dib", ".tif",  ".tiff", ".webp", ".jp2", ".j2k",
                                              ".jpc", ".ppm",  ".pgm",  ".pbm",  ".pnm"};
  return suffixes.contains(lower(path.extension().string()));
}

ImageFormat format_by_head(const fs::path& path) {
  std::array<std::byte, identifying_bytes> head{};
  std::ifstream in(path, std::ios::binary);
  in.read(reinterpret_cast<char*>(head.data()), head.size());
  return identify(std::span(head).first(static_cast<std::size_t>(in.gcount())));
}

void consider(const fs::directory_entry& file, std::string relative, Found& found) {
  if (!has_image_suffix(file.path())) {
    const ImageFormat format = format_by_head(file.path());
    if (format == ImageFormat::unknown || format == ImageFormat::pdf) {
      ++found.others;
      return;
    }
    if (!readable(format)) {
      found.broken.push_back({std::move(relative), refusal(format)});
      return;
    }
  }
  std::error_code problem;
  const auto size = file.file_size(problem);
  if (problem)
    found.broken.push_back({std::move(relative), "could not be read: " + problem.message()});
  else if (size == 0)
    found.broken.push_back({std::move(relative), "is empty"});
  else
    found.images.push_back({std::move(relative), size});
}

/// Follows links to folders, but enters no folder twice, so a loop of links ends. `prefix` is the
/// folder's path below the root, with a slash behind it.
void walk(const fs::path& folder, const std::string& prefix, std::set<fs::path>& seen,
          Found& found) {
  std::error_code problem;
  const fs::path real = fs::canonical(folder, problem);
  if (!problem && !seen.insert(real).second) return;
  fs::directory_iterator entry(folder, problem);
  std::vector<fs::path> folders;
  for (; !problem && entry != fs::directory_iterator(); entry.increment(problem)) {
    const std::string name = entry->path().filename().string();
    if (name.starts_with(".") || name == "__MACOSX") continue;
    std::error_code unknown;
    if (entry->is_directory(unknown))
      folders.push_back(entry->path());
    else if (entry->is_regular_file(unknown))
      consider(*entry, prefix + name, found);
  }
  if (problem)
    found.broken.push_back({prefix, "is a folder that could not be read: " + problem.message()});
  // In order, so that of several links to one folder the same one is followed every time.
  std::sort(folders.begin(), folders.end());
  for (const fs::path& inner : folders)
    walk(inner, prefix + inner.filename().string() + "/", seen, found);
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

Placed place_of(const std::string& relative) {
  std::vector<std::string> parts;
  for (const auto& part : fs::path(relative)) parts.push_back(part.string());
  Placed placed;
  std::size_t at = 0;
  if (parts.size() > 1)
    if (const auto split = split_named(parts[0])) placed.split = *split, at = 1;
  if (parts.size() > at + 1) placed.label = parts[at];
  return placed;
}

class FolderDataset : public ListedDataset {
 public:
  FolderDataset(const fs::path& root, Found found) : root_(root), files_(std::move(found.images)) {
    location_ = root.string();
    name_ = root.filename().string();
    broken_ = std::move(found.broken);
    std::set<std::string> labels;
    std::vector<Placed> places;
    for (const ImageFile& file : files_) {
      places.push_back(place_of(file.name));
      if (!places.back().label.empty()) labels.insert(places.back().label);
    }
    // One folder is a place to keep images, not a class.
    if (labels.size() > 1) classes_.assign(labels.begin(), labels.end());
    for (const Placed& placed : places) entries_.push_back({label_of(placed.label), placed.split});
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
    std::string identity;
    for (const ImageFile& file : files_)
      identity += file.name + '\0' + std::to_string(file.size) + '\n';
    fingerprint_ = sha256(std::as_bytes(std::span(identity)));
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
  Found found;
  std::set<fs::path> seen;
  walk(path, "", seen, found);
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
  std::sort(found.images.begin(), found.images.end(),
            [](const ImageFile& a, const ImageFile& b) { return a.name < b.name; });
  std::sort(found.broken.begin(), found.broken.end(),
            [](const BrokenImage& a, const BrokenImage& b) { return a.name < b.name; });
  return std::make_shared<FolderDataset>(path, std::move(found));
}

}  // namespace selfsight
