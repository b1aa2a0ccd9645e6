// Public data sets that can be fetched: where they are, what they may be used for, whom to cite.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "core/base/control.h"

namespace selfsight {

struct CatalogueFile {
  std::string url;
  std::int64_t bytes = 0;  // 0: not known
  std::string sha256;      // empty: not known, so what arrives cannot be checked
  std::string name() const { return url.substr(url.rfind('/') + 1); }
};

struct CatalogueEntry {
  std::string name;  // a word for the command line
  std::string title, about, page, licence, citation;
  std::vector<CatalogueFile> files;
  bool unpack = false;  // archives that are read much faster once unpacked

  std::int64_t bytes() const;  // of all files; 0 if that of one is not known
  bool verified() const;       // whether all that arrives can be checked
};

/// What travels with the program, from datasets/*.toml.
const std::vector<CatalogueEntry>& catalogue();

/// Throws InputError, naming the nearest there is.
const CatalogueEntry& catalogue_entry(const std::string& name);

/// Throws InputError naming what is missing or wrong.
CatalogueEntry parse_catalogue_entry(const std::string& name, const std::string& text);

/// Unpacks a .tar, .tar.gz, .tar.zst or .zip into a folder that is made; links, devices and paths
/// that lead out of it are left out. All of it is on the disk when this returns. Throws InputError
/// with a clause, also where there is more than `most_bytes` in it, Error, and Cancelled.
void unpack_archive(const std::filesystem::path& archive, const std::filesystem::path& folder,
                    const Control& control, std::uint64_t most_bytes = std::uint64_t(64) << 30);

/// The data set in the folder of an entry: its only folder, if there is nothing beside it, and so
/// on inwards.
std::filesystem::path inner_folder(const std::filesystem::path& folder);

/// (name, TOML) of all entries; generated from datasets/*.toml.
const std::vector<std::pair<std::string, std::string>>& catalogue_texts();

}  // namespace selfsight
