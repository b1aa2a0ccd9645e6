#include "app/jobs/pipeline.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/jobs/pipeline_exchange.h"
#include "app/jobs/pipeline_maps.h"
#include "app/jobs/protocol.h"
#include "core/base/error.h"
#include "core/nets/encoder_file.h"
#include "core/training/checkpoint_files.h"

namespace selfsight {
namespace {

using Json = nlohmann::ordered_json;

/// The recorder and whoever else listens.
class Both : public Observer {
 public:
  Both(Observer& first, Observer* second) : first_(first), second_(second) {}
  void on_shape(const RunShape& shape) override {
    first_.on_shape(shape);
    if (second_) second_->on_shape(shape);
  }
  void on_step(const StepMetrics& metrics) override {
    first_.on_step(metrics);
    if (second_) second_->on_step(metrics);
  }
  void on_epoch(const EpochMetrics& metrics) override {
    first_.on_epoch(metrics);
    if (second_) second_->on_epoch(metrics);
  }
  void on_checkpoint(const CheckpointInfo& checkpoint) override {
    first_.on_checkpoint(checkpoint);
    if (second_) second_->on_checkpoint(checkpoint);
  }
  void on_notice(const std::string& sentence) override {
    first_.on_notice(sentence);
    if (second_) second_->on_notice(sentence);
  }
  std::string problem() const override {
    const std::string problem = first_.problem();
    return problem.empty() && second_ ? second_->problem() : problem;
  }

