// Colours as numbers that say how different they look: CIE L*a*b* (D65), and their classes.
#pragma once

#include <torch/torch.h>

#include "core/views/views.h"

namespace selfsight {

/// sRGB [N, 3, H, W] in [0, 1] -> L [0, 100], a and b (about -100 to 100), and back, clipped.
torch::Tensor lab_of_rgb(const torch::Tensor& rgb);
torch::Tensor rgb_of_lab(const torch::Tensor& lab);

/// Normalised images back to [0, 1], and the reverse.
torch::Tensor without_normalisation(const torch::Tensor& images, const Normalisation& n);
torch::Tensor with_normalisation(const torch::Tensor& rgb, const Normalisation& n);

/// The luma of images in [0, 1] in all three channels, as the greyscale of views.
torch::Tensor grey_of(const torch::Tensor& rgb);

/// Centres (a, b) of the squares of a grid of 10 that some sRGB colour falls into: [Q, 2]. About
/// the 313 of Zhang et al. 2016.
torch::Tensor colour_classes();

/// Each colour of `ab` [P, 2] as shares of its five nearest classes, by a Gaussian of sigma 5
/// (Zhang et al. 2016, section 2.2): the classes [P, 5], nearest first, and their shares.
struct SoftClasses {
  torch::Tensor classes, shares;
};
SoftClasses soft_classes(const torch::Tensor& ab, const torch::Tensor& centres);

}  // namespace selfsight
