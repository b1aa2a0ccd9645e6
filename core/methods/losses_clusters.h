// Losses of methods that sort images into clusters nobody named: SwAV, DINO, iBOT.
#pragma once

#include <torch/torch.h>

#include <vector>

namespace selfsight {

/// Soft codes [N, K] of `scores` [N, K] (Caron et al. 2020, section 3.2): exp(scores / epsilon)
/// scaled `iterations` times so that every prototype gets an equal share, then every image sums
/// to 1. Computed in logarithms, where the authors' exp() can overflow; elsewhere the same numbers.
torch::Tensor sinkhorn(const torch::Tensor& scores, double epsilon, std::int64_t iterations);

/// SwAV: the codes of each of the first crops must be predicted from the scores of every other
/// crop. `scores`: [N, K] per crop; `codes`: [N, K] per crop that has some, without gradient. The
/// mean over those crops of the mean over the others.
torch::Tensor swav_loss(const std::vector<torch::Tensor>& scores,
                        const std::vector<torch::Tensor>& codes, double temperature);

struct DinoTemperatures {
  double student = 0.1, teacher = 0.04;
};

/// DINO (Caron et al. 2021): cross-entropy of the student under the centred and sharpened teacher,
/// over all pairs of a teacher's crop with another crop of the student. Rows are crop by crop:
/// `student` [crops * N, K], `teacher` [2 * N, K] for the first two crops; `centre` [K].
torch::Tensor dino_loss(const torch::Tensor& student, const torch::Tensor& teacher,
                        const torch::Tensor& centre, std::int64_t crops,
                        const DinoTemperatures& temperatures);

/// momentum * centre + (1 - momentum) * the mean row of `teacher` [..., K], its raw outputs.
torch::Tensor moved_centre(const torch::Tensor& centre, const torch::Tensor& teacher,
                           double momentum);

struct TemperatureWarmup {
  double first = 0.04, last = 0.07;
  std::int64_t epochs = 0;
};

/// From `first` in epoch 0 in equal steps to `last` in the last epoch of the warm-up (DINO's
/// inclusive linspace), then constant.
double teacher_temperature(const TemperatureWarmup& warmup, std::int64_t epoch);

/// iBOT's patch term (Zhou et al. 2022): cross-entropy at the hidden patches, the mean inside each
/// image, then over the images; an image that hides nothing counts as zero. `student` and
/// `teacher` [M, K]: the rows of the patches where `hidden` [N, L] is true, image by image.
torch::Tensor ibot_patch_loss(const torch::Tensor& student, const torch::Tensor& teacher,
                              const torch::Tensor& hidden, const torch::Tensor& centre,
                              const DinoTemperatures& temperatures);

/// KoLeo (Sablayrolles et al. 2019, as in DINOv2): minus the mean logarithm of the distance to the
/// nearest other row of `rows` [N, D], which are normalised first. It spreads them evenly.
torch::Tensor koleo_loss(const torch::Tensor& rows);

}  // namespace selfsight
