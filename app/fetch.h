// `selfsight data fetch NAME`: the catalogue's data sets without a window.
#pragma once

#include <filesystem>
#include <string>

namespace selfsight {

/// Fetches it under the store and prints where it is; without a name, lists what there is. Returns
/// an exit status. Throws InputError for a name that is not in it, and a store that cannot be
/// written to.
int run_fetch(int argc, char** argv, const std::filesystem::path& store, const std::string& name);

}  // namespace selfsight
