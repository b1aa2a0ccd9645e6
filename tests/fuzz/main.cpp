// selfsight_fuzz TARGET COUNT [SEED]: COUNT inputs made from the seeds by cutting, flipping,
// repeating and splicing. Each input is a function of SEED and its number; where one is a finding,
// the process dies and the input stands in selfsight-fuzz-TARGET.bin. For guided fuzzing see
// CMakeLists.txt.
// selfsight_fuzz --seeds DIR: writes the seeds, a folder for each target, as such a corpus.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <random>

#include "core/base/files.h"
#include "tests/fuzz/targets.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
#endif

namespace selfsight::fuzz {
namespace {

constexpr std::size_t longest = 100'000;

class Mutator {
 public:
  Mutator(std::vector<Bytes> seeds, std::uint64_t seed) : seeds_(std::move(seeds)), seed_(seed) {}

  Bytes input(std::uint64_t number) {
    random_.seed(seed_ * 1'000'003 + number);
    Bytes bytes = seeds_[below(seeds_.size())];
    for (std::size_t i = 0, changes = 1 + below(6); i < changes; ++i) change(bytes);
    if (bytes.size() > longest) bytes.resize(longest);
    return bytes;
  }

 private:
  std::size_t below(std::size_t limit) { return static_cast<std::size_t>(random_() % limit); }

  void change(Bytes& bytes) {
    if (bytes.empty()) return;
    // Headers are where parsers are; half of the changes fall there.
    const std::size_t at =
        below(below(2) ? bytes.size() : std::min<std::size_t>(bytes.size(), 300));
    const auto place = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    constexpr std::uint8_t edges[] = {0, 1, 0x7F, 0x80, 0xFF, '\'', '"', ',', '\n', '9', '-', '{'};
    switch (below(7)) {
      case 0:
        bytes[at] ^= static_cast<std::uint8_t>(1u << below(8));
        break;
      case 1:
        bytes[at] = edges[below(std::size(edges))];
        break;
      case 2:
        bytes.resize(at);
        break;
      case 3:
        bytes.erase(place, place + static_cast<std::ptrdiff_t>(
                                       1 + below(std::min<std::size_t>(16, bytes.size() - at))));
        break;
      case 4:
        bytes.insert(place, below(40), static_cast<std::uint8_t>(random_()));
        break;
      case 5:  // a number of four bytes
        for (std::size_t i = at; i < std::min(bytes.size(), at + 4); ++i)
          bytes[i] = edges[below(5)];
        break;
      default: {  // a stretch from another seed
        const Bytes& other = seeds_[below(seeds_.size())];
        if (other.empty()) return;
        const std::size_t from = below(other.size());
        const std::size_t count = std::min(other.size() - from, 1 + below(64));
        bytes.insert(place, other.begin() + static_cast<std::ptrdiff_t>(from),
                     other.begin() + static_cast<std::ptrdiff_t>(from + count));
      }
    }
  }

  std::vector<Bytes> seeds_;
  std::uint64_t seed_;
  std::mt19937_64 random_;
};

void keep(const std::string& target, const Bytes& bytes) {
  std::ofstream("selfsight-fuzz-" + target + ".bin", std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

Bytes current;
std::string current_target;

/// After an assertion, an exception that nobody caught, or what a sanitizer found.
void on_death() {
  keep(current_target, current);
}

void on_abort(int signal) {
  on_death();
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

int fuzz(const Target& target, std::uint64_t count, std::uint64_t seed) {
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  Mutator mutator(target.seeds(), seed);
  current_target = target.name;
  std::signal(SIGABRT, on_abort);
#ifdef __SANITIZE_ADDRESS__
  __sanitizer_set_death_callback(on_death);
#endif
  for (std::uint64_t i = 0; i < count; ++i) {
    current = mutator.input(i);
    const auto started = Clock::now();
    try {
      target.run(current);
    } catch (const std::exception& error) {
      keep(target.name, current);
      std::fprintf(stderr, "%s, input %llu: %s\n", target.name.c_str(),
                   static_cast<unsigned long long>(i), error.what());
      return 1;
    }
    if (Clock::now() - started > std::chrono::seconds(10)) {
      keep(target.name, current);
      std::fprintf(stderr, "%s, input %llu took more than 10 s\n", target.name.c_str(),
                   static_cast<unsigned long long>(i));
      return 1;
    }
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  std::printf("%s: %llu inputs in %.1f s, no finding\n", target.name.c_str(),
              static_cast<unsigned long long>(count), seconds);
  return 0;
}

int write_seeds(const std::filesystem::path& folder) {
  for (const Target& target : targets()) {
    std::filesystem::create_directories(folder / target.name);
    int number = 0;
    for (const Bytes& bytes : target.seeds())
      write_file(folder / target.name / std::to_string(number++), std::as_bytes(std::span(bytes)));
  }
  return 0;
}

}  // namespace
}  // namespace selfsight::fuzz

int main(int count, char** words) {
  using namespace selfsight::fuzz;
  const auto number = [&](int at, std::uint64_t otherwise) {
    std::uint64_t value = otherwise;
    if (at < count)
      std::from_chars(words[at], words[at] + std::char_traits<char>::length(words[at]), value);
    return value;
  };
  if (count == 3 && std::string_view(words[1]) == "--seeds") return write_seeds(words[2]);
  for (const Target& target : targets())
    if (count >= 3 && target.name == words[1]) return fuzz(target, number(2, 0), number(3, 1));
  std::fprintf(stderr, "selfsight_fuzz TARGET COUNT [SEED], or --seeds DIR; targets:");
  for (const Target& target : targets()) std::fprintf(stderr, " %s", target.name.c_str());
  std::fprintf(stderr, "\n");
  return 2;
}
