// The kinds of data set, as open_dataset() tells them apart. Private to this room.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/dataset/byte_file.h"
#include "core/dataset/dataset.h"

namespace selfsight {

/// What stands behind the question mark of a data set's word.
struct OpenOptions {
  std::int64_t every = 0;  // frames of a video from one image to the next; 0: not told
  double scene = 0;  // how unlike frames of two scenes are, in levels of 255; 0: not asked for
  ValueWindow window{};
  /// The words that say so, with their question mark; empty without any.
  std::string text() const;
};
/// "drive.mp4?every=25": the path, and the rest. Throws InputError.
std::pair<std::string, OpenOptions> open_words(const std::string& word);

/// More are no set that can be used.
inline constexpr std::uint64_t most_images = 50'000'000;

/// What every kind needs to say of each of its images.
struct Entry {
  int label = -1;
  Split split = Split::train;
};

/// The parts that all kinds share; a kind adds where its pixels are.
class ListedDataset : public Dataset {
 public:
  std::string name() const override { return name_; }
  std::string location() const override { return location_; }
  std::int64_t size() const override { return static_cast<std::int64_t>(entries_.size()); }
  int label(std::int64_t index) const override { return entry(index).label; }
  Split split(std::int64_t index) const override { return entry(index).split; }
  const std::vector<std::string>& classes() const override { return classes_; }
  const std::vector<BrokenImage>& broken() const override { return broken_; }
  int channels() const override { return channels_; }
  std::string fingerprint() const override { return fingerprint_; }
  std::string stamp(std::span<const std::int64_t> indices) const override;
  cv::Mat outside_image(const std::filesystem::path& file) const override;
  bool deep() const override { return deep_; }

 protected:
  const Entry& entry(std::int64_t index) const {
    return entries_.at(static_cast<std::size_t>(index));
  }
  bool has_split(Split wanted) const;
  /// Gives a set the splits that it lacks; call once all entries stand. `files`: which file each
  /// image is of, counted from 0, if several are of one; such images stay together.
  void complete_splits(const std::vector<std::size_t>& files = {});
  /// Entries, labels and splits from names with folders in them: train/cat/1.jpg. The folders that
  /// all are in tell nothing; of the others place_of() tells; a single class is none. `files`: as
  /// complete_splits() has it.
  void take_places(const std::vector<std::string>& names,
                   const std::vector<std::size_t>& files = {});
  /// Looks at some images spread over the set and settles what all of them are to be: what most of
  /// them are, grey or colour (if one of them has colours, or none can be decoded) or bands, with a
  /// window for each band of more than 8 bits that is the same in every image. Call last; `asked`
  /// is a window by hand.
  void agree_on_values(const ValueWindow& asked);
  /// The file that an image is in, for those that agree_on_values(). Throws ImageError.
  virtual std::vector<std::byte> file_bytes(std::int64_t index) const;
  /// Of the file that an image is read from; zeros where it is in none.
  virtual FileState state_of(std::int64_t index) const;
  /// An image of such a file; throws ImageError if it has other bands than agreed on.
  cv::Mat as_agreed(cv::Mat image) const;
  const ValueWindow& window() const { return window_; }

  std::string name_, location_, fingerprint_;
  std::vector<Entry> entries_;
  std::vector<std::string> classes_;
  std::vector<BrokenImage> broken_;
  int channels_ = 3;

 private:
  std::vector<cv::Mat> some_bands() const;

  ValueWindow window_;
  bool agreed_ = false, deep_ = false;
};

/// Each returns null if the path is not of its kind, and throws InputError if it is but is damaged;
/// those that may take long throw Cancelled when stopped.
std::shared_ptr<const Dataset> open_idx(const std::filesystem::path& path, const std::string& name);
std::shared_ptr<const Dataset> open_cifar(const std::filesystem::path& path);
std::shared_ptr<const Dataset> open_folder(const std::filesystem::path& path,
                                           const ValueWindow& window, const Control& control);
std::shared_ptr<const Dataset> open_stl(const std::filesystem::path& path);
std::shared_ptr<const Dataset> open_archives(const std::vector<std::filesystem::path>& paths,
                                             const std::string& location, const ValueWindow& window,
                                             const Control& control);
/// Every so many-th frame of a video, or the first of each scene; or of all videos under a folder.
std::shared_ptr<const Dataset> open_videos(const std::filesystem::path& path,
                                           const OpenOptions& options, const Control& control);
std::shared_ptr<const Dataset> open_list(const std::filesystem::path& path,
                                         const ValueWindow& window, const Control& control);

/// The shards that a pattern such as train-{0000..0012}.tar names, or the archives of a folder that
/// holds neither images nor folders; else nothing.
std::vector<std::filesystem::path> shards_of(const std::string& pattern);
/// Whether the name ends as that of an archive that can be read in place.
bool is_archive(const std::filesystem::path& path);

/// Several data sets as one, with the classes of all. A set without labels gives none.
std::shared_ptr<const Dataset> joined(std::vector<std::shared_ptr<const Dataset>> parts,
                                      const std::string& location);
/// The same data set under the name and the place that open_dataset() was asked for. `stamp`, if
/// told, stands for that of its own files, which are gone.
std::shared_ptr<const Dataset> renamed(std::shared_ptr<const Dataset> set, const std::string& name,
                                       const std::string& location, const std::string& stamp = {});

/// With small letters, of those of ASCII.
std::string lower(std::string text);
/// Suffixes of formats that can be read; what such a file really is shows when it is decoded.
bool has_image_suffix(const std::filesystem::path& path);
/// The split that a folder (or a cell of a list) names: train, val, test and their like.
std::optional<Split> split_named(const std::string& word);
/// What stands between "-", "_" and "." in the name of a file.
std::vector<std::string> name_words(const std::string& name);
/// The first of these words that names a split; empty if none does.
std::string split_word_in(const std::string& name);

/// What the folders that an image is in say of it.
struct Placed {
  std::optional<Split> split{};
  std::string label{};  // empty: directly under the root or the split's folder
};
/// Of an image's path below the root, or of its folder's with a slash behind: train/cat/ and
/// cat/train/ say the same.
Placed place_of(const std::string& relative);
/// The length of the folders that all these paths are in, with the slash behind them and without
/// the first that names a split; 0 for none.
std::size_t common_folder(const std::vector<std::string>& names);

/// Ten classes of shapes in random colours on random grounds, 32 x 32, made when asked for.
std::shared_ptr<const Dataset> open_procedural(std::int64_t count);

/// Where Debian's package dataset-fashion-mnist puts it.
inline constexpr char fashion_mnist_folder[] = "/usr/share/datasets/fashion-mnist";

}  // namespace selfsight
