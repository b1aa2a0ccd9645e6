// Where images come from. Knows nobody else.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <opencv2/core.hpp>
#include <span>
#include <string>
#include <vector>

#include "core/base/control.h"
#include "core/base/error.h"
#include "core/spec/field.h"

namespace selfsight {

enum class Split : std::uint8_t { train, validation, test };

struct DataOptions {
  std::string path = "fashion-mnist";
  std::int64_t limit = 0;

  template <class Options, class Visit>
  static void describe(Options& o, Visit&& visit) {
    visit(
        o.path,
        Field{.key = "path",
              .help = "Where the training images are: a folder, an archive, a list, a video, or an "
                      "IDX or CIFAR file or folder. Without images of your own take a built-in "
                      "set: fashion-mnist or procedural. Folders in it count as classes, which "
                      "help to measure; nearly all methods learn without them. Selfsight's own."});
    visit(o.limit,
          Field{.key = "limit",
                .help = "Uses only this many training images, drawn at random; 0 uses all. Fewer "
                        "make an epoch shorter and teach less. Take a few thousand for a quick try "
                        "and 0 for the real run. Selfsight's own.",
                .unit = "images",
                .min = 0,
                .advanced = true});
  }
};

/// One image that cannot be used, and why, in a short clause ("is cut off after 1,204 bytes").
struct BrokenImage {
  std::string name;
  std::string reason;
};

/// An image that could not be decoded. what() is the reason.
class ImageError : public Error {
 public:
  using Error::Error;
};

/// The values that become 0 and 255 where an image has more than 8 bits: one pair for all of its
/// bands, or one for each. Empty: found in each image, by percentiles.
struct ValueWindow {
  std::vector<double> low, high;
};

/// More are no picture that can be handled.
inline constexpr int most_bands = 256;
inline constexpr std::int64_t most_pixels = 64'000'000;

/// A collection of images, decoded when asked for. All calls are safe from any thread.
///
/// An image is addressed by its index in [0, size()); the index is stable for the same files and
/// is the sample id that views, maps and the store speak of.
class Dataset {
 public:
  virtual ~Dataset() = default;

  virtual std::string name() const = 0;      // "Fashion-MNIST", or the folder's name
  virtual std::string location() const = 0;  // what open_dataset() was given, made absolute
  virtual std::int64_t size() const = 0;

  /// The image as 8-bit, 1 channel (grey), 3 (RGB, in this order) or 2, 4 and more (bands, as many
  /// as channels()), continuous. 16-bit and float images are windowed to 8 bits (bands by one
  /// window for all images of the set), CMYK and palettes become RGB, alpha is laid on white.
  /// Throws ImageError with the reason.
  virtual cv::Mat image(std::int64_t index) const = 0;

  /// The image, perhaps halved up to three times while it is decoded, its shorter side still
  /// `least_side` px or more: a large JPEG takes a fraction of the time and memory, a frame of a
  /// video a fraction of the memory. Others, and all that are small, come whole. Throws like
  /// image().
  virtual cv::Mat reduced_image(std::int64_t index, std::int64_t least_side) const;

  /// A file that is not of the set, made into what image() gives of its own. Throws ImageError.
  virtual cv::Mat outside_image(const std::filesystem::path& file) const;

  /// A name a person recognises: the relative path, or "train 1204".
  virtual std::string image_name(std::int64_t index) const = 0;

  /// In [0, classes().size()), or -1 without a label.
  virtual int label(std::int64_t index) const = 0;
  virtual const std::vector<std::string>& classes() const = 0;

  virtual Split split(std::int64_t index) const = 0;

  /// What a list tells of its images besides: the names of its further columns, and what stands in
  /// one of them, empty for nothing. Kept for looking; nothing learns from it.
  virtual const std::vector<std::string>& columns() const;
  virtual std::string cell(std::int64_t index, std::size_t column) const;

  /// Files that were left out while opening, with the reason.
  virtual const std::vector<BrokenImage>& broken() const = 0;

  /// 1, 3, or the number of bands: what an encoder of this set takes.
  virtual int channels() const = 0;

  /// Whether its files have more than 8 bits, so that a window decides what is seen of them.
  virtual bool deep() const { return false; }

  /// A hash of names, sizes and labels: two equal sets have equal fingerprints.
  virtual std::string fingerprint() const = 0;

  /// A hash of what tells that one of these images was rewritten since, at its place and with its
  /// size: when its file was written, and what the set has agreed on. Reads no pixels, and looks at
  /// the files of these images only. Unlike the fingerprint it may change when a set is copied.
  virtual std::string stamp(std::span<const std::int64_t> indices) const;

  bool labelled() const { return !classes().empty(); }
  std::vector<std::int64_t> indices(Split split) const;
};

/// Opens a built-in set by name (fashion-mnist, procedural, procedural:COUNT), a folder of images
/// (recursive; labels from folder names, splits from folders named train/val/validation/test), an
/// IDX or IDX.gz file or a folder holding a pair of them, or CIFAR-10/100 binary files or their
/// folder. What follows a question mark says how: ?every=25 and ?scenes of videos, ?window=40,400
/// (centre, width) of images of more than 8 bits. A set of 20 images or more without a test split
/// gets one: a tenth, drawn by a fixed hash; likewise a validation split out of the training
/// images. Throws InputError with one sentence that says what was found there and what is wanted,
/// and Cancelled when stopped.
std::shared_ptr<const Dataset> open_dataset(const std::string& path_or_name,
                                            const Control& control = {});

/// Any image file as Dataset::image() promises it. Refuses, before it decodes, a picture that
/// would take more than `max_pixels`; halves a JPEG as Dataset::reduced_image() does, with
/// `least_side` 0 never. Throws ImageError with the reason.
cv::Mat load_image(const std::filesystem::path& path, std::int64_t least_side = 0,
                   std::int64_t max_pixels = most_pixels, const ValueWindow& window = {});
cv::Mat decode_image(std::span<const std::byte> bytes, std::int64_t least_side = 0,
                     std::int64_t max_pixels = most_pixels, const ValueWindow& window = {});

struct DatasetStatistics {
  std::int64_t measured = 0;  // images looked at (a random sample of large sets)
  int min_width = 0, max_width = 0, min_height = 0, max_height = 0;
  std::vector<double> mean, std;    // per channel of channels(), in [0, 1], all pixels pooled
  std::vector<BrokenImage> broken;  // found while measuring
};

/// Looks at up to `sample` images, chosen by a fixed hash. Throws Cancelled when stopped.
DatasetStatistics measure(const Dataset& dataset, std::int64_t sample, const Control& control);

}  // namespace selfsight
