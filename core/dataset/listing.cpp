#include "core/dataset/listing.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <set>

#include "core/dataset/frames.h"
#include "core/dataset/image_header.h"
#include "core/dataset/sets.h"

namespace selfsight {
namespace {

namespace fs = std::filesystem;

ImageFormat format_by_head(const fs::path& path) {
  std::array<std::byte, identifying_bytes> head{};
  std::ifstream in(path, std::ios::binary);
  in.read(reinterpret_cast<char*>(head.data()), head.size());
  return identify(std::span(head).first(static_cast<std::size_t>(in.gcount())));
}

void consider_file(const fs::directory_entry& file, std::string relative, Listing& found) {
  const bool looked_into = may_hold_frames(file.path());
  if (looked_into && ::access(file.path().c_str(), R_OK) != 0) found.whole = false;
  if (!has_image_suffix(file.path())) {
    if (is_archive(file.path())) {
      found.broken.push_back({std::move(relative),
                              "is an archive within a folder; open it by itself, or both as "
                              "\"folder;archive\""});
      return;
    }
    const ImageFormat format = format_by_head(file.path());
    // A DICOMDIR is the table of contents of the scans beside it.
    if (format == ImageFormat::unknown || format == ImageFormat::pdf ||
        file.path().filename() == "DICOMDIR") {
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
  if (problem) {
    found.whole = false;
    found.broken.push_back({std::move(relative), "could not be read: " + problem.message()});
  } else if (size == 0) {
    found.broken.push_back({std::move(relative), empty_file});
  } else {
    found.images.push_back(
        {std::move(relative), size, looked_into ? count_frames(file.path()) : 1});
  }
}

/// `prefix` is the folder's path below the root, with a slash behind it.
void walk(const fs::path& folder, const std::string& prefix, std::set<fs::path>& seen,
          const Control& control, Listing& found) {
  std::error_code problem;
  const fs::path real = fs::canonical(folder, problem);
  if (!problem && !seen.insert(real).second) return;
  if (const auto state = state_of(folder, prefix)) found.folders.push_back(*state);
  fs::directory_iterator entry(folder, problem);
  std::vector<fs::path> folders;
  for (; !problem && entry != fs::directory_iterator(); entry.increment(problem)) {
    control.check();
    const std::string name = entry->path().filename().string();
    if (name.starts_with(".") || name == "__MACOSX") continue;
    std::error_code unknown;
    if (entry->is_directory(unknown))
      folders.push_back(entry->path());
    else if (entry->is_regular_file(unknown))
      consider_file(*entry, prefix + name, found);
    else if (!fs::exists(entry->status(unknown)))
      found.whole = false;  // a link that leads nowhere yet, or to what is hidden
  }
  if (problem) {
    found.whole = false;
    found.broken.push_back({prefix, "is a folder that could not be read: " + problem.message()});
  }
  // In order, so that of several links to one folder the same one is followed every time.
  std::sort(folders.begin(), folders.end());
  for (const fs::path& inner : folders)
    walk(inner, prefix + inner.filename().string() + "/", seen, control, found);
}

template <class Named>
void sort_by_name(std::vector<Named>& all) {
  std::sort(all.begin(), all.end(), [](const Named& a, const Named& b) { return a.name < b.name; });
}

}  // namespace

std::optional<ListedFolder> state_of(const fs::path& folder, const std::string& name) {
  struct stat status {};
  if (::stat(folder.c_str(), &status) != 0) return std::nullopt;
  return ListedFolder{name, status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec,
                      status.st_ino};
}

Listing list_images(const fs::path& root, const Control& control) {
  Listing found;
  std::set<fs::path> seen;
  walk(root, "", seen, control, found);
  sort_by_name(found.images);
  sort_by_name(found.broken);
  return found;
}

}  // namespace selfsight
