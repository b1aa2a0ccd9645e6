// The IDX format of MNIST and its family, plain or gzipped.
#include <zlib.h>

#include <algorithm>
#include <cstring>

#include "core/base/files.h"
#include "core/dataset/sets.h"

namespace selfsight {
namespace {

namespace fs = std::filesystem;

struct Idx {
  std::vector<std::uint32_t> extents;
  std::vector<std::uint8_t> bytes;
};

/// zlib reads plain files and gzipped ones alike.
class Reader {
 public:
  explicit Reader(const fs::path& path) : path_(path), file_(::gzopen(path.c_str(), "rb")) {
    if (!file_) throw InputError("Could not read " + path.string() + ".");
  }
  ~Reader() { ::gzclose(file_); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  /// As many bytes as there are, up to `size`.
  std::size_t read(std::uint8_t* to, std::size_t size) {
    std::size_t got = 0;
    while (got < size) {
      const auto part = static_cast<unsigned>(std::min<std::size_t>(size - got, 1u << 20));
      const int n = ::gzread(file_, to + got, part);
      if (n < 0)
        throw InputError(path_.string() + " is damaged: its compressed data cannot be read.");
      if (n == 0) break;
      got += static_cast<std::size_t>(n);
    }
    return got;
  }

 private:
  fs::path path_;
  gzFile file_;
};

std::uint32_t big_endian(const std::uint8_t* b) {
  return std::uint32_t(b[0]) << 24 | std::uint32_t(b[1]) << 16 | std::uint32_t(b[2]) << 8 | b[3];
}

bool begins_like_idx(const fs::path& path) {
  std::uint8_t head[4];
  try {
    Reader reader(path);
    return reader.read(head, 4) == 4 && head[0] == 0 && head[1] == 0 && head[2] >= 8 &&
           head[2] <= 14 && head[3] >= 1 && head[3] <= 4;
  } catch (const InputError&) {
    return false;
  }
}

/// The payload grows as it is read, so a header that promises more than there is takes no memory.
std::vector<std::uint8_t> read_payload(Reader& reader, std::uint64_t promised,
                                       const fs::path& path) {
  std::vector<std::uint8_t> bytes;
  constexpr std::size_t step = 8u << 20;
  while (bytes.size() < promised) {
    const auto want =
        static_cast<std::size_t>(std::min<std::uint64_t>(step, promised - bytes.size()));
    const std::size_t before = bytes.size();
    bytes.resize(before + want);
    const std::size_t got = reader.read(bytes.data() + before, want);
    bytes.resize(before + got);
    if (got < want)
      throw InputError(path.string() + " promises " + std::to_string(promised) +
                       " bytes of data but holds only " + std::to_string(bytes.size()) +
                       "; it is cut off or damaged.");
  }
  std::uint8_t extra;
  if (reader.read(&extra, 1) != 0)
    throw InputError(path.string() + " holds more data than its header says; it is damaged.");
  return bytes;
}

Idx read_idx(const fs::path& path) {
  Reader reader(path);
  std::uint8_t head[4];
  if (reader.read(head, 4) != 4)
    throw InputError(path.string() + " is too short to be an IDX file.");
  if (head[2] != 8)
    throw InputError(path.string() +
                     " holds numbers other than bytes; only IDX files of unsigned "
                     "bytes are read.");
  Idx idx;
  std::uint64_t count = 1;
  for (int i = 0; i < head[3]; ++i) {
    std::uint8_t extent[4];
    if (reader.read(extent, 4) != 4) throw InputError(path.string() + " ends within its header.");
    idx.extents.push_back(big_endian(extent));
    if (__builtin_mul_overflow(count, std::uint64_t(idx.extents.back()), &count) ||
        count > (std::uint64_t(1) << 36))
      throw InputError(path.string() + " has a header that promises an impossible size.");
  }
  idx.bytes = read_payload(reader, count, path);
  return idx;
}

/// One file of images and, if there is one, its file of labels.
struct Part {
  fs::path images, labels;
  Split split = Split::train;
};

class IdxDataset : public ListedDataset {
 public:
  IdxDataset(const fs::path& location, const std::string& name, const std::vector<Part>& parts) {
    location_ = location.string();
    name_ = name.empty() ? location.stem().stem().string() : name;
    std::string identity;
    for (const Part& part : parts) add(part, identity);
    if (entries_.empty()) throw InputError(location_ + " holds no images.");
    name_classes();
    complete_splits();
    fingerprint_ = sha256(std::as_bytes(std::span(identity)));
  }

  cv::Mat image(std::int64_t index) const override {
    const auto& [block, row] = where_.at(static_cast<std::size_t>(index));
    const Idx& idx = blocks_[block];
    const int height = static_cast<int>(idx.extents[1]), width = static_cast<int>(idx.extents[2]);
    const std::size_t bytes = std::size_t(height) * width * static_cast<std::size_t>(channels_);
    // A copy, so that nobody writes into the set.
    return cv::Mat(height, width, CV_8UC(channels_),
                   const_cast<std::uint8_t*>(idx.bytes.data() + row * bytes))
        .clone();
  }

