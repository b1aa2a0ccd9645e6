#include <charconv>
#include <cstdlib>
#include <ctime>

#include "core/base/files.h"
#include "core/dataset/listing.h"

namespace selfsight {
namespace {

namespace fs = std::filesystem;

// A listing in a file: fields, each ended by a zero byte, which no name of a file can hold; then
// the hash of them all.
constexpr std::string_view kFormat = "selfsight listing 4";
constexpr std::size_t kWorthKeeping = 5000;  // images; smaller folders are read in no time
constexpr std::size_t kSample = 500;         // files that are looked at
constexpr std::int64_t kFresh = 2;           // seconds in which a change may leave no trace
constexpr std::uintmax_t kLargest = std::uintmax_t(4) << 30;
constexpr std::size_t kHashLength = 64;

fs::path cache_folder() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache && *cache)
    return fs::path(cache) / "selfsight" / "listings";
  const char* home = std::getenv("HOME");
  return home && *home ? fs::path(home) / ".cache" / "selfsight" / "listings" : fs::path();
}

fs::path cache_file(const fs::path& root) {
  const fs::path folder = cache_folder();
  const std::string name = root.string();
  return folder.empty() ? folder : folder / sha256(std::as_bytes(std::span(name)));
}

class Fields {
 public:
  explicit Fields(std::string_view text) : text_(text) {}
  bool more() const { return !text_.empty(); }
  std::string_view word() {
    const auto end = text_.find('\0');
    if (end == std::string_view::npos) throw InputError("cut off");
    const std::string_view out = text_.substr(0, end);
    text_.remove_prefix(end + 1);
    return out;
  }
  template <class Number>
  Number number() {
    const std::string_view digits = word();
    Number out{};
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
    if (problem != std::errc() || end != digits.data() + digits.size())
      throw InputError("no number");
    return out;
  }

 private:
  std::string_view text_;
};

std::string text_of(const Listing& listing, const fs::path& root) {
  std::string out;
  const auto add = [&](std::string_view word) { (out += word) += '\0'; };
  const auto add_number = [&](auto number) { add(std::to_string(number)); };
  add(kFormat);
  add(root.string());
  add_number(listing.others);
  add_number(listing.folders.size());
  for (const ListedFolder& folder : listing.folders) {
    add(folder.name);
    add_number(folder.modified);
    add_number(folder.inode);
  }
  add_number(listing.broken.size());
  for (const BrokenImage& image : listing.broken) {
    add(image.name);
    add(image.reason);
  }
  for (const ImageFile& image : listing.images) {
    add(image.name);
    add_number(image.size);
    add_number(image.frames);
  }
  return out += sha256(std::as_bytes(std::span(out)));
}

Listing listing_from(std::string_view text, const fs::path& root) {
  if (text.size() < kHashLength) throw InputError("cut off");
  const std::string_view hash = text.substr(text.size() - kHashLength);
  text.remove_suffix(kHashLength);
  if (hash != sha256(std::as_bytes(std::span(text)))) throw InputError("damaged");
  Fields fields(text);
  if (fields.word() != kFormat || fields.word() != root.string()) throw InputError("another's");
  Listing out;
  out.others = fields.number<std::uint64_t>();
  for (auto left = fields.number<std::size_t>(); left > 0; --left) {
    ListedFolder folder;
    folder.name = fields.word();
    folder.modified = fields.number<std::int64_t>();
    folder.inode = fields.number<std::uint64_t>();
    out.folders.push_back(std::move(folder));
  }
  for (auto left = fields.number<std::size_t>(); left > 0; --left) {
    std::string name(fields.word());
    out.broken.push_back({std::move(name), std::string(fields.word())});
  }
  while (fields.more()) {
    std::string name(fields.word());
    const auto size = fields.number<std::uintmax_t>();
    out.images.push_back({std::move(name), size, fields.number<std::int64_t>()});
  }
  return out;
}

bool unchanged(const Listing& listing, const fs::path& root) {
  for (const ListedFolder& folder : listing.folders) {
    const auto now = state_of(root / folder.name, folder.name);
    if (!now || now->modified != folder.modified || now->inode != folder.inode) return false;
  }
  for (const BrokenImage& image : listing.broken) {
    std::error_code problem;
    if (image.reason == empty_file && fs::file_size(root / image.name, problem) != 0) return false;
  }
  const std::size_t step = std::max<std::size_t>(1, listing.images.size() / kSample);
  for (std::size_t i = 0; i < listing.images.size(); i += step) {
    std::error_code problem;
    if (fs::file_size(root / listing.images[i].name, problem) != listing.images[i].size)
      return false;
  }
  return true;
}

/// A folder that was changed just before it was read may change again within the same tick.
bool settled(const Listing& listing, std::int64_t before) {
  for (const ListedFolder& folder : listing.folders)
    if (folder.modified / 1'000'000'000 > before - kFresh) return false;
  return !listing.folders.empty();
}

}  // namespace

Listing cached_listing(const fs::path& root, const Control& control) {
  const fs::path file = cache_file(root);
  std::error_code problem;
  if (!file.empty() && fs::exists(file, problem)) {
    try {
      Listing known = listing_from(read_text(file, kLargest), root);
      if (unchanged(known, root)) return known;
    } catch (const std::exception&) {
      // A cache that cannot be used is as good as none.
    }
  }
  const std::int64_t before = std::time(nullptr);
  Listing found = list_images(root, control);
  if (file.empty() || found.images.size() < kWorthKeeping || !found.whole ||
      !settled(found, before))
    return found;
  try {
    fs::create_directories(file.parent_path());
    write_file(file, text_of(found, root));
  } catch (const std::exception&) {
    // It only costs the time of reading the folder again.
  }
  return found;
}

}  // namespace selfsight
