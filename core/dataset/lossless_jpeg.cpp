#include "core/dataset/lossless_jpeg.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "core/base/files.h"
#include "core/dataset/byte_reader.h"
#include "core/dataset/dataset.h"

namespace selfsight {
namespace {

using Bytes = std::span<const std::byte>;

constexpr int longest_code = 16;
constexpr int most_tables = 256;  // each is filled whole, out of 17 bytes; a file uses four
constexpr std::uint64_t huffman_tables = 0xC4, lossless_frame = 0xC3, scan_start = 0xDA,
                        image_end = 0xD9, restart_interval = 0xDD;

[[noreturn]] void damaged() {
  throw ImageError("is a lossless JPEG that is damaged");
}

[[noreturn]] void cut_off() {
  throw ImageError("is a lossless JPEG that is cut off");
}

/// By the next 16 bits: how many of them are the code, and what it stands for.
struct Code {
  std::uint8_t length = 0, symbol = 0;  // length 0: there is no such code
};
using Table = std::vector<Code>;

/// Coded data, up to the next marker; a zero byte behind 0xFF belongs to that.
class BitReader {
 public:
  BitReader(const ByteReader& in, std::size_t at) : in_(in), at_(at) {}

  std::uint32_t peek(int count) {
    while (held_ < count) {
      buffer_ = buffer_ << 8 | next_byte();
      held_ += 8;
    }
    return static_cast<std::uint32_t>(buffer_ >> (held_ - count) & ((1u << count) - 1));
  }
  void drop(int count) {
    held_ -= count;
    // What stands for bytes behind the end may be looked at, not used.
    if (held_ < 8 * beyond_) cut_off();
  }
  std::uint32_t take(int count) {
    const std::uint32_t value = count > 0 ? peek(count) : 0;
    drop(count);
    return value;
  }
  /// To behind the marker that must come next.
  void restart() {
    held_ = beyond_ = 0;
    if (at_ + 1 >= in_.size()) cut_off();
    const auto marker = in_.big(at_ + 1, 1);
    if (in_.big(at_, 1) != 0xFF || marker < 0xD0 || marker > 0xD7) damaged();
    at_ += 2;
  }
  std::size_t at() const { return at_; }

 private:
  std::uint64_t next_byte() {
    const bool more = at_ < in_.size();
    const auto byte = more ? in_.big(at_, 1) : 0;
    const bool stuffed = byte == 0xFF && at_ + 1 < in_.size() && in_.big(at_ + 1, 1) == 0;
    if (!more || (byte == 0xFF && !stuffed)) {
      ++beyond_;
      return 0;
    }
    at_ += stuffed ? 2 : 1;
    return byte;
  }

  const ByteReader& in_;
  std::size_t at_;
  std::uint64_t buffer_ = 0;
  int held_ = 0, beyond_ = 0;  // bits; bytes of them that are not there
};

class Decoder {
 public:
  Decoder(Bytes bytes, std::int64_t max_pixels) : in_(bytes), max_pixels_(max_pixels) {}

  cv::Mat decode() {
    std::size_t at = 2, scanned = 0;
    while (out_.empty() || scanned < components_.size()) {
      while (in_.says(at, "\xFF\xFF")) ++at;
      if (at + 4 > in_.size()) cut_off();
      if (in_.big(at, 1) != 0xFF) damaged();
      const auto marker = in_.big(at + 1, 1);
      const auto length = static_cast<std::size_t>(in_.big(at + 2, 2));
      if (marker == image_end || length < 2) damaged();
      if (length > in_.size() - at - 2) cut_off();
      const std::size_t payload = at + 4, end = at + 2 + length;
      at = end;
      if (marker == huffman_tables) read_tables(payload, end);
      if (marker == lossless_frame) read_frame(payload);
      if (marker == restart_interval) interval_ = static_cast<std::int64_t>(in_.big(payload, 2));
      if (marker == scan_start) at = read_scan(payload, end, scanned);
    }
    return out_;
  }

 private:
  void read_tables(std::size_t at, std::size_t end) {
    while (at < end) {
      const auto which = in_.big(at, 1);
      if (which > 3 || ++tables_read_ > most_tables) damaged();
      Table& table = tables_[static_cast<std::size_t>(which)];
      table.assign(std::size_t(1) << longest_code, {});
      std::size_t symbol = at + 1 + longest_code, filled = 0;
      for (int length = 1; length <= longest_code; ++length) {
        const std::size_t share = std::size_t(1) << (longest_code - length);
        for (auto left = in_.big(at + static_cast<std::size_t>(length), 1); left > 0; --left) {
          const auto value = in_.big(symbol++, 1);
          if (filled + share > table.size() || value > 16) damaged();
          std::fill_n(table.begin() + static_cast<std::ptrdiff_t>(filled), share,
                      Code{static_cast<std::uint8_t>(length), static_cast<std::uint8_t>(value)});
          filled += share;
        }
      }
      at = symbol;
    }
  }

