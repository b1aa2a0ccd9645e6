// Which frames of videos are images, within a data set's word: "clips?every=25".
#pragma once

#include <cstdint>
#include <string>

#include "core/dataset/dataset.h"

namespace selfsight {

/// What holds where a word does not say: frames from one image to the next, and how unlike frames
/// of two scenes are, in levels of 255.
inline constexpr std::int64_t usual_step = 10;
inline constexpr double usual_scene = 30;

/// One of every so many frames, or, with `scene` above 0, the first of each scene.
struct FrameChoice {
  std::int64_t every = usual_step;
  double scene = 0;
};

/// Whether its images are frames of videos, so that there is something to choose.
bool holds_videos(const Dataset& dataset);

/// Of a location as Dataset::location() gives it.
FrameChoice frames_in(const std::string& location);

/// The same place with other frames.
std::string with_frames(const std::string& location, const FrameChoice& frames);

}  // namespace selfsight
