// What the encoder is not shown: masks on the grid of patches.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/random.h"
#include "core/spec/field.h"

namespace selfsight {

/// Of one view, every image hiding equally many patches.
struct MaskOptions {
  std::string kind = "random";
  double ratio = 0.75;
  std::int64_t unit = 1;

  template <class Options, class Visit>
  static void describe(Options& o, Visit&& visit) {
    visit(o.kind,
          Field{.key = "kind",
                .help = "How the hidden patches are chosen. random hides them one by one; block "
                        "hides rectangles of them, which their neighbours tell less of. Keep "
                        "random, or try block where the hidden parts are too easy to guess. random "
                        "as in MAE, He et al. 2022; block as in BEiT, Bao et al. 2022.",
                .choices = {"random", "block"}});
    visit(o.ratio,
          Field{.key = "ratio",
                .help = "Part of the patches that is hidden. More leaves less to guess from, which "
                        "is harder; with less, copying from neighbours does. MAE takes 0.75, "
                        "SimMIM 0.6. MAE, He et al. 2022; SimMIM, Xie et al. 2022.",
                .min = 0.05,
                .max = 0.95});
    visit(o.unit,
          Field{.key = "unit",
                .help = "Patches are hidden in squares of so many patches a side. Larger squares "
                        "are harder to guess, as neighbours tell less. MAE takes 1; SimMIM hides "
                        "squares of 32 px at 192 px. SimMIM, Xie et al. 2022.",
                .unit = "patches",
                .min = 1,
                .max = 16,
                .advanced = true});
  }
};

/// Of the global views of iBOT, each hiding its own number of patches.
struct PartialMaskOptions {
  std::string kind = "block";
  double ratio = 0.3;
  double ratio_var = 0.2;
  double probability = 0.5;

  template <class Options, class Visit>
  static void describe(Options& o, Visit&& visit) {
    visit(o.kind, Field{.key = "kind",
                        .help = "How the hidden patches of a global view are chosen. block hides "
                                "rectangles of patches, random hides them one by one; rectangles "
                                "are harder to guess. iBOT takes block. iBOT, Zhou et al. 2022.",
                        .choices = {"block", "random"}});
    visit(
        o.ratio,
        Field{
            .key = "ratio",
            .help =
                "Part of the patches that is hidden in a global view, on average over those that "
                "are masked. More makes the puzzle harder. iBOT takes 0.3. iBOT, Zhou et al. 2022.",
            .min = 0.01,
            .max = 0.95});
    visit(o.ratio_var,
          Field{.key = "ratio_var",
                .help = "How much the hidden part differs between views: each draws it from ratio "
                        "± this. Higher mixes easy puzzles with hard ones; 0 hides as much of "
                        "each. iBOT takes 0.2. iBOT, Zhou et al. 2022.",
                .min = 0,
                .max = 0.9});
    visit(o.probability,
          Field{.key = "probability",
                .help = "Part of the global views that is masked at all. Higher gives more "
                        "puzzles; lower shows more views whole, as they are when the encoder is "
                        "used. iBOT takes 0.5. iBOT, Zhou et al. 2022.",
                .min = 0,
                .max = 1});
  }
};

/// I-JEPA's multi-block masks (Assran et al. 2023, section 3 and appendix A.1).
struct BlockOptions {
  std::int64_t targets = 4;
  double target_min = 0.15, target_max = 0.2;
  double ratio_min = 0.75, ratio_max = 1.5;
  double context_min = 0.85, context_max = 1.0;

