// From a map of features back to a picture.
#pragma once

#include "core/nets/encoder.h"

namespace selfsight {

struct PictureDecoderShape {
  std::int64_t in = 512;     // channels of the map
  std::int64_t width = 128;  // channels of the first stage; halved at each, down to 16
  std::int64_t out = 3;      // channels of the picture
  std::int64_t size = 32;    // side of the picture
};

/// Doubles the side with a 3x3 convolution, BatchNorm and ReLU until the picture's is reached,
/// then says `out` numbers of each pixel. It serves to train the encoder and is thrown away.
class PictureDecoder : public torch::nn::Module {
 public:
  /// `map_side`: of the maps that it will be given.
  PictureDecoder(const PictureDecoderShape& shape, std::int64_t map_side);
  torch::Tensor forward(const torch::Tensor& map);  // [N, in, h, w] -> [N, out, size, size]

 private:
  std::int64_t size_;
  std::vector<torch::nn::Sequential> stages_;
  torch::nn::Conv2d last_{nullptr};
};

/// The side of the map that the encoder makes of a view of this size. Neither weights nor
/// BatchNorm's statistics change.
std::int64_t map_side(Encoder& encoder, std::int64_t channels, std::int64_t view_size);

}  // namespace selfsight
