#include "core/methods/puzzle_answer.h"

#include <cmath>

namespace selfsight {

torch::Tensor standardised(const torch::Tensor& images) {
  const torch::Tensor mean = images.mean({2, 3}, true);
  const torch::Tensor deviation = images.var({2, 3}, false, true).sqrt();
  // A flat tile has no deviation and stays flat.
  return (images - mean) / (deviation + 1e-2);
}

StepOutput answer_to_puzzle(const torch::Tensor& logits, const torch::Tensor& targets) {
  const torch::Tensor right = logits.detach().argmax(1).eq(targets).to(torch::kFloat).mean();
  return {torch::nn::functional::cross_entropy(logits, targets), {{"accuracy", right}}};
}

torch::Tensor side_by_side(Encoder& encoder, const std::vector<torch::Tensor>& pieces,
                           bool standardise) {
  torch::Tensor all = torch::cat(pieces);
  if (standardise) all = standardised(all);
  return torch::cat(encoder.forward(all).chunk(static_cast<std::int64_t>(pieces.size())), 1);
}

MethodInfo::Reference puzzle_chance(std::int64_t answers) {
  return {std::log(static_cast<double>(answers)), "chance ln " + std::to_string(answers)};
}

}  // namespace selfsight
