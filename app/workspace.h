// What all places share: the store, the open data set, the settings of the next run, the jobs.
#pragma once

#include <QList>
#include <QObject>
#include <QPointer>
#include <QString>
#include <QStringList>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "app/jobs/job.h"
#include "app/jobs/pipeline.h"
#include "app/jobs/train_job.h"
#include "app/settings_history.h"

namespace selfsight {

class Download;

class Workspace : public QObject {
  Q_OBJECT
 public:
  /// Throws InputError if the store cannot be opened.
  explicit Workspace(const std::filesystem::path& store, QObject* parent = nullptr);
  ~Workspace() override;

  Store& store() { return store_; }
  std::filesystem::path store_folder() const { return store_.folder(); }

  /// The open data set; null until one is open.
  std::shared_ptr<const Dataset> dataset() const { return dataset_; }
  /// In a thread; what is open stays until the new one is. Ends in dataset_changed or problem, or
  /// in neither if it is stopped among the jobs or by another one that is opened.
  void open_dataset_at(const QString& path);
  bool opening() const;
  /// Of the open data set; see fitting_presets.h.
  const std::string& preset_size() const { return preset_size_; }
  QStringList recent_datasets() const;
  /// Measured in a thread after opening; empty until then, or where that failed or was stopped.
  const std::optional<DatasetStatistics>& statistics() const { return statistics_; }
  bool measuring() const;
  void measure_again();  // what was stopped

  /// The options of the next run; Views and Pretrain both edit them. They are kept from one day to
  /// the next. While nothing was chosen, a data set that is opened brings a preset that fits it.
  const Settings& settings() const { return settings_; }
  void set_settings(const Settings& settings);  // emits settings_changed if they differ
  /// Since the data set was opened.
  const SettingsHistory& settings_history() const { return settings_history_; }
  void undo_settings();  // nothing, if there is nothing to take back
  void redo_settings();

  /// The run in training, or null.
  TrainJob* training() const { return training_; }
  /// Throws InputError before anything starts.
  void start_run();
  void resume_run(std::int64_t run);

  /// A trial of a few steps draws from the same random numbers of torch as a run would: a run that
  /// starts stops it first and waits for its end.
  void set_trial(Job* trial) { trial_ = trial; }
  /// Whether the cost of the next run is measured without a question. Off unless told.
  bool estimates() const { return estimates_; }
  void set_estimates(bool by_itself) { estimates_ = by_itself; }

  /// Puts a run of these settings behind those that wait. Throws InputError.
  void queue_run();
  void unqueue_run(std::int64_t run);
  /// The queue goes on by itself when a run ends, unless it is held; after a start of the program
  /// it waits for start_queue().
  void start_queue();
  void hold_queue(bool held);
  bool queue_held() const { return queue_held_; }

  /// Whether the images of the next queued run are being opened: it has begun, but is no
  /// training() yet.
  bool opening_next() const { return opening_next_ != nullptr; }

  /// Does it; an Error becomes a problem. True if there was none.
  bool attempt(const std::function<void()>& work);

  /// Other work under way that a person may want to follow or stop; a place announces its own. It
  /// leaves the list when it ends.
  const QList<Job*>& jobs() const { return jobs_; }
  void announce(Job* job);
  /// Data sets on their way from a server, which go on when the catalogue is closed. Takes the
  /// download over, and deletes it when it ends.
  const QList<Download*>& downloads() const { return downloads_; }
  void announce(Download* download);

  /// The run that Explore, Evaluate and Views look at; 0 if none.
  std::int64_t current_run() const { return current_run_; }
  void set_current_run(std::int64_t run);

 Q_SIGNALS:
  void opening_changed();  // began, ended either way
  void dataset_changed();
  void statistics_changed();  // measured, begun anew, failed, stopped
  void settings_changed();
  void runs_changed();  // created, ended, renamed, …
  void current_run_changed();
  void training_changed();               // started, paused, ended
  void setup_wanted();                   // the options of the next run are to be seen
  void jobs_changed();                   // one was announced, one ended; downloads too
  void problem(const QString& message);  // shown in place, never in a dialog

 private:
  struct Opened {
    std::shared_ptr<const Dataset> dataset;
    std::string preset_size;
  };
  bool nothing_chosen() const;
  void take_dataset(const Opened& opened);
  void measure_dataset();
  void train(std::int64_t run, const std::shared_ptr<const Dataset>& dataset,
             bool by_itself = false, bool paused = false);
  void start_training();
  void check_idle() const;
  void keep() const;
  /// Says in the store how a run ended that is still in this process's hands, and goes on with the
  /// queue: on a full disk once there is room.
  void end_run(std::int64_t run, RunStatus status, const QString& reason);
  void start_next();
  void open_and_train(const Run& run);

  Store store_;
  std::shared_ptr<const Dataset> dataset_;
  std::string preset_size_;
  std::optional<DatasetStatistics> statistics_;
  Settings settings_;
  SettingsHistory settings_history_;
  TrainJob* training_ = nullptr;
  std::int64_t current_run_ = 0;
  Job* opening_ = nullptr;  // the newest that was asked for
  Job* measuring_ = nullptr;
  QPointer<Job> trial_;
  bool estimates_ = false;
  Job* opening_next_ = nullptr;  // the images of the next queued run
  std::int64_t next_run_ = 0;    // that one
  bool queue_held_ = false;
  QList<Job*> jobs_;
  QList<Download*> downloads_;
};

}  // namespace selfsight
