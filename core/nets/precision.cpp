#include "core/nets/precision.h"

#include <ATen/autocast_mode.h>
#include <torch/version.h>

namespace selfsight {
namespace {

thread_local bool wanted = false;

/// Both devices at once: a tensor knows on which it lies.
void set_autocast(bool on) {
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
  for (const auto device : {at::kCPU, at::kCUDA}) {
    at::autocast::set_autocast_dtype(device, at::kBFloat16);
    at::autocast::set_autocast_enabled(device, on);
  }
#else
  at::autocast::set_autocast_cpu_dtype(at::kBFloat16);
  at::autocast::set_autocast_gpu_dtype(at::kBFloat16);
  at::autocast::set_cpu_enabled(on);
  at::autocast::set_enabled(on);
#endif
}

bool autocast_on_cpu() {
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
  return at::autocast::is_autocast_enabled(at::kCPU);
#else
  return at::autocast::is_cpu_enabled();
#endif
}

}  // namespace

at::ScalarType network_type() {
  return autocast_on_cpu() ? torch::kBFloat16 : torch::kFloat;
}

bool fast_bfloat16() {
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
  __builtin_cpu_init();
  return __builtin_cpu_supports("amx-bf16") || __builtin_cpu_supports("avx512bf16");
#else
  return false;
#endif
}

Bfloat16::Bfloat16(bool on) : before_(wanted) {
  wanted = on;
}

Bfloat16::~Bfloat16() {
  wanted = before_;
}

NetworkPrecision::NetworkPrecision() : on_(wanted) {
  if (!on_) return;
  at::autocast::increment_nesting();
  set_autocast(true);
}

NetworkPrecision::~NetworkPrecision() {
  if (!on_) return;
  // The last one out forgets the narrow copies of the weights: they are about to change.
  if (at::autocast::decrement_nesting() > 0) return;
  at::autocast::clear_cache();
  set_autocast(false);
}

}  // namespace selfsight
