// What nearly all methods share: one encoder, whose features are what is measured and exported.
#pragma once

#include "core/methods/method.h"
#include "core/nets/encoder.h"

namespace selfsight {

class EncoderMethod : public Method {
 public:
  torch::Tensor features(const torch::Tensor& images) override { return encoder_->forward(images); }
  std::int64_t feature_dimensions() const override { return encoder_->dimensions(); }
  std::shared_ptr<Encoder> measured_encoder() const override { return encoder_; }

 protected:
  explicit EncoderMethod(const MethodRequest& request)
      : encoder_(register_module("encoder", make_encoder(request.encoder, request.channels,
                                                         request.view_size, request.seed))) {}

  std::shared_ptr<Encoder> encoder_;
};

}  // namespace selfsight
