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

bool has_display() {
  for (const char* name : {"WAYLAND_DISPLAY", "DISPLAY", "QT_QPA_PLATFORM"})
    if (const char* value = std::getenv(name); value && *value) return true;
  return false;
}

/// data fetch [NAME] [--store DIR]
int fetch(int argc, char** argv, const std::vector<std::string>& arguments) {
  std::filesystem::path store = selfsight::default_store();
  std::string name;
  for (std::size_t i = 2; i < arguments.size(); ++i) {
    if (arguments[i] == "--store" && i + 1 < arguments.size())
      store = arguments[++i];
    else if (name.empty() && !arguments[i].starts_with("-"))
      name = arguments[i];
    else
      throw selfsight::InputError("data fetch takes the name of one data set, not " + arguments[i] +
                                  "; without a name it lists what there is.");
  }
  return selfsight::run_fetch(argc, argv, store, name);
}

int run(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.empty() && !has_display()) return selfsight::run_quickstart();
  // Dropped on the icon: a folder or file to open in the window. The slash tells it from a verb.
  const bool path = arguments.size() == 1 && arguments[0].find('/') != std::string::npos &&
                    std::filesystem::exists(arguments[0]);
  if (arguments.empty() || path)
    return selfsight::run_window(argc, argv, selfsight::default_store(),
                                 QString::fromStdString(path ? arguments[0] : ""));
  if (arguments.size() == 3 && arguments[0] == "tour" && arguments[1] == "--out")
    return selfsight::run_tour(argc, argv, arguments[2]);
  if (arguments.size() >= 2 && arguments[0] == "data" && arguments[1] == "fetch")
    return fetch(argc, argv, arguments);
  if (arguments.size() >= 2 && arguments[0] == "bench" && arguments[1] == "ui")
    return selfsight::run_bench_ui(argc, argv, arguments.back() == "--json");
  return selfsight::run_cli(arguments, [&](const auto& curve, const auto& file) {
    selfsight::save_label_curve(argc, argv, curve, file);
  });
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
