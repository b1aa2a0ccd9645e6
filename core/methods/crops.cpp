#include "core/methods/crops.h"

namespace selfsight {

torch::Tensor rows_by_size(const std::vector<torch::Tensor>& crops,
                           const std::function<torch::Tensor(const torch::Tensor&)>& forward) {
  std::vector<torch::Tensor> rows;
  for (auto first = crops.begin(); first != crops.end();) {
    auto last = first;
    while (last != crops.end() && last->size(2) == first->size(2)) ++last;
    rows.push_back(forward(torch::cat(std::vector<torch::Tensor>(first, last))));
    first = last;
  }
  return torch::cat(rows);
}

torch::Tensor encoder_rows(Encoder& encoder, const std::vector<torch::Tensor>& crops) {
  return rows_by_size(crops, [&](const torch::Tensor& images) { return encoder.forward(images); });
}

}  // namespace selfsight
