// The small networks between an encoder and its loss.
#pragma once

#include <torch/torch.h>

namespace selfsight {

struct ProjectorShape {
  std::int64_t in = 512, hidden = 512, out = 128;
  std::int64_t layers = 2;       // linear layers; 1 is a plain projection
  bool batch_norm = true;        // after each hidden layer
  bool last_batch_norm = false;  // after the last one
  bool last_affine = true;       // whether that one has scale and shift
  bool bias = true;              // of the last layer; a layer before a norm never has one
};

/// Linear, (BatchNorm,) ReLU, …, Linear(, BatchNorm).
class ProjectorImpl : public torch::nn::SequentialImpl {
 public:
  torch::Tensor forward(const torch::Tensor& rows);  // [N, in] -> [N, out]
};
TORCH_MODULE(Projector);

Projector make_projector(const ProjectorShape& shape);

}  // namespace selfsight
