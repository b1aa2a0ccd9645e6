// Writes a ResNet-18 as safetensors, some images and their features, for check_torchvision.py to
// check.
#include <torch/torch.h>

#include <cstdio>

#include "core/exchange/npy.h"
#include "tests/exchange/encoders.h"

using namespace selfsight;

namespace {

NpyMatrix matrix_of(const torch::Tensor& tensor) {
  const torch::Tensor flat = tensor.flatten(1).contiguous();
  const float* data = flat.data_ptr<float>();
  return {flat.size(0), flat.size(1), {data, data + flat.numel()}};
}

}  // namespace

int main(int count, char** words) {
  if (count != 2) {
    std::fprintf(stderr, "Name a folder.\n");
    return 2;
  }
  const std::filesystem::path folder = words[1];
  std::filesystem::create_directories(folder);
  const torch::NoGradGuard no_grad;
  const EncoderOptions options{"resnet18", "imagenet", 4};
  const auto encoder = lively_encoder(options, 64);
  torch::Tensor images;
  with_seed(5, [&] { images = torch::randn({4, 3, 64, 64}); });
  save_encoder_file(folder / "resnet18.safetensors", file_of(*encoder, options, 64));
  save_npy(folder / "images.npy", matrix_of(images));
  save_npy(folder / "features.npy", matrix_of(encoder->forward(images)));
  return 0;
}
