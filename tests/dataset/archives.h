// Archives for tests, good and bad ones.
#pragma once

#include <archive.h>
#include <archive_entry.h>

#include "tests/dataset/files.h"

namespace selfsight {

struct Packed {
  std::string name;
  Bytes bytes{};
  std::string link{};      // a symbolic link to this instead
  std::string hardlink{};  // a hard link
};

/// Written by the suffix of the name: .zip, .tar, .tar.gz, .tar.zst.
inline std::string packed(const Folder& folder, const std::string& name,
                          const std::vector<Packed>& entries) {
  std::filesystem::create_directories(folder.path(name).parent_path());
  archive* a = archive_write_new();
  if (name.ends_with(".zip")) {
    archive_write_set_format_zip(a);
  } else {
    archive_write_set_format_pax_restricted(a);
    if (name.ends_with(".gz")) archive_write_add_filter_gzip(a);
    if (name.ends_with(".zst")) archive_write_add_filter_zstd(a);
  }
  archive_write_open_filename(a, folder(name).c_str());
  for (const Packed& from : entries) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, from.name.c_str());
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_filetype(entry, from.link.empty() ? AE_IFREG : AE_IFLNK);
    if (!from.link.empty()) archive_entry_set_symlink(entry, from.link.c_str());
    if (!from.hardlink.empty()) archive_entry_set_hardlink(entry, from.hardlink.c_str());
    archive_entry_set_size(entry, static_cast<la_int64_t>(from.bytes.size()));
    archive_write_header(a, entry);
    if (!from.bytes.empty()) archive_write_data(a, from.bytes.data(), from.bytes.size());
    archive_entry_free(entry);
  }
  archive_write_free(a);
  return folder(name);
}

/// A picture of one colour; BGR.
inline Bytes plain_png(int shade, int width = 6) {
  return encoded(".png", cv::Mat(5, width, CV_8UC3, cv::Scalar(shade, 2 * shade, 3 * shade)));
}

}  // namespace selfsight
