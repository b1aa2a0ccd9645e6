// What leaves of a run: its encoder, features, numbers, card, or all of it. No Qt, no torch.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/jobs/pipeline.h"
#include "core/exchange/run_archive.h"
#include "core/nets/encoder_file.h"

namespace selfsight {

struct ExportRequest {
  /// "safetensors" or "onnx": a checkpoint's encoder; "csv" or "tensorboard" (a folder):
  /// its metrics; "card": JSON where the file is named so, else Markdown; "run": all of it.
  std::string format = "safetensors";
  std::filesystem::path out;
  std::string input = "pixels";                        // of ONNX; or "normalised"
  std::string license{};                               // of the card
  KeptCheckpoints checkpoints = KeptCheckpoints::all;  // of the run
  std::optional<std::int64_t> step{};  // of an encoder or a card: the checkpoint; else the newest
};
/// What was written: of an encoder also which one, without its weights.
struct ExportReport {
  std::optional<std::int64_t> step;
  EncoderFile encoder;
};

/// Throws InputError for a run without a checkpoint where one is needed, Error if the file cannot
/// be written, Cancelled before anything is.
ExportReport export_run(const std::filesystem::path& store, std::int64_t run,
                        const ExportRequest& request, const Control& control);

/// Those of a split, "train", "validation" or "test", or "held-out", which are the last two, or
/// "all". Throws InputError if there are none.
std::vector<std::int64_t> images_of(const Dataset& dataset, const std::string& split);

/// Where the ids and labels stand beside a matrix of features. Throws InputError for a matrix of
/// that very name.
std::filesystem::path table_beside(const std::filesystem::path& matrix);

struct FeaturesReport {
  Features features;
  CheckpointInfo checkpoint;  // whose they are
};
/// Writes the features of these images as .npy, [images, dimensions], and beside it a .csv with the
/// id, split, label, class and name of each row. Throws InputError for features that are no
/// numbers and as table_beside() does, Error if a file cannot be written, Cancelled.
FeaturesReport export_features(const std::filesystem::path& store, const EncoderSource& source,
                               const Dataset& dataset, const std::vector<std::int64_t>& ids,
                               const std::filesystem::path& matrix, Control& control,
                               const Progress& progress = {});

}  // namespace selfsight
