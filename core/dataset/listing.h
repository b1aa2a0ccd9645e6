// What lies in a folder of images. Private to this room.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/dataset/dataset.h"

namespace selfsight {

struct ImageFile {
  std::string name;  // relative to the root
  std::uintmax_t size = 0;
  std::int64_t frames = 1;  // images that it holds
};

/// A folder that was read, and what tells whether something in it came, went or was renamed.
struct ListedFolder {
  std::string name;           // relative to the root, with a slash behind; empty for the root
  std::int64_t modified = 0;  // nanoseconds
  std::uint64_t inode = 0;
};

/// The reason that a broken file without any bytes has.
inline constexpr char empty_file[] = "is empty";

struct Listing {
  std::vector<ImageFile> images;    // by name
  std::vector<BrokenImage> broken;  // by name
  std::uint64_t others = 0;         // files that are no images
  std::vector<ListedFolder> folders;
  bool whole = true;  // nothing was hidden, and no link led nowhere
};

/// Empty if there is no such folder.
std::optional<ListedFolder> state_of(const std::filesystem::path& folder, const std::string& name);

/// Reads the folder and all below it. Follows links to folders, but enters no folder twice, so a
/// loop of links ends. Throws Cancelled when stopped.
Listing list_images(const std::filesystem::path& root, const Control& control = {});

/// The same, but what was listed before is not listed again while none of its folders has changed;
/// of the files themselves only a sample is looked at. Large listings are kept in the user's cache
/// folder ($XDG_CACHE_HOME/selfsight/listings), but only whole ones, for no folder tells when what
/// was hidden can be read; one that cannot be read or written costs no more than the time.
Listing cached_listing(const std::filesystem::path& root, const Control& control = {});

}  // namespace selfsight
