// What one image becomes for a method: views, masks, a puzzle. The loader feeds training with it
// and the Views place shows it.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "core/views/masks.h"
#include "core/views/views.h"

namespace selfsight {

/// What a method is fed, and what the Views place shows for it.
enum class InputKind : std::uint8_t {
  two_views,       // two augmented views of each image
  multi_crop,      // two global views, then small local ones (SwAV, DINO)
  masked_view,     // one view and a mask on its patches (MAE, SimMIM)
  masked_views,    // global views with a mask each, then local ones (iBOT)
  multi_block,     // one view; masks for its context and its targets (I-JEPA)
  rotated,         // one view turned by 0, 90, 180 and 270 degrees anticlockwise
  tiles,           // the nine tiles of a view, shuffled; the target is their permutation
  patch_pair,      // the centre of a view and one of its eight neighbours; the target says which
  grey_to_colour,  // one view without and with its colours
  hidden_region,   // one view and a mask on its pixels (context encoders)
};

/// As it is called here: "two_views".
std::string input_name(InputKind kind);

/// The second view's own chances, where a method treats its two views differently.
struct SecondViewOptions {
  bool own = false;
  double blur = 0.1;
  double solarize = 0.2;

  template <class Options, class Visit>
  static void describe(Options& o, Visit&& visit) {
    visit(o.own, Field{.key = "own",
                       .help = "Gives the second view its own chances of blur and solarize; those "
                               "of the views are then the first one's. BYOL, MoCo v3, Barlow Twins "
                               "and DINO do: blur 1.0 and 0.1, solarize 0 and 0.2. Off, both views "
                               "are made alike, as in SimCLR. BYOL, Grill et al. 2020."});
    visit(o.blur,
          Field{.key = "blur",
                .help = "Chance of a Gaussian blur of the second view, if it has its own. Higher "
                        "hides fine detail, so that shapes count for more. Usually 0.1 beside 1.0 "
                        "for the first view, and 0 for images of 32 px. BYOL, Grill et al. 2020.",
                .min = 0,
                .max = 1,
                .only_if = Condition{"own", {"true"}}});
    visit(o.solarize,
          Field{.key = "solarize",
                .help = "Chance that bright pixels of the second view are inverted, if it has its "
                        "own. Higher makes the encoder rely less on brightness. Usually 0.2, with "
                        "none for the first view. BYOL, Grill et al. 2020.",
                .min = 0,
                .max = 1,
                .only_if = Condition{"own", {"true"}}});
  }
};

/// Local crops: small views of small parts (multi-crop, Caron et al. 2020).
struct LocalCropOptions {
  std::int64_t number = 6;
  std::int64_t size = 16;
  double crop_min = 0.05, crop_max = 0.4;
  double blur = 0.5;

  template <class Options, class Visit>
  static void describe(Options& o, Visit&& visit) {
    visit(o.number,
          Field{.key = "number",
                .help = "How many small local crops are taken of each image, beside the two global "
                        "views. More teach more at each step, but each costs a pass through the "
                        "encoder. SwAV takes 6, DINO 8 to 10. SwAV, Caron et al. 2020.",
                .min = 0,
                .max = 16});
    visit(o.size,
          Field{.key = "size",
                .help = "Side of a local crop as the encoder sees it. Larger shows more detail and "
                        "takes more time. Usually a little under half the side of the views: SwAV "
                        "and DINO take 96 px beside 224 px. SwAV, Caron et al. 2020.",
                .unit = "px",
                .min = 4,
                .max = 1024});
    visit(o.crop_min, Field{.key = "crop_min",
                            .help = "Smallest area of a local crop, as a part of the image. Lower "
                                    "asks the encoder to know a thing by a smaller piece of it. "
                                    "SwAV and DINO take 0.05. SwAV, Caron et al. 2020.",
                            .min = 0.01,
                            .max = 1});
    visit(o.crop_max,
          Field{.key = "crop_max",
                .help = "Largest area of a local crop, as a part of the image. Higher makes crops "
                        "easier to recognise and more like the views. DINO takes 0.4, and global "
                        "views from 0.4 on; SwAV takes 0.14. DINO, Caron et al. 2021.",
                .min = 0.01,
                .max = 1});
    visit(o.blur,
          Field{.key = "blur",
                .help = "Chance of a Gaussian blur of a local crop; it is never solarized. Higher "
                        "hides fine detail, so that shapes count for more. DINO takes 0.5; take "
                        "less for very small crops. DINO, Caron et al. 2021.",
                .min = 0,
                .max = 1});
  }
};

/// A view is cut into 3 x 3 cells, and a tile out of each.
struct TileOptions {
  std::int64_t size = 16;
  double gap = 0.15;

