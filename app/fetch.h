// `selfsight data fetch NAME`: the catalogue's data sets without a window.
#pragma once

#include <filesystem>
#include <string>

namespace selfsight {

/// Fetches it under the store and prints where it is; without a name, lists what there is. Returns
/// an exit status.
int run_fetch(int argc, char** argv, const std::filesystem::path& store, const std::string& name);

}  // namespace selfsight
