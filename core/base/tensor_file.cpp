#include "core/base/tensor_file.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string_view>

#include "core/base/error.h"
#include "core/base/files.h"

namespace selfsight {
namespace {

// Not ordered_json, which looks at all names before for each: a stranger's file may have many.
using Json = nlohmann::json;

constexpr std::uint64_t longest_header = 100'000'000;  // as the format has it
constexpr std::ptrdiff_t most_tensors = 100'000;
constexpr const char* metadata_key = "__metadata__";

/// What lies behind the header.
struct Data {
  std::uint64_t size;
  const std::byte* bytes;  // null: they are not wanted
};

/// `room` is what the tensors before have left: what lies apart fits into the file together.
StoredTensor read_entry(const Json& entry, const Data& data, std::uint64_t room) {
  StoredTensor tensor;
  tensor.dtype = entry.at("dtype").get<std::string>();
  const std::size_t width = dtype_size(tensor.dtype);
  if (width == 0) throw InputError("has an unknown number type " + tensor.dtype);
  const auto begin = entry.at("data_offsets").at(0).get<std::uint64_t>();
  const auto end = entry.at("data_offsets").at(1).get<std::uint64_t>();
  if (begin > end || end > data.size) throw InputError("points outside the file");
  std::int64_t count = 1;
  bool empty = false;
  for (const Json& extent : entry.at("shape")) {
    if (!extent.is_number_unsigned()) throw InputError("has a shape that is no shape");
    const auto length = extent.get<std::uint64_t>();
    empty = empty || length == 0;
    if (__builtin_mul_overflow(count, std::max<std::uint64_t>(length, 1), &count))
      throw InputError("has a shape too large");
    tensor.shape.push_back(static_cast<std::int64_t>(length));
  }
  const std::uint64_t held = empty ? 0 : static_cast<std::uint64_t>(count);
  if (held > data.size || held * width != end - begin)
    throw InputError("has a shape that does not fit its bytes");
  if (end - begin > room) throw InputError("overlaps with others");
  if (data.bytes) tensor.bytes.assign(data.bytes + begin, data.bytes + end);
  return tensor;
}

/// With where its bytes begin and end.
struct Placed {
  std::pair<std::uint64_t, std::uint64_t> at;
  std::string name;
  StoredTensor tensor;
};

DamagedFile not_whole(const std::filesystem::path& path, const std::string& why) {
  return DamagedFile(path.string() + " is not a whole safetensors file: " + why + ".");
}

/// The length of the header of a file of so many bytes, which says it first.
std::uint64_t header_length(const std::filesystem::path& path, const std::byte* first,
                            std::uint64_t size) {
  std::uint64_t length = 0;
  std::memcpy(&length, first, 8);
  if (length > size - 8) throw not_whole(path, "its header is cut off");
  if (length > longest_header) throw not_whole(path, "its header is longer than 100 MB");
  return length;
}

TensorFile read_tensors(const std::filesystem::path& path, std::string_view text,
                        const Data& data) {
  // Each tensor is an object, beside the metadata and the header itself.
  if (std::ranges::count(text, '{') > most_tensors + 2)
    throw not_whole(path, "it has more than " + grouped(most_tensors) + " tensors");
  const Json header = Json::parse(text, nullptr, false);
  if (!header.is_object()) throw not_whole(path, "its header cannot be read");
  TensorFile file;
  std::vector<Placed> found;
  std::uint64_t room = data.size;
  for (const auto& [name, entry] : header.items()) {
    try {
      if (name == metadata_key) {
        file.metadata = entry.get<std::map<std::string, std::string>>();
        continue;
      }
      found.push_back({{}, name, read_entry(entry, data, room)});
      auto& [begin, end] = found.back().at;
      entry.at("data_offsets").get_to(found.back().at);
      room -= end - begin;
    } catch (const nlohmann::json::exception&) {
      throw not_whole(path, name + " is not described as the format asks");
    } catch (const InputError& error) {
      throw not_whole(path, name + " " + error.what());
    }
  }
  // The order of their bytes is that in which they were saved.
  std::stable_sort(found.begin(), found.end(),
                   [](const Placed& a, const Placed& b) { return a.at < b.at; });
  for (Placed& placed : found)
    file.tensors.emplace_back(std::move(placed.name), std::move(placed.tensor));
  return file;
}

}  // namespace

const StoredTensor* TensorFile::find(const std::string& name) const {
  for (const auto& [key, tensor] : tensors)
    if (key == name) return &tensor;
  return nullptr;
}

std::size_t dtype_size(const std::string& dtype) {
  static const std::map<std::string, std::size_t> sizes{
      {"F64", 8},  {"I64", 8}, {"F32", 4}, {"I32", 4}, {"F16", 2},
      {"BF16", 2}, {"I16", 2}, {"I8", 1},  {"U8", 1},  {"BOOL", 1}};
  const auto found = sizes.find(dtype);
  return found == sizes.end() ? 0 : found->second;
}

void save_tensors(const std::filesystem::path& path, const TensorFile& file) {
  auto header = nlohmann::ordered_json::object();
  if (!file.metadata.empty()) header[metadata_key] = file.metadata;
  std::uint64_t offset = 0;
  for (const auto& [name, tensor] : file.tensors) {
    header[name] = {{"dtype", tensor.dtype},
                    {"shape", tensor.shape},
                    {"data_offsets", {offset, offset + tensor.bytes.size()}}};
    offset += tensor.bytes.size();
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');  // the format aligns the data to 8 bytes
  const std::uint64_t length = text.size();
  const std::uint64_t size = 8 + text.size() + offset;
  if (size > most_tensor_bytes)
    throw InputError(path.string() + " was not written, as it would have " +
                     grouped(static_cast<long long>(size)) + " bytes, more than the " +
                     grouped(static_cast<long long>(most_tensor_bytes)) +
                     " that are read again; make what it holds smaller, such as the encoder.");
  std::vector<std::byte> bytes(size);
  std::memcpy(bytes.data(), &length, 8);
  std::memcpy(bytes.data() + 8, text.data(), text.size());
  std::byte* at = bytes.data() + 8 + text.size();
  for (const auto& [name, tensor] : file.tensors) {
    if (!tensor.bytes.empty()) std::memcpy(at, tensor.bytes.data(), tensor.bytes.size());
    at += tensor.bytes.size();
  }
  write_file(path, bytes);
}

std::map<std::string, std::string> load_metadata(const std::filesystem::path& path) {
  const auto refuse = [&] {
    return InputError(path.string() +
                      " is not a whole safetensors file: its header cannot be read.");
  };
  std::ifstream in(path, std::ios::binary);
  std::uint64_t length = 0;
  std::error_code problem;
  const auto size = std::filesystem::file_size(path, problem);
  if (problem || !in.read(reinterpret_cast<char*>(&length), 8) || length > size - 8 ||
      length > longest_header)
    throw refuse();
  std::string text(length, ' ');
  if (!in.read(text.data(), static_cast<std::streamsize>(length))) throw refuse();
  const Json header = Json::parse(text, nullptr, false);
  if (!header.is_object()) throw refuse();
  try {
    return header.value(metadata_key, std::map<std::string, std::string>{});
  } catch (const nlohmann::json::exception&) {
    throw refuse();
  }
}

TensorFile load_tensors(const std::filesystem::path& path) {
  const auto bytes = read_file(path, most_tensor_bytes);
  if (bytes.size() < 8) throw not_whole(path, "it is too short");
  const std::uint64_t length = header_length(path, bytes.data(), bytes.size());
  const std::byte* data = bytes.data() + 8 + length;
  return read_tensors(path, {reinterpret_cast<const char*>(bytes.data() + 8), length},
                      {bytes.size() - 8 - length, data});
}

TensorFile load_layout(const std::filesystem::path& path) {
  std::error_code problem;
  const std::uint64_t size = std::filesystem::file_size(path, problem);
  std::ifstream in(path, std::ios::binary);
  if (problem || !in) throw InputError("Could not read " + path.string() + ".");
  std::byte first[8];
  if (size < 8 || !in.read(reinterpret_cast<char*>(first), 8))
    throw not_whole(path, "it is too short");
  std::string text(header_length(path, first, size), ' ');
  if (!in.read(text.data(), static_cast<std::streamsize>(text.size())))
    throw not_whole(path, "its header is cut off");
  return read_tensors(path, text, {size - 8 - text.size(), nullptr});
}

}  // namespace selfsight
