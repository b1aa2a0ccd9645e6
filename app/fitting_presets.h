// Which presets are meant for the images that are open.
#pragma once

#include <string>

#include "core/dataset/dataset.h"

namespace selfsight {

/// The presets of each method are made for images of 28, 32, 64 and 224 px: the number that their
/// names end in, for these images. Decodes one of them.
std::string fitting_size(const Dataset& dataset);

/// Whether a preset of this name is made for this data set, given its fitting_size().
bool preset_fits(const std::string& name, const Dataset& dataset, const std::string& size);

/// The name of the one to begin with: SimCLR, of this size; of Fashion-MNIST the quick one.
std::string first_preset(const Dataset& dataset, const std::string& size);

}  // namespace selfsight
