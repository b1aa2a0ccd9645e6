// What all kinds of data set share: labels and splits from names, and sets made of sets.
#include <algorithm>
#include <map>
#include <set>

#include "core/base/files.h"
#include "core/dataset/frames.h"
#include "core/dataset/pixels.h"
#include "core/dataset/sets.h"

namespace selfsight {
namespace {

namespace fs = std::filesystem;

/// Another set, under another name.
class Renamed : public Dataset {
 public:
  Renamed(std::shared_ptr<const Dataset> set, std::string name, std::string location,
          std::string stamp)
      : set_(std::move(set)),
        name_(std::move(name)),
        location_(std::move(location)),
        stamp_(std::move(stamp)) {}
  std::string name() const override { return name_.empty() ? set_->name() : name_; }
  std::string location() const override { return location_; }
  std::int64_t size() const override { return set_->size(); }
  cv::Mat image(std::int64_t index) const override { return set_->image(index); }
  cv::Mat reduced_image(std::int64_t index, std::int64_t least_side) const override {
    return set_->reduced_image(index, least_side);
  }
  std::string image_name(std::int64_t index) const override { return set_->image_name(index); }
  int label(std::int64_t index) const override { return set_->label(index); }
  const std::vector<std::string>& classes() const override { return set_->classes(); }
  Split split(std::int64_t index) const override { return set_->split(index); }
  const std::vector<BrokenImage>& broken() const override { return set_->broken(); }
  int channels() const override { return set_->channels(); }
  bool deep() const override { return set_->deep(); }
  std::string fingerprint() const override { return set_->fingerprint(); }
  std::string stamp(std::span<const std::int64_t> indices) const override {
    return stamp_.empty() ? set_->stamp(indices) : stamp_;
  }
  cv::Mat outside_image(const fs::path& file) const override { return set_->outside_image(file); }
  const std::vector<std::string>& columns() const override { return set_->columns(); }
  std::string cell(std::int64_t index, std::size_t column) const override {
    return set_->cell(index, column);
  }

 private:
  std::shared_ptr<const Dataset> set_;
  std::string name_, location_, stamp_;
};

/// Where a word stands; behind the end if it is not there.
std::size_t place_in(const std::vector<std::string>& words, const std::string& word) {
  return static_cast<std::size_t>(std::find(words.begin(), words.end(), word) - words.begin());
}

/// The split that a folder or an archive is named after, by the place where a part was opened.
std::optional<Split> split_of_part(const std::string& location) {
  const std::string last = fs::path(location).filename().string();
  const std::string name = last.substr(0, last.rfind('?'));
  return split_named(is_archive(name) ? split_word_in(fs::path(name).stem().string()) : name);
}

/// One set after the other. A part that is named after a split is wholly in it.
class Joined : public ListedDataset {
 public:
  Joined(std::vector<std::shared_ptr<const Dataset>> parts, const std::string& location)
      : parts_(std::move(parts)) {
    location_ = location;
    channels_ = 1;
    std::set<std::string> classes;
    std::string identity;
    for (const auto& part : parts_) {
      name_ += (name_.empty() ? "" : " + ") + part->name();
      classes.insert(part->classes().begin(), part->classes().end());
      check_bands(*part);
      channels_ = std::max(channels_, part->channels());
      broken_.insert(broken_.end(), part->broken().begin(), part->broken().end());
      identity += part->fingerprint();
      for (const std::string& column : part->columns())
        if (place_in(columns_, column) == columns_.size()) columns_.push_back(column);
    }
    classes_.assign(classes.begin(), classes.end());
    for (const auto& part : parts_) append(*part);
    if (!has_split(Split::test) || !has_split(Split::validation)) complete_splits(files());
    fingerprint_ = sha256(std::as_bytes(std::span(identity)));
  }

  cv::Mat image(std::int64_t index) const override {
    const auto [part, inner] = place(index);
    return part->image(inner);
  }
  cv::Mat reduced_image(std::int64_t index, std::int64_t least_side) const override {
    const auto [part, inner] = place(index);
    return part->reduced_image(inner, least_side);
  }
  std::string image_name(std::int64_t index) const override {
    const auto [part, inner] = place(index);
    return part->name() + "/" + part->image_name(inner);
  }
  cv::Mat outside_image(const fs::path& file) const override {
    return parts_.front()->outside_image(file);
  }
  bool deep() const override {
    return std::any_of(parts_.begin(), parts_.end(), [](const auto& part) { return part->deep(); });
  }
  std::string stamp(std::span<const std::int64_t> indices) const override {
    std::map<const Dataset*, std::vector<std::int64_t>> asked;
    for (const std::int64_t index : indices) {
      const auto [part, inner] = place(index);
      asked[part].push_back(inner);
    }
    std::string all;
    for (const auto& part : parts_)
      if (const auto some = asked.find(part.get()); some != asked.end())
        all += part->stamp(some->second) + '\n';
    return sha256(std::as_bytes(std::span(all)));
  }
  const std::vector<std::string>& columns() const override { return columns_; }
  std::string cell(std::int64_t index, std::size_t column) const override {
    const auto [part, inner] = place(index);
    const std::size_t there = place_in(part->columns(), columns_.at(column));
    return there < part->columns().size() ? part->cell(inner, there) : std::string();
  }

 private:
  void check_bands(const Dataset& part) const {
    const int first = parts_.front()->channels(), other = part.channels();
    if (first == other || (!is_bands(first) && !is_bands(other))) return;
    throw InputError(parts_.front()->name() + " has images of " + std::to_string(first) +
                     " bands and " + part.name() + " of " + std::to_string(other) +
                     ", so they cannot be one data set.");
  }

