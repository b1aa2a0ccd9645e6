// DICOM files for tests, written element by element.
#pragma once

#include <algorithm>

#include "tests/dataset/files.h"

namespace selfsight {

/// One element of explicit representation, little-endian.
inline void element(Bytes& to, std::uint32_t tag, const std::string& kind, const Bytes& value) {
  append_number(to, tag >> 16, 2, false);
  append_number(to, tag & 0xFFFF, 2, false);
  to.insert(to.end(), kind.begin(), kind.end());
  if (kind == "OW") append_number(to, 0, 2, false);
  append_number(to, value.size(), kind == "OW" ? 4 : 2, false);
  to.insert(to.end(), value.begin(), value.end());
}

inline void text(Bytes& to, std::uint32_t tag, const std::string& kind, std::string value) {
  if (value.size() % 2) value += kind == "UI" ? '\0' : ' ';
  element(to, tag, kind, {value.begin(), value.end()});
}

inline void number(Bytes& to, std::uint32_t tag, int value) {
  Bytes bytes;
  append_number(bytes, static_cast<std::uint64_t>(value), 2, false);
  element(to, tag, "US", bytes);
}

/// 8 x 6 pixels of 12 bits, brighter from left to right; frame f begins 100 * f higher.
inline Bytes scan(const std::string& kind, int frames, bool pixels = true, bool rescaled = false) {
  Bytes bytes(128, 0);
  for (const char c : std::string("DICM")) bytes.push_back(static_cast<std::uint8_t>(c));
  text(bytes, 0x00020010, "UI", "1.2.840.10008.1.2.1");
  text(bytes, 0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.7");
  number(bytes, 0x00280002, 1);
  text(bytes, 0x00280004, "CS", kind);
  text(bytes, 0x00280008, "IS", std::to_string(frames));
  number(bytes, 0x00280010, 6);
  number(bytes, 0x00280011, 8);
  number(bytes, 0x00280100, 16);
  number(bytes, 0x00280101, 12);
  number(bytes, 0x00280102, 11);
  number(bytes, 0x00280103, 0);
  if (rescaled) {
    text(bytes, 0x00281052, "DS", "-1000");
    text(bytes, 0x00281053, "DS", "2.0");
  }
  Bytes values;
  for (int f = 0; f < frames; ++f)
    for (int i = 0; i < 48; ++i)
      append_number(values, static_cast<std::uint64_t>(f % 2 ? 700 - 100 * (i % 8) : 100 * (i % 8)),
                    2, false);
  if (pixels) element(bytes, 0x7FE00010, "OW", values);
  return bytes;
}

/// The elements behind the preamble of an image of 4 x 2 pixels of 16 bits, in any syntax; those of
/// group 2 are explicit in all.
inline Bytes small_scan(const std::string& syntax, int rows, bool implicit, const Bytes& pixels) {
  Bytes bytes(128, 0);
  for (const char c : std::string("DICM")) bytes.push_back(static_cast<std::uint8_t>(c));
  text(bytes, 0x00020010, "UI", syntax);
  const std::size_t begin = bytes.size();
  number(bytes, 0x00280002, 1);
  text(bytes, 0x00280004, "CS", "MONOCHROME2");
  number(bytes, 0x00280010, rows);
  number(bytes, 0x00280011, 4);
  for (const std::uint32_t tag : {0x00280100u, 0x00280101u}) number(bytes, tag, 16);
  number(bytes, 0x00280102, 15);
  number(bytes, 0x00280103, 0);
  // Both ways take 8 bytes before a short value: letters and two of length, or four of length.
  for (std::size_t at = begin; implicit && at < bytes.size();) {
    const std::uint8_t length = bytes[at + 6];
    std::copy_n(Bytes{length, 0, 0, 0}.begin(), 4,
                bytes.begin() + static_cast<std::ptrdiff_t>(at + 4));
    at += 8 + length;
  }
  bytes.insert(bytes.end(), pixels.begin(), pixels.end());
  return bytes;
}

/// Behind the letters of an element or an item: its tag and four bytes of length.
inline void open_item(Bytes& to, std::uint32_t tag, std::uint64_t length) {
  append_number(to, tag >> 16, 2, false);
  append_number(to, tag & 0xFFFF, 2, false);
  append_number(to, length, 4, false);
}

/// Coded pixels of one piece: an empty table of offsets, the piece, the end.
inline Bytes coded(const Bytes& piece) {
  Bytes bytes;
  append_number(bytes, 0x7FE0, 2, false);
  append_number(bytes, 0x0010, 2, false);
  for (const char c : std::string("OB")) bytes.push_back(static_cast<std::uint8_t>(c));
  append_number(bytes, 0, 2, false);
  append_number(bytes, 0xFFFFFFFF, 4, false);
  open_item(bytes, 0xFFFEE000, 0);
  open_item(bytes, 0xFFFEE000, piece.size());
  bytes.insert(bytes.end(), piece.begin(), piece.end());
  open_item(bytes, 0xFFFEE0DD, 0);
  return bytes;
}

}  // namespace selfsight
