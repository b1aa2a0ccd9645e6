#include "core/base/scratch_folder.h"

#include <stdlib.h>

#include <string>

#include "core/base/error.h"

namespace selfsight {

ScratchFolder::ScratchFolder(std::string_view purpose) {
  const auto place = std::filesystem::temp_directory_path();
  // mkdtemp puts letters of its own in the place of the last six.
  std::string name = (place / "selfsight-XXXXXX").string();
  if (!::mkdtemp(name.data()))
    throw Error("Could not make a folder in " + place.string() + ' ' + std::string(purpose) +
                "; make room there, or set TMPDIR to another place.");
  path_ = name;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace selfsight
