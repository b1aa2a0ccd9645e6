#include "core/dataset/archive_reader.h"

#include <locale.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "core/base/files.h"
#include "core/dataset/dataset.h"

namespace selfsight {
namespace {

/// What a compressed archive may unpack to: anything up to a gigabyte, then no more than pictures
/// and text can be packed, for zeros would keep a processor busy for minutes without end.
std::int64_t most_unpacked(std::uint64_t packed) {
  constexpr std::uint64_t always = std::uint64_t(1) << 30, never = std::uint64_t(64) << 30;
  constexpr std::uint64_t best_ratio = 200;
  return static_cast<std::int64_t>(std::clamp(std::min(packed, never) * best_ratio, always, never));
}

/// How the file is packed. Not left to libarchive, which goes on to unpack what it finds inside:
/// a few hundred bytes, packed four times, are hours of nothing.
int filter_of(const ByteFile& file) {
  constexpr std::array<std::uint8_t, 4> zstd{0x28, 0xB5, 0x2F, 0xFD};
  std::array<std::uint8_t, 4> head{};
  if (!file.read(0, head)) return ARCHIVE_FILTER_NONE;
  if (head == zstd) return ARCHIVE_FILTER_ZSTD;
  const bool gzip = head[0] == 0x1F && head[1] == 0x8B && head[2] == 8;
  return gzip ? ARCHIVE_FILTER_GZIP : ARCHIVE_FILTER_NONE;
}

constexpr std::size_t longest_name = 4096;  // as of paths

/// The beginning of a name that is too long.
std::string beginning_of(const std::string& name) {
  std::size_t end = 64;
  while (end > 0 && (name[end] & 0xC0) == 0x80) --end;  // not within a character of UTF-8
  return name.substr(0, end) + "…";
}

std::string size_words(std::uint64_t bytes) {
  constexpr std::uint64_t megabyte = 1'000'000;
  return bytes < megabyte ? grouped(static_cast<long long>(bytes)) + " bytes"
                          : grouped(static_cast<long long>(bytes / megabyte)) + " MB";
}

/// libarchive turns names into UTF-8 by way of the thread's locale, which is "C" in a program that
/// has not asked for another, and loses those of a ZIP that are no ASCII.
class Utf8Names {
 public:
  Utf8Names() : before_(::uselocale(utf8())) {}
  ~Utf8Names() { ::uselocale(before_); }
  Utf8Names(const Utf8Names&) = delete;
  Utf8Names& operator=(const Utf8Names&) = delete;

 private:
  static locale_t utf8() {
    static const locale_t made = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return made;  // null where there is none, which changes nothing
  }

  locale_t before_;
};

std::string name_of(archive_entry* entry) {
  if (const char* name = archive_entry_pathname_utf8(entry)) return name;
  const char* name = archive_entry_pathname(entry);
  return name ? name : "";
}

/// Why an entry that is no folder cannot be used.
std::string refusal_of(archive_entry* entry, const std::string& name) {
  if (name.empty()) return "has no name that can be read";
  if (name.size() > longest_name)
    return "has a name longer than " + grouped(static_cast<long long>(longest_name)) + " bytes";
  const std::filesystem::path path(name);
  if (path.is_absolute() || std::find(path.begin(), path.end(), "..") != path.end())
    return "has a path that leads out of the archive";
  if (archive_entry_symlink(entry) || archive_entry_hardlink(entry) ||
      archive_entry_filetype(entry) == AE_IFLNK)
    return "is a link, and links are not followed";
  if (archive_entry_filetype(entry) != AE_IFREG) return "is no file but a device or a pipe";
  if (archive_entry_is_encrypted(entry)) return "is encrypted";
  if (archive_entry_sparse_count(entry) > 0) return "is stored with holes";
  return "";
}

}  // namespace

ArchiveReader::ArchiveReader(const ByteFile& file, std::uint64_t from)
    : file_(file), at_(from), archive_(archive_read_new(), archive_read_free) {
  archive* a = archive_.get();
  archive_read_support_format_tar(a);
  // The other reader of zip trusts a directory at the end, and cannot begin at an entry.
  archive_read_support_format_zip_streamable(a);
  const int filter = from == 0 ? filter_of(file) : ARCHIVE_FILTER_NONE;
  if (filter != ARCHIVE_FILTER_NONE) archive_read_append_filter(a, filter);
  archive_read_set_callback_data(a, this);
  archive_read_set_read_callback(a, read_some);
  archive_read_set_skip_callback(a, skip);
  if (archive_read_open1(a) != ARCHIVE_OK)
    throw InputError("is no archive that can be read (.zip, .tar, .tar.gz, .tar.zst)");
}

la_ssize_t ArchiveReader::read_some(archive* a, void* self, const void** buffer) {
  auto& reader = *static_cast<ArchiveReader*>(self);
  const std::uint64_t left = reader.file_.size() - std::min(reader.at_, reader.file_.size());
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left, reader.part_));
  reader.part_ = std::min(2 * reader.part_, reader.buffer_.size());
  if (!reader.file_.read(reader.at_, std::span(reader.buffer_).first(count))) {
    archive_set_error(a, EIO, "the file could not be read");
    return -1;
  }
  reader.at_ += count;
  *buffer = reader.buffer_.data();
  return static_cast<la_ssize_t>(count);
}

