#include "core/exchange/records.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>

#include "core/base/error.h"
#include "core/base/files.h"

namespace selfsight {
namespace {

/// The shortest text that reads back as the same number; nan and inf as NumPy and pandas have them.
std::string exact(double value) {
  std::array<char, 32> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + '"';
}

template <class Number>
void append_bytes(std::string& out, Number number) {
  char bytes[sizeof number];
  std::memcpy(bytes, &number, sizeof number);
  out.append(bytes, sizeof number);
}

// ---- Protocol buffers by hand: TensorBoard's event.proto and summary.proto need five fields

enum class Wire : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

void append_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}

void append_key(std::string& out, int field, Wire wire) {
  append_varint(out, static_cast<std::uint64_t>(field) << 3 | static_cast<std::uint64_t>(wire));
}

void append_text(std::string& out, int field, const std::string& text) {
  append_key(out, field, Wire::bytes);
  append_varint(out, text.size());
  out += text;
}

std::string event(double time, std::int64_t step) {
  std::string out;
  append_key(out, 1, Wire::fixed64);  // wall_time
  append_bytes(out, time);
  append_key(out, 2, Wire::varint);  // step
  append_varint(out, static_cast<std::uint64_t>(step));
  return out;
}

/// Seconds since 1970 of "2024-05-31T12:00:00Z"; 0 for what is no such time.
double seconds_of(const std::string& time) {
  int year = 0, hour = 0, minute = 0, second = 0;
  unsigned month = 0, day = 0;
  if (std::sscanf(time.c_str(), "%d-%u-%uT%d:%d:%d", &year, &month, &day, &hour, &minute,
                  &second) != 6)
    return 0;
  using namespace std::chrono;
  const sys_seconds when =
      sys_days(std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day)) +
      hours(hour) + minutes(minute) + seconds(second);
  return static_cast<double>(when.time_since_epoch().count());
}

std::string scalar_event(const std::string& tag, const MetricPoint& point, double created) {
  std::string value;
  append_text(value, 1, tag);
  append_key(value, 2, Wire::fixed32);  // simple_value
  append_bytes(value, static_cast<float>(point.value));
  std::string summary;
  append_text(summary, 1, value);
  std::string out = event(created + point.seconds, point.step);
  append_text(out, 5, summary);
  return out;
}

/// A record of TFRecord: length, its sum, data, its sum.
void append_record(std::string& out, const std::string& data) {
  std::string length;
  append_bytes(length, static_cast<std::uint64_t>(data.size()));
  out += length;
  append_bytes(out, masked_crc32c(length));
  out += data;
  append_bytes(out, masked_crc32c(data));
}

}  // namespace

std::uint32_t masked_crc32c(std::string_view bytes) {
  static const auto table = [] {
    std::array<std::uint32_t, 256> out{};
    for (std::uint32_t i = 0; i < 256; ++i) {
      out[i] = i;
      for (int bit = 0; bit < 8; ++bit) out[i] = out[i] >> 1 ^ (out[i] & 1 ? 0x82F63B78u : 0);
    }
    return out;
  }();
  std::uint32_t crc = ~0u;
  for (const char c : bytes) crc = table[(crc ^ static_cast<std::uint8_t>(c)) & 0xFF] ^ crc >> 8;
  crc = ~crc;
  return (crc >> 15 | crc << 17) + 0xA282EAD8u;
}

void save_metrics_csv(const std::filesystem::path& path, const Store& store, std::int64_t run) {
  std::string out = "metric,step,epoch,seconds,segment,value\n";
  for (const std::string& name : store.metric_names(run))
    for (const MetricPoint& p : store.metric(run, name))
      out += quoted(name) + ',' + std::to_string(p.step) + ',' + exact(p.epoch) + ',' +
             exact(p.seconds) + ',' + std::to_string(p.segment) + ',' + exact(p.value) + '\n';
  write_file(path, out);
}

void save_tensorboard(const std::filesystem::path& folder, const Store& store, std::int64_t run) {
  std::error_code problem;
  std::filesystem::create_directories(folder, problem);
  if (problem)
    throw Error("Could not make the folder " + folder.string() + ": " + problem.message() + ".");
  const double created = seconds_of(store.run(run).created);
  std::string out, first = event(created, 0);
  append_text(first, 3, "brain.Event:2");  // file_version
  append_record(out, first);
  for (const std::string& name : store.metric_names(run))
    for (const MetricPoint& point : store.metric(run, name))
      append_record(out, scalar_event(name, point, created));
  write_file(folder / ("events.out.tfevents.0.run-" + std::to_string(run)), out);
}

}  // namespace selfsight
