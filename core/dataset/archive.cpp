// Images in archives, read where they lie: .zip and .tar entry by entry, compressed tars unpacked
// into memory once. Shards of WebDataset are plain tars whose entries share their name up to the
// first dot: "000017.jpg", "000017.cls".

#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>

#include "core/base/files.h"
#include "core/base/scratch_folder.h"
#include "core/base/trimmed.h"
#include "core/dataset/archive_reader.h"
#include "core/dataset/dicom_file.h"
#include "core/dataset/frames.h"
#include "core/dataset/image_header.h"
#include "core/dataset/sets.h"

namespace selfsight {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t largest_image = 260'000'000;
constexpr std::uint64_t most_kept = std::uint64_t(4) << 30;  // bytes of images in memory
constexpr std::size_t longest_class = 64;
constexpr std::size_t most_members = 50'000'000;
constexpr std::uint64_t most_frame_names = std::uint64_t(1) << 30;  // bytes, as each frame has one

struct Member {
  std::string name;
  std::size_t archive = 0;
  std::uint64_t at = 0, size = 0;
  bool plain = false;  // at: its bytes lie there; else its header
  std::shared_ptr<const std::vector<std::byte>> kept = nullptr;  // of a compressed tar
  std::int64_t frame = -1;
};

struct Contents {
  std::vector<Member> images;
  std::vector<BrokenImage> broken;
  /// Of WebDataset, by archive and key: shards may use the same keys.
  std::map<std::pair<std::size_t, std::string>, std::string> classes;
  bool binary = false;  // CIFAR's, IDX's or STL-10's files are in it
  std::uint64_t others = 0, kept = 0;
  std::uint64_t frames = 0;       // of the archive that is being listed
  std::uint64_t frame_names = 0;  // bytes
};

bool ends(const std::string& name, std::string_view suffix) {
  return name.size() > suffix.size() && name.ends_with(suffix);
}

std::string base(const std::string& name) {
  return fs::path(name).filename().string();
}

/// What WebDataset calls the key: the path up to the first dot of the file's name.
std::string key_of(const std::string& name) {
  const auto slash = name.find_last_of('/');
  return name.substr(0, name.find('.', slash == std::string::npos ? 0 : slash));
}

/// Files of the sets that are no image files.
bool is_binary_part(const std::string& name) {
  static const std::vector<std::string> whole{
      "test_batch.bin",       "batches.meta.txt", "train.bin",      "test.bin",
      "fine_label_names.txt", "train_X.bin",      "train_y.bin",    "test_X.bin",
      "test_y.bin",           "unlabeled_X.bin",  "class_names.txt"};
  const std::string file = base(name);
  return std::find(whole.begin(), whole.end(), file) != whole.end() ||
         (file.starts_with("data_batch_") && file.ends_with(".bin")) || ends(file, "-ubyte") ||
         ends(file, "-ubyte.gz");
}

/// The split in a shard's name, as a folder: "imagenet-train-0003.tar" is train/.
std::string folder_of_shard(const fs::path& shard) {
  const std::string word = split_word_in(shard.stem().string());
  return word.empty() ? "" : word + "/";
}

/// Whether an entry may be a DICOM: they are named *.dcm, IM0001 or by their numbers.
bool may_be_dicom(const std::string& file) {
  const std::string suffix = lower(fs::path(file).extension().string());
  return suffix.find_first_not_of(".0123456789") == std::string::npos || suffix == ".dcm" ||
         suffix == ".dicom" || suffix == ".ima";
}

void place_image(const ArchiveEntry& entry, const ArchiveReader& reader,
                 std::uint64_t archive_bytes, Member& member) {
  if (entry.size == 0) throw ImageError("is empty");
  if (entry.size.value_or(0) > largest_image)
    throw ImageError("is larger than " + grouped(largest_image / 1'000'000) + " MB");
  if (reader.plain_tar()) {
    if (entry.data_at > archive_bytes || member.size > archive_bytes - entry.data_at)
      throw ImageError("is cut off within its archive");
    member.plain = true;
    member.at = entry.data_at;
  } else if (entry.header_at == 0 && entry.data_at == 0) {
    throw ImageError("has no place in its archive");
  }
}

/// How many images a placed member holds; one that is packed is unpacked as far as that takes.
/// `bytes`: what was read of it already.
std::int64_t frames_of(const Member& member, ArchiveReader& reader, const ByteFile& file,
                       std::vector<std::byte> bytes) {
  if (member.kept) return count_frames(bytes_at(*member.kept), member.size);
  if (member.plain) return count_frames(bytes_at(file, member.at, member.size), member.size);
  const ReadAt unpacking = [&](std::uint64_t at, std::span<std::uint8_t> to) {
    if (bytes.size() < at + to.size()) {
      const bool begins = at + to.size() <= telling_bytes;
      const auto more = begins ? reader.head(telling_bytes) : reader.bytes(largest_image);
      bytes.insert(bytes.end(), more.begin(), more.end());
    }
    return bytes_at(bytes)(at, to);
  };
  return count_frames(unpacking, member.size > 0 ? member.size : largest_image);
}

/// `head`: of what may be a DICOM its first bytes, which were read.
void take_image(const ArchiveEntry& entry, ArchiveReader& reader, const ByteFile& file,
                std::vector<std::byte> head, Member member, Contents& found) {
  if (reader.compressed()) {
    std::vector<std::byte> bytes = std::move(head);
    const auto rest = reader.bytes(largest_image);
    bytes.insert(bytes.end(), rest.begin(), rest.end());
    if (bytes.empty()) throw ImageError("is empty");
    member.size = bytes.size();
    found.kept += member.size;
    member.kept = std::make_shared<const std::vector<std::byte>>(std::move(bytes));
  } else {
    place_image(entry, reader, file.size(), member);
  }
  const std::int64_t frames =
      may_hold_frames(member.name) ? frames_of(member, reader, file, std::move(head)) : 1;
  // A scan of nothing but zeros packs well; a million frames of it are no picture.
  const std::uint64_t several = frames > 1 ? static_cast<std::uint64_t>(frames) : 0;
  if (several > file.size() - found.frames)
    throw ImageError("has more frames than its archive has bytes");
  if (several * member.name.size() > most_frame_names - found.frame_names)
    throw ImageError("has too many frames for so long a name");
  if (found.images.size() + several > most_members) throw InputError("has too many entries");
  found.frames += several;
  found.frame_names += several * member.name.size();
  for (std::int64_t frame = 0; frame < frames; ++frame) {
    member.frame = frames > 1 ? frame : -1;
    found.images.push_back(member);
  }
}

/// One entry of an archive: an image, its class, a part of a binary set, or something else.
void consider_entry(const ArchiveEntry& entry, ArchiveReader& reader, const ByteFile& whole,
                    std::size_t archive, const std::string& prefix, Contents& found) {
  const std::string name = prefix + entry.name;
  const std::string file = base(entry.name);
  if (file.starts_with(".") || name.find("__MACOSX") != std::string::npos) return;
  if (!entry.refusal.empty()) {
    found.broken.push_back({name, entry.refusal});
    return;
  }
  try {
    if (ends(file, ".cls")) {
      const auto bytes = reader.bytes(longest_class);
      const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      found.classes[{archive, key_of(name)}] = trimmed(text);
      return;
    }
    const auto head = may_be_dicom(file) ? reader.head(telling_bytes) : std::vector<std::byte>();
    if (has_image_suffix(file) || (identify(head) == ImageFormat::dicom && file != "DICOMDIR")) {
      take_image(entry, reader, whole, head,
                 Member{name, archive, entry.header_at, entry.size.value_or(0)}, found);
    } else {
      found.binary = found.binary || is_binary_part(entry.name);
      ++found.others;
    }
  } catch (const ImageError& error) {
    found.broken.push_back({name, error.what()});
  }
}

void list(const ByteFile& file, std::size_t archive, const std::string& prefix,
          const Control& control, Contents& found) {
  found.frames = 0;
  try {
    ArchiveReader reader(file);
    while (const auto entry = reader.next()) {
      control.check();
      consider_entry(*entry, reader, file, archive, prefix, found);
      if (found.kept > most_kept)
        throw InputError("holds more than " + grouped(most_kept >> 30) +
                         " GB of images; a plain .tar of them is read in place");
      if (found.images.size() + found.broken.size() + found.classes.size() > most_members)
        throw InputError("has too many entries");
    }
  } catch (const InputError& error) {
    const std::string text = error.what();
    if (!text.starts_with("is damaged") || found.images.empty())
      throw InputError(file.path().string() + " " + text + ".");
    found.broken.push_back({file.path().filename().string(), text});  // what came before is whole
  }
}

class ArchiveDataset : public ListedDataset {
 public:
  ArchiveDataset(std::vector<ByteFile> files, Contents found, const std::string& location,
                 const ValueWindow& asked)
      : files_(std::move(files)), members_(std::move(found.images)) {
    location_ = location;
    for (ByteFile& file : files_) {
      opened_.push_back(file.state());
      file.read_in_any_order();
    }
    name_ = fs::path(location).filename().string();
    broken_ = std::move(found.broken);
    std::vector<std::string> labels;
    for (const Member& member : members_) {
      const auto label = found.classes.find({member.archive, key_of(member.name)});
      labels.push_back(label == found.classes.end() ? "" : label->second);
    }
    std::vector<std::string> names;
    for (const Member& member : members_) names.push_back(member.name);
    const std::size_t common = common_folder(names);
    for (Member& member : members_) member.name.erase(0, common);
    std::vector<std::int64_t> frames;
    for (const Member& member : members_) frames.push_back(member.frame);
    take_places(names, files_of_frames(frames));
    if (!found.classes.empty()) take_labels(labels);
    std::string identity;
    for (const Member& member : members_)
      identity += member.name + '\0' + std::to_string(member.size) + '\n';
    for (const std::string& label : labels) identity += label + '\n';
    fingerprint_ = sha256(std::as_bytes(std::span(identity)));
    agree_on_values(asked);
  }

