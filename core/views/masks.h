// What the encoder is not shown: masks on the grid of patches.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/random.h"
#include "core/spec/field.h"

namespace selfsight {

struct MaskOptions {
  std::string kind = "random";
  double ratio = 0.75;

  template <class Options, class Visit>
  static void describe(Options& o, Visit&& visit) {
    visit(o.kind,
          Field{.key = "kind",
                .help = "random hides patches one by one (MAE, He et al. 2022); block hides "
                        "rectangles of them (BEiT, Bao et al. 2022).",
                .choices = {"random", "block"}});
    visit(o.ratio, Field{.key = "ratio",
                         .help = "Part of the patches that is hidden. MAE: 0.75.",
                         .min = 0.05,
                         .max = 0.95});
  }
};

/// Row-major over a grid of rows x columns patches.
struct Mask {
  int rows = 0, columns = 0;
  std::vector<std::uint8_t> hidden;  // 1 = hidden

  int count() const;  // of the hidden ones
};

/// Hides exactly rows * columns - int(rows * columns * (1 - ratio)) patches (MAE's count), of
/// either kind, so that every image of a batch keeps the same number. At least one patch stays
/// visible and one hidden.
Mask make_mask(const MaskOptions& options, int rows, int columns, const ViewKey& key);

}  // namespace selfsight
