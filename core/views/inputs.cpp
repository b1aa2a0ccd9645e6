#include "core/views/inputs.h"

#include <algorithm>
#include <cmath>

#include "core/base/error.h"
#include "core/views/puzzles.h"

namespace selfsight {
namespace {

ViewKey view_key(const InputKey& key, std::uint64_t view) {
  return {key.seed, key.epoch, key.sample, view};
}

ViewOptions local_crop(const InputOptions& o) {
  ViewOptions options = o.views;
  options.size = o.crops.size;
  options.crop_min = o.crops.crop_min;
  options.crop_max = o.crops.crop_max;
  options.blur = o.crops.blur;
  options.solarize = 0;
  return options;
}

/// Everything that makes an input: what it is made of, and the input that is used again.
struct Making {
  const cv::Mat& image;
  const InputOptions& options;
  const InputKey& key;
  Notes notes;
  Input& input;

  void view(std::uint64_t index, const ViewOptions& of_view) const {
    make_view(image, of_view, view_key(key, index), notes,
              input.views[static_cast<std::size_t>(index)]);
  }
};

void two_views(const Making& m) {
  if (m.input.views.size() < 2) m.input.views.resize(2);
  m.view(0, m.options.views);
  m.view(1, second_view(m.options));
}

void multi_crop(const Making& m) {
  const auto views = static_cast<std::uint64_t>(2 + m.options.crops.number);
  m.input.views.resize(views);
  two_views(m);
  const ViewOptions local = local_crop(m.options);
  for (std::uint64_t i = 2; i < views; ++i) m.view(i, local);
}

void one_view(const Making& m) {
  m.input.views.resize(1);
  m.view(0, m.options.views);
}

void masked_view(const Making& m) {
  one_view(m);
  const int grid = static_cast<int>(m.options.grid());
  m.input.masks = {make_mask(m.options.mask, grid, grid, view_key(m.key, 0))};
}

void masked_views(const Making& m) {
  multi_crop(m);
  const int grid = static_cast<int>(m.options.grid());
  m.input.masks.clear();
  for (std::uint64_t view = 0; view < 2; ++view)
    m.input.masks.push_back(
        make_partial_mask(m.options.partial_mask, grid, grid, view_key(m.key, view)));
}

void multi_block(const Making& m) {
  one_view(m);
  const int grid = static_cast<int>(m.options.grid());
  const Random of_batch{m.key.seed, m.key.epoch, m.key.batch,
                        static_cast<std::uint64_t>(Stream::mask_shape)};
  m.input.masks = make_block_masks(m.options.blocks, grid, grid, view_key(m.key, 0), of_batch);
}

void hidden_region(const Making& m) {
  one_view(m);
  m.input.masks = {
      make_region(m.options.region, static_cast<int>(m.options.views.size), view_key(m.key, 0))};
}

template <Input make(const cv::Mat&, const InputOptions&, const InputKey&)>
void puzzle(const Making& m) {
  m.input = make(m.image, m.options, m.key);
}

using Maker = void (*)(const Making&);

Maker maker_of(InputKind kind) {
  switch (kind) {
    case InputKind::two_views:
      return two_views;
    case InputKind::multi_crop:
      return multi_crop;
    case InputKind::masked_view:
      return masked_view;
    case InputKind::masked_views:
      return masked_views;
    case InputKind::multi_block:
      return multi_block;
    case InputKind::rotated:
      return puzzle<rotated_views>;
    case InputKind::tiles:
      return puzzle<shuffled_tiles>;
    case InputKind::patch_pair:
      return puzzle<patch_pair>;
    case InputKind::grey_to_colour:
      return puzzle<grey_and_colour>;
    case InputKind::hidden_region:
      return hidden_region;
  }
  throw Error("There is no input of kind " + std::to_string(static_cast<int>(kind)) + ".");
}

void check_order(const char* low_key, double low, const char* high_key, double high) {
  if (low > high)
    throw InputError(std::string(low_key) + " is above " + high_key + "; make it smaller.");
}

void check_mask_unit(const InputOptions& o) {
  if (o.grid() % o.mask.unit != 0 || o.grid() / o.mask.unit < 2)
    throw InputError("A view of " + std::to_string(o.grid()) + " x " + std::to_string(o.grid()) +
                     " patches cannot be hidden in squares of " + std::to_string(o.mask.unit) +
                     " patches; make mask.unit a smaller divisor of " + std::to_string(o.grid()) +
                     ".");
}

}  // namespace

std::string input_name(InputKind kind) {
  switch (kind) {
    case InputKind::two_views:
      return "two_views";
    case InputKind::multi_crop:
      return "multi_crop";
    case InputKind::masked_view:
      return "masked_view";
    case InputKind::masked_views:
      return "masked_views";
    case InputKind::multi_block:
      return "multi_block";
    case InputKind::rotated:
      return "rotated";
    case InputKind::tiles:
      return "tiles";
    case InputKind::patch_pair:
      return "patch_pair";
    case InputKind::grey_to_colour:
      return "grey_to_colour";
    case InputKind::hidden_region:
      return "hidden_region";
  }
  return {};
}

ViewOptions second_view(const InputOptions& o) {
  ViewOptions options = o.views;
  if (o.second_view.own) {
    options.blur = o.second_view.blur;
    options.solarize = o.second_view.solarize;
  }
  return options;
}

void check_input(const InputOptions& o) {
  check_order("views.crop_min", o.views.crop_min, "views.crop_max", o.views.crop_max);
  check_order("views.ratio_min", o.views.ratio_min, "views.ratio_max", o.views.ratio_max);
  check_order("views.sigma_min", o.views.sigma_min, "views.sigma_max", o.views.sigma_max);
  check_order("crops.crop_min", o.crops.crop_min, "crops.crop_max", o.crops.crop_max);
  check_order("blocks.target_min", o.blocks.target_min, "blocks.target_max", o.blocks.target_max);
  check_order("blocks.ratio_min", o.blocks.ratio_min, "blocks.ratio_max", o.blocks.ratio_max);
  check_order("blocks.context_min", o.blocks.context_min, "blocks.context_max",
              o.blocks.context_max);
  if (o.kind == InputKind::masked_view) check_mask_unit(o);
}

Input make_input(const cv::Mat& image, const InputOptions& options, const InputKey& key) {
  Input input;
  make_input(image, options, key, Notes::yes, input);
  return input;
}

void make_input(const cv::Mat& image, const InputOptions& options, const InputKey& key, Notes notes,
                Input& input) {
  maker_of(options.kind)({image, options, key, notes, input});
}

std::int64_t least_side(const InputOptions& o) {
  const auto least = [&](std::int64_t size, double crop_min) {
    // The narrowest crop: its sides are as ratio_min, and it lies in a square image.
    const double side = std::sqrt(crop_min * std::min(o.views.ratio_min, 1 / o.views.ratio_max));
    return static_cast<std::int64_t>(std::ceil(static_cast<double>(size) / side));
  };
  const bool crops = o.kind == InputKind::multi_crop || o.kind == InputKind::masked_views;
  const std::int64_t whole = least(o.views.size, o.views.crop_min);
  return crops ? std::max(whole, least(o.crops.size, o.crops.crop_min)) : whole;
}

InputShape input_shape(const InputOptions& o) {
  const auto size = o.views.size, grid = o.grid();
  InputShape shape{.sides = {size}, .grids = {}};
  switch (o.kind) {
    case InputKind::two_views:
    case InputKind::grey_to_colour:
      shape.sides = {size, size};
      break;
    case InputKind::masked_views:
      shape.grids = {grid, grid};
      [[fallthrough]];
    case InputKind::multi_crop:
      shape.sides.assign(static_cast<std::size_t>(2 + o.crops.number), o.crops.size);
      shape.sides[0] = shape.sides[1] = size;
      break;
    case InputKind::masked_view:
      shape.grids = {grid};
      break;
    case InputKind::multi_block:
      shape.grids.assign(static_cast<std::size_t>(1 + o.blocks.targets), grid);
      break;
    case InputKind::rotated:
      shape.sides.assign(4, size);
      break;
    case InputKind::tiles:
    case InputKind::patch_pair:
      shape.sides.assign(o.kind == InputKind::tiles ? 9 : 2, o.tiles.size);
      shape.target = true;
      break;
    case InputKind::hidden_region:
      shape.grids = {size};
      break;
  }
  return shape;
}

}  // namespace selfsight
