#include "core/dataset/dicom_outline.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <memory>
#include <string_view>

#include "core/base/files.h"
#include "core/dataset/byte_reader.h"

namespace selfsight {
namespace {

using Bytes = std::span<const std::byte>;

constexpr std::uint32_t unknown_length = 0xFFFFFFFF;
constexpr std::uint32_t pixel_data = 0x7FE00010;
constexpr std::uint32_t item = 0xFFFEE000, item_end = 0xFFFEE00D, sequence_end = 0xFFFEE0DD;
constexpr std::size_t most_fragments = 1'000'000;
constexpr std::string_view deflated_syntax = "1.2.840.10008.1.2.1.99";
constexpr std::string_view plain_syntax("1.2.840.10008.1.2.1\0\0\0", deflated_syntax.size());
constexpr std::size_t most_inflated = 128'000'000;

struct Element {
  std::uint32_t tag = 0, length = 0;
  std::size_t value = 0;  // where its value begins
};

bool is_one_of(std::string_view letters, std::string_view known) {
  return letters.size() == 2 && letters[0] >= 'A' && letters[1] >= 'A' &&
         known.find(letters) != std::string_view::npos;
}

class Walk {
 public:
  Walk(Bytes bytes, bool head)
      : in_(bytes), text_(reinterpret_cast<const char*>(bytes.data()), bytes.size()), head_(head) {
    if (in_.says(128, "DICM")) at_ = 132;
  }

  DicomOutline outline() {
    while (in_.size() - at_ >= 12) {
      if (syntax_at_ > 0 && behind_group_2()) {
        packed_at_ = at_;
        break;
      }
      const Element e = next();
      if (e.value > in_.size()) break;
      at_ = e.value;
      if (e.tag == pixel_data && depth_ == 0) out_.pixels = true;
      if (e.tag == sequence_end || e.tag == item_end) leave(e.tag);
      if (e.length == unknown_length) {
        // A sequence, an item or coded pixels: what is in it is walked, one level deeper.
        fragments_ = fragments_ || (e.tag == pixel_data && depth_ == 0);
        ++depth_;
        continue;
      }
      if (e.length > in_.size() - at_) {
        if (e.tag == pixel_data && depth_ == 0) out_.native = {e.value, e.length};
        if (head_) break;
        throw ImageError("is a DICOM that is cut off after " +
                         grouped(static_cast<long long>(in_.size())) + " bytes");
      }
      if (fragments_ && e.tag == item) keep_fragment(e);
      if (depth_ == 0) note(e);
      at_ += e.length;
    }
    return out_;
  }

  /// Once outlined, of a deflated file: where the name of its syntax is, and where its elements
  /// begin; 0 of others.
  std::size_t syntax_at() const { return syntax_at_; }
  std::size_t packed_at() const { return packed_at_; }

 private:
  bool behind_group_2() const {
    return group_2_end_ > 0 ? at_ >= group_2_end_ : in_.little(at_, 2) != 0x0002;
  }

  Element next() const {
    // The transfer syntax holds behind group 2 only, which is always explicit and little-endian.
    const bool meta = in_.little(at_, 2) == 0x0002;
    const bool big = out_.big_endian && !meta;
    Element e;
    e.tag = static_cast<std::uint32_t>(in_.number(at_, 2, big) << 16 | in_.number(at_ + 2, 2, big));
    const std::string_view letters = text_.substr(at_ + 4, 2);
    const bool plain = e.tag == item || e.tag == item_end || e.tag == sequence_end;
    const bool known = is_one_of(letters,
                                 "AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OV OW PN SH SL "
                                 "SQ SS ST SV TM UC UI UL UN UR US UT UV");
    if (plain || (implicit_ && !meta) || !known) {
      e.length = static_cast<std::uint32_t>(in_.number(at_ + 4, 4, big));
      e.value = at_ + 8;
    } else if (is_one_of(letters, "OB OD OF OL OV OW SQ UC UN UR UT SV UV")) {
      e.length = static_cast<std::uint32_t>(in_.number(at_ + 8, 4, big));
      e.value = at_ + 12;
    } else {
      e.length = static_cast<std::uint32_t>(in_.number(at_ + 6, 2, big));
      e.value = at_ + 8;
    }
    return e;
  }

  void leave(std::uint32_t tag) {
    if (depth_ > 0) --depth_;
    if (tag == sequence_end && depth_ == 0) fragments_ = false;
  }

  void keep_fragment(const Element& e) {
    if (out_.fragments.size() >= most_fragments) throw ImageError("is a DICOM in too many pieces");
    out_.fragments.push_back({e.value, e.length});
  }

  std::string text(const Element& e) const {
    std::string value(text_.substr(e.value, std::min<std::size_t>(e.length, 64)));
    value.erase(value.find_last_not_of(std::string_view(" \0", 2)) + 1);
    value.erase(0, std::min(value.find_first_not_of(' '), value.size()));
    return value;
  }

