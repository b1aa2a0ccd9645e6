// The window as a program.
#pragma once

#include <QString>
#include <filesystem>

namespace selfsight {

/// Opens the window on this store, with the data set at `open_path` (may be empty), and returns the
/// exit status. Throws InputError if the store cannot be opened.
int run_window(int argc, char** argv, const std::filesystem::path& store, const QString& open_path);

}  // namespace selfsight
