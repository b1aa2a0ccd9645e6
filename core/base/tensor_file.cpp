#include "core/base/tensor_file.h"

#include <cstring>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/files.h"

namespace selfsight {
namespace {

using Json = nlohmann::ordered_json;

StoredTensor read_entry(const Json& entry, std::span<const std::byte> data) {
  StoredTensor tensor;
  tensor.dtype = entry.at("dtype").get<std::string>();
  const std::size_t width = dtype_size(tensor.dtype);
  if (width == 0) throw InputError("has an unknown number type " + tensor.dtype);
  const auto begin = entry.at("data_offsets").at(0).get<std::uint64_t>();
  const auto end = entry.at("data_offsets").at(1).get<std::uint64_t>();
  if (begin > end || end > data.size()) throw InputError("points outside the file");
  std::uint64_t count = 1;
  for (const Json& extent : entry.at("shape")) {
    if (!extent.is_number_unsigned()) throw InputError("has a shape that is no shape");
    tensor.shape.push_back(extent.get<std::int64_t>());
    if (__builtin_mul_overflow(count, extent.get<std::uint64_t>(), &count))
      throw InputError("has a shape too large");
  }
  if (count > data.size() || count * width != end - begin)
    throw InputError("has a shape that does not fit its bytes");
  const auto part = data.subspan(begin, end - begin);
  tensor.bytes.assign(part.begin(), part.end());
  return tensor;
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
  Json header = Json::object();
  if (!file.metadata.empty()) header["__metadata__"] = file.metadata;
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
  std::vector<std::byte> bytes(8 + text.size() + offset);
  std::memcpy(bytes.data(), &length, 8);
  std::memcpy(bytes.data() + 8, text.data(), text.size());
  std::byte* at = bytes.data() + 8 + text.size();
  for (const auto& [name, tensor] : file.tensors) {
    if (!tensor.bytes.empty()) std::memcpy(at, tensor.bytes.data(), tensor.bytes.size());
    at += tensor.bytes.size();
  }
  write_file(path, bytes);
}

TensorFile load_tensors(const std::filesystem::path& path) {
  const auto bytes = read_file(path);
  const auto refuse = [&](const std::string& why) {
    return InputError(path.string() + " is not a whole safetensors file: " + why + ".");
  };
  if (bytes.size() < 8) throw refuse("it is too short");
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), 8);
  if (length > bytes.size() - 8) throw refuse("its header is cut off");
  const auto* text = reinterpret_cast<const char*>(bytes.data() + 8);
  const auto data = std::span(bytes).subspan(8 + length);
  const Json header = Json::parse(text, text + length, nullptr, false);
  if (!header.is_object()) throw refuse("its header cannot be read");
  TensorFile file;
  for (const auto& [name, entry] : header.items()) {
    try {
      if (name == "__metadata__")
        file.metadata = entry.get<std::map<std::string, std::string>>();
      else
        file.tensors.emplace_back(name, read_entry(entry, data));
    } catch (const nlohmann::json::exception&) {
      throw refuse(name + " is not described as the format asks");
    } catch (const InputError& error) {
      throw refuse(name + " " + error.what());
    }
  }
  return file;
}

}  // namespace selfsight
