#include "core/dataset/dataset.h"

#include <algorithm>
#include <charconv>

#include "core/base/files.h"
#include "core/base/random.h"
#include "core/dataset/sets.h"

namespace selfsight {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t fewest_to_split = 20;
constexpr char set_separator = ';';
constexpr std::string_view procedural_name = "procedural";

/// "procedural" or "procedural:COUNT".
std::optional<std::int64_t> procedural_count(std::string_view word) {
  if (word == procedural_name) return 6000;
  if (!word.starts_with(procedural_name) || word.size() < procedural_name.size() + 2 ||
      word[procedural_name.size()] != ':')
    return std::nullopt;
  word.remove_prefix(procedural_name.size() + 1);
  std::int64_t count = 0;
  const auto [end, problem] = std::from_chars(word.data(), word.data() + word.size(), count);
  if (problem != std::errc() || end != word.data() + word.size() || count < 1 || count > 10'000'000)
    throw InputError("procedural:" + std::string(word) +
                     " is no number of images; write for example procedural:2000.");
  return count;
}

std::string nothing_at(const std::string& word) {
  const std::string near = nearest_word(word, {"fashion-mnist", "procedural"});
  return word + " is neither a folder or file nor a built-in set (fashion-mnist, procedural)." +
         (near.empty() ? "" : " Did you mean " + near + "?");
}

/// Before each kind of data set tries. `problem` is what a look at the path has told.
void require_permission(const fs::path& path, std::error_code problem) {
  if (problem == std::errc::permission_denied)
    throw InputError(path.string() + " cannot be read; check the permissions of its folder.");
  if (!fs::is_directory(path, problem)) return;
  const fs::directory_iterator probe(path, problem);
  if (problem == std::errc::permission_denied)
    throw InputError("The folder " + path.string() + " cannot be read; check its permissions.");
}

/// "one;two": several, as one.
std::shared_ptr<const Dataset> open_several(const std::string& words, const Control& control) {
  std::vector<std::shared_ptr<const Dataset>> parts;
  std::string location;
  for (std::size_t begin = 0; begin <= words.size();) {
    const std::size_t end = std::min(words.find(set_separator, begin), words.size());
    if (end > begin) {
      parts.push_back(open_dataset(words.substr(begin, end - begin), control));
      location +=
          (location.empty() ? "" : std::string(1, set_separator)) + parts.back()->location();
    }
    begin = end + 1;
  }
  if (parts.empty()) throw InputError("No data set is named between the semicolons.");
  return parts.size() == 1 ? parts.front() : joined(std::move(parts), location);
}

std::shared_ptr<const Dataset> open_binary_set(const fs::path& path, const std::string& name) {
  if (auto set = open_cifar(path)) return set;
  if (auto set = open_stl(path)) return set;
  return open_idx(path, name);
}

/// A file or folder that is there, opened by those kinds that know what is asked for.
std::shared_ptr<const Dataset> open_path(const fs::path& path, const std::string& name,
                                         const OpenOptions& how, const Control& control) {
  if (how.every > 0 || how.scene > 0) {
    if (auto set = open_videos(path, how, control)) return set;
    throw InputError(path.string() + " holds no videos, of which alone ?every and ?scenes tell.");
  }
  if (how.window.low.empty()) {
    if (auto set = open_binary_set(path, name)) return set;
    if (auto set = open_videos(path, how, control)) return set;
  }
  if (fs::is_directory(path)) {
    const auto shards = shards_of(path.string());
    return shards.empty() ? open_folder(path, how.window, control)
                          : open_archives(shards, path.string(), how.window, control);
  }
  if (is_archive(path)) return open_archives({path}, path.string(), how.window, control);
  if (auto set = open_list(path, how.window, control)) return set;
  throw InputError(path.string() +
                   " is no data set; give a folder or an archive of images, a list of them in CSV, "
                   "videos, or an IDX, CIFAR or STL-10 binary file.");
}

}  // namespace

std::string Dataset::stamp(std::span<const std::int64_t>) const {
  return {};
}

cv::Mat Dataset::reduced_image(std::int64_t index, std::int64_t) const {
  return image(index);
}

std::vector<std::int64_t> Dataset::indices(Split wanted) const {
  std::vector<std::int64_t> out;
  for (std::int64_t i = 0; i < size(); ++i)
    if (split(i) == wanted) out.push_back(i);
  return out;
}

cv::Mat Dataset::outside_image(const fs::path& file) const {
  return load_image(file);
}

const std::vector<std::string>& Dataset::columns() const {
  static const std::vector<std::string> none;
  return none;
}

std::string Dataset::cell(std::int64_t, std::size_t) const {
  return {};
}

bool ListedDataset::has_split(Split wanted) const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [&](const Entry& e) { return e.split == wanted; });
}

void ListedDataset::complete_splits(const std::vector<std::size_t>& files) {
  const std::size_t count =
      files.empty() ? entries_.size() : *std::max_element(files.begin(), files.end()) + 1;
  if (count < fewest_to_split) return;
  // A tenth, by a hash of the index that no seed changes: every run of a set agrees on its splits.
  const auto carve = [&](Split split, std::uint64_t salt) {
    for (std::size_t i = 0; i < entries_.size(); ++i)
      if (entries_[i].split == Split::train &&
          Random({salt, files.empty() ? i : files[i], static_cast<std::uint64_t>(Stream::split)})
                  .below(10) == 0)
        entries_[i].split = split;
  };
  if (!has_split(Split::test)) carve(Split::test, 1);
  if (!has_split(Split::validation)) carve(Split::validation, 2);
}

std::shared_ptr<const Dataset> open_dataset(const std::string& word, const Control& control) {
  if (word.empty())
    throw InputError("No data set is named; give a folder of images or fashion-mnist.");
  if (const auto count = procedural_count(word)) return open_procedural(*count);
  std::error_code problem;
  const bool there = fs::exists(word, problem);
  if (!there && word.find(set_separator) != std::string::npos) return open_several(word, control);
  const auto [bare, how] = there ? std::pair(word, OpenOptions{}) : open_words(word);
  fs::path path = bare;
  std::string name;
  if (word == "fashion-mnist" && !there) {
    path = fashion_mnist_folder;
    name = "Fashion-MNIST";
    if (!fs::exists(path, problem))
      throw InputError(
          "Fashion-MNIST is not installed; `apt install dataset-fashion-mnist` brings it.");
  }
  const bool found = fs::exists(path, problem);
  require_permission(path, problem);
  if (!found) {
    const std::string whole = fs::absolute(path).lexically_normal().string();
    if (const auto shards = shards_of(whole); !shards.empty())
      return open_archives(shards, whole, how.window, control);
    throw InputError(nothing_at(word));
  }
  path = fs::absolute(path).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();  // "photos/" and "."
  if (path == fashion_mnist_folder) name = "Fashion-MNIST";
  return open_path(path, name, how, control);
}

}  // namespace selfsight
