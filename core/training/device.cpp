#include "core/training/device.h"

#include <ATen/detail/CUDAHooksInterface.h>
#include <malloc.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <new>
#include <thread>

#include "core/base/error.h"
#include "core/nets/precision.h"

namespace selfsight {
namespace {

/// Torch's page-locked blocks, held as tensors: how else to get them differs between its versions.
class PageLocked : public std::pmr::memory_resource {
  void* do_allocate(std::size_t bytes, std::size_t) override {
    const torch::Tensor block = torch::empty(
        {static_cast<std::int64_t>(bytes)}, torch::TensorOptions(torch::kByte).pinned_memory(true));
    const std::lock_guard lock(mutex_);
    return blocks_.emplace(block.data_ptr(), block).first->first;
  }
  void do_deallocate(void* block, std::size_t, std::size_t) override {
    const std::lock_guard lock(mutex_);
    blocks_.erase(block);
  }
  bool do_is_equal(const memory_resource& other) const noexcept override { return this == &other; }

  std::mutex mutex_;
  std::map<void*, torch::Tensor> blocks_;
};

/// malloc's habits are those of the whole process, so whoever wants others is counted.
std::mutex kept_memory_mutex;
int kept_memory_users = 0;

}  // namespace

torch::Device pick_device(const std::string& name) {
  const bool gpu = torch::cuda::is_available();
  if (name == "cuda" && !gpu)
    throw InputError(
        "train.device is cuda, but this LibTorch finds no GPU; set it to auto or cpu.");
  if (!gpu || name == "cpu") return torch::kCPU;
  at::globalContext().setBenchmarkCuDNN(true);
  return torch::kCUDA;
}

int use_threads(std::int64_t threads) {
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  const int count = threads > 0 ? static_cast<int>(threads) : cores;
  at::set_num_threads(count);
  return count;
}

KeptMemory::KeptMemory() {
  const std::lock_guard lock(kept_memory_mutex);
  if (kept_memory_users++ > 0) return;
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, -1);
}

KeptMemory::~KeptMemory() {
  const std::lock_guard lock(kept_memory_mutex);
  if (--kept_memory_users > 0) return;
  mallopt(M_MMAP_THRESHOLD, 4 << 20);
  mallopt(M_TRIM_THRESHOLD, 8 << 20);
  malloc_trim(0);
}

std::string device_words(const torch::Device& device, int threads, bool bfloat16) {
  const std::string narrow = bfloat16 ? ", bfloat16" : "";
  if (device.is_cuda()) return "GPU (CUDA)" + narrow;
  return "CPU, " + std::to_string(threads) + (threads == 1 ? " thread" : " threads") + narrow;
}

bool takes_bfloat16(const std::string& precision, const torch::Device& device) {
  if (precision != "auto") return precision == "bfloat16";
  if (device.is_cuda()) return at::detail::getCUDAHooks().supportsBFloat16ConvolutionWithCuDNNv8();
  return fast_bfloat16();
}

std::shared_ptr<std::pmr::memory_resource> staging_memory(const torch::Device& device) {
  if (device.is_cuda()) return std::make_shared<PageLocked>();
  return {std::shared_ptr<void>(), std::pmr::get_default_resource()};
}

torch::Tensor to_channels_last(const torch::Tensor& t) {
  const torch::Tensor out = t.contiguous(at::MemoryFormat::ChannelsLast);
  // With one channel either layout is the same in memory, and torch takes it for the other one.
  return t.size(1) == 1
             ? out.as_strided(out.sizes(), {out.size(2) * out.size(3), 1, out.size(3), 1})
             : out;
}

void to_channels_last(torch::nn::Module& module) {
  const torch::NoGradGuard no_grad;
  for (torch::Tensor& parameter : module.parameters())
    if (parameter.dim() == 4) parameter.set_data(to_channels_last(parameter));
}

void in_plain_words(const std::function<void()>& work) {
  const auto out_of_memory = [] {
    return Error(
        "There is not enough memory for this step. Make train.batch_size, views.size or the "
        "encoder smaller.");
  };
  try {
    work();
  } catch (const c10::Error& error) {
    const std::string what = error.what_without_backtrace();
    if (what.find("out of memory") != std::string::npos ||
        what.find("not enough memory") != std::string::npos ||
        what.find("allocate memory") != std::string::npos)
      throw out_of_memory();
    throw Error("LibTorch could not go on: " + what);
  } catch (const std::bad_alloc&) {
    throw out_of_memory();
  }
}

}  // namespace selfsight
