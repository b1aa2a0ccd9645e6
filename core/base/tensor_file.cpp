#include "core/base/tensor_file.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/files.h"

namespace selfsight {
namespace {

// Not ordered_json, which looks at all names before for each: a stranger's file may have many.
using Json = nlohmann::json;

constexpr std::uint64_t longest_header = 100'000'000;  // as the format has it
constexpr std::ptrdiff_t most_tensors = 100'000;
constexpr const char* metadata_key = "__metadata__";

/// `room` is what the tensors before have left: what lies apart fits into the file together.
StoredTensor read_entry(const Json& entry, std::span<const std::byte> data, std::uint64_t room) {
  StoredTensor tensor;
  tensor.dtype = entry.at("dtype").get<std::string>();
  const std::size_t width = dtype_size(tensor.dtype);
  if (width == 0) throw InputError("has an unknown number type " + tensor.dtype);
  const auto begin = entry.at("data_offsets").at(0).get<std::uint64_t>();
  const auto end = entry.at("data_offsets").at(1).get<std::uint64_t>();
  if (begin > end || end > data.size()) throw InputError("points outside the file");
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
  if (held > data.size() || held * width != end - begin)
    throw InputError("has a shape that does not fit its bytes");
  if (end - begin > room) throw InputError("overlaps with others");
  const auto part = data.subspan(begin, end - begin);
  tensor.bytes.assign(part.begin(), part.end());
  return tensor;
}

/// With where its bytes begin and end.
struct Placed {
  std::pair<std::uint64_t, std::uint64_t> at;
  std::string name;
  StoredTensor tensor;
};

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
  const auto refuse = [&](const std::string& why) {
    return DamagedFile(path.string() + " is not a whole safetensors file: " + why + ".");
  };
  if (bytes.size() < 8) throw refuse("it is too short");
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), 8);
  if (length > bytes.size() - 8) throw refuse("its header is cut off");
  if (length > longest_header) throw refuse("its header is longer than 100 MB");
  const auto* text = reinterpret_cast<const char*>(bytes.data() + 8);
  const auto data = std::span(bytes).subspan(8 + length);
  // Each tensor is an object, beside the metadata and the header itself.
  if (std::count(text, text + length, '{') > most_tensors + 2)
    throw refuse("it has more than " + grouped(most_tensors) + " tensors");
  const Json header = Json::parse(text, text + length, nullptr, false);
  if (!header.is_object()) throw refuse("its header cannot be read");
  TensorFile file;
  std::vector<Placed> found;
  std::uint64_t room = data.size();
  for (const auto& [name, entry] : header.items()) {
    try {
      if (name == metadata_key) {
        file.metadata = entry.get<std::map<std::string, std::string>>();
        continue;
      }
      found.push_back({{}, name, read_entry(entry, data, room)});
      entry.at("data_offsets").get_to(found.back().at);
      room -= found.back().tensor.bytes.size();
    } catch (const nlohmann::json::exception&) {
      throw refuse(name + " is not described as the format asks");
    } catch (const InputError& error) {
      throw refuse(name + " " + error.what());
    }
  }
  // The order of their bytes is that in which they were saved.
  std::stable_sort(found.begin(), found.end(),
                   [](const Placed& a, const Placed& b) { return a.at < b.at; });
  for (Placed& placed : found)
    file.tensors.emplace_back(std::move(placed.name), std::move(placed.tensor));
  return file;
}

}  // namespace selfsight