  std::string image_name(std::int64_t index) const override {
    const auto& [block, row] = where_.at(static_cast<std::size_t>(index));
    return block_names_[block] + " " + std::to_string(row);
  }

 private:
  void add(const Part& part, std::string& identity) {
    Idx images = read_idx(part.images);
    check_images(images, part.images);
    std::vector<std::uint8_t> labels;
    if (!part.labels.empty()) {
      labels = read_idx(part.labels).bytes;
      if (labels.size() != images.extents[0])
        throw InputError(part.labels.string() + " has " + std::to_string(labels.size()) +
                         " labels for " + std::to_string(images.extents[0]) + " images.");
    }
    for (std::size_t i = 0; i < images.extents[0]; ++i) {
      entries_.push_back({labels.empty() ? -1 : labels[i], part.split});
      where_.push_back({blocks_.size(), i});
    }
    identity +=
        sha256(std::as_bytes(std::span(images.bytes))) + sha256(std::as_bytes(std::span(labels)));
    block_names_.push_back(part.split == Split::test ? "test" : "train");
    blocks_.push_back(std::move(images));
  }

  void check_images(const Idx& images, const fs::path& path) {
    const auto dimensions = images.extents.size();
    if (dimensions == 1)
      throw InputError(path.string() + " is an IDX file of labels; open the file of images.");
    if (dimensions < 3 || (dimensions == 4 && images.extents[3] != 1 && images.extents[3] != 3))
      throw InputError(path.string() + " is an IDX file, but not of images.");
    for (std::size_t i = 1; i < 3; ++i)
      if (images.extents[i] == 0 || images.extents[i] > 65535)
        throw InputError(path.string() + " has images without a size.");
    const int channels = dimensions == 4 ? static_cast<int>(images.extents[3]) : 1;
    if (!blocks_.empty() && channels != channels_)
      throw InputError(path.string() + " has other channels than the file beside it.");
    channels_ = channels;
  }

  void name_classes() {
    int largest = -1;
    for (const Entry& e : entries_) largest = std::max(largest, e.label);
    static const std::vector<std::string> clothes{"T-shirt/top", "Trouser",   "Pullover", "Dress",
                                                  "Coat",        "Sandal",    "Shirt",    "Sneaker",
                                                  "Bag",         "Ankle boot"};
    if (name_ == "Fashion-MNIST" && largest < static_cast<int>(clothes.size()))
      classes_ = clothes;
    else
      for (int i = 0; i <= largest; ++i) classes_.push_back(std::to_string(i));
  }

  std::vector<Idx> blocks_;
  std::vector<std::string> block_names_;
  std::vector<std::pair<std::size_t, std::size_t>> where_;  // block, row
};

/// The labels that belong to "…-images-idx3-ubyte[.gz]", if they are there.
fs::path labels_of(const fs::path& images) {
  std::string name = images.filename().string();
  if (const auto at = name.find("images"); at != std::string::npos)
    name.replace(at, 6, "labels");
  else
    return {};
  for (const auto* three : {"idx3", "idx4"})
    if (const auto at = name.find(three); at != std::string::npos) name.replace(at, 4, "idx1");
  for (const std::string& candidate : {name, name + ".gz", name.substr(0, name.rfind(".gz"))}) {
    const fs::path path = images.parent_path() / candidate;
    if (path != images && fs::is_regular_file(path) && begins_like_idx(path)) return path;
  }
  return {};
}

}  // namespace

std::shared_ptr<const Dataset> open_idx(const fs::path& path, const std::string& name) {
  std::vector<Part> parts;
  if (fs::is_regular_file(path)) {
    const std::string file = path.filename().string();
    const bool named =
        file.find("idx") != std::string::npos || file.find("ubyte") != std::string::npos;
    if (!named && !begins_like_idx(path)) return nullptr;
    parts.push_back({path, labels_of(path), Split::train});
  } else if (fs::is_directory(path)) {
    for (const auto& entry :
         fs::directory_iterator(path, fs::directory_options::skip_permission_denied)) {
      const std::string file = entry.path().filename().string();
      if (!entry.is_regular_file() || file.find("images") == std::string::npos ||
          file.find("idx") == std::string::npos || !begins_like_idx(entry.path()))
        continue;
      const bool test = file.starts_with("t10k") || file.starts_with("test");
      parts.push_back({entry.path(), labels_of(entry.path()), test ? Split::test : Split::train});
    }
    std::sort(parts.begin(), parts.end(), [](const Part& a, const Part& b) {
      return std::tie(a.split, a.images) < std::tie(b.split, b.images);
    });
  }
  if (parts.empty()) return nullptr;
  return std::make_shared<IdxDataset>(path, name, parts);
}

}  // namespace selfsight
