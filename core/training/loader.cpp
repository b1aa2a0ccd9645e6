#include "core/training/loader.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <unordered_map>
#include <utility>

namespace selfsight {
namespace {

constexpr std::int64_t kAhead = 2;        // batches in memory: one in use, one being made
constexpr std::int64_t kImagesEach = 16;  // images that a worker takes at a time
constexpr int kTries = 1000;              // replacements for a broken image before giving up

/// Decoded images, the first that fit, and a list of those that cannot be decoded.
class ImageCache {
 public:
  ImageCache(const Dataset& dataset, std::int64_t least_side, std::size_t limit)
      : dataset_(dataset), least_side_(least_side), left_(limit) {}

  /// Empty if the image is broken.
  std::optional<cv::Mat> image(std::int64_t id) {
    {
      const std::lock_guard lock(mutex_);
      if (broken_.contains(id)) return std::nullopt;
      if (const auto found = images_.find(id); found != images_.end()) return found->second;
    }
    try {
      cv::Mat decoded = dataset_.reduced_image(id, least_side_);
      const std::size_t bytes = decoded.total() * decoded.elemSize();
      const std::lock_guard lock(mutex_);
      if (bytes <= left_ && images_.emplace(id, decoded).second) left_ -= bytes;
      return decoded;
    } catch (const ImageError& error) {
      const std::lock_guard lock(mutex_);
      if (broken_.insert(id).second) untold_.push_back({dataset_.image_name(id), error.what()});
      return std::nullopt;
    }
  }

  std::vector<BrokenImage> take_broken() {
    const std::lock_guard lock(mutex_);
    return std::exchange(untold_, {});
  }

 private:
  const Dataset& dataset_;
  const std::int64_t least_side_;
  std::mutex mutex_;
  std::unordered_map<std::int64_t, cv::Mat> images_;
  std::size_t left_;
  std::set<std::int64_t> broken_;
  std::vector<BrokenImage> untold_;
};

}  // namespace

std::vector<std::int64_t> epoch_order(std::vector<std::int64_t> images, std::uint64_t seed,
                                      std::int64_t epoch) {
  Random random{seed, static_cast<std::uint64_t>(epoch), static_cast<std::uint64_t>(Stream::order)};
  for (std::size_t i = images.size(); i > 1; --i) std::swap(images[i - 1], images[random.below(i)]);
  return images;
}

std::int64_t batch_of(const std::vector<std::int64_t>& order, std::int64_t image,
                      std::int64_t batch_size) {
  const auto found = std::find(order.begin(), order.end(), image);
  const std::int64_t batch = (found - order.begin()) / batch_size;
  const bool full = (batch + 1) * batch_size <= static_cast<std::int64_t>(order.size());
  return found != order.end() && full ? batch : 0;
}

class Loader::Works {
 public:
  Works(const Dataset& dataset, std::vector<std::int64_t> images, const LoaderOptions& options)
      : dataset_(dataset),
        images_(std::move(images)),
        options_(options),
        steps_per_epoch_(static_cast<std::int64_t>(images_.size()) /
                         (options.batch_size * options.whole_batches) * options.whole_batches),
        chunks_((options.batch_size + kImagesEach - 1) / kImagesEach),
        cache_(dataset, least_side(options.input), options.cache_bytes),
        next_item_(options.first_step * chunks_),
        next_step_(options.first_step),
        released_(options.first_step) {
    for (Slot& slot : slots_) make_room(slot.batch);
    for (int i = 0; i < std::max(1, options.workers); ++i)
      threads_.emplace_back([this] { work(); });
  }

  ~Works() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  LoadedBatch& next() {
    std::unique_lock lock(mutex_);
    if (options_.same_batch && next_step_ > options_.first_step)
      return slot_of(options_.first_step).batch;
    released_ = next_step_;  // the batch handed out before may be overwritten
    changed_.notify_all();
    Slot& slot = slot_of(next_step_);
    changed_.wait(
        lock, [&] { return failure_ || (slot.batch.step == next_step_ && slot.done == chunks_); });
    if (failure_) std::rethrow_exception(failure_);
    ++next_step_;
    return slot.batch;
  }

  std::vector<BrokenImage> take_broken() { return cache_.take_broken(); }

 private:
  struct Slot {
    LoadedBatch batch;
    std::int64_t done = 0;  // chunks
  };

  void make_room(LoadedBatch& batch) const {
    const InputShape shape = input_shape(options_.input);
    const auto n = static_cast<std::size_t>(options_.batch_size);
    batch.step = -1;
    batch.samples.resize(n);
    for (const std::int64_t side : shape.sides)
      batch.views.push_back(
          {side, std::pmr::vector<float>(n * view_floats(side), options_.memory)});
    for (const std::int64_t grid : shape.grids)
      batch.masks.push_back(
          {grid * grid, std::vector<std::uint8_t>(n * static_cast<std::size_t>(grid * grid))});
    if (shape.target) batch.targets.resize(n);
    if (options_.labels) batch.labels.resize(n);
  }

  std::size_t view_floats(std::int64_t side) const {
    return static_cast<std::size_t>(options_.channels * side * side);
  }
  Slot& slot_of(std::int64_t step) { return slots_[static_cast<std::size_t>(step % kAhead)]; }

