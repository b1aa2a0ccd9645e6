#include "core/views/inputs.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/views/puzzles.h"

namespace selfsight {
namespace {

ViewKey view_key(const InputKey& key, std::uint64_t view) {
  return {key.seed, key.epoch, key.sample, view};
}

ViewOptions second_view(const InputOptions& o) {
  ViewOptions options = o.views;
  if (o.second_view.own) {
    options.blur = o.second_view.blur;
    options.solarize = o.second_view.solarize;
  }
  return options;
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

Input two_views(const cv::Mat& image, const InputOptions& o, const InputKey& key) {
  Input input;
  input.views = {make_view(image, o.views, view_key(key, 0)),
                 make_view(image, second_view(o), view_key(key, 1))};
  return input;
}

Input multi_crop(const cv::Mat& image, const InputOptions& o, const InputKey& key) {
  Input input = two_views(image, o, key);
  const ViewOptions local = local_crop(o);
  for (std::int64_t i = 0; i < o.crops.number; ++i)
    input.views.push_back(
        make_view(image, local, view_key(key, static_cast<std::uint64_t>(2 + i))));
  return input;
}

Input one_view(const cv::Mat& image, const InputOptions& o, const InputKey& key) {
  Input input;
  input.views = {make_view(image, o.views, view_key(key, 0))};
  return input;
}

Input masked_view(const cv::Mat& image, const InputOptions& o, const InputKey& key) {
  Input input = one_view(image, o, key);
  const int grid = static_cast<int>(o.grid());
  input.masks = {make_mask(o.mask, grid, grid, view_key(key, 0))};
  return input;
}

Input masked_views(const cv::Mat& image, const InputOptions& o, const InputKey& key) {
  Input input = multi_crop(image, o, key);
  const int grid = static_cast<int>(o.grid());
  for (std::uint64_t view = 0; view < 2; ++view)
    input.masks.push_back(make_partial_mask(o.partial_mask, grid, grid, view_key(key, view)));
  return input;
}

Input multi_block(const cv::Mat& image, const InputOptions& o, const InputKey& key) {
  Input input = one_view(image, o, key);
  const int grid = static_cast<int>(o.grid());
  const Random of_batch{key.seed, key.epoch, key.batch,
                        static_cast<std::uint64_t>(Stream::mask_shape)};
  input.masks = make_block_masks(o.blocks, grid, grid, view_key(key, 0), of_batch);
  return input;
}

Input hidden_region(const cv::Mat& image, const InputOptions& o, const InputKey& key) {
  Input input = one_view(image, o, key);
  input.masks = {make_region(o.region, static_cast<int>(o.views.size), view_key(key, 0))};
  return input;
}

using Maker = Input (*)(const cv::Mat&, const InputOptions&, const InputKey&);

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
      return rotated_views;
    case InputKind::tiles:
      return shuffled_tiles;
    case InputKind::patch_pair:
      return patch_pair;
    case InputKind::grey_to_colour:
      return grey_and_colour;
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
  return maker_of(options.kind)(image, options, key);
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
