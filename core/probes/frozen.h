// A pretrained encoder taken from a checkpoint, for looking and measuring. Plain values outside.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <opencv2/core.hpp>
#include <vector>

#include "core/base/control.h"
#include "core/dataset/dataset.h"
#include "core/training/session.h"

namespace selfsight {

/// Called now and then with the part done, in [0, 1].
using Progress = std::function<void(double)>;

/// The progress of a part of the work, which goes from `begin` to `end` of the whole.
Progress part_of(const Progress& whole, double begin, double end);

/// The prototype that a method's head finds most probable for a view.
struct Assignment {
  std::int64_t prototype = 0;  // from 0
  double probability = 0;
};

class Method;

/// In eval mode, on clean views. Calls are safe from any thread, one at a time. It does without the
/// file that it came from: while a run trains, its checkpoints come and go.
class FrozenModel {
 public:
  /// The model of a checkpoint. Throws InputError.
  static std::shared_ptr<FrozenModel> from_checkpoint(const std::filesystem::path& file);
  virtual ~FrozenModel() = default;

  virtual const Settings& settings() const = 0;
  virtual std::int64_t dimensions() const = 0;
  virtual int channels() const = 0;               // of the images it takes
  virtual CheckpointInfo checkpoint() const = 0;  // which one; untrained, it has no hash
  /// A hash of all that the features of an image depend on. Empty: not known, so that nothing may
  /// be kept under it.
  virtual std::string identity() const { return {}; }
  /// The network of a run, for those that train it further: they copy its weights and leave it as
  /// it is. Null where the encoder came by itself.
  virtual std::shared_ptr<const Method> method() const { return nullptr; }
  /// Of the images it takes, where there is a method().
  virtual Normalisation normalisation() const { return {}; }
  /// False where the network is known as a graph only.
  virtual bool has_untrained() const { return true; }
  /// The same network with the same normalisation before any training: first weights from `seed`.
  virtual std::shared_ptr<FrozenModel> untrained(std::uint64_t seed) const = 0;

  /// One row per image, of its clean view. `images` are 8-bit as a Dataset gives them.
  virtual Features features(const std::vector<cv::Mat>& images) = 0;

  /// True for masked methods that rebuild pixels.
  virtual bool reconstructs() const = 0;
  /// Rebuilt 8-bit views, un-normalised, the visible patches pasted in. `views` are square and of
  /// the size of the spec. Throws Error if !reconstructs().
  virtual std::vector<cv::Mat> reconstruct(const std::vector<cv::Mat>& views,
                                           const std::vector<Mask>& masks) = 0;

  /// For each view, square and of the size of the spec, how much the class token of a Vision
  /// Transformer attends to its patches in the last block, the mean of the heads: CV_32F, grid x
  /// grid. Nothing where the encoder is no Vision Transformer.
  virtual std::vector<cv::Mat> attention(const std::vector<cv::Mat>& /*views*/) { return {}; }

  /// For each view, likewise, what the head makes of it. Nothing where the method has no
  /// prototypes; see MethodInfo::has_prototypes.
  virtual std::vector<Assignment> assignments(const std::vector<cv::Mat>& /*views*/) { return {}; }
};

/// Features of the images at `indices`; broken images are left out. Throws Cancelled.
Features extract(FrozenModel& model, const Dataset& dataset,
                 const std::vector<std::int64_t>& indices, Control& control,
                 const Progress& progress = {});

/// The pixels themselves as features: clean views of `size`, flattened, in [0, 1]. Views of more
/// than 3,072 values, as 32 px in colour have, are made smaller: raw pixels tell no more for being
/// many, and 20,000 views of 224 px would take 12 GB.
Features raw_pixels(const Dataset& dataset, const std::vector<std::int64_t>& indices,
                    std::int64_t size, Control& control, const Progress& progress = {});

/// How many values it has for each image.
std::int64_t raw_pixel_columns(const Dataset& dataset, std::int64_t size);

/// At most `count` of them, the same for the same seed, each class in its share where there are
/// labels; in increasing order.
std::vector<std::int64_t> sample_of(const Dataset& dataset,
                                    const std::vector<std::int64_t>& indices, std::int64_t count,
                                    std::uint64_t seed);

}  // namespace selfsight
