// What measure() found, judged.
#pragma once

#include "core/dataset/dataset.h"

namespace selfsight {

/// Throws InputError with the first reason if none of the images looked at could be decoded.
void require_decodable(const DatasetStatistics& statistics, const Dataset& dataset);

}  // namespace selfsight
