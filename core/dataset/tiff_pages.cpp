#include "core/dataset/tiff_pages.h"

#include <algorithm>
#include <array>
#include <set>

#include "core/dataset/byte_reader.h"

namespace selfsight {
namespace {

constexpr std::uint64_t fewest_page_bytes = 18;  // a count, one entry, the next page's place
constexpr std::uint64_t most_pages = 1'000'000;
constexpr std::uint64_t most_entries = 65'535;
// NewSubfileType and the older SubfileType; a directory's entries are in the order of their tags.
constexpr std::uint64_t kind_tag = 254, old_kind_tag = 255;
constexpr std::uint64_t smaller_or_mask = 1 | 4, old_smaller = 2;
constexpr std::uint64_t short_type = 3;

class Chain {
 public:
  explicit Chain(const ReadAt& read) : read_(read) {
    std::array<std::uint8_t, 4> head{};
    read_(0, head);
    const ByteReader in(std::as_bytes(std::span(head)));
    big_endian_ = in.says(0, "MM");
    const auto version = number(2, 2);
    if ((!big_endian_ && !in.says(0, "II")) || (version != 42 && version != 43)) broken();
    big_ = version == 43;
  }

  std::uint64_t first() const { return big_ ? number(8, 8) : number(4, 4); }

  std::uint64_t after(std::uint64_t page) const {
    const std::uint64_t count = number(page, big_ ? 8 : 2);
    if (count > most_entries) broken();
    return number(entry(page, count), big_ ? 8 : 4);
  }

  bool is_picture(std::uint64_t page) const {
    const std::uint64_t count = number(page, big_ ? 8 : 2);
    for (std::uint64_t i = 0; i < std::min<std::uint64_t>(count, 2); ++i) {
      const std::uint64_t tag = number(entry(page, i), 2), type = number(entry(page, i) + 2, 2);
      const std::uint64_t value =
          number(entry(page, i) + (big_ ? 12 : 8), type == short_type ? 2 : 4);
      if ((tag == kind_tag && (value & smaller_or_mask) != 0) ||
          (tag == old_kind_tag && value == old_smaller))
        return false;
    }
    return true;
  }

 private:
  [[noreturn]] static void broken() { throw ImageError("is a TIFF that is damaged"); }

  std::uint64_t entry(std::uint64_t page, std::uint64_t i) const {
    return big_ ? page + 8 + 20 * i : page + 2 + 12 * i;
  }

  std::uint64_t number(std::uint64_t at, int width) const {
    std::array<std::uint8_t, 8> bytes{};
    const auto wanted = std::span(bytes).first(static_cast<std::size_t>(width));
    if (read_(at, wanted) < wanted.size()) broken();
    return ByteReader(std::as_bytes(wanted)).number(0, width, big_endian_);
  }

  const ReadAt& read_;
  bool big_endian_ = false, big_ = false;
};

}  // namespace

std::vector<std::uint64_t> tiff_pages(const ReadAt& read, std::uint64_t size) {
  std::vector<std::uint64_t> pages;
  try {
    const Chain chain(read);
    std::set<std::uint64_t> seen;
    const std::uint64_t most = std::min(most_pages, size / fewest_page_bytes);
    for (std::uint64_t at = chain.first(); at != 0 && seen.size() < most;) {
      if (!seen.insert(at).second) break;
      const std::uint64_t next = chain.after(at);
      if (pages.empty() || chain.is_picture(at)) pages.push_back(at);
      at = next;
    }
  } catch (const ImageError&) {
    // What came before can be read; decoding will say what is wrong with the first.
  }
  return pages;
}

}  // namespace selfsight
