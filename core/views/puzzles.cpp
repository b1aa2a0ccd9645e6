#include "core/views/puzzles.h"

#include <algorithm>
#include <bit>
#include <mutex>
#include <numeric>
#include <opencv2/imgproc.hpp>

#include "core/base/error.h"
#include "core/views/operations.h"

namespace selfsight {
namespace {

constexpr int cells = 3;  // on a side
constexpr std::uint64_t centre_cell = 4;

ViewKey first_view(const InputKey& key) {
  return {key.seed, key.epoch, key.sample, 0};
}

/// The tile of a cell, somewhere in it.
View cut_tile(const View& whole, std::uint64_t cell, const InputOptions& o, Random& random) {
  const auto edge = [&](int i) { return i * whole.image.cols / cells; };
  const int row = static_cast<int>(cell) / cells, column = static_cast<int>(cell) % cells;
  const int left = edge(column), top = edge(row);
  const int width = edge(column + 1) - left, height = edge(row + 1) - top;
  const int side = std::max(1, static_cast<int>(std::lround(whole.image.cols * (1 - o.tiles.gap) /
                                                            static_cast<double>(cells))));
  const int w = std::min(side, width), h = std::min(side, height);
  const auto slack = [&](int free) {
    return static_cast<int>(random.below(static_cast<std::uint64_t>(free + 1)));
  };
  View tile;
  tile.crop.x = left + slack(width - w);
  tile.crop.y = top + slack(height - h);
  tile.crop.width = w;
  tile.crop.height = h;
  const int size = static_cast<int>(o.tiles.size);
  tile.image = resized_crop(whole.image, tile.crop, size, size, o.views.interpolation);
  return tile;
}

/// A permutation in four bits a place, to compare two at once.
std::uint64_t packed(const Permutation& order) {
  std::uint64_t out = 0;
  for (const std::uint8_t tile : order) out = out << 4 | tile;
  return out;
}

/// Places in which two packed permutations differ.
int hamming(std::uint64_t a, std::uint64_t b) {
  std::uint64_t x = a ^ b;
  x |= x >> 1;
  x |= x >> 2;
  return std::popcount(x & 0x111111111ULL);
}

/// The greedy set, as far as it was asked for. Growing it changes nothing that stands in it.
class GreedySet {
 public:
  GreedySet() {
    Permutation order;
    std::iota(order.begin(), order.end(), std::uint8_t{0});
    do {
      all_.push_back(order);
      packed_.push_back(packed(order));
    } while (std::next_permutation(order.begin(), order.end()));
    distance_.resize(all_.size());
  }

  Permutation at(std::size_t index) {
    const std::lock_guard lock(mutex_);
    while (chosen_.size() <= index) add();
    return chosen_[index];
  }

 private:
  void add() {
    const auto best = static_cast<std::size_t>(
        std::max_element(distance_.begin(), distance_.end()) - distance_.begin());
    chosen_.push_back(all_[best]);
    for (std::size_t i = 0; i < all_.size(); ++i)
      distance_[i] += hamming(packed_[i], packed_[best]);
    distance_[best] = std::numeric_limits<std::int32_t>::min() / 2;  // never again
  }

  std::mutex mutex_;
  std::vector<Permutation> all_;
  std::vector<std::uint64_t> packed_;
  std::vector<std::int32_t> distance_;  // to all that are chosen
  std::vector<Permutation> chosen_;
};

}  // namespace

Permutation jigsaw_permutation(std::int64_t index) {
  static GreedySet set;
  return set.at(static_cast<std::size_t>(std::clamp<std::int64_t>(index, 0, max_permutations - 1)));
}

Input rotated_views(const cv::Mat& image, const InputOptions& o, const InputKey& key) {
  Input input;
  input.views = {make_view(image, o.views, first_view(key))};
  for (const int quarters : {1, 2, 3}) {
    View turned = input.views.front();
    turned.image = quarter_turn(turned.image, quarters);
    turned.drawn.push_back({"rotation", {{"degrees", 90.0 * quarters}}});
    input.views.push_back(std::move(turned));
  }
  return input;
}

Input shuffled_tiles(const cv::Mat& image, const InputOptions& o, const InputKey& key) {
  Input input;
  input.whole = make_view(image, o.views, first_view(key));
  const auto count = static_cast<std::uint64_t>(o.permutations);
  input.target = static_cast<std::int64_t>(Random(first_view(key), Stream::puzzle).below(count));
  const Permutation order = jigsaw_permutation(input.target);
  Random random(first_view(key), Stream::tile);
  std::vector<View> tiles;
  for (std::uint64_t cell = 0; cell < order.size(); ++cell)
    tiles.push_back(cut_tile(*input.whole, cell, o, random));
  for (const std::uint8_t tile : order) input.views.push_back(tiles[tile]);
  return input;
}

Input patch_pair(const cv::Mat& image, const InputOptions& o, const InputKey& key) {
  Input input;
  input.whole = make_view(image, o.views, first_view(key));
  const std::uint64_t neighbour = Random(first_view(key), Stream::puzzle).below(8);
  input.target = static_cast<std::int64_t>(neighbour);
  Random random(first_view(key), Stream::tile);
  input.views = {
      cut_tile(*input.whole, centre_cell, o, random),
      cut_tile(*input.whole, neighbour < centre_cell ? neighbour : neighbour + 1, o, random)};
  return input;
}

Input grey_and_colour(const cv::Mat& image, const InputOptions& o, const InputKey& key) {
  const View colour = make_view(image, o.views, first_view(key));
  View grey = colour;
  grey.image = colour.image.clone();
  if (grey.image.channels() == 3) greyscale_in_place(grey.image);
  Input input;
  input.views = {std::move(grey), colour};
  return input;
}

}  // namespace selfsight
