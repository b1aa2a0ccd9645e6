// Where the numbers are crunched.
#pragma once

#include <torch/torch.h>

#include <functional>
#include <memory>
#include <memory_resource>
#include <string>

namespace selfsight {

/// auto, cpu or cuda. Throws InputError if a GPU is asked for that LibTorch does not have. On a
/// GPU, cuDNN measures from now on which of its convolutions suits a shape.
torch::Device pick_device(const std::string& name);

/// Sets the threads of torch's operations on this thread; 0 takes all cores. Returns how many.
/// LibTorch as Debian packages it would otherwise start with one.
int use_threads(std::int64_t threads);

/// While it lives, the process keeps the memory that tensors give back, for the next step's
/// tensors: with glibc's usual habit of returning large blocks, a third of a step goes into page
/// faults. Several may live at once, on any threads; the last one gives the memory back.
class KeptMemory {
 public:
  KeptMemory();
  ~KeptMemory();
  KeptMemory(const KeptMemory&) = delete;
  KeptMemory& operator=(const KeptMemory&) = delete;
};

/// "CPU, 2 threads".
std::string device_words(const torch::Device& device, int threads, bool bfloat16 = false);

/// Whether a run with this train.precision multiplies in bfloat16 on the device: auto does where
/// the processor is fast at it, and on GPUs that convolve in it (compute capability 8.0 or more).
bool takes_bfloat16(const std::string& precision, const torch::Device& device);

/// Where batches are made for a device: page-locked for a GPU, which copies from there by itself;
/// ordinary memory for the CPU.
std::shared_ptr<std::pmr::memory_resource> staging_memory(const torch::Device& device);

/// Lays [N, C, H, W] out with the channel last, which oneDNN convolves 1.2 to 1.5 times faster. No
/// copy where it lies so already.
torch::Tensor to_channels_last(const torch::Tensor& t);
/// The same with all four-dimensional parameters.
void to_channels_last(torch::nn::Module& module);

/// Runs `work`; what torch throws comes out as Error, without a backtrace.
void in_plain_words(const std::function<void()>& work);

}  // namespace selfsight