  cv::Mat image(std::int64_t index) const override { return reduced_image(index, 0); }
  cv::Mat reduced_image(std::int64_t index, std::int64_t least_side) const override {
    const Member& member = members_.at(static_cast<std::size_t>(index));
    if (member.kept)
      return as_agreed(decode_frame(*member.kept, member.frame, least_side, window()));
    if (member.plain) {
      const auto read = bytes_at(files_.at(member.archive), member.at, member.size);
      const auto alone = frame_alone(read, member.size, member.frame);
      if (!alone.empty()) return as_agreed(decode_frame(alone, 0, least_side, window()));
    }
    return as_agreed(decode_frame(bytes_of(member), member.frame, least_side, window()));
  }
  std::string image_name(std::int64_t index) const override {
    const Member& member = members_.at(static_cast<std::size_t>(index));
    return frame_name(member.name, member.frame);
  }

 protected:
  std::vector<std::byte> file_bytes(std::int64_t index) const override {
    const Member& member = members_.at(static_cast<std::size_t>(index));
    return member.kept ? *member.kept : bytes_of(member);
  }
  FileState state_of(std::int64_t index) const override {
    const Member& member = members_.at(static_cast<std::size_t>(index));
    return member.kept ? opened_.at(member.archive) : files_.at(member.archive).state();
  }

