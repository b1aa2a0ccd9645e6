// A walk through every place on real data, with a picture of each of its states.
#pragma once

#include <filesystem>

namespace selfsight {

/// Needs no display. In a store of its own it trains three short runs and one that is made to fail,
/// maps and measures them, and saves PNGs of all places and their states: empty, at work, full,
/// failed; light and dark, wide and narrow. Where all went well it then starts this program once
/// more, for the same pictures at twice the size, whose names end in @2x. SELFSIGHT_TOUR_SCALE in
/// the environment asks for one size alone: 1, 2, or another factor. Prints each file's name.
/// Returns an exit status; throws InputError if `out` cannot be made.
int run_tour(int argc, char** argv, const std::filesystem::path& out);

}  // namespace selfsight