  int number(const Element& e, std::size_t which = 0) const {
    if (e.length < 2 * which + 2) return 0;
    return static_cast<int>(in_.number(e.value + 2 * which, 2, out_.big_endian));
  }

  void note_syntax(const Element& e) {
    const std::string syntax = text(e);
    out_.syntax = syntax;
    out_.big_endian = syntax == "1.2.840.10008.1.2.2";
    implicit_ = syntax == "1.2.840.10008.1.2";
    if (syntax == deflated_syntax) syntax_at_ = e.value;
  }

  /// from_chars() knows no plus.
  static std::string_view without_plus(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    return text;
  }

  void note_frames(std::string_view text) {
    text = without_plus(text);
    std::int64_t frames = 0;
    std::from_chars(text.data(), text.data() + text.size(), frames);
    out_.frames = std::clamp<std::int64_t>(frames, 1, 1'000'000);
  }

  /// A decimal number; what is none, or a slope of zero, leaves `to` as it was.
  static void note_scale(std::string_view text, double& to) {
    text = without_plus(text);
    double value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem == std::errc() && std::isfinite(value) && (value != 0 || to == 0)) to = value;
  }

  void note(const Element& e) {
    switch (e.tag) {
      case 0x00020000:
        if (e.length == 4) group_2_end_ = e.value + 4 + in_.little(e.value, 4);
        return;
      case 0x00020010:
        return note_syntax(e);
      case 0x00280002:
        out_.samples = number(e);
        return;
      case 0x00280004:
        out_.photometric = text(e);
        return;
      case 0x00280006:
        out_.planar = number(e) == 1;
        return;
      case 0x00280008:
        return note_frames(text(e));
      case 0x00280010:
        out_.rows = number(e);
        return;
      case 0x00280011:
        out_.columns = number(e);
        return;
      case 0x00280100:
        out_.allocated = number(e);
        return;
      case 0x00280101:
        out_.stored = number(e);
        return;
      case 0x00280102:
        out_.high_bit = number(e);
        return;
      case 0x00280103:
        out_.is_signed = number(e) == 1;
        return;
      case 0x00281052:
        return note_scale(text(e), out_.intercept);
      case 0x00281053:
        return note_scale(text(e), out_.slope);
      case pixel_data:
        out_.native = {e.value, e.length};
        return;
      default:
        break;
    }
    for (std::size_t c = 0; c < 3; ++c) {
      if (e.tag == 0x00281101 + c)
        for (std::size_t i = 0; i < 3; ++i) out_.palette_form[c][i] = number(e, i);
      if (e.tag == 0x00281201 + c) out_.palette[c] = {e.value, e.length};
    }
  }

  ByteReader in_;
  std::string_view text_;
  bool head_;
  std::size_t at_ = 0;
  int depth_ = 0;
  bool implicit_ = false, fragments_ = false;
  std::uint64_t group_2_end_ = 0;  // 0: not told
  std::size_t syntax_at_ = 0, packed_at_ = 0;
  DicomOutline out_;
};

/// A stream of zlib's deflate without a header, added to `out`; of a `head` as much as there is.
void unpack_deflated(Bytes packed, bool head, std::vector<std::byte>& out) {
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
  const std::unique_ptr<z_stream, decltype(&inflateEnd)> end(&stream, &inflateEnd);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  std::array<std::byte, 65536> part;
  for (int status = Z_OK; status == Z_OK;) {
    stream.next_out = reinterpret_cast<Bytef*>(part.data());
    stream.avail_out = static_cast<uInt>(part.size());
    status = inflate(&stream, Z_NO_FLUSH);
    const std::size_t got = part.size() - stream.avail_out;
    if (out.size() + got > most_inflated)
      throw ImageError("unpacks to more than " + grouped(most_inflated / 1'000'000) + " MB");
    out.insert(out.end(), part.begin(), part.begin() + static_cast<std::ptrdiff_t>(got));
    if (status != Z_OK && status != Z_STREAM_END && !(head && status == Z_BUF_ERROR))
      throw ImageError("is a deflated DICOM that is cut off or damaged");
  }
}

}  // namespace

ReadDicom read_dicom(Bytes bytes, bool head) {
  Walk walk(bytes, head);
  ReadDicom out{.outline = walk.outline(), .bytes = bytes};
  if (walk.packed_at() == 0) return out;
  const Bytes begin = bytes.first(walk.packed_at());
  out.unpacked.assign(begin.begin(), begin.end());
  std::memcpy(out.unpacked.data() + walk.syntax_at(), plain_syntax.data(), plain_syntax.size());
  unpack_deflated(bytes.subspan(walk.packed_at()), head, out.unpacked);
  out.bytes = out.unpacked;
  Walk again(out.bytes, head);
  out.outline = again.outline();
  if (again.syntax_at() > 0) throw ImageError("is a DICOM that is damaged");
  return out;
}

}  // namespace selfsight
