// TIFFs of one uncompressed strip, with the tags that a test asks for.
#pragma once

#include <algorithm>
#include <map>

#include "tests/dataset/files.h"

namespace selfsight {

struct TiffTags {
  int width = 2, height = 1, bits = 8, samples = 1;
  int photometric = 1;  // 0 white is zero, 1 black is zero, 2 RGB, 3 palette, 5 CMYK
  int format = 1;       // 1 unsigned, 2 signed, 3 real
  int orientation = 1;
  int extra = -1;  // of one extra sample: 0 unspecified, 1 premultiplied, 2 plain alpha
  std::vector<std::uint16_t> palette = {};
  int kind = 0;  // 1 a smaller copy, 2 a page of several, 4 a mask
};

/// Adds the pixels and the directory of one page, and says where that is.
inline std::size_t append_page(Bytes& to, const TiffTags& t, const Bytes& values) {
  struct Tag {
    int type;  // 3 SHORT, 4 LONG
    std::vector<std::uint32_t> values;
  };
  const auto same = [&](int value) {
    return std::vector<std::uint32_t>(static_cast<std::size_t>(t.samples),
                                      static_cast<std::uint32_t>(value));
  };
  const auto one = [](int value) { return std::vector{static_cast<std::uint32_t>(value)}; };
  std::map<int, Tag> tags{
      {256, {4, one(t.width)}},       {257, {4, one(t.height)}},
      {258, {3, same(t.bits)}},       {259, {3, one(1)}},
      {262, {3, one(t.photometric)}}, {273, {4, one(static_cast<int>(to.size()))}},
      {274, {3, one(t.orientation)}}, {277, {3, one(t.samples)}},
      {278, {4, one(t.height)}},      {279, {4, one(static_cast<int>(values.size()))}},
      {339, {3, same(t.format)}}};
  if (t.kind > 0) tags[254] = {4, one(t.kind)};
  if (t.extra >= 0) tags[338] = {3, one(t.extra)};
  if (!t.palette.empty()) tags[320] = {3, {t.palette.begin(), t.palette.end()}};
  Bytes long_values, directory;
  append_number(directory, tags.size(), 2, false);
  for (const auto& [number, tag] : tags) {
    const int width = tag.type == 3 ? 2 : 4;
    Bytes field;
    for (const std::uint32_t value : tag.values) append_number(field, value, width, false);
    append_number(directory, static_cast<std::uint64_t>(number), 2, false);
    append_number(directory, static_cast<std::uint64_t>(tag.type), 2, false);
    append_number(directory, tag.values.size(), 4, false);
    if (field.size() > 4) {
      append_number(directory, to.size() + values.size() + long_values.size(), 4, false);
      long_values.insert(long_values.end(), field.begin(), field.end());
    } else {
      field.resize(4);
      directory.insert(directory.end(), field.begin(), field.end());
    }
  }
  append_number(directory, 0, 4, false);
  for (const Bytes* part : {&values, static_cast<const Bytes*>(&long_values)})
    to.insert(to.end(), part->begin(), part->end());
  const std::size_t at = to.size();
  to.insert(to.end(), directory.begin(), directory.end());
  return at;
}

struct TiffPage {
  TiffTags tags;
  Bytes values;
};

inline Bytes tiff_stack(const std::vector<TiffPage>& pages) {
  Bytes bytes{'I', 'I', 42, 0, 0, 0, 0, 0};
  std::size_t link = 4;  // where the place of the next directory stands
  for (const TiffPage& page : pages) {
    Bytes place;
    append_number(place, append_page(bytes, page.tags, page.values), 4, false);
    std::copy(place.begin(), place.end(), bytes.begin() + static_cast<std::ptrdiff_t>(link));
    link = bytes.size() - 4;
  }
  return bytes;
}

inline Bytes tiff_file(const TiffTags& tags, const Bytes& values) {
  return tiff_stack(std::vector<TiffPage>(1, TiffPage{tags, values}));
}

inline Bytes words(const std::vector<std::uint32_t>& values, int width) {
  Bytes bytes;
  for (const std::uint32_t value : values) append_number(bytes, value, width, false);
  return bytes;
}

}  // namespace selfsight
