#include "app/kernels.h"

#include <dlfcn.h>
#include <unistd.h>

#include <cstdlib>
#include <set>

namespace selfsight {
namespace {

constexpr char kernels[] = "OPENBLAS_CORETYPE";

const char* best_kernels() {
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")) return "SkylakeX";
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return "Haswell";
  return nullptr;
}

/// The kernels to ask for, or null where OpenBLAS has chosen well or was told.
const char* wanted_kernels() {
  // Only these are fallbacks; anything else was a choice that OpenBLAS made knowingly.
  static const std::set<std::string> fallbacks{"Prescott", "Core2", "Nehalem", "Sandybridge"};
  return !std::getenv(kernels) && fallbacks.contains(blas_kernels()) ? best_kernels() : nullptr;
}

}  // namespace

std::string blas_kernels() {
  using Name = char* (*)();
  const auto name = reinterpret_cast<Name>(::dlsym(RTLD_DEFAULT, "openblas_get_corename"));
  return name ? name() : "";
}

void begin_with_good_kernels(char** argv) {
  const char* const kernel = wanted_kernels();
  if (!kernel) return;
  ::setenv(kernels, kernel, 1);
  ::execv("/proc/self/exe", argv);  // returns only on failure: then it goes on as it is
}

}  // namespace selfsight
