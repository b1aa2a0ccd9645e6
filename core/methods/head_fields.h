// Descriptions of options that many methods have, so that they read the same everywhere. A help
// ends with what the method's own paper takes, and the paper.
#pragma once

#include <string>

#include "core/spec/field.h"

namespace selfsight {

inline constexpr const char* projector_hidden_help =
    "Width of the hidden layers of the projector, the small network between encoder and loss. "
    "Wider tells views apart by more and takes more time. Usually 512 to 4096; the projector is "
    "thrown away after training. SimCLR, Chen et al. 2020.";

inline constexpr const char* projector_out_help =
    "Dimensions in which views are compared: how many numbers the projector gives for each. More "
    "hold finer differences and take more memory. Contrastive methods take 128 or 256, SimSiam, "
    "Barlow Twins and VICReg thousands, W-MSE and LeJEPA 64. SimCLR, Chen et al. 2020.";

/// Width of a layer of the small networks between encoder and loss.
inline Field width_field(const char* key, const std::string& help) {
  return {.key = key, .help = help, .min = 2, .max = 65536, .advanced = true};
}

inline Field projector_hidden_field() {
  return width_field("projector_hidden", projector_hidden_help);
}

inline Field projector_out_field() {
  return width_field("projector_out", projector_out_help);
}

inline Field projector_layers_field(const std::string& usual) {
  return {.key = "projector_layers",
          .help =
              "Linear layers of the projector, the small network between encoder and loss. "
              "More shield the encoder from what only the loss wants; they are thrown away "
              "after training. " +
              usual,
          .min = 1,
          .max = 5,
          .advanced = true};
}

inline Field predictor_hidden_field(const std::string& usual) {
  return width_field("predictor_hidden",
                     "Width of the hidden layer of the predictor, the small network that guesses "
                     "one view from the other. Wider guesses better and takes more time. " +
                         usual);
}

inline Field temperature_field(const std::string& usual) {
  return {.key = "temperature",
          .help =
              "Divides the similarities of views before they become probabilities. Lower is "
              "harder: the loss then minds mostly the most similar of the other images. " +
              usual,
          .min = 0.01,
          .max = 10};
}

inline Field momentum_field(const std::string& usual) {
  return {.key = "momentum",
          .help =
              "How much of itself the slow copy of the encoder keeps at each step. Higher is "
              "steadier and follows the encoder more slowly. " +
              usual,
          .min = 0,
          .max = 1};
}

inline Field final_momentum_field() {
  return {.key = "final_momentum",
          .help =
              "Where the momentum ends, along half a cosine over the run; equal to momentum, "
              "it stays. Higher lets the slow copy come to rest. Usually 1; solo-learn's "
              "MoCo v2+ takes 0.999. BYOL, Grill et al. 2020.",
          .min = 0,
          .max = 1,
          .advanced = true};
}

}  // namespace selfsight
