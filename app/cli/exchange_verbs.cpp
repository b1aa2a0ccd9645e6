// What leaves: encoders and whole runs.
#include <iostream>
#include <nlohmann/json.hpp>

#include "app/cli/terminal.h"
#include "app/cli/verbs.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/exchange/card.h"
#include "core/exchange/encoder_export.h"
#include "core/exchange/onnx_export.h"
#include "core/exchange/records.h"
#include "core/exchange/run_archive.h"

namespace selfsight {
namespace {

using Json = nlohmann::ordered_json;

StoredCheckpoint newest_checkpoint(const Store& store, const Run& run) {
  const auto all = store.checkpoints(run.id);
  if (all.empty())
    throw InputError("Run " + std::to_string(run.id) + " has no checkpoint yet; train it first.");
  return all.back();
}

int say_done(const Common& common, const Json& line, const std::string& sentence) {
  if (common.json)
    print_json(line);
  else
    std::cout << sentence << '\n';
  return 0;
}

std::string input_words(const ExportArguments& arguments) {
  if (arguments.format != "onnx") return "";
  return arguments.input == "pixels" ? ", for RGB pixels in [0, 1]" : ", for normalised pixels";
}

int export_encoder(const Common& common, const ExportArguments& arguments, const Store& store,
                   const Run& run) {
  const StoredCheckpoint checkpoint = newest_checkpoint(store, run);
  const EncoderFile encoder = encoder_of_checkpoint(checkpoint.info.file);
  if (arguments.format == "onnx")
    save_onnx(arguments.out, encoder,
              arguments.input == "pixels" ? OnnxInput::pixels : OnnxInput::normalised);
  else
    save_encoder_file(arguments.out, encoder);
  return say_done(common,
                  {{"event", "export"},
                   {"run", run.id},
                   {"step", checkpoint.info.step},
                   {"format", arguments.format},
                   {"encoder", encoder.options.name},
                   {"view_size", encoder.view_size},
                   {"channels", encoder.channels},
                   {"mean", encoder.mean},
                   {"std", encoder.std},
                   {"file", arguments.out}},
                  "The " + encoder.options.name + " of run " + std::to_string(run.id) +
                      " at step " + std::to_string(checkpoint.info.step) + " is in " +
                      arguments.out + input_words(arguments) + "; it takes views of " +
                      std::to_string(encoder.view_size) + " px.");
}

/// What is written of a run besides its encoder, by format.
void export_record(const ExportArguments& arguments, const Store& store, std::int64_t run) {
  if (arguments.format == "csv") return save_metrics_csv(arguments.out, store, run);
  if (arguments.format == "tensorboard") return save_tensorboard(arguments.out, store, run);
  if (arguments.format == "run") return save_run(arguments.out, store, run);
  const Json card = model_card(store, run, arguments.license);
  const bool json = arguments.out.ends_with(".json");
  write_file(arguments.out, json ? card.dump(2) + "\n" : card_markdown(card));
}

}  // namespace

int export_verb(const Common& common, const ExportArguments& arguments) {
  const Store store(common.store);
  const Run run = find_run(store, arguments.run);
  if (arguments.format == "safetensors" || arguments.format == "onnx")
    return export_encoder(common, arguments, store, run);
  export_record(arguments, store, run.id);
  return say_done(
      common,
      {{"event", "export"}, {"run", run.id}, {"format", arguments.format}, {"file", arguments.out}},
      "Run " + std::to_string(run.id) + " is in " + arguments.out + ".");
}

int import_verb(const Common& common, const std::string& file) {
  Store store(common.store);
  const std::int64_t run = load_run(file, store);
  return say_done(common, {{"event", "import"}, {"run", run}, {"file", file}},
                  file + " is now run " + std::to_string(run) + ", " + store.run(run).name + ".");
}

}  // namespace selfsight