  /// The next chunk to make, or none when all is made or the loader goes away.
  std::optional<std::int64_t> take_item() {
    std::unique_lock lock(mutex_);
    const auto step = [&] { return next_item_ / chunks_; };
    changed_.wait(lock, [&] {
      return stop_ || failure_ || step() >= options_.end_step || step() < released_ + kAhead;
    });
    if (stop_ || failure_ || step() >= options_.end_step) return std::nullopt;
    Slot& slot = slot_of(step());
    if (slot.batch.step != step()) {
      slot.batch.step = step();
      slot.done = 0;
    }
    return next_item_++;
  }

  void work() {
    Input input;  // its memory is used again for every image
    while (const auto item = take_item()) {
      const std::int64_t step = *item / chunks_, chunk = *item % chunks_;
      std::exception_ptr failure;
      try {
        make(step, chunk * kImagesEach, std::min((chunk + 1) * kImagesEach, options_.batch_size),
             input);
      } catch (...) {
        failure = std::current_exception();
      }
      const std::lock_guard lock(mutex_);
      if (failure && !failure_) failure_ = failure;
      ++slot_of(step).done;
      changed_.notify_all();
    }
  }

  void make(std::int64_t step, std::int64_t begin, std::int64_t end, Input& input) {
    const std::int64_t epoch = step / steps_per_epoch_;
    const auto order = order_of(epoch);
    LoadedBatch& batch = slot_of(step).batch;
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t position = step % steps_per_epoch_ * options_.batch_size + i;
      auto [sample, image] = decode((*order)[static_cast<std::size_t>(position)], epoch, position);
      make_input(
          image, options_.input,
          {options_.seed, static_cast<std::uint64_t>(epoch), static_cast<std::uint64_t>(sample),
           static_cast<std::uint64_t>(step % steps_per_epoch_)},
          Notes::no, input);
      const auto row = static_cast<std::size_t>(i);
      batch.samples[row] = sample;
      if (options_.labels) batch.labels[row] = dataset_.label(sample);
      fill(batch, row, input);
    }
  }

  void fill(LoadedBatch& batch, std::size_t row, const Input& input) const {
    for (std::size_t v = 0; v < batch.views.size(); ++v) {
      const std::size_t floats = view_floats(batch.views[v].side);
      to_planar(input.views[v].image, options_.normalisation, options_.channels,
                std::span(batch.views[v].values).subspan(row * floats, floats));
    }
    for (std::size_t m = 0; m < batch.masks.size(); ++m) {
      const std::vector<std::uint8_t>& hidden = input.masks[m].hidden;
      std::copy(hidden.begin(), hidden.end(),
                batch.masks[m].hidden.begin() + static_cast<std::ptrdiff_t>(row * hidden.size()));
    }
    if (!batch.targets.empty()) batch.targets[row] = input.target;
  }

  std::pair<std::int64_t, cv::Mat> decode(std::int64_t sample, std::int64_t epoch,
                                          std::int64_t position) {
    Random random{options_.seed, static_cast<std::uint64_t>(epoch),
                  static_cast<std::uint64_t>(Stream::order), static_cast<std::uint64_t>(position)};
    for (int i = 0; i < kTries; ++i) {
      if (auto image = cache_.image(sample)) return {sample, *std::move(image)};
      sample = images_[random.below(images_.size())];
    }
    throw Error("Nearly all images of " + dataset_.name() +
                " are broken, so no batch can be filled; look at its list of broken files.");
  }

  std::shared_ptr<const std::vector<std::int64_t>> order_of(std::int64_t epoch) {
    const std::lock_guard lock(order_mutex_);
    for (const auto& [known, order] : orders_)
      if (known == epoch) return order;
    auto order = std::make_shared<const std::vector<std::int64_t>>(
        epoch_order(images_, options_.seed, epoch));
    orders_.emplace_back(epoch, order);
    if (orders_.size() > 2) orders_.pop_front();
    return order;
  }

  const Dataset& dataset_;
  const std::vector<std::int64_t> images_;
  const LoaderOptions options_;
  const std::int64_t steps_per_epoch_, chunks_;
  ImageCache cache_;

  std::mutex order_mutex_;
  std::deque<std::pair<std::int64_t, std::shared_ptr<const std::vector<std::int64_t>>>> orders_;

  std::mutex mutex_;  // guards all below, but not what stands inside the batches being made
  std::condition_variable changed_;
  std::array<Slot, kAhead> slots_;
  std::int64_t next_item_;  // chunk counted over all steps
  std::int64_t next_step_;  // what next() gives
  std::int64_t released_;   // steps before this one may be overwritten
  bool stop_ = false;
  std::exception_ptr failure_;

  std::vector<std::thread> threads_;  // last: they use all of the above
};

Loader::Loader(const Dataset& dataset, std::vector<std::int64_t> images,
               const LoaderOptions& options) {
  // Workers are the threads here; OpenCV's own would fight with the step for the cores.
  cv::setNumThreads(1);
  const std::int64_t least = options.batch_size * options.whole_batches;
  if (static_cast<std::int64_t>(images.size()) < least)
    throw InputError("There are fewer images than a batch of " + std::to_string(least) + ".");
  works_ = std::make_unique<Works>(dataset, std::move(images), options);
}

Loader::~Loader() = default;

LoadedBatch& Loader::next() {
  return works_->next();
}

std::vector<BrokenImage> Loader::take_broken() {
  return works_->take_broken();
}

}  // namespace selfsight