  void read_frame(std::size_t at) {
    if (!out_.empty()) damaged();
    bits_ = static_cast<int>(in_.big(at, 1));
    const auto rows = static_cast<std::int64_t>(in_.big(at + 1, 2));
    const auto columns = static_cast<std::int64_t>(in_.big(at + 3, 2));
    const auto count = static_cast<std::size_t>(in_.big(at + 5, 1));
    if (bits_ < 2 || bits_ > 16 || rows < 1 || columns < 1 || (count != 1 && count != 3)) damaged();
    if (columns > max_pixels_ / rows)
      throw ImageError("has " + std::to_string(columns) + " x " + std::to_string(rows) +
                       " pixels, more than the " + grouped(max_pixels_) + " that are allowed");
    // Every value takes a bit at least.
    if (static_cast<std::uint64_t>(rows * columns) * count > 8 * in_.size()) cut_off();
    for (std::size_t c = 0; c < count; ++c) {
      if (count > 1 && in_.big(at + 7 + 3 * c, 1) != 0x11)
        throw ImageError("is a lossless JPEG with channels of different sizes");
      components_.push_back(in_.big(at + 6 + 3 * c, 1));
    }
    out_.create(static_cast<int>(rows), static_cast<int>(columns),
                CV_16UC(static_cast<int>(count)));
  }

  struct Part {
    std::size_t channel = 0;
    const Table* table = nullptr;
  };

  std::size_t read_scan(std::size_t at, std::size_t data, std::size_t& scanned) {
    if (out_.empty()) damaged();
    const auto count = static_cast<std::size_t>(in_.big(at, 1));
    if (count < 1 || count > components_.size() - scanned) damaged();
    std::vector<Part> parts;
    for (std::size_t i = 0; i < count; ++i) {
      const auto id = in_.big(at + 1 + 2 * i, 1);
      const auto found = std::find(components_.begin(), components_.end(), id);
      const auto table = static_cast<std::size_t>(in_.big(at + 2 + 2 * i, 1) >> 4);
      if (found == components_.end() || table > 3 || tables_[table].empty()) damaged();
      parts.push_back({static_cast<std::size_t>(found - components_.begin()), &tables_[table]});
    }
    predictor_ = static_cast<int>(in_.big(at + 1 + 2 * count, 1));
    shift_ = static_cast<int>(in_.big(at + 3 + 2 * count, 1) & 15);
    if (predictor_ < 1 || predictor_ > 7 || shift_ >= bits_) damaged();
    scanned += count;
    return read_values(parts, data);
  }

  std::size_t read_values(const std::vector<Part>& parts, std::size_t data) {
    BitReader bits(in_, data);
    std::int64_t left = interval_;
    bool first_line = true;
    for (int y = 0; y < out_.rows; ++y, first_line = false)
      for (int x = 0; x < out_.cols; ++x) {
        if (interval_ > 0 && left-- == 0) {
          if (x > 0) damaged();  // they hold whole lines
          bits.restart();
          left = interval_ - 1;
          first_line = true;
        }
        for (const Part& part : parts)
          value(y, x, part.channel) = static_cast<std::uint16_t>(
              predicted(y, x, part.channel, first_line) + difference(bits, *part.table));
      }
    if (shift_ > 0)
      for (const Part& part : parts)
        for (int y = 0; y < out_.rows; ++y)
          for (int x = 0; x < out_.cols; ++x) {
            std::uint16_t& v = value(y, x, part.channel);
            v = static_cast<std::uint16_t>(v << shift_);
          }
    return bits.at();
  }

  static int difference(BitReader& bits, const Table& table) {
    const Code code = table[bits.peek(longest_code)];
    if (code.length == 0) damaged();
    bits.drop(code.length);
    if (code.symbol == 16) return 32768;
    const auto value = static_cast<int>(bits.take(code.symbol));
    const bool negative = code.symbol > 0 && value < 1 << (code.symbol - 1);
    return negative ? value - (1 << code.symbol) + 1 : value;
  }

  int predicted(int y, int x, std::size_t channel, bool first_line) {
    if (first_line) return x > 0 ? value(y, x - 1, channel) : 1 << (bits_ - shift_ - 1);
    const int above = value(y - 1, x, channel);
    if (x == 0) return above;
    const int before = value(y, x - 1, channel), corner = value(y - 1, x - 1, channel);
    switch (predictor_) {
      case 1:
        return before;
      case 2:
        return above;
      case 3:
        return corner;
      case 4:
        return before + above - corner;
      case 5:
        return before + ((above - corner) >> 1);
      case 6:
        return above + ((before - corner) >> 1);
      default:
        return (before + above) / 2;
    }
  }

  std::uint16_t& value(int y, int x, std::size_t channel) {
    return out_.ptr<std::uint16_t>(y)[static_cast<std::size_t>(x) * components_.size() + channel];
  }

  ByteReader in_;
  std::int64_t max_pixels_, interval_ = 0;  // interval_: values of a channel; 0: no restarts
  std::array<Table, 4> tables_;
  int tables_read_ = 0;
  std::vector<std::uint64_t> components_;  // their names
  int bits_ = 0, predictor_ = 1, shift_ = 0;
  cv::Mat out_;
};

}  // namespace

bool is_lossless_jpeg(Bytes bytes) {
  const ByteReader in(bytes);
  for (std::size_t at = 2; at + 4 <= in.size() && in.big(at, 1) == 0xFF;) {
    const auto marker = in.big(at + 1, 1);
    if (marker == lossless_frame) return true;
    if (marker == scan_start) return false;
    at += marker == 0xFF ? 1 : 2 + static_cast<std::size_t>(in.big(at + 2, 2));
  }
  return false;
}

cv::Mat decode_lossless_jpeg(Bytes bytes, std::int64_t max_pixels) {
  return Decoder(bytes, max_pixels).decode();
}

}  // namespace selfsight
