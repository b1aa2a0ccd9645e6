// CIFAR-10 and CIFAR-100 in their binary version (Krizhevsky 2009).
#include <algorithm>
#include <array>
#include <fstream>
#include <tuple>

#include "core/base/files.h"
#include "core/base/trimmed.h"
#include "core/dataset/byte_file.h"
#include "core/dataset/sets.h"

namespace selfsight {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t cifar_side = 32, cifar_pixels = 3 * cifar_side * cifar_side;
constexpr std::size_t records_at_once = 1024;

/// What tells the two sets apart. A record is its labels, the class last, and three planes.
struct Kind {
  const char* name;
  std::size_t record;
  int classes;
  const char* class_file;
};
constexpr Kind ten{"CIFAR-10", 1 + cifar_pixels, 10, "batches.meta.txt"};
constexpr Kind hundred{"CIFAR-100", 2 + cifar_pixels, 100, "fine_label_names.txt"};

struct Batch {
  fs::path path;
  Split split = Split::train;
};

/// Pixels stay on disk; an image is read when it is asked for.
class CifarDataset : public ListedDataset {
 public:
  CifarDataset(const fs::path& location, const std::vector<Batch>& batches, const Kind& kind)
      : kind_(kind) {
    location_ = location.string();
    name_ = kind.name;
    std::string identity = name_;
    for (const Batch& batch : batches) add(batch, identity);
    const fs::path folder = fs::is_directory(location) ? location : location.parent_path();
    read_class_names(folder / kind.class_file);
    complete_splits();
    fingerprint_ = sha256(std::as_bytes(std::span(identity)));
  }

  cv::Mat image(std::int64_t index) const override {
    const auto [file, row] = place_of(index);
    std::array<std::uint8_t, cifar_pixels> planes;
    if (!files_[file].read((row + 1) * kind_.record - cifar_pixels, planes))
      throw ImageError("could not be read from " + files_[file].path().filename().string());
    cv::Mat image(cifar_side, cifar_side, CV_8UC3);
    for (std::size_t i = 0; i < cifar_side * cifar_side; ++i)
      for (std::size_t c = 0; c < 3; ++c)
        image.data[3 * i + c] = planes[c * cifar_side * cifar_side + i];
    return image;
  }

  std::string image_name(std::int64_t index) const override {
    const auto [file, row] = place_of(index);
    return files_[file].path().stem().string() + " " + std::to_string(row);
  }

 protected:
  FileState state_of(std::int64_t index) const override {
    return files_[place_of(index).first].state();
  }

 private:
  std::pair<std::size_t, std::uint64_t> place_of(std::int64_t index) const {
    entry(index);  // throws beyond the end
    const auto after = std::upper_bound(firsts_.begin(), firsts_.end(), index);
    return {static_cast<std::size_t>(after - firsts_.begin()) - 1,
            static_cast<std::uint64_t>(index - *std::prev(after))};
  }

  void add(const Batch& batch, std::string& identity) {
    ByteFile file(batch.path);
    const std::uint64_t count = file.size() / kind_.record;
    std::vector<std::uint8_t> labels, records;
    for (std::uint64_t row = 0; row < count; row += records_at_once) {
      const std::uint64_t part = std::min<std::uint64_t>(records_at_once, count - row);
      records.resize(part * kind_.record);
      if (!file.read(row * kind_.record, records))
        throw InputError("Could not read " + batch.path.string() + ".");
      if (row == 0) identity += sha256(std::as_bytes(std::span(records)));
      for (std::uint64_t i = 0; i < part; ++i)
        labels.push_back(records[(i + 1) * kind_.record - cifar_pixels - 1]);
    }
    firsts_.push_back(size());
    for (const std::uint8_t label : labels) {
      if (label >= kind_.classes)
        throw InputError(batch.path.string() + " has the label " + std::to_string(label) +
                         ", which " + kind_.name + " does not know; it is damaged.");
      entries_.push_back({label, batch.split});
    }
    identity += std::to_string(file.size()) + sha256(std::as_bytes(std::span(labels)));
    files_.push_back(std::move(file));
  }

  void read_class_names(const fs::path& path) {
    std::ifstream in(path);
    for (std::string line;
         std::getline(in, line) && classes_.size() <= static_cast<std::size_t>(kind_.classes);) {
      if (const auto name = trimmed(line); !name.empty()) classes_.emplace_back(name);
    }
    if (classes_.size() == static_cast<std::size_t>(kind_.classes)) return;
    classes_.clear();
    for (int i = 0; i < kind_.classes; ++i) classes_.push_back(std::to_string(i));
  }

  const Kind& kind_;
  std::vector<ByteFile> files_;
  std::vector<std::int64_t> firsts_;  // index of each file's first image
};

const Kind* kind_named(const std::string& name) {
  if (!name.ends_with(".bin")) return nullptr;
  if (name.starts_with("data_batch") || name.starts_with("test_batch")) return &ten;
  return name == "train.bin" || name == "test.bin" ? &hundred : nullptr;
}

bool has_whole_records(const fs::path& path, const Kind& kind) {
  const auto size = fs::file_size(path);
  return size > 0 && size % kind.record == 0;
}

/// A file of its own may have any name: then its size tells.
const Kind* kind_of(const fs::path& file) {
  if (const Kind* kind = kind_named(file.filename().string())) return kind;
  if (file.extension() != ".bin") return nullptr;
  return has_whole_records(file, ten)       ? &ten
         : has_whole_records(file, hundred) ? &hundred
                                            : nullptr;
}

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code problem, unknown;
  for (fs::directory_iterator it(folder, problem), end; !problem && it != end;
       it.increment(problem))
    if (kind_named(it->path().filename().string()) && it->is_regular_file(unknown))
      files.push_back(it->path());
  return files;
}

}  // namespace

std::shared_ptr<const Dataset> open_cifar(const fs::path& path) {
  const bool folder = fs::is_directory(path);
  const std::vector<fs::path> files = folder ? files_in(path) : std::vector{path};
  const Kind* kind = nullptr;
  std::vector<Batch> batches;
  for (const fs::path& file : files) {
    const Kind* found = folder ? kind_named(file.filename().string()) : kind_of(file);
    if (!found || (kind && found != kind && kind == &ten)) continue;  // ten wins over hundred
    if (kind && found != kind) batches.clear();
    kind = found;
    batches.push_back(
        {file, file.filename().string().starts_with("test") ? Split::test : Split::train});
  }
  if (!kind) return nullptr;
  std::sort(batches.begin(), batches.end(), [](const Batch& a, const Batch& b) {
    return std::tie(a.split, a.path) < std::tie(b.split, b.path);
  });
  for (const Batch& batch : batches)
    if (!has_whole_records(batch.path, *kind))
      throw InputError(batch.path.string() + " is " +
                       grouped(static_cast<long long>(fs::file_size(batch.path))) +
                       " bytes long, which is no whole number of " + kind->name + " records of " +
                       std::to_string(kind->record) + "; it is cut off or damaged.");
  return std::make_shared<CifarDataset>(path, batches, *kind);
}

}  // namespace selfsight
