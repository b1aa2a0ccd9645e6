// The SQLite run store: what was run, what came of it. Plain values.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/spec/settings.h"
#include "core/training/session.h"

namespace selfsight {

enum class RunStatus : std::uint8_t { running, finished, stopped, interrupted, failed, queued };
std::string to_string(RunStatus status);

struct Run {
  std::int64_t id = 0;
  std::string name;  // shown; made from method and data set, may be changed
  std::string note;
  RunStatus status = RunStatus::running;
  std::string reason;  // of a failure
  Settings settings;
  std::string dataset_name, dataset_location, dataset_fingerprint;
  std::string created;  // ISO 8601, UTC
  double active_seconds = 0;
  std::int64_t step = 0, steps = 0;
  double epoch = 0;
  RunShape shape;
  bool archived = false;
  std::vector<std::string> tags;
};

struct MetricPoint {
  std::int64_t step = 0;
  double epoch = 0;
  double seconds = 0;  // active
  int segment = 0;
  double value = 0;  // not a number where the run diverged
};

/// Of one metric of a run; empty without points. Extremes leave out what is no number.
struct MetricSummary {
  std::optional<double> last, least, greatest;
};

/// A number with the protocol under which it was measured.
struct Evaluation {
  std::int64_t id = 0, run = 0;
  std::string kind;    // "knn"
  std::string metric;  // "accuracy"
  double value = 0;
  std::string protocol;  // JSON: split, k, temperature, bank, checkpoint, …
  std::string created;
};

/// The protocol as a person reads it: without the confusion matrix, the names of its classes and
/// the picture of health. Nothing of one that is nested without end.
std::string short_protocol(const Evaluation& evaluation);

struct StoredCheckpoint {
  CheckpointInfo info;
  std::string created;
};

struct StoredMap {
  std::int64_t id = 0, run = 0;
  std::string method;    // "tsne", "pca"
  std::string protocol;  // JSON: perplexity, iterations, KL, checkpoint, …
  std::vector<std::int64_t> ids;
  std::vector<float> xy;  // [n, 2]
  std::string created;
};

/// The fingerprint of the data set that a stored map is of. One of an older store, which does not
/// say, is of the run's own.
std::string images_of_map(const StoredMap& map, const Run& run);

/// One connection; use one Store per thread. Opening creates the folder and the database, migrates
/// an older one (after a backup beside it) and marks runs of dead processes as interrupted.
/// Throws InputError: not a database, from a newer version, a folder that cannot be written.
/// Every call throws Error when the disk is full or the database is busy for too long.
class Store {
 public:
  explicit Store(const std::filesystem::path& folder);
  ~Store();
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;

  const std::filesystem::path& folder() const;
  std::filesystem::path run_folder(std::int64_t run) const;  // made when asked for

  /// Running, in this process's hands; or queued, behind all others that are. Where the images of
  /// all runs of this data set are, is from now on where it is.
  std::int64_t create_run(const std::string& name, const Settings& settings, const Dataset& dataset,
                          RunStatus status = RunStatus::running);
  /// The same, running, for one that began elsewhere: its name, options and data set. A store that
  /// knows these images keeps what it knows of them.
  std::int64_t adopt_run(const Run& run);
  /// Takes the run for this process: status running. Throws InputError if a living process has it.
  void claim_run(std::int64_t run);
  /// Whether it is running in this process's hands.
  bool holds_run(std::int64_t run) const;

  /// Puts a run that is neither running nor finished behind all that are queued, and brings one
  /// back that is archived. Throws InputError for any other, and for one that is queued already.
  void queue_run(std::int64_t run);
  /// Takes a run out of the queue: it is stopped, and archived if it never began. Throws InputError
  /// if it is not queued.
  void unqueue_run(std::int64_t run);
  /// The next one first. One that is archived is passed over here and by take_queued(); brought
  /// back, it has its place again.
  std::vector<Run> queue() const;
  /// Takes the next run for this process: status running. Of several programs that ask at once,
  /// each gets another one. Empty when none is queued.
  std::optional<std::int64_t> take_queued();

  void set_shape(std::int64_t run, const RunShape& shape);
  void set_status(std::int64_t run, RunStatus status, const std::string& reason = "");
  void set_progress(std::int64_t run, std::int64_t step, double epoch, double active_seconds);
  void rename_run(std::int64_t run, const std::string& name);
  void set_note(std::int64_t run, const std::string& note);
  void set_tags(std::int64_t run, const std::vector<std::string>& tags);
  void set_archived(std::int64_t run, bool archived);
  /// With its metrics, maps, evaluations and files; there is no way back. Throws InputError if it
  /// is training.
  void delete_run(std::int64_t run);

  std::vector<Run> runs() const;   // newest last
  Run run(std::int64_t id) const;  // throws InputError: no such run

  /// All in one transaction; a point that exists already (same run, name, step, segment) is kept.
  void add_metrics(std::int64_t run,
                   const std::vector<std::pair<std::string, MetricPoint>>& points);
  /// Drops points after this step: what a resume from an older checkpoint will do again.
  void drop_metrics_after(std::int64_t run, std::int64_t step);
  std::vector<std::string> metric_names(std::int64_t run) const;
  std::vector<MetricPoint> metric(std::int64_t run, const std::string& name) const;

  /// Computed where the points are, which is many times cheaper than reading them all.
  MetricSummary summary(std::int64_t run, const std::string& name) const;

  void add_checkpoint(std::int64_t run, const CheckpointInfo& checkpoint);
  /// Those whose file is still there, oldest first.
  std::vector<StoredCheckpoint> checkpoints(std::int64_t run) const;
  /// Those that have such a file, in increasing order.
  std::vector<std::int64_t> runs_with_checkpoints() const;

  /// One that does not say when it was made, as a map below, was made now.
  std::int64_t add_evaluation(const Evaluation& evaluation);
  std::vector<Evaluation> evaluations(std::int64_t run) const;
  std::int64_t add_map(const StoredMap& map);
  std::vector<StoredMap> maps(std::int64_t run) const;
  /// The same without ids, xy and created: maps of many images are long.
  std::vector<StoredMap> map_heads(std::int64_t run) const;
  StoredMap map(std::int64_t id) const;              // throws InputError if there is none
  std::vector<std::int64_t> runs_with_maps() const;  // in increasing order

 private:
  struct Connection;
  std::unique_ptr<Connection> connection_;
};

/// Where the store stands unless --store or SELFSIGHT_STORE says otherwise: ~/Selfsight.
std::filesystem::path default_store();

/// Writes a run's metrics and checkpoints into a store as they come, at most half a second late,
/// on a thread and a connection of its own. A full disk does not stop it: the metrics wait in
/// memory and problem() says so until they are written.
class Recorder : public Observer {
 public:
  Recorder(const std::filesystem::path& store, std::int64_t run);
  ~Recorder() override;  // flushes
  void on_shape(const RunShape&) override;
  void on_step(const StepMetrics&) override;
  void on_epoch(const EpochMetrics&) override;
  void on_checkpoint(const CheckpointInfo&) override;
  void flush();  // blocks until written; throws Error if it cannot be
  std::string problem() const override;

 private:
  struct Work;
  std::unique_ptr<Work> work_;
};

}  // namespace selfsight
