#include "core/nets/projector.h"

#include "core/nets/precision.h"

namespace selfsight {

torch::Tensor ProjectorImpl::forward(const torch::Tensor& rows) {
  const NetworkPrecision precision;
  return floats(torch::nn::SequentialImpl::forward(rows));
}

Projector make_projector(const ProjectorShape& shape) {
  using torch::nn::BatchNorm1d;
  using torch::nn::BatchNormOptions;
  using torch::nn::Linear;
  using torch::nn::LinearOptions;
  Projector projector;
  std::int64_t in = shape.in;
  for (std::int64_t i = 0; i + 1 < shape.layers; ++i) {
    projector->push_back(Linear(LinearOptions(in, shape.hidden).bias(!shape.batch_norm)));
    if (shape.batch_norm) projector->push_back(BatchNorm1d(shape.hidden));
    projector->push_back(torch::nn::ReLU(torch::nn::ReLUOptions().inplace(true)));
    in = shape.hidden;
  }
  const bool bias = shape.bias && !shape.last_batch_norm;
  projector->push_back(Linear(LinearOptions(in, shape.out).bias(bias)));
  if (shape.last_batch_norm)
    projector->push_back(BatchNorm1d(BatchNormOptions(shape.out).affine(shape.last_affine)));
  return projector;
}

}  // namespace selfsight
