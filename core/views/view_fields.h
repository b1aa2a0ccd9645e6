// The description of ViewOptions. Included by views.h; apart because it is long.
#pragma once

#include "core/views/views.h"

namespace selfsight {

template <class Options, class Visit>
void ViewOptions::describe(Options& o, Visit&& visit) {
  visit(o.size,
        Field{.key = "size",
              .help = "Side of the square view that the encoder sees. Larger shows more detail, "
                      "but twice the side takes four times the work. Usually 32 px for small "
                      "images and 224 px for photographs. SimCLR, Chen et al. 2020.",
              .unit = "px",
              .min = 8,
              .max = 1024});
  visit(o.test_size,
        Field{.key = "test_size",
              .help = "Side of the whole image when the encoder is measured or used; 0 takes that "
                      "of the views. Random crops enlarge what they show, so a ResNet that learns "
                      "at 24 px sees things at their learned size in images of 32 px. A third more "
                      "than the views is a good start, and small views train faster. FixRes, "
                      "Touvron et al. 2019, arXiv:1906.06423.",
              .unit = "px",
              .min = 0,
              .max = 1024,
              .advanced = true});
  visit(o.crop_min,
        Field{.key = "crop_min",
              .help =
                  "Smallest area of a random crop, as a part of the image. Lower makes the task "
                  "harder: 0.08 asks the encoder to match a leaf with its tree. Raise it to 0.2 or "
                  "more where crops lose the thing itself. SimCLR, Chen et al. 2020, section 3.",
              .min = 0.01,
              .max = 1});
  visit(o.crop_max, Field{.key = "crop_max",
                          .help = "Largest area of a random crop, as a part of the image. Lower "
                                  "never shows the whole image. Usually 1, and there is seldom a "
                                  "reason to change it. SimCLR, Chen et al. 2020.",
                          .min = 0.01,
                          .max = 1,
                          .advanced = true});
  visit(o.ratio_min,
        Field{.key = "ratio_min",
              .help = "Narrowest shape of a random crop: width over height. Lower allows narrower "
                      "crops, which are then stretched to a square. Usually 0.75; take 1 where "
                      "proportions matter. As in torchvision.",
              .min = 0.1,
              .max = 10,
              .advanced = true});
  visit(o.ratio_max,
        Field{.key = "ratio_max",
              .help = "Widest shape of a random crop: width over height. Higher allows wider "
                      "crops, which are then squeezed to a square. Usually 1.33; take 1 where "
                      "proportions matter. As in torchvision.",
              .min = 0.1,
              .max = 10,
              .advanced = true});
  visit(o.interpolation,
        Field{.key = "interpolation",
              .help = "How pixels are mixed when a crop is resized. bicubic is the sharpest, "
                      "bilinear is softer, nearest only copies pixels. Keep bicubic, unless you "
                      "repeat a recipe that says otherwise. As in torchvision.",
              .choices = {"bilinear", "bicubic", "nearest"},
              .advanced = true});
  visit(o.hflip,
        Field{.key = "hflip",
              .help = "Chance of a mirror image, left to right. Higher teaches that a thing and "
                      "its mirror image are the same. Usually 0.5; take 0 for writing, digits and "
                      "whatever has a left and a right. SimCLR, Chen et al. 2020.",
              .min = 0,
              .max = 1});
  visit(
      o.vflip,
      Field{
          .key = "vflip",
          .help =
              "Chance of a flip upside down. Higher teaches that up and down mean nothing. Usually "
              "0; take 0.5 for images without an up, such as satellite tiles. As in torchvision.",
          .min = 0,
          .max = 1});
  visit(o.jitter, Field{.key = "jitter",
                        .help = "Chance of colour jitter: brightness, contrast, saturation and hue "
                                "are changed, in random order. It keeps the encoder from matching "
                                "views by their colours alone. Usually 0.8; lower it where colour "
                                "is what tells things apart. SimCLR, Chen et al. 2020.",
                        .min = 0,
                        .max = 1});
  visit(o.brightness,
        Field{.key = "brightness",
              .help = "Strength of the brightness jitter: brightness is multiplied by a number "
                      "drawn from 1 ± this. Higher makes the encoder ignore how light a picture "
                      "is. Usually 0.4, and 0.8 for strong views. SimCLR, Chen et al. 2020.",
              .min = 0,
              .max = 2});
  visit(o.contrast,
        Field{.key = "contrast",
              .help = "Strength of the contrast jitter: contrast is multiplied by a number drawn "
                      "from 1 ± this. Higher makes the encoder ignore how flat or harsh a picture "
                      "is. Usually 0.4, and 0.8 for strong views. SimCLR, Chen et al. 2020.",
              .min = 0,
              .max = 2});
  visit(o.saturation,
        Field{.key = "saturation",
              .help = "Strength of the saturation jitter: vividness is multiplied by a number "
                      "drawn from 1 ± this. Higher makes the encoder ignore how vivid colours are. "
                      "Usually 0.2 to 0.8; grey images skip it. SimCLR, Chen et al. 2020.",
              .min = 0,
              .max = 2});
  visit(o.hue,
        Field{.key = "hue",
              .help = "Strength of the hue jitter: how far colours may turn, as a part of the "
                      "colour circle. Higher makes the encoder ignore which colour a thing has. "
                      "Usually 0.1 to 0.2; grey images skip it. SimCLR, Chen et al. 2020.",
              .min = 0,
              .max = 0.5});
  visit(o.greyscale,
        Field{.key = "greyscale",
              .help = "Chance that a view loses its colour. Higher makes the encoder look at "
                      "shapes rather than colours. Usually 0.2; lower it where colour is what "
                      "tells things apart. SimCLR, Chen et al. 2020.",
              .min = 0,
              .max = 1});
  visit(o.blur, Field{.key = "blur",
                      .help = "Chance of a Gaussian blur. Higher hides fine detail, so that shapes "
                              "count for more. Usually 0.5 for photographs, and often 0 for images "
                              "of 32 px. SimCLR, Chen et al. 2020.",
                      .min = 0,
                      .max = 1});
  visit(o.sigma_min,
        Field{.key = "sigma_min",
              .help = "Weakest blur: the standard deviation of its Gaussian, about how far a point "
                      "is smeared. Higher blurs more even at its mildest. Usually 0.1, which is "
                      "hardly seen. SimCLR, Chen et al. 2020.",
              .unit = "px",
              .min = 0.01,
              .max = 20,
              .advanced = true});
  visit(o.sigma_max,
        Field{.key = "sigma_max",
              .help = "Strongest blur: the standard deviation of its Gaussian, about how far a "
                      "point is smeared. Higher wipes out larger details. Usually 2; lower it "
                      "where small views become unreadable. SimCLR, Chen et al. 2020.",
              .unit = "px",
              .min = 0.01,
              .max = 20,
              .advanced = true});
  visit(o.blur_kind,
        Field{.key = "blur_kind",
              .help = "How the blur is computed, which matters little unless you repeat a recipe. "
                      "gaussian takes exact weights over a tenth of the side, borders mirrored. "
                      "pillow is three box blurs, with which MoCo, SimSiam, DINO and lightly were "
                      "trained. gaussian as in torchvision, pillow as in Pillow.",
              .choices = {"gaussian", "pillow"},
              .advanced = true});
  visit(o.solarize,
        Field{.key = "solarize",
              .help = "Chance that bright pixels are inverted, so that white becomes black. Higher "
                      "makes the encoder rely less on brightness. Usually 0, or 0.2 for the second "
                      "of two views. From BYOL, Grill et al. 2020.",
              .min = 0,
              .max = 1});
  visit(o.solarize_threshold,
        Field{.key = "solarize_threshold",
              .help = "Pixels at or above this are inverted, where 0 is black and 255 is white. "
                      "Lower inverts more of the picture: 0 all of it, 256 nothing. Usually 128. "
                      "As in torchvision.",
              .min = 0,
              .max = 256,
              .advanced = true});
  visit(o.posterize,
        Field{.key = "posterize",
              .help = "Chance that only the highest bits of each value stay, which leaves few "
                      "shades. Higher makes the encoder rely less on fine shades. Usually 0; raise "
                      "it where fine shades are mere noise. As in torchvision.",
              .min = 0,
              .max = 1,
              .advanced = true});
  visit(
      o.posterize_bits,
      Field{.key = "posterize_bits",
            .help = "How many bits of each value stay: 8 keep all 256 shades, 1 keeps two. Fewer "
                    "make larger flat areas. Usually 4, which keeps 16 shades. As in torchvision.",
            .min = 1,
            .max = 8,
            .advanced = true});
  visit(o.equalize,
        Field{.key = "equalize",
              .help = "Chance that each channel's values are spread until all come equally often. "
                      "Higher makes the encoder ignore exposure. Usually 0; raise it where "
                      "exposure varies and means nothing, as in X-rays. As in torchvision.",
              .min = 0,
              .max = 1,
              .advanced = true});
  visit(o.autocontrast,
        Field{.key = "autocontrast",
              .help = "Chance that each channel is stretched to the full range. Higher makes the "
                      "encoder ignore whether a picture is dull or dark. Usually 0; raise it where "
                      "exposure varies and means nothing. As in torchvision.",
              .min = 0,
              .max = 1,
              .advanced = true});
  visit(o.sharpness, Field{.key = "sharpness",
                           .help = "Chance that a view is sharpened or smoothed. Higher makes the "
                                   "encoder mind less how sharp a picture is. Usually 0; raise it "
                                   "where cameras or focus differ. As in torchvision.",
                           .min = 0,
                           .max = 1,
                           .advanced = true});
  visit(o.sharpness_factor,
        Field{.key = "sharpness_factor",
              .help = "How views are sharpened: 0 smooths, 1 changes nothing, 2 sharpens. The "
                      "further from 1, the more it changes. Usually 2; it counts where sharpness "
                      "is above 0. As in torchvision.",
              .min = 0,
              .max = 10,
              .advanced = true});
  visit(o.invert, Field{.key = "invert",
                        .help = "Chance of a negative. Higher teaches that light on dark and dark "
                                "on light are the same. Usually 0; raise it for drawings and scans "
                                "that come both ways. As in torchvision.",
                        .min = 0,
                        .max = 1,
                        .advanced = true});
  visit(o.rotation, Field{.key = "rotation",
                          .help = "Largest rotation either way; the corners are filled with black. "
                                  "Higher teaches that directions mean nothing. Usually 0; take "
                                  "180 for images without an up, such as cells. As in torchvision.",
                          .unit = "degrees",
                          .min = 0,
                          .max = 180});
}

}  // namespace selfsight
