// The verbs, each as a function of its options. They throw; run_cli() turns that into a status.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/cli.h"
#include "app/jobs/pipeline.h"
#include "app/jobs/pipeline_data.h"
#include "core/base/control.h"
#include "core/history/store.h"
#include "core/spec/sweep.h"

namespace selfsight {

struct Common {
  std::filesystem::path store;
  bool json = false;
};

struct TrainArguments {
  std::string preset, spec, data;
  std::vector<std::string> set;
  bool queue = false;     // instead of training at once
  bool estimate = false;  // likewise
};

struct QueueArguments {
  std::string action = "list";  // or "run", "add", "remove"
  std::vector<std::string> runs;
};

/// Whose features: a run's, or those of an encoder from a file.
struct EncoderArguments {
  std::string run, file, data;
  std::optional<std::int64_t> step;
  std::int64_t size = 0;
  std::vector<double> mean, std;
};

struct ProbeArguments {
  EncoderArguments of;
  std::string kind = "knn", solver;
  std::optional<std::int64_t> k;      // without either of them both are chosen
  std::optional<double> temperature;  // on the validation split
  bool choose = false;                // which --choose says too
  std::int64_t bank = 0, queries = 10000;
  bool no_baselines = false, no_pixels = false;
  std::vector<std::string> set;
  std::string plot;
};

struct FeaturesArguments {
  EncoderArguments of;
  std::string out, split = "all";
};

struct MapArguments {
  EncoderArguments of;
  std::string features, method = "tsne", out, split = "held-out";
  std::string place;                   // a data set, placed into a map that is there
  std::optional<std::int64_t> images;  // 5000, or 2000 at each of the epochs
  std::optional<std::int64_t> frames;  // of epochs
  std::vector<std::string> set;        // of t-SNE, as the next three, which come first
  std::optional<std::int64_t> iterations, seed;
  std::optional<double> perplexity;
};

struct BenchMethodsArguments {
  std::string out;
  std::vector<std::string> only;
  bool table_only = false;
};

struct BenchArguments {
  TrainArguments what;
  double seconds = 10;
  bool decode = false;         // every image anew, each time
  bool without_views = false;  // the same batch at every step
  bool history = false;        // a store follows, as it does a run
};

struct ExportArguments {
  std::string run, format = "safetensors", out;
  std::string license;      // of a card
  std::string input;        // of ONNX: "normalised", else pixels
  std::string step;         // a number, "best", or empty: the newest
  std::string checkpoints;  // of a run: "newest", else all
};

struct HealthArguments {
  EncoderArguments of;
  std::string features;  // a matrix instead of an encoder
  std::int64_t images = 2000, views = 4;
};

struct SearchArguments {
  EncoderArguments of;
  std::string image, features;
  std::optional<std::int64_t> row;  // of the features
  std::int64_t k = 10, images = 100000;
};

struct ClusterArguments {
  EncoderArguments of;
  std::string features;  // a matrix instead of an encoder
  std::int64_t images = 5000, k = 0;
  std::string split = "held-out";
};

struct BenchMapArguments {
  std::string features, save_features, repulsion = "auto";
  std::int64_t images = 10000, iterations = 1000;
  bool trustworthiness = false;
};

/// Each returns an exit status.
int train_verb(const Common& common, const TrainArguments& arguments, Control& control);
int queue_verb(const Common& common, const QueueArguments& arguments, Control& control);
/// Queues every combination; see sweep().
int sweep_verb(const Common& common, const TrainArguments& arguments, Control& control);
int resume_verb(const Common& common, const std::string& run, Control& control);
int runs_verb(const Common& common);
int show_verb(const Common& common, const std::string& run);
int compare_verb(const Common& common, const std::vector<std::string>& runs);
int report_verb(const Common& common, const std::vector<std::string>& runs, const std::string& out);
int probe_verb(const Common& common, const ProbeArguments& arguments, const DrawCurve& draw,
               Control& control);
int labels_verb(const Common& common, const ProbeArguments& arguments, const DrawCurve& draw,
                Control& control);
int finetune_verb(const Common& common, const ProbeArguments& arguments, Control& control);
int features_verb(const Common& common, const FeaturesArguments& arguments, Control& control);
int map_verb(const Common& common, const MapArguments& arguments, Control& control);
int map_place_verb(const Common& common, const MapArguments& arguments, Control& control);
int health_verb(const Common& common, const HealthArguments& arguments, Control& control);
int search_verb(const Common& common, const SearchArguments& arguments, Control& control);
int clusters_verb(const Common& common, const ClusterArguments& arguments, Control& control);
int bench_map_verb(const Common& common, const BenchMapArguments& arguments, Control& control);
int methods_verb(const Common& common);
int presets_verb(const Common& common);
int bench_methods_verb(const Common& common, const BenchMethodsArguments& arguments,
                       Control& control);
int bench_views_verb(const Common& common, const BenchArguments& arguments, Control& control);
int bench_train_verb(const Common& common, const BenchArguments& arguments, Control& control);
int export_verb(const Common& common, const ExportArguments& arguments);
int import_verb(const Common& common, const std::string& file);
int data_verb(const Common& common, const std::string& path, Control& control);

/// The options of the next run. Throws InputError.
Settings settings_of(const TrainArguments& arguments);

/// Queues a run of each, or none if one of them cannot be trained.
int queue_settings(const Common& common, const std::vector<SweepPoint>& points,
                   const Control& control = {});

/// "12" or "last". Throws InputError.
Run find_run(const Store& store, const std::string& word);

/// The data set the run was trained on, or the one that `word` means if that is not empty.
std::shared_ptr<const Dataset> dataset_of(const std::filesystem::path& store, const Run& run,
                                          const std::string& word, const Control& control = {});

/// Before long work: whether a file can be put there, if one is named. Throws InputError.
void check_out(const std::filesystem::path& out);

/// What is measured on which images.
struct Subject {
  EncoderSource source;
  std::shared_ptr<const Dataset> dataset;
  /// {"run": 3} or {"encoder": "weights.safetensors"}.
  nlohmann::ordered_json json() const;
  std::string words() const;  // "run 3"
};

/// Throws InputError unless either a run is named, or an encoder and a data set.
Subject subject_of(const Store& store, const EncoderArguments& arguments,
                   const Control& control = {});

/// Trains a prepared run with progress on the terminal or JSON on standard output. Returns 0 or
/// 130.
int train_on_terminal(const Common& common, std::int64_t run,
                      std::shared_ptr<const Dataset> dataset, Control& control);

}  // namespace selfsight
