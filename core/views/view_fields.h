// The description of ViewOptions. Included by views.h; apart because it is long.
#pragma once

#include "core/views/views.h"

namespace selfsight {

template <class Options, class Visit>
void ViewOptions::describe(Options& o, Visit&& visit) {
  visit(o.size, Field{.key = "size",
                      .help = "Side of the square view the encoder sees.",
                      .unit = "px",
                      .min = 8,
                      .max = 1024});
  visit(o.crop_min, Field{.key = "crop_min",
                          .help = "Smallest area of a random crop, as a part of the image. It sets "
                                  "how hard the task is: 0.08 asks the encoder to match a leaf "
                                  "with its tree. Chen et al. 2020, section 3.",
                          .min = 0.01,
                          .max = 1});
  visit(o.crop_max, Field{.key = "crop_max",
                          .help = "Largest area of a random crop, as a part of the image.",
                          .min = 0.01,
                          .max = 1,
                          .advanced = true});
  visit(o.ratio_min, Field{.key = "ratio_min",
                           .help = "Narrowest shape of a random crop: width over height.",
                           .min = 0.1,
                           .max = 10,
                           .advanced = true});
  visit(o.ratio_max, Field{.key = "ratio_max",
                           .help = "Widest shape of a random crop: width over height.",
                           .min = 0.1,
                           .max = 10,
                           .advanced = true});
  visit(o.interpolation, Field{.key = "interpolation",
                               .help = "How a crop is resized.",
                               .choices = {"bilinear", "bicubic", "nearest"},
                               .advanced = true});
  visit(o.hflip, Field{.key = "hflip",
                       .help = "Probability of a mirror image, left to right.",
                       .min = 0,
                       .max = 1});
  visit(o.vflip, Field{.key = "vflip",
                       .help = "Probability of a flip upside down; for images without an up, such "
                               "as satellite tiles.",
                       .min = 0,
                       .max = 1});
  visit(o.jitter,
        Field{.key = "jitter",
              .help =
                  "Probability of colour jitter: brightness, contrast, saturation and hue, in "
                  "random order. It keeps the encoder from matching views by their colours alone.",
              .min = 0,
              .max = 1});
  visit(o.brightness,
        Field{.key = "brightness",
              .help = "Strength of the brightness jitter: the factor is drawn from 1 ± this.",
              .min = 0,
              .max = 2});
  visit(o.contrast,
        Field{.key = "contrast",
              .help = "Strength of the contrast jitter: the factor is drawn from 1 ± this.",
              .min = 0,
              .max = 2});
  visit(o.saturation, Field{.key = "saturation",
                            .help = "Strength of the saturation jitter: the factor is drawn from 1 "
                                    "± this. Grey images skip it.",
                            .min = 0,
                            .max = 2});
  visit(
      o.hue,
      Field{.key = "hue",
            .help =
                "Strength of the hue jitter, as a part of the colour circle. Grey images skip it.",
            .min = 0,
            .max = 0.5});
  visit(o.greyscale, Field{.key = "greyscale",
                           .help = "Probability that a view loses its colour.",
                           .min = 0,
                           .max = 1});
  visit(o.blur,
        Field{.key = "blur", .help = "Probability of a Gaussian blur.", .min = 0, .max = 1});
  visit(o.sigma_min, Field{.key = "sigma_min",
                           .help = "Smallest standard deviation of the blur.",
                           .unit = "px",
                           .min = 0.01,
                           .max = 20,
                           .advanced = true});
  visit(o.sigma_max, Field{.key = "sigma_max",
                           .help = "Largest standard deviation of the blur.",
                           .unit = "px",
                           .min = 0.01,
                           .max = 20,
                           .advanced = true});
  visit(o.blur_kind,
        Field{.key = "blur_kind",
              .help = "gaussian is torchvision's: exact weights over a tenth of the side, borders "
                      "mirrored. pillow is Pillow's, three box blurs, with which MoCo, SimSiam, "
                      "DINO and lightly were trained.",
              .choices = {"gaussian", "pillow"},
              .advanced = true});
  visit(o.solarize,
        Field{.key = "solarize",
              .help = "Probability that bright pixels are inverted. From BYOL (Grill et al. 2020).",
              .min = 0,
              .max = 1});
  visit(o.solarize_threshold, Field{.key = "solarize_threshold",
                                    .help = "Pixels at or above this are inverted.",
                                    .min = 0,
                                    .max = 256,
                                    .advanced = true});
  visit(o.posterize, Field{.key = "posterize",
                           .help = "Probability that only the highest bits of each value stay.",
                           .min = 0,
                           .max = 1,
                           .advanced = true});
  visit(o.posterize_bits, Field{.key = "posterize_bits",
                                .help = "How many bits stay.",
                                .min = 1,
                                .max = 8,
                                .advanced = true});
  visit(o.equalize, Field{.key = "equalize",
                          .help = "Probability that each channel's values are spread until all "
                                  "come equally often. For pictures whose exposure varies and "
                                  "means nothing, such as X-rays.",
                          .min = 0,
                          .max = 1,
                          .advanced = true});
  visit(o.autocontrast,
        Field{.key = "autocontrast",
              .help = "Probability that each channel is stretched to the full range.",
              .min = 0,
              .max = 1,
              .advanced = true});
  visit(o.sharpness, Field{.key = "sharpness",
                           .help = "Probability that a view is sharpened or smoothed.",
                           .min = 0,
                           .max = 1,
                           .advanced = true});
  visit(o.sharpness_factor, Field{.key = "sharpness_factor",
                                  .help = "0 smooths, 1 changes nothing, 2 sharpens.",
                                  .min = 0,
                                  .max = 10,
                                  .advanced = true});
  visit(o.invert, Field{.key = "invert",
                        .help = "Probability of a negative.",
                        .min = 0,
                        .max = 1,
                        .advanced = true});
  visit(o.rotation, Field{.key = "rotation",
                          .help = "Largest rotation either way; the corners are filled with black.",
                          .unit = "degrees",
                          .min = 0,
                          .max = 180});
}

}  // namespace selfsight