  template <class Options, class Visit>
  static void describe(Options& o, Visit&& visit) {
    visit(o.targets, Field{.key = "targets",
                           .help = "How many blocks of an image have their features predicted. "
                                   "More teach more per image and take more time. The paper takes "
                                   "4. I-JEPA, Assran et al. 2023, section 3.",
                           .min = 1,
                           .max = 16});
    visit(o.target_min,
          Field{.key = "target_min",
                .help = "Smallest area of a target block, as a part of the image. Higher asks for "
                        "larger pieces, which are more than edges and colours. The paper takes "
                        "0.15. I-JEPA, Assran et al. 2023, section 3.",
                .min = 0.01,
                .max = 0.9});
    visit(o.target_max, Field{.key = "target_max",
                              .help = "Largest area of a target block, as a part of the image. "
                                      "Higher asks for more, and leaves less to predict it from. "
                                      "The paper takes 0.2. I-JEPA, Assran et al. 2023, section 3.",
                              .min = 0.01,
                              .max = 0.9});
    visit(o.ratio_min,
          Field{.key = "ratio_min",
                .help = "Flattest shape of a target block: height over width. Lower allows flatter "
                        "blocks; equal to ratio_max, all have one shape. The paper takes 0.75. "
                        "I-JEPA, Assran et al. 2023, section 3.",
                .min = 0.1,
                .max = 10,
                .advanced = true});
    visit(o.ratio_max,
          Field{.key = "ratio_max",
                .help = "Tallest shape of a target block: height over width. Higher allows taller "
                        "blocks; equal to ratio_min, all have one shape. The paper takes 1.5. "
                        "I-JEPA, Assran et al. 2023, section 3.",
                .min = 0.1,
                .max = 10,
                .advanced = true});
    visit(o.context_min,
          Field{.key = "context_min",
                .help = "Smallest area of the square context block, as a part of the image, before "
                        "the targets are cut out of it. Lower shows the encoder less, which is "
                        "harder. The paper takes 0.85. I-JEPA, Assran et al. 2023, section 3.",
                .min = 0.1,
                .max = 1,
                .advanced = true});
    visit(o.context_max,
          Field{.key = "context_max",
                .help =
                    "Largest area of the context block, as a part of the image. Lower never shows "
                    "the whole image. The paper takes 1. I-JEPA, Assran et al. 2023, section 3.",
                .min = 0.1,
                .max = 1,
                .advanced = true});
  }
};

/// The part of a view that a context encoder must paint (Pathak et al. 2016).
struct RegionOptions {
  std::string kind = "centre";
  double area = 0.25;

  template <class Options, class Visit>
  static void describe(Options& o, Visit&& visit) {
    visit(o.kind, Field{.key = "kind",
                        .help = "Which square of a view is hidden: centre hides the middle, random "
                                "a square anywhere. random is harder, as the encoder cannot tell "
                                "where it will be asked. Begin with centre, and take random where "
                                "the middle is too easy to guess. Pathak et al. 2016.",
                        .choices = {"centre", "random"}});
    visit(o.area, Field{.key = "area",
                        .help = "Part of the view that is hidden. More is harder, as less is left "
                                "to go by. The paper takes a quarter. Pathak et al. 2016.",
                        .min = 0.02,
                        .max = 0.8});
  }
};

/// Row-major over a grid of rows x columns patches.
struct Mask {
  int rows = 0, columns = 0;
  std::vector<std::uint8_t> hidden;  // 1 = hidden

  int count() const;  // of the hidden ones
};

/// Hides exactly U - int(U * (1 - ratio)) units of either kind, where U is the number of squares of
/// `unit` x `unit` patches, so that every image of a batch keeps the same number. That is MAE's
/// count, and SimMIM's but for how 1 - ratio rounds. At least one unit stays visible and one
/// hidden. `unit` divides both sides.
Mask make_mask(const MaskOptions& options, int rows, int columns, const ViewKey& key);

/// May hide nothing. At least one patch stays visible.
Mask make_partial_mask(const PartialMaskOptions& options, int rows, int columns,
                       const ViewKey& key);

/// I-JEPA's context, then its targets. In the context's mask 0 is what the context encoder sees; in
/// a target's mask 1 is what is predicted. The blocks of a batch are of one size, drawn from
/// `batch_random`, so that their tokens form a tensor; contexts, which lose what the targets
/// cover, are not. A context of fewer than four patches may overlap its targets.
std::vector<Mask> make_block_masks(const BlockOptions& options, int rows, int columns,
                                   const ViewKey& key, Random batch_random);

/// One cell for each of size x size pixels, 1 = hidden: a square of that area.
Mask make_region(const RegionOptions& options, int size, const ViewKey& key);

}  // namespace selfsight
