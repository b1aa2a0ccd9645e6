// Batches of views, made by threads ahead of the step. No torch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <vector>

#include "core/dataset/dataset.h"
#include "core/views/inputs.h"

namespace selfsight {

struct LoaderOptions {
  InputOptions input;
  bool labels = false;  // whether batches tell the label of each image
  int channels = 3;
  Normalisation normalisation;
  std::uint64_t seed = 0;
  std::int64_t batch_size = 256;
  std::int64_t whole_batches = 1;             // an epoch holds a multiple of so many
  std::int64_t first_step = 0, end_step = 1;  // batches to prepare: [first_step, end_step)
  bool same_batch = false;  // give the first batch again and again: to measure without views
  int workers = 1;
  std::size_t cache_bytes = std::size_t(1) << 30;  // decoded images kept, at most
  // Where views are made; it must outlive the loader.
  std::pmr::memory_resource* memory = std::pmr::get_default_resource();
};

struct LoadedViews {
  std::int64_t side = 0;
  std::pmr::vector<float> values;  // [N, C, side, side], normalised
};

struct LoadedMasks {
  std::int64_t cells = 0;            // L
  std::vector<std::uint8_t> hidden;  // [N, L], 1 = hidden
};

/// Views, masks and targets are those of make_input(), see InputKind.
struct LoadedBatch {
  std::int64_t step = 0;              // from 0
  std::vector<std::int64_t> samples;  // ids, [N]
  std::vector<LoadedViews> views;
  std::vector<LoadedMasks> masks;
  std::vector<std::int64_t> targets;  // [N], or empty
  std::vector<std::int64_t> labels;   // [N], -1 without one; empty unless asked for
};

/// The images in the order of an epoch: a pure function of its arguments.
std::vector<std::int64_t> epoch_order(std::vector<std::int64_t> images, std::uint64_t seed,
                                      std::int64_t epoch);

/// The number in its epoch of the batch that an image is in, counted as InputKey does; 0 for one
/// that is in none. `order` is that of the epoch.
std::int64_t batch_of(const std::vector<std::int64_t>& order, std::int64_t image,
                      std::int64_t batch_size);

/// What a batch holds is a pure function of (images, options, step): neither the number of workers
/// nor where a run was resumed changes a bit. The last images of an epoch that fill no batch (or
/// not `whole_batches` of them) are left out; the next epoch's order mixes them in again.
///
/// An image that cannot be decoded is replaced by another, drawn from (seed, epoch, position).
class Loader {
 public:
  /// `dataset` must outlive the loader; `images` must hold at least `whole_batches`.
  Loader(const Dataset& dataset, std::vector<std::int64_t> images, const LoaderOptions& options);
  ~Loader();

  /// Batches in order from first_step. Blocks until the batch is ready; it stays valid until the
  /// next call, and is the caller's to write into. Throws what a worker threw: Error if (almost) no
  /// image can be decoded.
  LoadedBatch& next();

  /// The images found broken since the last call, each once.
  std::vector<BrokenImage> take_broken();

 private:
  class Works;
  std::unique_ptr<Works> works_;
};

}  // namespace selfsight
