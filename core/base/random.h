// Counter-based randomness: a number is a pure function of where it is used.
#pragma once

#include <cstdint>
#include <initializer_list>

namespace selfsight {

/// splitmix64's output function (Steele et al. 2014): a bijection that scatters its argument.
constexpr std::uint64_t mix64(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

/// What a stream of random numbers is for. Part of the key, so that switching one operation off
/// leaves what the others draw as it was. Append only: the order is part of every replay.
enum class Stream : std::uint64_t {
  order,  // the order of an epoch
  crop,
  flip,
  vertical_flip,
  jitter,
  greyscale,
  blur,
  solarize,
  rotation,
  mask,
  weights,     // a network's first weights
  split,       // train, validation, test
  sampling,    // subsets for maps and probes
  procedural,  // made-up pictures
  mask_shape,  // how much a mask hides, in blocks of which size
  puzzle,      // which of the puzzles is posed
  tile,        // where in its cell a tile lies
  region,      // where the hidden region lies
  step,        // what torch itself draws in a step: dropped paths, shuffled batches
  posterize,
  equalize,
  autocontrast,
  sharpness,
  invert,
};

/// Where in a run a view is drawn. The random numbers of a view are a function of this alone, so
/// threads do not matter, resume is exact, and the Views place can replay what training saw.
struct ViewKey {
  std::uint64_t seed = 0;
  std::uint64_t epoch = 0;
  std::uint64_t sample = 0;
  std::uint64_t view = 0;
};

/// A stream of random numbers with a key and a counter.
class Random {
  __extension__ using wide = unsigned __int128;

 public:
  Random(std::initializer_list<std::uint64_t> key) {
    for (std::uint64_t part : key) state_ = mix64(state_ ^ mix64(part + 0x632BE59BD9B4E019ULL));
  }
  Random(const ViewKey& k, Stream stream)
      : Random({k.seed, k.epoch, k.sample, k.view, static_cast<std::uint64_t>(stream)}) {}

  std::uint64_t bits() { return mix64(state_ + counter_++ * 0xD1B54A32D192ED03ULL); }
  /// In [0, 1), 53 bits.
  double uniform() { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  /// In [0, n); n > 0. Unbiased to 2^-64 * n.
  std::uint64_t below(std::uint64_t n) {
    return static_cast<std::uint64_t>((static_cast<wide>(bits()) * n) >> 64);
  }
  bool chance(double probability) { return uniform() < probability; }
  /// Standard normal (Box and Muller).
  double normal();

 private:
  std::uint64_t state_ = 0;
  std::uint64_t counter_ = 0;
};

}  // namespace selfsight