  void append(const Dataset& part) {
    firsts_.push_back(size());
    const std::optional<Split> named = split_of_part(part.location());
    std::vector<int> translated;
    for (const std::string& name : part.classes())
      translated.push_back(static_cast<int>(
          std::lower_bound(classes_.begin(), classes_.end(), name) - classes_.begin()));
    for (std::int64_t i = 0; i < part.size(); ++i) {
      const int label = part.label(i);
      entries_.push_back({label < 0 ? -1 : translated[static_cast<std::size_t>(label)],
                          named.value_or(part.split(i))});
    }
  }

  /// Which file each image is of, by the names of the images.
  std::vector<std::size_t> files() const {
    std::vector<std::size_t> out;
    std::size_t count = 0;
    for (const auto& part : parts_) {
      std::map<std::string, std::size_t> known;
      for (std::int64_t i = 0; i < part->size(); ++i) {
        const auto [file, fresh] = known.emplace(file_of_frame(part->image_name(i)), count);
        count += fresh;
        out.push_back(file->second);
      }
    }
    return out;
  }

  std::pair<const Dataset*, std::int64_t> place(std::int64_t index) const {
    entry(index);  // throws beyond the end
    const auto after = std::upper_bound(firsts_.begin(), firsts_.end(), index);
    const auto part = static_cast<std::size_t>(after - firsts_.begin()) - 1;
    return {parts_[part].get(), index - firsts_[part]};
  }

  std::vector<std::shared_ptr<const Dataset>> parts_;
  std::vector<std::int64_t> firsts_;
  std::vector<std::string> columns_;
};

}  // namespace

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

bool has_image_suffix(const fs::path& path) {
  static const std::set<std::string> suffixes{".jpg", ".jpeg", ".jpe",  ".jfif", ".png", ".bmp",
                                              ".dib", ".tif",  ".tiff", ".webp", ".jp2", ".j2k",
                                              ".jpc", ".ppm",  ".pgm",  ".pbm",  ".pnm", ".dcm"};
  return suffixes.contains(lower(path.extension().string()));
}

std::optional<Split> split_named(const std::string& word) {
  static const std::map<std::string, Split> names{
      {"train", Split::train},      {"training", Split::train},        {"val", Split::validation},
      {"valid", Split::validation}, {"validation", Split::validation}, {"test", Split::test},
      {"testing", Split::test}};
  const auto found = names.find(lower(word));
  return found == names.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::string> name_words(const std::string& name) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin < name.size();) {
    const std::size_t end = std::min(name.find_first_of("-_.", begin), name.size());
    if (end > begin) words.push_back(name.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

std::string split_word_in(const std::string& name) {
  for (const std::string& word : name_words(name))
    if (split_named(word)) return word;
  return {};
}

Placed place_of(const std::string& relative) {
  std::vector<std::string> parts;
  for (const auto& part : fs::path(relative)) parts.push_back(part.string());
  if (parts.size() < 2) return {};
  if (const auto split = split_named(parts[0])) return {split, parts.size() > 2 ? parts[1] : ""};
  return {parts.size() > 2 ? split_named(parts[1]) : std::nullopt, parts[0]};
}

std::size_t common_folder(const std::vector<std::string>& names) {
  std::size_t common = 0;
  while (!names.empty()) {
    const std::string& first = names.front();
    const std::size_t slash = first.find('/', common);
    if (slash == std::string::npos || split_named(first.substr(common, slash - common))) break;
    const std::string folders = first.substr(0, slash + 1);
    if (!std::all_of(names.begin(), names.end(),
                     [&](const std::string& name) { return name.starts_with(folders); }))
      break;
    common = slash + 1;
  }
  return common;
}

FileState ListedDataset::state_of(std::int64_t) const {
  return {};
}

std::string ListedDataset::stamp(std::span<const std::int64_t> indices) const {
  Sha256 hash;
  const auto add = [&](const auto& value) { hash.add(&value, sizeof(value)); };
  // Other images than these decide what the set agreed on, and so how these are decoded.
  add(channels_);
  for (const auto* values : {&window_.low, &window_.high})
    for (const double value : *values) add(value);
  for (const std::int64_t index : indices) {
    const FileState state = state_of(index);
    add(state.modified);
    add(state.size);
  }
  return hash.hex();
}

void ListedDataset::take_places(const std::vector<std::string>& names,
                                const std::vector<std::size_t>& files) {
  std::set<std::string> labels;
  std::vector<Placed> places;
  const std::size_t common = common_folder(names);
  for (const std::string& name : names) {
    places.push_back(place_of(name.substr(common)));
    if (!places.back().label.empty()) labels.insert(places.back().label);
  }
  // One folder is a place to keep images, not a class.
  if (labels.size() > 1) classes_.assign(labels.begin(), labels.end());
  for (const Placed& placed : places) {
    const auto at = std::lower_bound(classes_.begin(), classes_.end(), placed.label);
    const bool known = at != classes_.end() && *at == placed.label;
    entries_.push_back({known ? static_cast<int>(at - classes_.begin()) : -1,
                        placed.split.value_or(Split::train)});
  }
  complete_splits(files);
}

std::shared_ptr<const Dataset> joined(std::vector<std::shared_ptr<const Dataset>> parts,
                                      const std::string& location) {
  return std::make_shared<Joined>(std::move(parts), location);
}

std::shared_ptr<const Dataset> renamed(std::shared_ptr<const Dataset> set, const std::string& name,
                                       const std::string& location, const std::string& stamp) {
  return std::make_shared<Renamed>(std::move(set), name, location, stamp);
}

}  // namespace selfsight
