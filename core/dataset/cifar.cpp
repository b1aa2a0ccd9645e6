// CIFAR-10 and CIFAR-100 in their binary version (Krizhevsky 2009).
#include <algorithm>
#include <array>
#include <fstream>

#include "core/base/files.h"
#include "core/dataset/sets.h"

namespace selfsight {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t pixels = 3 * 32 * 32;
constexpr std::uintmax_t record10 = 1 + pixels, record100 = 2 + pixels;

struct Batch {
  fs::path path;
  Split split = Split::train;
};

/// Records stay on disk; one is read when it is asked for.
class CifarDataset : public ListedDataset {
 public:
  CifarDataset(const fs::path& location, const std::vector<Batch>& batches, bool hundred)
      : record_(hundred ? record100 : record10) {
    location_ = location.string();
    name_ = hundred ? "CIFAR-100" : "CIFAR-10";
    std::string identity = name_;
    for (const Batch& batch : batches) add(batch, identity);
    const fs::path folder = fs::is_directory(location) ? location : location.parent_path();
    read_class_names(folder / (hundred ? "fine_label_names.txt" : "batches.meta.txt"),
                     hundred ? 100 : 10);
    complete_splits();
    fingerprint_ = sha256(std::as_bytes(std::span(identity)));
  }

  cv::Mat image(std::int64_t index) const override {
    const auto& [file, row] = where_.at(static_cast<std::size_t>(index));
    std::array<std::uint8_t, pixels> planes;
    read_at(file, row * record_ + (record_ - pixels), planes.data(), planes.size());
    cv::Mat image(32, 32, CV_8UC3);
    for (std::size_t i = 0; i < 32 * 32; ++i)
      for (std::size_t c = 0; c < 3; ++c) image.data[3 * i + c] = planes[c * 32 * 32 + i];
    return image;
  }

  std::string image_name(std::int64_t index) const override {
    const auto& [file, row] = where_.at(static_cast<std::size_t>(index));
    return paths_[file].stem().string() + " " + std::to_string(row);
  }

 private:
  void add(const Batch& batch, std::string& identity) {
    const auto size = fs::file_size(batch.path);
    const std::size_t file = paths_.size();
    paths_.push_back(batch.path);
    const int classes = record_ == record100 ? 100 : 10;
    const std::vector<std::byte> all = read_file(batch.path);
    for (std::uintmax_t row = 0; row < size / record_; ++row) {
      const int label = static_cast<int>(all[row * record_ + (record_ == record100 ? 1 : 0)]);
      if (label >= classes)
        throw InputError(batch.path.string() + " has the label " + std::to_string(label) +
                         " in record " + std::to_string(row) + ", which " + name_ +
                         " does not know; it is damaged.");
      entries_.push_back({label, batch.split});
      where_.push_back({file, row});
    }
    identity += sha256(all);
  }

  void read_class_names(const fs::path& path, int count) {
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);) {
      line.erase(line.find_last_not_of(" \r\n") + 1);
      if (!line.empty()) classes_.push_back(line);
    }
    if (static_cast<int>(classes_.size()) == count) return;
    classes_.clear();
    for (int i = 0; i < count; ++i) classes_.push_back(std::to_string(i));
  }

  void read_at(std::size_t file, std::uintmax_t offset, std::uint8_t* to, std::size_t size) const {
    std::ifstream in(paths_[file], std::ios::binary);
    in.seekg(static_cast<std::streamoff>(offset));
    if (!in.read(reinterpret_cast<char*>(to), static_cast<std::streamsize>(size)))
      throw ImageError("could not be read from " + paths_[file].filename().string());
  }

  std::uintmax_t record_;
  std::vector<fs::path> paths_;
  std::vector<std::pair<std::size_t, std::uintmax_t>> where_;  // file, record
};

bool is_cifar10_name(const std::string& name) {
  return name.starts_with("data_batch") || name.starts_with("test_batch");
}
bool is_cifar100_name(const std::string& name) {
  return name == "train.bin" || name == "test.bin";
}

void check_size(const fs::path& path, std::uintmax_t record) {
  const auto size = fs::file_size(path);
  if (size == 0 || size % record != 0)
    throw InputError(path.string() + " is " + std::to_string(size) +
                     " bytes long, which is no whole number of CIFAR records of " +
                     std::to_string(record) + "; it is cut off or damaged.");
}

}  // namespace

std::shared_ptr<const Dataset> open_cifar(const fs::path& path) {
  std::vector<fs::path> files;
  if (fs::is_directory(path)) {
    for (const auto& entry :
         fs::directory_iterator(path, fs::directory_options::skip_permission_denied))
      if (entry.is_regular_file()) files.push_back(entry.path());
  } else {
    files.push_back(path);
  }
  std::vector<Batch> ten, hundred;
  for (const fs::path& file : files) {
    const std::string name = file.filename().string();
    if (!name.ends_with(".bin")) continue;
    const Split split = name.starts_with("test") ? Split::test : Split::train;
    if (is_cifar10_name(name)) ten.push_back({file, split});
    if (is_cifar100_name(name)) hundred.push_back({file, split});
  }
  if (ten.empty() && hundred.empty()) return nullptr;
  auto& batches = ten.empty() ? hundred : ten;
  std::sort(batches.begin(), batches.end(), [](const Batch& a, const Batch& b) {
    return std::tie(a.split, a.path) < std::tie(b.split, b.path);
  });
  for (const Batch& batch : batches) check_size(batch.path, ten.empty() ? record100 : record10);
  return std::make_shared<CifarDataset>(path, batches, ten.empty());
}

}  // namespace selfsight