  template <class Options, class Visit>
  static void describe(Options& o, Visit&& visit) {
    visit(o.size,
          Field{.key = "size",
                .help = "Side of a tile as the encoder sees it; tiles are resized to it. Larger "
                        "shows more detail and takes more time. A third of the side of the view "
                        "keeps about the detail there is. Noroozi and Favaro 2016.",
                .unit = "px",
                .min = 4,
                .max = 512});
    visit(
        o.gap,
        Field{.key = "gap",
              .help = "Part of a cell's side that its tile leaves out; the tile lies anywhere in "
                      "its cell. More keeps edges from simply going on from one tile to the next, "
                      "which would give the answer away. Usually 0.15. Noroozi and Favaro 2016.",
              .min = 0,
              .max = 0.7});
  }
};

struct InputOptions {
  InputKind kind = InputKind::two_views;
  ViewOptions views{};
  SecondViewOptions second_view{};
  LocalCropOptions crops{};
  MaskOptions mask{};
  PartialMaskOptions partial_mask{};
  BlockOptions blocks{};
  TileOptions tiles{};
  RegionOptions region{};
  std::int64_t patch_size = 4;      // of the encoder
  std::int64_t permutations = 100;  // that tiles are shuffled by

  std::int64_t grid() const { return views.size / patch_size; }
};

/// How the second of two views is made: as the first, unless it has its own chances.
ViewOptions second_view(const InputOptions& options);

/// Calls visit(prefix, group) for each group of options that the inputs of this kind depend on.
template <class Options, class Visit>
void visit_groups(Options& o, Visit&& visit) {
  const InputKind kind = o.kind;
  const bool crops = kind == InputKind::multi_crop || kind == InputKind::masked_views;
  visit("views.", o.views);
  if (crops || kind == InputKind::two_views) visit("second_view.", o.second_view);
  if (crops) visit("crops.", o.crops);
  if (kind == InputKind::masked_view) visit("mask.", o.mask);
  if (kind == InputKind::masked_views) visit("mask.", o.partial_mask);
  if (kind == InputKind::multi_block) visit("blocks.", o.blocks);
  if (kind == InputKind::tiles || kind == InputKind::patch_pair) visit("tiles.", o.tiles);
  if (kind == InputKind::hidden_region) visit("region.", o.region);
}

/// Throws InputError where the options that this kind depends on contradict each other.
void check_input(const InputOptions& options);

/// Where in a run an image is shown. Two images of one batch share `batch`, their number in the
/// epoch; only the sizes of I-JEPA's blocks depend on it.
struct InputKey {
  std::uint64_t seed = 0, epoch = 0, sample = 0, batch = 0;
};

struct Input {
  std::vector<View> views;
  std::vector<Mask> masks;
  std::int64_t target = -1;   // which of the puzzles; -1 where there is none
  std::optional<View> whole;  // what tiles were cut from; their crops are in its pixels
};

/// A pure function of its arguments. Image as Dataset::image() gives it.
Input make_input(const cv::Mat& image, const InputOptions& options, const InputKey& key);

/// The same into an input that is used again, made by the same options before or fresh: see
/// make_view(). Puzzles and masks take memory all the same.
void make_input(const cv::Mat& image, const InputOptions& options, const InputKey& key, Notes notes,
                Input& input);

/// The shorter side, in pixels, below which a halved image would show in views: where the smallest
/// crop still holds as many pixels as the view made of it.
std::int64_t least_side(const InputOptions& options);

/// What every input of these options has: the side of each view, the side of the grid of each
/// mask, and whether there is a target.
struct InputShape {
  std::vector<std::int64_t> sides, grids;
  bool target = false;
};
InputShape input_shape(const InputOptions& options);

/// `order[i]` is the tile that lies in place i.
using Permutation = std::array<std::uint8_t, 9>;

constexpr std::int64_t max_permutations = 1000;

/// Permutation `index`, [0, max_permutations), of the greedy set of maximal Hamming distance
/// (Noroozi and Favaro 2016, algorithm 1): from the identity on, always the one that differs most
/// from those before it in total, the first in lexicographic order where several do.
Permutation jigsaw_permutation(std::int64_t index);

}  // namespace selfsight
