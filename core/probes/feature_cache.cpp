#include "core/probes/feature_cache.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <span>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/tensor_file.h"

namespace selfsight {
namespace {

namespace fs = std::filesystem;

constexpr char kFormat[] = "selfsight features 1";
constexpr char kSuffix[] = ".safetensors";
constexpr char kUnfinished[] = ".safetensors.part";
constexpr std::chrono::hours kLongestSave{1};
constexpr std::size_t kTriedAgain = 16;  // missing images, at most

template <class T>
StoredTensor stored(const char* dtype, std::vector<std::int64_t> shape,
                    const std::vector<T>& values) {
  const auto bytes = std::as_bytes(std::span(values));
  return {dtype, std::move(shape), {bytes.begin(), bytes.end()}};
}

template <class T>
std::vector<T> restored(const TensorFile& file, const char* name, const char* dtype) {
  const StoredTensor* tensor = file.find(name);
  if (!tensor || tensor->dtype != dtype) throw InputError("no table of features");
  std::vector<T> out(tensor->bytes.size() / sizeof(T));
  if (!out.empty()) std::memcpy(out.data(), tensor->bytes.data(), out.size() * sizeof(T));
  return out;
}

void save(const fs::path& path, const Features& f) {
  TensorFile file;
  file.metadata["format"] = kFormat;
  file.tensors = {{"values", stored("F32", {f.rows, f.columns}, f.values)},
                  {"ids", stored("I64", {f.rows}, f.ids)},
                  {"labels", stored("I32", {f.rows}, f.labels)}};
  save_tensors(path, file);
}

/// Throws InputError if it is not such a file.
Features load(const fs::path& path) {
  const TensorFile file = load_tensors(path);
  const StoredTensor* values = file.find("values");
  if (!values || values->shape.size() != 2) throw InputError("no table of features");
  Features out{values->shape[0], values->shape[1], restored<float>(file, "values", "F32"),
               restored<std::int64_t>(file, "ids", "I64"), restored<int>(file, "labels", "I32")};
  const auto rows = static_cast<std::size_t>(out.rows);
  if (out.ids.size() != rows || out.labels.size() != rows) throw InputError("no table of features");
  return out;
}

/// Whether it is what saving left when its process was killed.
bool left_behind(const fs::directory_entry& entry) {
  if (entry.path().filename().string().find(kUnfinished) == std::string::npos) return false;
  std::error_code gone;  // by another program
  const auto written = entry.last_write_time(gone);
  return !gone && fs::file_time_type::clock::now() - written > kLongestSave;
}

bool can_be_opened(const Dataset& dataset, std::int64_t image) {
  try {
    return !dataset.image(image).empty();
  } catch (const ImageError&) {
    return false;
  }
}

/// Whether the images that the table lacks cannot be opened now either: a share or the memory may
/// have failed for a while only. Of many it tries a few, the first among them.
bool still_lacks(const Features& table, const Dataset& dataset,
                 const std::vector<std::int64_t>& indices) {
  std::vector<std::int64_t> missing;
  auto id = table.ids.begin();
  for (const std::int64_t index : indices)
    if (id != table.ids.end() && *id == index)
      ++id;
    else
      missing.push_back(index);
  const std::size_t stride = missing.size() / kTriedAgain + 1;
  for (std::size_t i = 0; i < missing.size(); i += stride)
    if (can_be_opened(dataset, missing[i])) return false;
  return true;
}

}  // namespace

std::string FeatureKey::hash() const {
  std::string text = std::string(kFormat) + '\n' + encoder + '\n' + dataset + '\n' +
                     std::to_string(view_size) + '\n' + interpolation + '\n' + stamp + '\n';
  text += sha256(std::as_bytes(std::span(indices)));
  return sha256(std::as_bytes(std::span(text)));
}

FeatureCache::FeatureCache(fs::path folder, std::uintmax_t limit)
    : folder_(std::move(folder)), limit_(limit) {}

Features FeatureCache::get(const FeatureKey& key, const std::function<Features()>& make,
                           const std::function<bool(const Features&)>& holds) const {
  const fs::path path = folder_ / (key.hash() + kSuffix);
  std::error_code problem;
  if (fs::exists(path, problem)) {
    try {
      Features found = load(path);
      if (found.rows > 0 && (!holds || holds(found))) {
        fs::last_write_time(path, fs::file_time_type::clock::now(), problem);  // used just now
        return found;
      }
    } catch (const InputError&) {
      // Damaged: what `make` gives replaces it.
    }
  }
  Features made = make();
  if (made.rows == 0) return made;
  fs::create_directories(folder_, problem);
  try {
    save(path, made);
    trim();
  } catch (const Error&) {
    // A full disk costs time, not the measurement.
  }
  return made;
}

void FeatureCache::trim() const {
  struct Table {
    fs::path path;
    fs::file_time_type used;
    std::uintmax_t bytes;
  };
  std::vector<Table> tables;
  std::uintmax_t sum = 0;
  std::error_code problem;
  for (const auto& entry : fs::directory_iterator(folder_, problem)) {
    std::error_code gone;  // by another program
    if (left_behind(entry)) fs::remove(entry.path(), gone);
    if (entry.path().extension() != kSuffix) continue;
    const Table table{entry.path(), entry.last_write_time(gone), entry.file_size(gone)};
    if (gone) continue;
    sum += table.bytes;
    tables.push_back(table);
  }
  std::sort(tables.begin(), tables.end(),
            [](const Table& a, const Table& b) { return a.used < b.used; });
  for (const Table& table : tables) {
    if (sum <= limit_) return;
    fs::remove(table.path, problem);
    sum -= table.bytes;
  }
}

Features extract(const FeatureCache& cache, FrozenModel& model, const Dataset& dataset,
                 const std::vector<std::int64_t>& indices, Control& control,
                 const Progress& progress) {
  const auto make = [&] { return extract(model, dataset, indices, control, progress); };
  const std::string identity = model.identity();
  if (identity.empty()) return make();
  const auto views = run_spec(model.settings()).input.views;
  Features out =
      cache.get({identity, dataset.fingerprint(), indices, views.clean_size(), views.interpolation,
                 dataset.stamp(indices)},
                make, [&](const Features& f) { return still_lacks(f, dataset, indices); });
  if (progress) progress(1);
  return out;
}

Features raw_pixels(const FeatureCache& cache, const Dataset& dataset,
                    const std::vector<std::int64_t>& indices, std::int64_t size, Control& control,
                    const Progress& progress) {
  Features out = cache.get(
      {"pixels", dataset.fingerprint(), indices, size, "bilinear", dataset.stamp(indices)},
      [&] { return raw_pixels(dataset, indices, size, control, progress); },
      [&](const Features& f) { return still_lacks(f, dataset, indices); });
  if (progress) progress(1);
  return out;
}

}  // namespace selfsight
