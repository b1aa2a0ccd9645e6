// Descriptions of options that many methods have, so that they read the same everywhere.
#pragma once

#include "core/spec/field.h"

namespace selfsight {

/// Width of a layer of the small networks between encoder and loss.
inline Field width_field(const char* key, const char* help) {
  return {.key = key, .help = help, .min = 2, .max = 65536, .advanced = true};
}

inline Field projector_hidden_field() {
  return width_field("projector_hidden", "Width of the projector's hidden layers.");
}

inline Field projector_out_field() {
  return width_field("projector_out", "Dimensions in which views are compared.");
}

inline Field projector_layers_field(const char* help) {
  return {.key = "projector_layers", .help = help, .min = 1, .max = 5, .advanced = true};
}

inline Field temperature_field(const char* help) {
  return {.key = "temperature", .help = help, .min = 0.01, .max = 10};
}

inline Field momentum_field(const char* help) {
  return {.key = "momentum", .help = help, .min = 0, .max = 1};
}

inline Field final_momentum_field() {
  return {.key = "final_momentum",
          .help =
              "Where the momentum ends, along half a cosine over the run; equal to momentum: it "
              "stays.",
          .min = 0,
          .max = 1,
          .advanced = true};
}

}  // namespace selfsight
