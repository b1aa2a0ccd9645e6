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
                .help = "random hides patches one by one (MAE, He et al. 2022); block hides "
                        "rectangles of them (BEiT, Bao et al. 2022).",
                .choices = {"random", "block"}});
    visit(o.ratio, Field{.key = "ratio",
                         .help = "Part of the patches that is hidden. MAE: 0.75, SimMIM: 0.6.",
                         .min = 0.05,
                         .max = 0.95});
    visit(o.unit,
          Field{.key = "unit",
                .help = "Patches are hidden in squares of this side. SimMIM (Xie et al. 2022) "
                        "hides squares of 32 px at 192 px, so that neighbours tell less.",
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
                        .help = "block hides rectangles of patches, random hides them one by one. "
                                "iBOT (Zhou et al. 2022): block.",
                        .choices = {"block", "random"}});
    visit(o.ratio, Field{.key = "ratio",
                         .help = "Part of the patches that is hidden in a global view, on average "
                                 "over those that are masked. iBOT: 0.3.",
                         .min = 0.01,
                         .max = 0.95});
    visit(o.ratio_var, Field{.key = "ratio_var",
                             .help = "Each view draws its ratio from ratio ± this. iBOT: 0.2.",
                             .min = 0,
                             .max = 0.9});
    visit(o.probability, Field{.key = "probability",
                               .help = "Part of the global views that is masked at all. iBOT: 0.5.",
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
                           .help = "Blocks whose representation is predicted. I-JEPA: 4.",
                           .min = 1,
                           .max = 16});
    visit(o.target_min, Field{.key = "target_min",
                              .help = "Smallest area of a target block, as a part of the grid.",
                              .min = 0.01,
                              .max = 0.9});
    visit(o.target_max, Field{.key = "target_max",
                              .help = "Largest area of a target block, as a part of the grid.",
                              .min = 0.01,
                              .max = 0.9});
    visit(o.ratio_min, Field{.key = "ratio_min",
                             .help = "Flattest shape of a target block: height over width.",
                             .min = 0.1,
                             .max = 10,
                             .advanced = true});
    visit(o.ratio_max, Field{.key = "ratio_max",
                             .help = "Tallest shape of a target block: height over width.",
                             .min = 0.1,
                             .max = 10,
                             .advanced = true});
    visit(o.context_min, Field{.key = "context_min",
                               .help = "Smallest area of the square context block, before the "
                                       "targets are cut out of it.",
                               .min = 0.1,
                               .max = 1,
                               .advanced = true});
    visit(o.context_max, Field{.key = "context_max",
                               .help = "Largest area of the context block.",
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
                        .help = "centre hides the middle of every view, random a square anywhere: "
                                "then the encoder cannot tell where it will be asked.",
                        .choices = {"centre", "random"}});
    visit(o.area, Field{.key = "area",
                        .help = "Part of the view that is hidden. Pathak et al. 2016: a quarter.",
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

/// Hides exactly U - int(U * (1 - ratio)) units of either kind (MAE's count, and SimMIM's), where
/// U is the number of squares of `unit` x `unit` patches, so that every image of a batch keeps the
/// same number. At least one unit stays visible and one hidden. `unit` divides both sides.
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
