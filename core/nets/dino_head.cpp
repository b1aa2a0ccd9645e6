#include "core/nets/dino_head.h"

#include <cmath>

#include "core/nets/precision.h"

namespace selfsight {

namespace functional = torch::nn::functional;

DinoHead::DinoHead(const DinoHeadShape& shape) {
  using torch::nn::GELU;
  using torch::nn::Linear;
  mlp_ = register_module("mlp", torch::nn::Sequential());
  for (const std::int64_t in : {shape.in, shape.hidden}) {
    mlp_->push_back(Linear(in, shape.hidden));
    if (shape.batch_norm) mlp_->push_back(torch::nn::BatchNorm1d(shape.hidden));
    mlp_->push_back(GELU());
  }
  mlp_->push_back(Linear(shape.hidden, shape.bottleneck));
  last_layer_ = register_parameter("last_layer", torch::empty({shape.out, shape.bottleneck}));
  const torch::NoGradGuard no_grad;
  for (const auto& part : mlp_->children())
    if (auto* linear = part->as<Linear>()) {
      linear->weight.normal_(0, 0.02);
      linear->bias.zero_();
    }
  torch::nn::init::kaiming_uniform_(last_layer_, std::sqrt(5.0));  // a torch Linear's own
}

torch::Tensor DinoHead::through_mlp(const torch::Tensor& rows) {
  const NetworkPrecision precision;
  return floats(mlp_->forward(rows));
}

torch::Tensor DinoHead::forward(const torch::Tensor& rows) {
  const auto directions = functional::NormalizeFuncOptions().dim(-1);
  // BatchNorm takes a table: tokens of an image are rows like any others.
  const torch::Tensor points = through_mlp(rows.reshape({-1, rows.size(-1)}));
  std::vector<std::int64_t> shape = rows.sizes().vec();
  shape.back() = last_layer_.size(0);
  return torch::matmul(functional::normalize(points, directions),
                       functional::normalize(last_layer_, directions).t())
      .reshape(shape);
}

void DinoHead::freeze_last_layer() {
  last_layer_.mutable_grad().reset();
}

}  // namespace selfsight