 private:
  Observer& first_;
  Observer* second_;
};

/// "SimCLR, resnet20, Fashion-MNIST".
std::string run_name(const Settings& settings, const Dataset& dataset) {
  return method_info(settings.get<std::string>("method.name")).title + ", " +
         settings.get<std::string>("encoder.name") + ", " + dataset.name();
}

/// What a run goes on from: the newest checkpoint that is whole; the metrics after it come again.
std::optional<std::filesystem::path> whole_checkpoint(Store& store, std::int64_t run,
                                                      Observer* observer) {
  std::vector<std::filesystem::path> files;
  for (const StoredCheckpoint& known : store.checkpoints(run))
    files.insert(files.begin(), known.info.file);
  // One that a kill kept from being told to the store comes last: its metrics are not all there.
  for (const std::filesystem::path& file : checkpoint_files(store.run_folder(run)))
    if (std::find(files.begin(), files.end(), file) == files.end()) files.push_back(file);
  const WholeCheckpoint found = first_whole(files);
  if (observer)
    for (const std::string& sentence : found.sentences) observer->on_notice(sentence);
  store.drop_metrics_after(run, found.checkpoint ? found.checkpoint->step : -1);
  if (!found.checkpoint) return std::nullopt;
  store.add_checkpoint(run, *found.checkpoint);
  return found.checkpoint->file;
}

KnnScore knn_score(const Settings& settings, const Control& control) {
  const auto monitor = settings.read<MonitorOptions>("monitor.");
  return [monitor, &control](const Features& bank, const Features& queries) {
    return knn(bank, queries, monitor.k, monitor.temperature, control).top1;
  };
}

std::vector<float> to_floats(const Matrix& matrix) {
  return {matrix.values.begin(), matrix.values.end()};
}

/// Until what was heard is in the store: on a full disk that takes until there is room, or a stop.
void flush(Recorder& recorder, Observer& observer, Control& control) {
  constexpr double retry_seconds = 2;
  for (bool told = false;; told = true) {
    try {
      recorder.flush();
      if (told) control.resume();
      return;
    } catch (const Error& error) {
      if (control.stop_requested()) throw;
      if (!told)
        observer.on_notice(std::string(error.what()) + " The run ends once it is written.");
    }
    control.pause();
    control.wait_while_paused(retry_seconds);
  }
}

/// Trains with the store following, and says in the store how it ended.
TrainResult train_and_record(Store& store, std::int64_t run, const TrainRequest& request,
                             Observer* observer, Control& control) {
  Recorder recorder(store.folder(), run);
  Both both(recorder, observer);
  const TrainResult result = train(request, both, control);
  flush(recorder, both, control);
  store.set_progress(run, result.step, result.epoch, result.active_seconds);
  store.set_status(
      run, result.end == TrainResult::End::finished ? RunStatus::finished : RunStatus::stopped);
  return result;
}

TrainResult train_stored(Store& store, const Run& stored, std::shared_ptr<const Dataset> dataset,
                         Observer* observer, Control& control) {
  if (stored.dataset_fingerprint != dataset->fingerprint())
    throw InputError("The images of " + dataset->name() + " have changed since run " +
                     std::to_string(stored.id) + " began, so it cannot go on; start a new run.");
  store.claim_run(stored.id);
  TrainRequest request;
  request.settings = stored.settings;
  request.dataset = std::move(dataset);
  request.folder = store.run_folder(stored.id);
  request.knn = knn_score(stored.settings, control);
  request.resume_from = whole_checkpoint(store, stored.id, observer);
  return train_and_record(store, stored.id, request, observer, control);
}

/// Says how a run ended that an exception left running; not of one that another process trains.
void end_run(Store& store, std::int64_t run, RunStatus status, const std::string& reason = "") {
  try {
    if (store.holds_run(run)) store.set_status(run, status, reason);
  } catch (const Error&) {
    // The disk may be full; what is told is why the run failed.
  }
}

}  // namespace

std::int64_t prepare_run(Store& store, const Settings& settings, const Dataset& dataset,
                         RunStatus status) {
  const RunSpec spec = run_spec(settings);
  check_trainable(spec, dataset);
  if (!spec.encoder.weights.empty())
    check_first_weights(spec.encoder, dataset.channels(), spec.input.views.size);
  Settings stored = settings;
  stored.set("data.path", dataset.location());
  if (!spec.encoder.weights.empty())
    stored.set("encoder.weights", std::filesystem::absolute(spec.encoder.weights).string());
  return store.create_run(run_name(settings, dataset), stored, dataset, status);
}

TrainResult run_training(const std::filesystem::path& store_folder, std::int64_t run,
                         std::shared_ptr<const Dataset> dataset, Observer* observer,
                         Control& control) {
  Store store(store_folder);
  const Run stored = store.run(run);
  try {
    return train_stored(store, stored, std::move(dataset), observer, control);
  } catch (const Cancelled&) {
    end_run(store, run, RunStatus::stopped);
    throw;
  } catch (const std::exception& error) {
    // One of the queue is running already when it comes here, whatever fails.
    end_run(store, run, RunStatus::failed, error.what());
    throw;
  }
}

Estimate estimate_run(const Settings& settings, std::shared_ptr<const Dataset> dataset,
                      Control& control) {
  TrainRequest request;
  request.settings = settings;
  request.dataset = std::move(dataset);
  request.knn = knn_score(settings, control);
  return estimate(request, control);
}

CheckpointInfo checkpoint_at(const Store& store, std::int64_t run,
                             std::optional<std::int64_t> step) {
  const auto all = store.checkpoints(run);
  if (all.empty())
    throw InputError("Run " + std::to_string(store.run(run).id) +
                     " has no checkpoint yet; train it first.");
  if (!step) return all.back().info;
  std::string kept;
  for (const StoredCheckpoint& checkpoint : all) {
    if (checkpoint.info.step == *step) return checkpoint.info;
    kept += (kept.empty() ? "" : ", ") + std::to_string(checkpoint.info.step);
  }
  throw InputError("Run " + std::to_string(run) + " has not kept its checkpoint of step " +
                   std::to_string(*step) + "; it has those of steps " + kept + ".");
}

std::optional<CheckpointInfo> best_checkpoint(const Store& store, std::int64_t run) {
  const auto all = store.checkpoints(run);
  if (all.empty()) return std::nullopt;
  const std::int64_t best = best_step_of(all.back().info.file);
  for (const StoredCheckpoint& checkpoint : all)
    if (checkpoint.info.step == best) return checkpoint.info;
  return std::nullopt;
}

bool EncoderSource::operator==(const EncoderSource& other) const {
  return run == other.run && step == other.step && file == other.file &&
         shown.size == other.shown.size && shown.mean == other.shown.mean &&
         shown.std == other.shown.std;
}

namespace {

/// Of a run's checkpoint, the newest where no step is named. A damaged one is passed over when the
/// run goes on.
std::shared_ptr<FrozenModel> model_of_run(const Store& store, std::int64_t run,
                                          std::optional<std::int64_t> step) {
  try {
    return FrozenModel::from_checkpoint(checkpoint_at(store, run, step).file);
  } catch (const DamagedFile& error) {
    const bool finished = store.run(run).status == RunStatus::finished;
    throw InputError(std::string(error.what()) +
                     (finished ? " Take another checkpoint of the run."
                               : " Resume the run: it goes on from its newest checkpoint that is "
                                 "whole."));
  }
}

}  // namespace

std::shared_ptr<FrozenModel> open_model(const Store& store, const EncoderSource& source) {
  if (!source.is_run()) return model_from_file(source.file, source.shown);
  return model_of_run(store, source.run, source.step);
}

std::shared_ptr<FrozenModel> open_model_at(const Store& store, std::int64_t run,
                                           std::int64_t step) {
  return model_of_run(store, run, step);
}

FeatureCache feature_cache(const Store& store) {
  return FeatureCache(store.folder() / "features");
}

namespace {

/// Tells the protocol how it was laid out.
std::vector<float> tsne_layout(const Matrix& rows, const MapRequest& request, Control& control,
                               const PartialLayout& each, Json& protocol) {
  MapDescent own;
  MapDescent& descent = request.descent ? *request.descent : own;
  protocol["perplexity"] = request.tsne.perplexity;
  protocol.update(tsne_words(request.tsne));
  try {
    const TsneResult result = tsne(rows, request.tsne, control, each, &descent.state);
    protocol["iterations"] = result.iterations;
    protocol["kl"] = result.kl;
    return to_floats(result.layout);
  } catch (const Cancelled&) {
    if (!descent.keep || descent.state.iteration == 0) throw;
  }
  protocol["iterations"] = descent.state.iteration;
  protocol["of_iterations"] = request.tsne.iterations;
  return {descent.state.layout.begin(), descent.state.layout.end()};
}

}  // namespace

MapReport make_map(
    const std::filesystem::path& store_folder, const EncoderSource& source, const Dataset& dataset,
    const MapRequest& request, Control& control, const Progress& progress,
    const std::function<void(const Features&, const std::vector<float>&, std::int64_t)>& partial) {
  Store store(store_folder);
  const auto model = open_model(store, source);
  const auto candidates = images_of(dataset, request.split);
  const auto ids =
      sample_of(dataset, candidates, request.images, static_cast<std::uint64_t>(request.tsne.seed));
  if (request.method != "pca")
    check_enough(ids.size(), candidates.size(), request.split, request.tsne);
  MapReport report;
  report.features =
      extract(feature_cache(store), *model, dataset, ids, control, part_of(progress, 0, 0.4));
  const Matrix rows = to_matrix(report.features);
  Json protocol{{"images", report.features.rows},
                {"of", candidates.size()},
                {"splits", splits_words(request.split)},
                {"dataset_fingerprint", dataset.fingerprint()}};
  protocol.update(encoder_words(source, *model));
  if (request.method == "pca") {
    const Pca result = pca_layout(rows);
    report.map.xy = to_floats(result.scores);
    protocol["explained_ratio"] = result.explained_ratio;
  } else {
    const auto each = [&](const Matrix& layout, std::int64_t iteration) {
      if (partial) partial(report.features, to_floats(layout), iteration);
      if (progress)
        progress(0.4 + 0.6 * static_cast<double>(iteration) /
                           static_cast<double>(request.tsne.iterations));
    };
    report.map.xy = tsne_layout(rows, request, control, each, protocol);
  }
  report.map.run = source.run;
  report.map.method = request.method;
  report.map.ids = report.features.ids;
  report.map.protocol = json_text(protocol);
  if (source.is_run()) report.map.id = store.add_map(report.map);
  if (progress) progress(1);
  return report;
}

}  // namespace selfsight