la_int64_t ArchiveReader::skip(archive*, void* self, la_int64_t request) {
  auto& reader = *static_cast<ArchiveReader*>(self);
  const auto left =
      static_cast<la_int64_t>(reader.file_.size() - std::min(reader.at_, reader.file_.size()));
  const la_int64_t skipped = std::clamp<la_int64_t>(request, 0, left);
  reader.at_ += static_cast<std::uint64_t>(skipped);
  // Behind an entry stands the next one's header, and often that is all that is asked for.
  if (skipped > 0) reader.part_ = least_part;
  return skipped;
}

std::optional<ArchiveEntry> ArchiveReader::next() {
  const Utf8Names names;
  archive* a = archive_.get();
  for (;;) {
    archive_entry* entry = nullptr;
    const int status = archive_read_next_header(a, &entry);
    if (status == ARCHIVE_EOF) return std::nullopt;
    if (status == ARCHIVE_RETRY) continue;
    if (status != ARCHIVE_OK && status != ARCHIVE_WARN) {
      const char* why = archive_error_string(a);
      throw InputError("is damaged: " + std::string(why ? why : "it ends within an entry"));
    }
    const std::int64_t most = most_unpacked(file_.size());
    if (compressed() && archive_entry_size(entry) > most - archive_filter_bytes(a, 0))
      throw InputError("unpacks to more than " + grouped(most >> 30) + " GB");
    if (archive_entry_filetype(entry) == AE_IFDIR) continue;
    ArchiveEntry out;
    out.name = name_of(entry);
    out.header_at = static_cast<std::uint64_t>(archive_read_header_position(a));
    out.data_at = static_cast<std::uint64_t>(archive_filter_bytes(a, 0));
    if (archive_entry_size_is_set(entry))
      out.size = static_cast<std::uint64_t>(archive_entry_size(entry));
    out.refusal = refusal_of(entry, out.name);
    if (out.name.size() > longest_name) out.name = beginning_of(out.name);
    if (out.name.empty())
      out.name = "entry at byte " + grouped(static_cast<long long>(out.header_at));
    return out;
  }
}

std::vector<std::byte> ArchiveReader::bytes(std::uint64_t limit) {
  std::vector<std::byte> out;
  std::array<std::byte, 65536> part;
  for (;;) {
    const la_ssize_t got = archive_read_data(archive_.get(), part.data(), part.size());
    if (got == 0) return out;
    if (got < 0) throw ImageError("is damaged within its archive");
    if (out.size() + static_cast<std::size_t>(got) > limit)
      throw ImageError("unpacks to more than " + size_words(limit));
    out.insert(out.end(), part.begin(), part.begin() + got);
  }
}

std::vector<std::byte> ArchiveReader::head(std::size_t count) {
  std::vector<std::byte> out(count);
  std::size_t filled = 0;
  while (filled < count) {
    const la_ssize_t got = archive_read_data(archive_.get(), out.data() + filled, count - filled);
    if (got < 0) throw ImageError("is damaged within its archive");
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  out.resize(filled);
  return out;
}

std::uint64_t ArchiveReader::copy_to(std::ostream& out, std::uint64_t room) {
  std::array<char, 65536> part;
  std::uint64_t written = 0;
  for (;;) {
    const la_ssize_t got = archive_read_data(archive_.get(), part.data(), part.size());
    if (got == 0 || !out) return written;
    if (got < 0) throw InputError("is damaged within its archive");
    written += static_cast<std::uint64_t>(got);
    if (written > room) throw InputError("unpacks to more bytes than it may");
    out.write(part.data(), got);
  }
}

bool ArchiveReader::plain_tar() const {
  archive* a = archive_.get();
  return (archive_format(a) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_TAR && !compressed();
}

bool ArchiveReader::compressed() const {
  return archive_filter_count(archive_.get()) > 1;
}

}  // namespace selfsight