 private:
  /// Whole numbers are classes in their order, other words in that of the alphabet.
  void take_labels(const std::vector<std::string>& labels) {
    const auto number = [](const std::string& text) {
      std::int64_t value = -1;
      std::from_chars(text.data(), text.data() + text.size(), value);
      return value;
    };
    classes_.clear();
    for (const std::string& label : labels)
      if (!label.empty()) classes_.push_back(label);
    std::sort(classes_.begin(), classes_.end(), [&](const std::string& a, const std::string& b) {
      return std::pair(number(a), a) < std::pair(number(b), b);
    });
    classes_.erase(std::unique(classes_.begin(), classes_.end()), classes_.end());
    std::map<std::string, int> index;
    for (std::size_t i = 0; i < classes_.size(); ++i) index[classes_[i]] = static_cast<int>(i);
    for (std::size_t i = 0; i < labels.size(); ++i)
      entries_[i].label = labels[i].empty() ? -1 : index[labels[i]];
  }

  std::vector<std::byte> bytes_of(const Member& member) const {
    const ByteFile& file = files_.at(member.archive);
    if (!member.plain) {
      try {
        ArchiveReader reader(file, member.at);
        if (reader.next()) return reader.bytes(largest_image);
      } catch (const InputError& error) {
        throw ImageError(error.what());
      }
      throw ImageError("is not where it was in its archive");
    }
    std::vector<std::byte> bytes(member.size);
    if (!file.read(member.at, {reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()}))
      throw ImageError("is cut off within its archive");
    return bytes;
  }

