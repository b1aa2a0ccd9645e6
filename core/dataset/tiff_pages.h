// Where the pages of a TIFF are, found without decoding any. Private to this room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace selfsight {

/// Reads what lies at a place, as much of it as there is, and says how many bytes that was.
using ReadAt = std::function<std::size_t(std::uint64_t at, std::span<std::uint8_t> to)>;

/// The directories of a TIFF or BigTIFF of `size` bytes that are pictures of their own: the first,
/// and of the others those not said to be masks or smaller copies. A chain that breaks or comes
/// back ends there; no TIFF has none.
std::vector<std::uint64_t> tiff_pages(const ReadAt& read, std::uint64_t size);

}  // namespace selfsight
