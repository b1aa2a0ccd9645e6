// The encoder of a run, ready to leave. Plain values outside; torch inside.
#pragma once

#include <filesystem>

#include "core/nets/encoder_file.h"
#include "core/training/session.h"

namespace selfsight {

/// The network whose features a checkpoint's method measures, without projector, decoder or
/// teacher, and how its tokens are pooled. It is found by trying: the part of the method that gives
/// the very features of the method, to the last bit. Throws InputError if the file is no
/// checkpoint, or if no part by itself gives them.
EncoderFile encoder_of_checkpoint(const std::filesystem::path& checkpoint);

/// What was subtracted from the images of a checkpoint's run, and what they were divided by.
/// Throws InputError if the file is no checkpoint.
Normalisation normalisation_of_checkpoint(const std::filesystem::path& checkpoint);

}  // namespace selfsight
