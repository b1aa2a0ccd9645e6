#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "app/bench_ui.h"
#include "app/cli/cli.h"
#include "app/fetch.h"
#include "app/kernels.h"
#include "app/label_lines.h"
#include "app/tour.h"
#include "app/window.h"
#include "core/base/error.h"
#include "core/history/store.h"

namespace {

namespace fs = std::filesystem;

bool has_display() {
  for (const char* name : {"WAYLAND_DISPLAY", "DISPLAY", "QT_QPA_PLATFORM"})
    if (const char* value = std::getenv(name); value && *value) return true;
  return false;
}

int open_store(int argc, char** argv, const fs::path& store) {
  if (!has_display())
    throw selfsight::InputError(
        "There is no display to open the window on; name a verb, `selfsight --help` lists them.");
  return selfsight::run_window(argc, argv, store, {});
}

selfsight::Outside outside(int argc, char** argv) {
  return {.draw = [=](const auto& curve,
                      const auto& file) { selfsight::save_label_curve(argc, argv, curve, file); },
          .window = [=](const fs::path& store) { return open_store(argc, argv, store); },
          .tour = [=](const fs::path& out) { return selfsight::run_tour(argc, argv, out); },
          .bench_ui = [=](bool json) { return selfsight::run_bench_ui(argc, argv, json); },
          .fetch =
              [=](const fs::path& store, const std::string& name) {
                return selfsight::run_fetch(argc, argv, store, name);
              }};
}

int run(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.empty() && !has_display()) return selfsight::run_quickstart(argv[0]);
  // Dropped on the icon: a folder or file to open in the window. The slash tells it from a verb.
  std::error_code unknown;
  if (arguments.size() == 1 && arguments[0].find('/') != std::string::npos &&
      fs::exists(arguments[0], unknown))
    return selfsight::run_window(argc, argv, selfsight::default_store(),
                                 QString::fromStdString(arguments[0]));
  return selfsight::run_cli(arguments, outside(argc, argv));
}

}  // namespace

int main(int argc, char** argv) {
  selfsight::begin_with_good_kernels(argv);
  try {
    return run(argc, argv);
  } catch (const selfsight::InputError& error) {
    std::cerr << "selfsight: " << error.what() << std::endl;
    return 2;
  } catch (const std::exception& error) {
    std::cerr << "selfsight: " << error.what() << std::endl;
    return 1;
  }
}
