// The IDX format of MNIST and its family (LeCun), plain or gzipped.
#include <zlib.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "core/base/files.h"
#include "core/dataset/byte_file.h"
#include "core/dataset/byte_reader.h"
#include "core/dataset/sets.h"

namespace selfsight {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t most_gunzipped = std::uint64_t(1) << 30;  // gzipped sets live in memory
constexpr std::size_t head_bytes = 64 << 10;                      // what a fingerprint looks at

/// The bytes of a file as they come, unzipped.
class IdxStream {
 public:
  explicit IdxStream(const fs::path& path) : path_(path), file_(::gzopen(path.c_str(), "rb")) {
    if (!file_) throw InputError("Could not read " + path.string() + ".");
  }
  ~IdxStream() { ::gzclose(file_); }
  IdxStream(const IdxStream&) = delete;
  IdxStream& operator=(const IdxStream&) = delete;

  bool zipped() { return ::gzdirect(file_) == 0; }

  /// As many bytes as there are, up to all that fit.
  std::size_t read(std::span<std::uint8_t> to) {
    std::size_t got = 0;
    while (got < to.size()) {
      const auto part = static_cast<unsigned>(std::min<std::size_t>(to.size() - got, 1u << 20));
      const int n = ::gzread(file_, to.data() + got, part);
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

struct IdxHeader {
  std::vector<std::uint64_t> extents;
  std::uint64_t bytes = 1;  // of values behind the header

  std::uint64_t size() const { return 4 + 4 * extents.size(); }
  std::uint64_t record() const { return extents[0] == 0 ? 0 : bytes / extents[0]; }
};

bool is_idx_magic(std::span<const std::uint8_t, 4> m) {
  return m[0] == 0 && m[1] == 0 && m[2] >= 8 && m[2] <= 14 && m[3] >= 1 && m[3] <= 4;
}

bool begins_like_idx(const fs::path& path) {
  std::array<std::uint8_t, 4> magic{};
  try {
    return IdxStream(path).read(magic) == 4 && is_idx_magic(magic);
  } catch (const InputError&) {
    return false;
  }
}

IdxHeader read_idx_header(IdxStream& in, const fs::path& path) {
  std::array<std::uint8_t, 4> word{};
  if (in.read(word) != 4 || !is_idx_magic(word))
    throw InputError(path.string() + " does not begin like an IDX file.");
  if (word[2] != 8)
    throw InputError(path.string() +
                     " holds numbers other than bytes; only IDX files of unsigned bytes are read.");
  IdxHeader header;
  for (int left = word[3]; left > 0; --left) {
    if (in.read(word) != 4) throw InputError(path.string() + " ends within its header.");
    std::uint64_t extent = 0;
    for (const std::uint8_t byte : word) extent = extent << 8 | byte;
    header.extents.push_back(extent);
    if (__builtin_mul_overflow(header.bytes, extent, &header.bytes))
      throw InputError(path.string() + " has a header that promises an impossible size.");
  }
  return header;
}

[[noreturn]] void lies(const fs::path& path, std::uint64_t promised, const std::string& held) {
  throw InputError(path.string() + " promises " + grouped(static_cast<long long>(promised)) +
                   " bytes of data but holds " + held + "; it is cut off or damaged.");
}

std::string held_bytes(std::uint64_t count) {
  return grouped(static_cast<long long>(count));
}

/// Before any memory is taken: what the file on disk can hold at all.
void check_promise(const IdxHeader& header, bool zipped, const fs::path& path) {
  const std::uint64_t stored = fs::file_size(path);
  if (!zipped) {
    if (header.size() + header.bytes != stored)
      lies(path, header.bytes, held_bytes(stored - std::min(stored, header.size())));
    return;
  }
  if (header.bytes > stored * best_deflate_ratio) lies(path, header.bytes, "less");
  if (header.bytes > most_gunzipped)
    throw InputError(path.string() + " is larger than 1 GB when unpacked; gunzip it first.");
}

std::vector<std::uint8_t> unpack_idx(IdxStream& in, const IdxHeader& header, const fs::path& path) {
  std::vector<std::uint8_t> bytes(header.bytes);
  const std::size_t got = in.read(bytes);
  if (got < bytes.size()) lies(path, header.bytes, held_bytes(got));
  std::array<std::uint8_t, 1> extra;
  if (in.read(extra) != 0) lies(path, header.bytes, "more");
  return bytes;
}

/// The images of one file: on disk if it is plain, in memory if it is gzipped.
struct Block {
  std::string name;
  IdxHeader header;
  std::int64_t first = 0;  // index of its first image in the set
  FileState unpacked;      // of the file as it was when it was read into memory
  std::vector<std::uint8_t> bytes;
  std::optional<ByteFile> file;

  FileState state() const { return file ? file->state() : unpacked; }

  void read(std::uint64_t row, std::span<std::uint8_t> to) const {
    const std::uint64_t offset = row * header.record();
    if (file) {
      if (!file->read(header.size() + offset, to))
        throw ImageError("could not be read from " + file->path().filename().string());
      return;
    }
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(offset), to.size(), to.begin());
  }
};

/// One file of images and, if there is one, its file of labels.
struct IdxPart {
  fs::path images, labels;
  Split split = Split::train;
};

class IdxDataset : public ListedDataset {
 public:
  IdxDataset(const fs::path& location, const std::string& name, const std::vector<IdxPart>& parts) {
    location_ = location.string();
    name_ = name.empty() ? location.stem().stem().string() : name;
    std::string identity;
    for (const IdxPart& part : parts) add(part, identity);
    if (entries_.empty()) throw InputError(location_ + " holds no images.");
    name_classes();
    complete_splits();
    fingerprint_ = sha256(std::as_bytes(std::span(identity)));
  }

  cv::Mat image(std::int64_t index) const override {
    const Block& block = block_of(index);
    cv::Mat image(static_cast<int>(block.header.extents[1]),
                  static_cast<int>(block.header.extents[2]), CV_8UC(channels_));
    block.read(static_cast<std::uint64_t>(index - block.first),
               {image.data, image.total() * image.elemSize()});
    return image;
  }

  std::string image_name(std::int64_t index) const override {
    const Block& block = block_of(index);
    return block.name + " " + std::to_string(index - block.first);
  }

 protected:
  FileState state_of(std::int64_t index) const override { return block_of(index).state(); }

 private:
  const Block& block_of(std::int64_t index) const {
    entry(index);  // throws beyond the end
    const auto after = std::upper_bound(blocks_.begin(), blocks_.end(), index,
                                        [](std::int64_t i, const Block& b) { return i < b.first; });
    return *std::prev(after);
  }

  void add(const IdxPart& part, std::string& identity) {
    IdxStream in(part.images);
    Block block;
    block.unpacked = file_state(part.images);
    block.name = part.split == Split::test         ? "test"
                 : part.split == Split::validation ? "validation"
                                                   : "train";
    block.header = read_idx_header(in, part.images);
    block.first = size();
    check_images(block.header, part.images);
    check_promise(block.header, in.zipped(), part.images);
    check_count(block.header.extents[0], part.images);
    if (in.zipped())
      block.bytes = unpack_idx(in, block.header, part.images);
    else
      block.file.emplace(part.images);
    const auto labels = read_labels(part, block.header.extents[0]);
    for (std::size_t i = 0; i < block.header.extents[0]; ++i)
      entries_.push_back({labels.empty() ? -1 : labels[i], part.split});
    std::vector<std::uint8_t> head(std::min<std::uint64_t>(head_bytes, block.header.bytes));
    block.read(0, head);
    identity += block.name + std::to_string(block.header.bytes) +
                sha256(std::as_bytes(std::span(head))) + sha256(std::as_bytes(std::span(labels)));
    blocks_.push_back(std::move(block));
  }

  static std::vector<std::uint8_t> read_labels(const IdxPart& part, std::uint64_t count) {
    if (part.labels.empty()) return {};
    IdxStream in(part.labels);
    const IdxHeader header = read_idx_header(in, part.labels);
    if (header.extents.size() != 1 || header.bytes != count)
      throw InputError(part.labels.string() + " has labels for " +
                       std::to_string(header.extents[0]) + " images, but there are " +
                       std::to_string(count) + ".");
    check_promise(header, in.zipped(), part.labels);
    return unpack_idx(in, header, part.labels);
  }

  static void check_count(std::uint64_t images, const fs::path& path) {
    if (images > most_images)
      throw InputError(path.string() + " has " + grouped(static_cast<long long>(images)) +
                       " images, more than the " + grouped(most_images) + " that can be used.");
  }

  void check_images(const IdxHeader& header, const fs::path& path) {
    const auto& extents = header.extents;
    if (extents.size() == 1)
      throw InputError(path.string() + " is an IDX file of labels; open the file of images.");
    if (extents.size() < 3 || (extents.size() == 4 && extents[3] != 1 && extents[3] != 3))
      throw InputError(path.string() + " is an IDX file, but not of images.");
    for (std::size_t i = 1; i < 3; ++i)
      if (extents[i] == 0 || extents[i] > 8192)
        throw InputError(path.string() + " has images of " + std::to_string(extents[2]) + " x " +
                         std::to_string(extents[1]) + " pixels, which cannot be used.");
    const int channels = extents.size() == 4 ? static_cast<int>(extents[3]) : 1;
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

  std::vector<Block> blocks_;
};

/// The labels that belong to "…-images-idx3-ubyte[.gz]", if they are there.
fs::path labels_of(const fs::path& images) {
  std::string name = images.filename().string();
  const auto at = name.find("images");
  if (at == std::string::npos) return {};
  name.replace(at, 6, "labels");
  for (const auto* three : {"idx3", "idx4"})
    if (const auto word = name.find(three); word != std::string::npos)
      name.replace(word, 4, "idx1");
  for (const std::string& candidate : {name, name + ".gz", name.substr(0, name.rfind(".gz"))}) {
    const fs::path path = images.parent_path() / candidate;
    if (path != images && fs::is_regular_file(path) && begins_like_idx(path)) return path;
  }
  return {};
}

/// What such a name says: "emnist-letters-test-images-idx3-ubyte.gz".
struct IdxName {
  std::string set{};  // "emnist-letters"; empty for MNIST itself
  Split split = Split::train;
};

IdxName idx_name(std::string file) {
  static const std::set<std::string> form{"idx", "idx3", "idx4", "ubyte", "gz"};
  if (const auto at = file.find("images"); at != std::string::npos) file.replace(at, 6, "-");
  IdxName out;
  for (const std::string& word : name_words(file)) {
    const auto named = lower(word) == "t10k" ? Split::test : split_named(word);
    if (named)
      out.split = *named;
    else if (!form.contains(lower(word)))
      out.set += (out.set.empty() ? "" : "-") + word;
  }
  return out;
}

/// Whether a file that does not begin like one was meant to be one: "…-idx3-ubyte.gz", "mine.idx".
bool is_named_idx(const std::string& file) {
  static const std::set<std::string> last{"idx", "idx1", "idx3", "idx4", "ubyte"};
  std::vector<std::string> words = name_words(file);
  if (words.size() > 1 && words.back() == "gz") words.pop_back();
  return !words.empty() && last.contains(words.back());
}

/// The labels of EMNIST's parts mean other things in each of them.
void refuse_several(const fs::path& folder, const std::vector<IdxPart>& parts) {
  std::map<std::string, std::string> sets;  // by what is said of them
  for (const IdxPart& part : parts) {
    const std::string file = part.images.filename().string();
    const std::string set = idx_name(file).set;
    sets.emplace(set, set.empty() ? file : set);
  }
  if (sets.size() < 2) return;
  std::string names;
  for (const auto& [set, name] : sets) names += (names.empty() ? "" : ", ") + name;
  throw InputError(folder.string() + " holds several data sets: " + names +
                   "; open one of their files, such as " +
                   parts.front().images.filename().string() +
                   ", or put those of one of them into a folder of their own and open that.");
}

/// The files of images in a folder; of a plain one and its gzipped twin, the plain one.
std::vector<IdxPart> parts_in(const fs::path& folder) {
  std::vector<IdxPart> parts;
  std::error_code problem;
  for (fs::directory_iterator it(folder, problem), end; !problem && it != end;
       it.increment(problem)) {
    const std::string file = it->path().filename().string();
    std::error_code unknown;
    if (file.starts_with(".") || file.find("images") == std::string::npos ||
        file.find("idx") == std::string::npos || !it->is_regular_file(unknown))
      continue;
    if (file.ends_with(".gz") && fs::exists(folder / it->path().stem(), unknown)) continue;
    if (!begins_like_idx(it->path())) continue;
    parts.push_back({it->path(), labels_of(it->path()), idx_name(file).split});
  }
  std::sort(parts.begin(), parts.end(), [](const IdxPart& a, const IdxPart& b) {
    return std::tie(a.split, a.images) < std::tie(b.split, b.images);
  });
  return parts;
}

}  // namespace

std::shared_ptr<const Dataset> open_idx(const fs::path& path, const std::string& name) {
  std::vector<IdxPart> parts;
  if (fs::is_directory(path)) {
    parts = parts_in(path);
    refuse_several(path, parts);
  } else if (fs::is_regular_file(path)) {
    const std::string file = path.filename().string();
    if (is_named_idx(file) || begins_like_idx(path))
      parts.push_back({path, labels_of(path), idx_name(file).split});
  }
  if (parts.empty()) return nullptr;
  return std::make_shared<IdxDataset>(path, name, parts);
}

}  // namespace selfsight
