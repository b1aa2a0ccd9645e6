// What leaves: encoders and whole runs.
#include <iostream>
#include <nlohmann/json.hpp>

#include "app/cli/terminal.h"
#include "app/cli/verbs.h"
#include "app/jobs/pipeline_exchange.h"
#include "core/base/error.h"
#include "core/exchange/run_archive.h"

namespace selfsight {
namespace {

using Json = nlohmann::ordered_json;

int say_done(const Common& common, const Json& line, const std::string& sentence) {
  if (common.json)
    print_json(line);
  else
    std::cout << sentence << '\n';
  return 0;
}

/// What would be ignored.
void check_export(const ExportArguments& arguments) {
  if (!arguments.license.empty() && arguments.format != "card")
    throw InputError("--license is for the model card; add --format card.");
  if (!arguments.checkpoints.empty() && arguments.format != "run")
    throw InputError("--checkpoints is for whole runs; add --format run.");
  if (!arguments.input.empty() && arguments.format != "onnx")
    throw InputError("--input is for ONNX models; add --format onnx.");
  if (arguments.format != "tensorboard") return check_out(arguments.out);
  std::error_code unknown;
  if (std::filesystem::exists(arguments.out, unknown) &&
      !std::filesystem::is_directory(arguments.out, unknown))
    throw InputError(arguments.out + " is a file; name a folder for the event files.");
}

std::string input_words(const ExportArguments& arguments, int channels) {
  if (arguments.format != "onnx") return "";
  if (arguments.input == "normalised") return ", for normalised pixels";
  return ", for " +
         (channels == 3   ? std::string("RGB pixels")
          : channels == 1 ? std::string("grey pixels")
                          : "pixels of " + std::to_string(channels) + " channels") +
         " in [0, 1]";
}

/// "The metrics of run 1 are in m.csv."
std::string left_words(const ExportArguments& arguments, std::int64_t run) {
  const std::string number = std::to_string(run), out = arguments.out + ".";
  if (arguments.format == "run") return "Run " + number + " is in " + out;
  if (arguments.format == "card") return "The model card of run " + number + " is in " + out;
  return "The metrics of run " + number + " are in " + out;
}

int say_encoder(const Common& common, const ExportArguments& arguments, std::int64_t run,
                const ExportReport& report) {
  const EncoderFile& encoder = report.encoder;
  return say_done(common,
                  {{"event", "export"},
                   {"run", run},
                   {"step", *report.step},
                   {"format", arguments.format},
                   {"encoder", encoder.options.name},
                   {"view_size", encoder.view_size},
                   {"channels", encoder.channels},
                   {"mean", encoder.mean},
                   {"std", encoder.std},
                   {"file", arguments.out}},
                  "The " + encoder.options.name + " of run " + std::to_string(run) + " at step " +
                      std::to_string(*report.step) + " is in " + arguments.out +
                      input_words(arguments, encoder.channels) + "; it takes views of " +
                      std::to_string(encoder.view_size) + " px.");
}

std::optional<std::int64_t> step_of(const Store& store, std::int64_t run, const std::string& word) {
  if (word.empty()) return std::nullopt;
  if (word != "best") return std::stoll(word);
  const auto best = best_checkpoint(store, run);
  if (!best)
    throw InputError("Run " + std::to_string(run) +
                     " has no best checkpoint, because it was not measured while it trained; name "
                     "a step, or leave --step out for the newest.");
  return best->step;
}

}  // namespace

int export_verb(const Common& common, const ExportArguments& arguments) {
  check_export(arguments);
  const Store store(common.store);
  const std::int64_t run = find_run(store, arguments.run).id;
  const ExportReport report = export_run(
      common.store, run,
      {arguments.format, arguments.out, arguments.input.empty() ? "pixels" : arguments.input,
       arguments.license,
       arguments.checkpoints == "newest" ? KeptCheckpoints::newest : KeptCheckpoints::all,
       step_of(store, run, arguments.step)},
      Control());
  if (report.step) return say_encoder(common, arguments, run, report);
  return say_done(
      common,
      {{"event", "export"}, {"run", run}, {"format", arguments.format}, {"file", arguments.out}},
      left_words(arguments, run));
}

int import_verb(const Common& common, const std::string& file) {
  Store store(common.store);
  const std::int64_t run = load_run(file, store);
  return say_done(common, {{"event", "import"}, {"run", run}, {"file", file}},
                  file + " is now run " + std::to_string(run) + ", " + store.run(run).name + ".");
}

}  // namespace selfsight
