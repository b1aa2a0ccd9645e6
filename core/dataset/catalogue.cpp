#include "core/dataset/catalogue.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/dataset/archive_reader.h"
#include "core/dataset/dataset.h"
#include "core/spec/settings.h"

namespace selfsight {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

bool is_sha256(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

CatalogueFile file_of(const Json& json) {
  CatalogueFile file{json.at("url").get<std::string>(), json.value("bytes", std::int64_t{0}),
                     json.value("sha256", std::string())};
  const bool web = file.url.starts_with("https://") || file.url.starts_with("http://");
  const std::string name = file.name();
  if (!web || name.empty() || name == "..") throw InputError("its address is none: " + file.url);
  if (file.bytes < 0) throw InputError("its size is negative");
  if (!file.sha256.empty() && !is_sha256(file.sha256))
    throw InputError("its checksum is no SHA-256 in lower case");
  return file;
}

/// Waits until all of the folder is on the disk: far faster than file by file where they are many.
void sync_folder(const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;  // nothing was unpacked
  const int failure = ::syncfs(descriptor) == 0 ? 0 : errno;
  ::close(descriptor);
  if (failure != 0)
    throw Error("Could not write " + folder.string() + ": " + std::strerror(failure) + ".");
}

}  // namespace

std::int64_t CatalogueEntry::bytes() const {
  std::int64_t sum = 0;
  for (const CatalogueFile& file : files) {
    if (file.bytes == 0) return 0;
    sum += file.bytes;
  }
  return sum;
}

bool CatalogueEntry::verified() const {
  return std::none_of(files.begin(), files.end(),
                      [](const CatalogueFile& file) { return file.sha256.empty(); });
}

CatalogueEntry parse_catalogue_entry(const std::string& name, const std::string& text) {
  try {
    const Json json = json_of_toml(text);
    CatalogueEntry entry{.name = name,
                         .title = json.at("title").get<std::string>(),
                         .about = json.at("about").get<std::string>(),
                         .page = json.at("page").get<std::string>(),
                         .licence = json.at("licence").get<std::string>(),
                         .citation = json.at("citation").get<std::string>(),
                         .files = {},
                         .unpack = json.at("unpack").get<bool>()};
    for (const Json& file : json.at("file")) entry.files.push_back(file_of(file));
    if (entry.files.empty()) throw InputError("it names no file");
    return entry;
  } catch (const Json::exception& error) {
    throw InputError("The catalogue's " + name + " cannot be read: " + error.what() + ".");
  } catch (const InputError& error) {
    throw InputError("The catalogue's " + name + " cannot be read: " + error.what() + ".");
  }
}

const std::vector<CatalogueEntry>& catalogue() {
  static const std::vector<CatalogueEntry> entries = [] {
    std::vector<CatalogueEntry> out;
    for (const auto& [name, text] : catalogue_texts())
      out.push_back(parse_catalogue_entry(name, text));
    return out;
  }();
  return entries;
}

const CatalogueEntry& catalogue_entry(const std::string& name) {
  std::vector<std::string> names;
  for (const CatalogueEntry& entry : catalogue()) {
    if (entry.name == name) return entry;
    names.push_back(entry.name);
  }
  const std::string near = nearest_word(name, names);
  throw InputError("There is no " + name + " in the catalogue." +
                   (near.empty() ? " `selfsight data fetch` lists what there is."
                                 : " Did you mean " + near + "?"));
}

void unpack_archive(const fs::path& archive, const fs::path& folder, const Control& control,
                    std::uint64_t most_bytes) {
  std::uint64_t room = most_bytes;
  const ByteFile bytes(archive);
  ArchiveReader reader(bytes);
  while (const auto entry = reader.next()) {
    control.check();
    if (!entry->refusal.empty()) continue;
    const fs::path to = folder / fs::path(entry->name).lexically_normal();
    std::error_code problem;
    fs::create_directories(to.parent_path(), problem);
    std::ofstream out(to, std::ios::binary);
    room -= reader.copy_to(out, room);
    if (!out.flush())
      throw Error("Could not write " + to.string() + "; see that the disk has room.");
  }
  sync_folder(folder);
}

fs::path inner_folder(const fs::path& folder) {
  fs::path inner = folder;
  for (;;) {
    std::error_code problem;
    fs::directory_iterator entry(inner, problem);
    const fs::directory_iterator end;
    if (problem || entry == end) return inner;
    const fs::path first = entry->path();
    if (++entry != end || fs::is_symlink(first) || !fs::is_directory(first)) return inner;
    inner = first;
  }
}

}  // namespace selfsight
