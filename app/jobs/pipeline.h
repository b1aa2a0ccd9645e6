// What the window and the command line both do with the core: start a run, go on with one, measure
// it, map it, with everything kept in the store. No Qt, no torch.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/control.h"
#include "core/history/store.h"
#include "core/maps/maps.h"
#include "core/probes/encoder_model.h"
#include "core/probes/feature_cache.h"
#include "core/probes/frozen.h"
#include "core/probes/knn.h"
#include "core/probes/linear.h"
#include "core/training/estimate.h"

namespace selfsight {

/// Creates the run in the store, to be trained at once or queued. Throws InputError if it cannot be
/// trained.
std::int64_t prepare_run(Store& store, const Settings& settings, const Dataset& dataset,
                         RunStatus status = RunStatus::running);

/// Trains a prepared run, or goes on from its newest checkpoint if it has one, with the Recorder
/// writing and `observer` (may be null) hearing along. Sets the run's status at every end, also
/// when it throws.
TrainResult run_training(const std::filesystem::path& store, std::int64_t run,
                         std::shared_ptr<const Dataset> dataset, Observer* observer,
                         Control& control);

/// What a run of these settings will cost; takes a few seconds. Nothing of it is kept.
Estimate estimate_run(const Settings& settings, std::shared_ptr<const Dataset> dataset,
                      Control& control);

/// A run's checkpoint of this step, or its newest. Throws InputError if that is not kept.
CheckpointInfo checkpoint_at(const Store& store, std::int64_t run,
                             std::optional<std::int64_t> step = {});

/// The one whose features measured best while the run trained: by kNN where there are labels, else
/// by the mean loss. Empty if nothing was measured yet, or it is not kept.
std::optional<CheckpointInfo> best_checkpoint(const Store& store, std::int64_t run);

/// Whose features: those of a run's newest checkpoint, or of an encoder that came as a file.
struct EncoderSource {
  EncoderSource(std::int64_t run_number = 0) : run(run_number) {}  // NOLINT: a run is a source
  EncoderSource(std::filesystem::path encoder, EncoderInput input)
      : file(std::move(encoder)), shown(std::move(input)) {}
  bool is_run() const { return file.empty(); }
  /// Neither a run nor a file.
  bool none() const { return is_run() && run == 0; }
  bool operator==(const EncoderSource& other) const;

  std::int64_t run = 0;
  std::optional<std::int64_t> step;  // the run's checkpoint of this step, not its newest
  std::filesystem::path file;
  EncoderInput shown;
};

/// Throws InputError if the run has no checkpoint, or the file cannot be used.
std::shared_ptr<FrozenModel> open_model(const Store& store, const EncoderSource& source);

/// The run's encoder at its checkpoint of this step. Throws InputError if that is not kept.
std::shared_ptr<FrozenModel> open_model_at(const Store& store, std::int64_t run, std::int64_t step);

/// Where the store keeps features.
FeatureCache feature_cache(const Store& store);

struct ProbeRequest {
  std::string kind = "knn";  // or "linear", "retrieval"
  /// k and temperature are chosen on the validation split, where it has labels. False: as told
  /// here.
  bool choose = true;
  std::int64_t k = 20;
  double temperature = 0.1;
  /// Training images. 0: all, but for very many only so many that their features fit into memory,
  /// which the protocol tells as bank_images.
  std::int64_t bank = 0, queries = 10000;
  bool baselines = true, raw_pixels = true;  // the second only with the first
  LinearOptions linear{};
};
struct ProbeReport {
  std::string kind;
  /// Of retrieval, top1 is the mean average precision, and there is no confusion.
  Classification trained;
  std::optional<Classification> random;  // the same network before any step, where it can be made
  std::optional<double> raw_pixels;      // accuracy
  std::string protocol;                  // JSON
  /// All of it, as it is stored of a run, each with its own protocol and the confusion in it.
  std::vector<Evaluation> evaluations;
};

/// Accuracy on the test split, with the training split as kNN's bank or as what the linear probe
/// learns from, both whole up to the given numbers; the trained encoder beside the untrained one
/// and raw pixels. Stored as evaluations of the run, with the protocol; nothing is kept of an
/// encoder that came as a file.
ProbeReport evaluate(const std::filesystem::path& store, const EncoderSource& source,
                     const Dataset& dataset, const ProbeRequest& request, Control& control,
                     const Progress& progress = {});

/// A t-SNE that can be stopped and gone on with; shared by who asks for it and who computes it.
struct MapDescent {
  TsneState state;
  /// A stop ends in the map that was reached; else in Cancelled.
  std::atomic<bool> keep = false;
};

struct MapRequest {
  std::string method = "tsne";  // or "pca"
  std::int64_t images = 5000;   // a stratified sample of the split
  TsneOptions tsne;
  std::shared_ptr<MapDescent> descent{};  // of t-SNE: goes on from there; may be null
  std::string split = "held-out";         // as images_of() takes it
};
/// The features that were mapped are returned for neighbour search. A run's map is stored; of one
/// that was stopped the protocol tells of_iterations, and no kl.
struct MapReport {
  StoredMap map;
  Features features;
};
MapReport make_map(const std::filesystem::path& store, const EncoderSource& source,
                   const Dataset& dataset, const MapRequest& request, Control& control,
                   const Progress& progress = {},
                   const std::function<void(const Features&, const std::vector<float>& xy,
                                            std::int64_t iteration)>& partial = {});

}  // namespace selfsight
