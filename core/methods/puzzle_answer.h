// What the classic puzzles have in common: their answer is a class.
#pragma once

#include "core/methods/method.h"
#include "core/nets/encoder.h"

namespace selfsight {

/// Cross-entropy of `logits` [N, K] under `targets` [N], and the part that is right as "accuracy".
StepOutput answer_to_puzzle(const torch::Tensor& logits, const torch::Tensor& targets);

/// Each image of [N, C, H, W] without its own mean and deviation per channel, so that its colours
/// do not tell where it is from (Noroozi and Favaro 2016).
torch::Tensor standardised(const torch::Tensor& images);

/// Features of all pieces in one pass of the encoder, side by side: pieces of [N, C, S, S] give
/// [N, pieces * D]. BatchNorm sees all pieces as one batch. With `standardise` all pieces
/// are standardised() first.
torch::Tensor side_by_side(Encoder& encoder, const std::vector<torch::Tensor>& pieces,
                           bool standardise);

/// ln K, which both an encoder that knows nothing and one that always says the same pay.
MethodInfo::Reference puzzle_chance(std::int64_t answers);

}  // namespace selfsight
