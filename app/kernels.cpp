#include "app/kernels.h"

#include <dlfcn.h>
#include <unistd.h>

#include <cstdlib>
#include <set>

namespace selfsight {
namespace {

constexpr char kernels_variable[] = "OPENBLAS_CORETYPE", spinning_variable[] = "GOMP_SPINCOUNT";

bool has_avx512() {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq");
}

const char* best_kernels() {
  if (has_avx512()) return "SkylakeX";
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return "Haswell";
  return nullptr;
}

/// The kernels to ask for, or null where OpenBLAS has chosen well or was told.
const char* wanted_kernels() {
  if (std::getenv(kernels_variable)) return nullptr;
  // These are fallbacks; anything else was a choice that OpenBLAS made knowingly. But it takes all
  // of AMD's processors for the first of Zen, and since the fourth they have AVX-512.
  static const std::set<std::string> fallbacks{"Prescott", "Core2", "Nehalem", "Sandybridge"};
  const std::string chosen = blas_kernels();
  return fallbacks.contains(chosen) || (chosen == "Zen" && has_avx512()) ? best_kernels() : nullptr;
}

/// How often a thread without work looks for some before it sleeps. 300,000 times, as is usual,
/// two programs on the same cores keep each other from theirs; docs/performance.md has the figures.
const char* wanted_spinning() {
  return std::getenv(spinning_variable) || std::getenv("OMP_WAIT_POLICY") ? nullptr : "10000";
}

}  // namespace

std::string blas_kernels() {
  using Name = char* (*)();
  const auto name = reinterpret_cast<Name>(::dlsym(RTLD_DEFAULT, "openblas_get_corename"));
  return name ? name() : "";
}

void begin_with_good_threads_and_kernels(char** argv) {
  const char* const kernel = wanted_kernels();
  const char* const spin = wanted_spinning();
  if (!kernel && !spin) return;
  if (kernel) ::setenv(kernels_variable, kernel, 1);
  if (spin) ::setenv(spinning_variable, spin, 1);
  ::execv("/proc/self/exe", argv);  // returns only on failure: then it goes on as it is
}

}  // namespace selfsight
