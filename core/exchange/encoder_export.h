// The encoder of a run, ready to leave. Plain values outside; torch inside.
#pragma once

#include <filesystem>

#include "core/nets/encoder_file.h"
#include "core/training/session.h"

namespace selfsight {

/// The network whose features a checkpoint's method measures, without projector, decoder or a
/// second network, and how its tokens are pooled. That is found by trying: by itself it must give
/// the very features of the method, to the last bit. Throws InputError if the file is no
/// checkpoint, or if it does not give them.
EncoderFile encoder_of_checkpoint(const std::filesystem::path& checkpoint);

/// What was subtracted from the images of a checkpoint's run, and what they were divided by.
/// Throws InputError if the file is no checkpoint.
Normalisation normalisation_of_checkpoint(const std::filesystem::path& checkpoint);

}  // namespace selfsight
