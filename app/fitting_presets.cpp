#include "app/fitting_presets.h"

#include <algorithm>

namespace selfsight {
namespace {

bool is_fashion(const Dataset& dataset) {
  return dataset.name() == "Fashion-MNIST";
}

}  // namespace

std::string fitting_size(const Dataset& dataset) {
  constexpr int small_side = 32, middle_side = 96;
  int side = middle_side;  // where the first image cannot tell
  try {
    const cv::Mat image = dataset.image(0);
    side = std::min(image.rows, image.cols);
  } catch (const ImageError&) {
  }
  if (side <= small_side) return dataset.channels() == 1 ? "28" : "32";
  return side <= middle_side ? "64" : "224";
}

bool preset_fits(const std::string& name, const Dataset& dataset, const std::string& size) {
  return name.ends_with('-' + size) || (is_fashion(dataset) && name.ends_with("-fashion-quick"));
}

std::string first_preset(const Dataset& dataset, const std::string& size) {
  return is_fashion(dataset) ? "simclr-fashion-quick" : "simclr-" + size;
}

}  // namespace selfsight