  std::vector<ByteFile> files_;
  std::vector<FileState> opened_;  // of each file, when its compressed images were read
  std::vector<Member> members_;
};

/// What opens the unpacked files of such a set, with the archive's name in what it says of them.
std::shared_ptr<const Dataset> open_unpacked(const fs::path& folder, const std::string& location,
                                             const std::string& stamp) {
  try {
    for (const auto open : {open_cifar, open_stl})
      if (auto set = open(folder)) return renamed(set, "", location, stamp);
    if (auto set = open_idx(folder, ""))
      return renamed(set, fs::path(location).stem(), location, stamp);
  } catch (const InputError& error) {
    std::string text = error.what();
    if (const auto at = text.find(folder.string()); at != std::string::npos)
      text.replace(at, folder.string().size(), location);
    throw InputError(text);
  }
  return nullptr;
}

/// CIFAR, IDX and STL-10 as they are published: their files are unpacked aside, opened, and gone.
std::shared_ptr<const Dataset> open_binary(const ByteFile& file, const std::string& location,
                                           const Control& control) {
  const ScratchFolder folder("to unpack into");
  std::uint64_t unpacked = 0;
  try {
    ArchiveReader reader(file);
    while (const auto entry = reader.next()) {
      control.check();
      if (!entry->refusal.empty() || !is_binary_part(entry->name)) continue;
      std::ofstream out(folder.path() / base(entry->name), std::ios::binary);
      unpacked += reader.copy_to(out, most_kept - unpacked);
      if (!out.flush())
        throw Error("Could not unpack " + location + " into " + folder.path().string() +
                    "; see that the disk has room.");
    }
  } catch (const InputError& error) {
    throw InputError(location + " " + error.what() + ".");
  }
  const FileState state = file.state();
  const std::string stamp = std::to_string(state.modified) + ' ' + std::to_string(state.size);
  return open_unpacked(folder.path(), location, stamp);
}

}  // namespace

bool is_archive(const fs::path& path) {
  const std::string name = lower(path.filename().string());
  constexpr std::string_view suffixes[] = {".zip", ".tar", ".tar.gz", ".tgz", ".tar.zst", ".tzst"};
  return std::any_of(std::begin(suffixes), std::end(suffixes),
                     [&](std::string_view suffix) { return ends(name, suffix); });
}

std::vector<fs::path> shards_of(const std::string& pattern) {
  std::vector<fs::path> out;
  const auto open = pattern.find('{'), dots = pattern.find("..", open), close = pattern.find('}');
  if (open != std::string::npos && dots != std::string::npos && close > dots &&
      close != std::string::npos) {
    const std::string first = pattern.substr(open + 1, dots - open - 1);
    int from = -1, to = -1;
    std::from_chars(first.data(), first.data() + first.size(), from);
    std::from_chars(pattern.data() + dots + 2, pattern.data() + close, to);
    if (from < 0 || to < from || to - from > 1'000'000) return {};
    for (int i = from; i <= to; ++i) {
      std::string number = std::to_string(i);
      number.insert(0, first.size() > number.size() ? first.size() - number.size() : 0, '0');
      out.emplace_back(pattern.substr(0, open) + number + pattern.substr(close + 1));
    }
    return out;
  }
  std::error_code problem;
  for (fs::directory_iterator it(pattern, problem), end; !problem && it != end;
       it.increment(problem)) {
    if (is_archive(it->path()))
      out.push_back(it->path());
    else if (it->is_directory() || has_image_suffix(it->path()))
      return {};
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::shared_ptr<const Dataset> open_archives(const std::vector<fs::path>& paths,
                                             const std::string& location, const ValueWindow& window,
                                             const Control& control) {
  std::vector<ByteFile> files;
  Contents found;
  for (const fs::path& path : paths) {
    files.emplace_back(path, ByteFile::Keep::recent);
    list(files.back(), files.size() - 1, paths.size() > 1 ? folder_of_shard(path) : "", control,
         found);
  }
  if (found.images.empty() && found.binary && files.size() > 1)
    throw InputError(location + " holds several data sets in archives; open one of them, such as " +
                     paths.front().filename().string() + ".");
  if (found.images.empty() && found.binary)
    if (auto set = open_binary(files.front(), location, control)) return set;
  if (!found.images.empty())
    return std::make_shared<ArchiveDataset>(std::move(files), std::move(found), location, window);
  if (!found.broken.empty())
    throw InputError("None of the images in " + location + " can be used: " +
                     found.broken.front().name + " " + found.broken.front().reason + ".");
  throw InputError(location + " holds " + grouped(static_cast<long long>(found.others)) +
                   (found.others == 1 ? " file" : " files") + ", but none is an image.");
}

}  // namespace selfsight
