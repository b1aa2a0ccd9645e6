// The command line: the same core, no display needed.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/probes/labels.h"

namespace selfsight {

/// Draws a label-efficiency curve into a file; see save_label_curve(). Given from outside, because
/// the command line knows no widgets.
using DrawCurve =
    std::function<void(const std::vector<LabelLine>& curve, const std::filesystem::path& file)>;

/// What only the program does, because the command line knows no widgets. Each is asked for by its
/// own verb alone, and returns an exit status.
struct Outside {
  DrawCurve draw{};
  std::function<int(const std::filesystem::path& store)> window{};  // where no verb is named
  std::function<int(const std::filesystem::path& out)> tour{};
  std::function<int(bool json)> bench_ui{};
  /// Without a name it lists what there is.
  std::function<int(const std::filesystem::path& store, const std::string& name)> fetch{};
};

/// Runs the verb in `arguments` (without the program's name). Returns the exit status: 0 done;
/// 1 the work failed; 2 wrong usage or input; 130 interrupted, state saved. Errors are one sentence
/// on standard error.
int run_cli(std::vector<std::string> arguments, const Outside& outside = {});

/// What happens without a display and without a verb: trains the quickstart preset and prints the
/// kNN accuracy of the encoder beside a random one and raw pixels. `called` is how the program was
/// called, for what it says to do next. Returns as run_cli().
int run_quickstart(const std::filesystem::path& called);

}  // namespace selfsight
