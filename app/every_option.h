// All that can be set, for words that come from anywhere.
#pragma once

#include "core/spec/field.h"

namespace selfsight {

/// The options of a run of any method and of each measurement, each once.
const Schema& every_option();

}  // namespace selfsight
