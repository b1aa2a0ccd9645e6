// What the elements of a DICOM say of its pixels. Private to this room.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace selfsight {

struct DicomPart {
  std::size_t at = 0, length = 0;
};

/// The elements of a file that tell of its picture; those within sequences are not looked at.
struct DicomOutline {
  std::string syntax, photometric;
  std::int64_t frames = 1, rows = 0, columns = 0;
  int samples = 1, allocated = 16, stored = 16, high_bit = 15;
  bool is_signed = false, planar = false, big_endian = false;
  bool pixels = false;                 // whether there are any: reports and plans have none
  DicomPart native{};                  // where they lie if they are not coded; maybe beyond a head
  std::vector<DicomPart> fragments{};  // of coded ones, the table of offsets first
  double slope = 1, intercept = 0;     // from stored values to the modality's units
  std::array<DicomPart, 3> palette{};
  std::array<std::array<int, 3>, 3> palette_form{};  // per colour: entries, first value, bits
};

struct ReadDicom {
  DicomOutline outline;
  std::vector<std::byte> unpacked{};   // of a deflated file all of it; else empty
  std::span<const std::byte> bytes{};  // what the outline's places are in
};

/// Throws ImageError if an element reaches over the end of the file, or if it is deflated and
/// damaged or unpacks to more than 128 MB. `head`: the bytes are the beginning of a file only, and
/// the walk ends with them.
ReadDicom read_dicom(std::span<const std::byte> bytes, bool head = false);

}  // namespace selfsight
