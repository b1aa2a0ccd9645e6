// A walk through every place on real data, with a picture of each.
#pragma once

#include <filesystem>

namespace selfsight {

/// Needs no display. Trains three short runs in a store of its own, maps and measures them, and
/// saves PNGs of all places, light and dark, wide and narrow, empty and full; with
/// QT_SCALE_FACTOR=2 in the environment, of twice the size. Prints each file's name. Returns an
/// exit status; throws InputError if `out` cannot be made.
int run_tour(int argc, char** argv, const std::filesystem::path& out);

}  // namespace selfsight
