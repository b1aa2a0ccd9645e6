// A folder among the temporary files, for as long as its object lives.
#pragma once

#include <filesystem>
#include <string_view>

namespace selfsight {

class ScratchFolder {
 public:
  /// Throws Error naming the place and `purpose` ("to unpack into") where there is no room.
  explicit ScratchFolder(std::string_view purpose);
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace selfsight
