#include "core/exchange/npy.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <regex>
#include <span>
#include <string>

#include "core/base/error.h"
#include "core/base/files.h"

namespace selfsight {
namespace {

constexpr char magic[] = "\x93NUMPY";
// std::regex goes one call deeper with each character.
constexpr std::uint32_t longest_header = 4096;

struct Header {
  char kind = 'f';        // as NumPy has it: f, i, u or b
  std::size_t width = 4;  // bytes of a number
  bool big_endian = false;
  bool fortran = false;
  std::uint64_t rows = 0, columns = 1;
};

/// "<f4": byte order, kind and width.
void read_type(const std::string& type, Header& header) {
  static const std::regex known("[<>](f[248]|[iu][248])|[<>|][iu]1|[|]b1");
  if (!std::regex_match(type, known))
    throw InputError("its numbers are " + type +
                     ", not floats of 16 to 64 bits, whole numbers or booleans");
  header.big_endian = type[0] == '>';
  header.kind = type[1];
  header.width = static_cast<std::size_t>(type[2] - '0');
}

/// The header is a Python literal with three known keys; each is looked for by itself, so nothing
/// else in it matters.
Header parse_header(const std::string& text) {
  std::smatch found;
  Header header;
  static const std::regex type(R"('descr'\s*:\s*'([^']*)')");
  if (!std::regex_search(text, found, type)) throw InputError("its header names no type");
  read_type(found[1], header);
  static const std::regex order(R"('fortran_order'\s*:\s*(True|False))");
  if (!std::regex_search(text, found, order)) throw InputError("its header names no order");
  header.fortran = found[1] == "True";
  static const std::regex shape(
      R"('shape'\s*:\s*\(\s*(\d{1,15})\s*,?\s*(?:(\d{1,15})\s*,?\s*)?\))");
  if (!std::regex_search(text, found, shape))
    throw InputError("it has neither one nor two dimensions");
  header.rows = std::stoull(found[1]);
  if (found[2].matched) header.columns = std::stoull(found[2]);
  if (header.rows == 0 || header.columns == 0) throw InputError("it holds no numbers");
  return header;
}

/// IEEE 754 binary16.
float from_half(std::uint64_t bits) {
  const auto exponent = static_cast<int>(bits >> 10 & 31), fraction = static_cast<int>(bits & 1023);
  float size = 0;
  if (exponent == 31)
    size = fraction == 0 ? std::numeric_limits<float>::infinity()
                         : std::numeric_limits<float>::quiet_NaN();
  else if (exponent == 0)
    size = std::ldexp(static_cast<float>(fraction), -24);
  else
    size = std::ldexp(static_cast<float>(1024 + fraction), exponent - 25);
  return (bits & 0x8000) != 0 ? -size : size;
}

/// The bytes of one number, its lowest in the lowest place.
std::uint64_t bits_at(std::span<const std::byte> data, std::uint64_t index, const Header& header) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < header.width; ++i) {
    const std::size_t from = header.big_endian ? i : header.width - 1 - i;
    bits = bits << 8 | std::to_integer<std::uint64_t>(data[index * header.width + from]);
  }
  return bits;
}

float number_at(std::span<const std::byte> data, std::uint64_t index, const Header& header) {
  const std::uint64_t bits = bits_at(data, index, header);
  if (header.kind == 'f' && header.width == 2) return from_half(bits);
  if (header.kind == 'f' && header.width == 4)
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
  if (header.kind == 'f') return static_cast<float>(std::bit_cast<double>(bits));
  if (header.kind != 'i') return static_cast<float>(bits);
  const auto unused = static_cast<int>(64 - 8 * header.width);  // takes the sign to the top
  return static_cast<float>(static_cast<std::int64_t>(bits << unused) >> unused);
}

NpyMatrix parse(std::span<const std::byte> bytes) {
  if (bytes.size() < 12 || std::memcmp(bytes.data(), magic, 6) != 0)
    throw InputError("it does not begin as one");
  const auto version = static_cast<int>(bytes[6]);
  std::uint32_t length = 0;
  std::memcpy(&length, bytes.data() + 8, version == 1 ? 2 : 4);
  const std::size_t start = version == 1 ? 10 : 12;
  if (length > bytes.size() - start) throw InputError("its header is cut off");
  if (length > longest_header) throw InputError("its header is longer than that of a matrix");
  const Header header = parse_header({reinterpret_cast<const char*>(bytes.data() + start), length});
  const auto data = bytes.subspan(start + length);
  std::uint64_t count = 0;
  if (__builtin_mul_overflow(header.rows, header.columns, &count) ||
      count > data.size() / header.width)
    throw InputError("it is shorter than its shape says");
  NpyMatrix matrix{static_cast<std::int64_t>(header.rows),
                   static_cast<std::int64_t>(header.columns), std::vector<float>(count)};
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t from =
        header.fortran ? (i % header.columns) * header.rows + i / header.columns : i;
    matrix.values[i] = number_at(data, from, header);
  }
  return matrix;
}

}  // namespace

NpyMatrix load_npy(const std::filesystem::path& path) {
  const auto bytes = read_file(path);
  try {
    return parse(bytes);
  } catch (const InputError& error) {
    throw InputError(path.string() + " cannot be read as a .npy matrix: " + error.what() + ".");
  }
}

void save_npy(const std::filesystem::path& path, const NpyMatrix& matrix) {
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" +
                       std::to_string(matrix.rows) + ", " + std::to_string(matrix.columns) + "), }";
  // The format wants the data to begin at a multiple of 64 bytes.
  header.resize((10 + header.size() + 1 + 63) / 64 * 64 - 11, ' ');
  header += '\n';
  const auto length = static_cast<std::uint16_t>(header.size());
  std::string bytes(magic, 6);
  bytes += std::string("\x01\x00", 2);
  bytes.append(reinterpret_cast<const char*>(&length), 2);
  bytes += header;
  bytes.append(reinterpret_cast<const char*>(matrix.values.data()),
               matrix.values.size() * sizeof(float));
  write_file(path, bytes);
}

}  // namespace selfsight
