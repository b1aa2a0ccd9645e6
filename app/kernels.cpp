#include "app/kernels.h"

#include <dlfcn.h>
#include <unistd.h>

#include <cstdlib>
#include <set>

namespace selfsight {
namespace {

constexpr char variable[] = "OPENBLAS_CORETYPE";

const char* best_kernels() {
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")) return "SkylakeX";
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return "Haswell";
  return nullptr;
}

}  // namespace

std::string blas_kernels() {
  using Name = char* (*)();
  const auto name = reinterpret_cast<Name>(::dlsym(RTLD_DEFAULT, "openblas_get_corename"));
  return name ? name() : "";
}

void choose_blas_kernels(char** argv) {
  // Only these are fallbacks; anything else was a choice that OpenBLAS made knowingly.
  static const std::set<std::string> fallbacks{"Prescott", "Core2", "Nehalem", "Sandybridge"};
  const char* best = best_kernels();
  if (std::getenv(variable) || !best || !fallbacks.contains(blas_kernels())) return;
  ::setenv(variable, best, 1);
  ::execv("/proc/self/exe", argv);  // returns only on failure: then the slow kernels must do
}

}  // namespace selfsight
