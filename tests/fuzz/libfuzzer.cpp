// The same targets under libFuzzer: SELFSIGHT_FUZZ_TARGET in the environment names one.
#include <cstdlib>

#include "tests/fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace selfsight::fuzz;
  static const Target* target = [] {
    const char* name = std::getenv("SELFSIGHT_FUZZ_TARGET");
    for (const Target& t : targets())
      if (name && t.name == name) return &t;
    std::abort();
  }();
  target->run({data, size});
  return 0;
}
