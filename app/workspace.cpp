#include "app/workspace.h"

#include <QTimer>
#include <algorithm>
#include <utility>

#include "app/app_settings.h"
#include "app/fitting_presets.h"
#include "app/jobs/download.h"
#include "app/jobs/pipeline_data.h"
#include "app/kept_settings.h"
#include "app/soon.h"
#include "core/base/error.h"
#include "core/history/store.h"
#include "core/spec/preset.h"
#include "core/training/run_spec.h"

namespace selfsight {
namespace {

constexpr int recent_limit = 10;
constexpr std::int64_t statistics_sample = 2000;
constexpr int moment = 300;              // milliseconds; what takes longer is shown among the jobs
constexpr int until_asked_again = 1000;  // milliseconds; whether a full disk has room
const QString recent_key = QStringLiteral("recent_datasets");

/// What was kept by another version may not fit any more.
Settings kept_settings() {
  try {
    return settings_from_toml(app_settings::next_run().toStdString(), run_schema);
  } catch (const Error&) {
    return Settings(run_schema({}));
  }
}

bool same_but_images(Settings settings, const Settings& other) {
  settings.set("data.path", other.get<std::string>("data.path"));
  return settings == other;
}

Settings preset_for(const Dataset& dataset, const std::string& size) {
  return find_preset(first_preset(dataset, size), run_schema).settings;
}

}  // namespace

Workspace::Workspace(const std::filesystem::path& store, QObject* parent)
    : QObject(parent), store_(store), settings_(kept_settings()) {
  // Not only at the end: the program may be killed, or the machine.
  auto* keeper = new Soon(this, [this] { keep(); });
  connect(this, &Workspace::settings_changed, keeper, &Soon::ask);
  connect(this, &Workspace::current_run_changed, keeper, &Soon::ask);
  const std::vector<Run> runs = store_.runs();
  if (runs.empty()) return;
  const std::int64_t kept = app_settings::current_run(store_folder());
  current_run_ = std::ranges::find(runs, kept, &Run::id) == runs.end() ? runs.back().id : kept;
}

Workspace::~Workspace() {
  if (opening_next_)  // nothing of it has begun: it has its place in the queue again
    attempt([this] { store_.set_status(next_run_, RunStatus::queued); });
  keep();
  KeptSettings::finish();
}

void Workspace::keep() const {
  app_settings::set_next_run(QString::fromStdString(to_toml(settings_)));
  app_settings::set_current_run(store_.folder(), current_run_);
}

bool Workspace::opening() const {
  return opening_ != nullptr;
}

QStringList Workspace::recent_datasets() const {
  return KeptSettings().value(recent_key).toStringList();
}

void Workspace::open_dataset_at(const QString& path) {
  if (opening_) opening_->stop();
  auto* job = new Job(
      tr("Opening %1").arg(path.section(QLatin1Char('/'), -1, -1, QString::SectionSkipEmpty)),
      [store = store_folder(), wanted = path.toStdString()](Control& control,
                                                            const Job::Progress&) {
        auto dataset = open_data(store, wanted, control);
        const std::string size = fitting_size(*dataset);
        return std::any(Opened{std::move(dataset), size});
      },
      this);
  opening_ = job;
  // Of one that another has followed nothing is wanted any more, whatever came of it.
  const auto over = [this, job] {
    job->deleteLater();
    if (opening_ != job) return false;
    opening_ = nullptr;
    return true;
  };
  connect(job, &Job::finished, this, [this, over](const std::any& opened) {
    if (!over()) return;
    take_dataset(std::any_cast<const Opened&>(opened));
    Q_EMIT opening_changed();
  });
  connect(job, &Job::failed, this, [this, over](const QString& message) {
    if (!over()) return;
    Q_EMIT opening_changed();
    Q_EMIT problem(message);
  });
  connect(job, &Job::cancelled, this, [this, over] {
    if (over()) Q_EMIT opening_changed();
  });
  QTimer::singleShot(moment, job, [this, job] {
    if (job->running()) announce(job);
  });
  job->start();
  Q_EMIT opening_changed();
}

/// They are as the program came, or as the images before brought them.
bool Workspace::nothing_chosen() const {
  return same_but_images(settings_, Settings(run_schema({}))) ||
         (dataset_ && same_but_images(settings_, preset_for(*dataset_, preset_size_)));
}

void Workspace::take_dataset(const Opened& opened) {
  const auto& dataset = opened.dataset;
  const bool follow = nothing_chosen();
  dataset_ = dataset;
  preset_size_ = opened.preset_size;
  statistics_.reset();
  const QString location = QString::fromStdString(dataset->location());
  QStringList recent = recent_datasets();
  recent.removeAll(location);
  recent.prepend(location);
  while (recent.size() > recent_limit) recent.removeLast();
  KeptSettings().setValue(recent_key, recent);

  Settings settings = follow ? preset_for(*dataset, preset_size_) : settings_;
  settings.set("data.path", dataset->location());
  set_settings(settings);
  settings_history_.clear();
  measure_dataset();
  Q_EMIT dataset_changed();
}

void Workspace::measure_dataset() {
  delete measuring_;
  measuring_ = new Job(
      tr("Measuring %1").arg(QString::fromStdString(dataset_->name())),
      [dataset = dataset_](Control& control, const Job::Progress&) {
        return std::any(measure(*dataset, statistics_sample, control));
      },
      this);
  connect(measuring_, &Job::finished, this, [this](const std::any& result) {
    statistics_ = std::any_cast<const DatasetStatistics&>(result);
    Q_EMIT statistics_changed();
  });
  connect(measuring_, &Job::failed, this, &Workspace::problem);
  connect(measuring_, &Job::failed, this, &Workspace::statistics_changed);
  connect(measuring_, &Job::cancelled, this, &Workspace::statistics_changed);
  announce(measuring_);
  measuring_->start();
}

bool Workspace::measuring() const {
  return measuring_ && measuring_->running();
}

void Workspace::measure_again() {
  if (!dataset_ || measuring()) return;
  measure_dataset();
  Q_EMIT statistics_changed();
}

void Workspace::set_settings(const Settings& settings) {
  if (settings == settings_) return;
  settings_history_.keep(settings_, settings);
  settings_ = settings;
  Q_EMIT settings_changed();
}

void Workspace::undo_settings() {
  if (!settings_history_.earlier()) return;
  settings_ = settings_history_.undo(settings_);
  Q_EMIT settings_changed();
}

void Workspace::redo_settings() {
  if (!settings_history_.later()) return;
  settings_ = settings_history_.redo(settings_);
  Q_EMIT settings_changed();
}

void Workspace::start_run() {
  if (!dataset_) throw InputError("No data set is open; open one in Data first.");
  check_idle();
  train(prepare_run(store_, settings_, *dataset_), dataset_);
}

void Workspace::resume_run(std::int64_t run) {
  check_idle();
  const Run stored = store_.run(run);
  const bool own = dataset_ && dataset_->fingerprint() == stored.dataset_fingerprint;
  if (!own && dataset_ && dataset_->location() == stored.dataset_location)
    throw InputError("The images of " + dataset_->name() + " have changed since run " +
                     std::to_string(run) + " began, so it cannot go on; start a new run.");
  if (!own)
    throw InputError("Run " + std::to_string(run) + " was trained on " + stored.dataset_location +
                     "; open that data set first, then resume.");
  train(run, dataset_);
}

void Workspace::check_idle() const {
  if (training_) throw InputError("A run is training already; stop it or wait for its end.");
  if (opening_next_)
    throw InputError("The images of run " + std::to_string(next_run_) +
                     " are being opened, so it is next; stop it in Jobs or wait for its end.");
}

void Workspace::queue_run() {
  if (!dataset_) throw InputError("No data set is open; open one in Data first.");
  prepare_run(store_, settings_, *dataset_, RunStatus::queued);
  Q_EMIT runs_changed();
}

void Workspace::unqueue_run(std::int64_t run) {
  store_.unqueue_run(run);
  Q_EMIT runs_changed();
}

void Workspace::start_queue() {
  queue_held_ = false;
  start_next();
  Q_EMIT runs_changed();
}

void Workspace::hold_queue(bool held) {
  queue_held_ = held;
  Q_EMIT runs_changed();
}

void Workspace::start_next() {
  if (training_ || opening_next_ || queue_held_) return;
  attempt([this] {
    if (const auto next = store_.take_queued()) open_and_train(store_.run(*next));
  });
}

bool Workspace::attempt(const std::function<void()>& work) {
  try {
    work();
    return true;
  } catch (const Error& error) {
    Q_EMIT problem(QString::fromUtf8(error.what()));
    return false;
  }
}

void Workspace::open_and_train(const Run& run) {
  if (dataset_ && dataset_->fingerprint() == run.dataset_fingerprint)
    return train(run.id, dataset_, true);
  next_run_ = run.id;
  opening_next_ = new Job(
      tr("Opening the images of run %1").arg(run.id),
      [location = run.dataset_location](Control& control, const Job::Progress&) {
        return std::any(open_dataset(location, control));
      },
      this);
  const auto over = [this] { std::exchange(opening_next_, nullptr)->deleteLater(); };
  connect(opening_next_, &Job::finished, this, [this, over, id = run.id](const std::any& opened) {
    const auto dataset = std::any_cast<std::shared_ptr<const Dataset>>(opened);
    const bool paused = opening_next_->control().paused();
    over();
    train(id, dataset, true, paused);
  });
  connect(opening_next_, &Job::failed, this, [this, over, id = run.id](const QString& message) {
    over();
    Q_EMIT problem(message);
    end_run(id, RunStatus::failed, message);
  });
  connect(opening_next_, &Job::cancelled, this, [this, over, id = run.id] {
    over();
    end_run(id, RunStatus::stopped, {});
  });
  announce(opening_next_);
  opening_next_->start();
  Q_EMIT training_changed();  // nothing else can be started until then
}

/// A store that cannot be written would fail each of those that wait, too.
void Workspace::end_run(std::int64_t run, RunStatus status, const QString& reason) {
  const auto noted = [this, run, status, reason] {
    if (store_.holds_run(run)) store_.set_status(run, status, reason.toStdString());
  };
  if (attempt(noted)) {
    Q_EMIT runs_changed();
    return start_next();
  }
  auto* again = new QTimer(this);
  connect(again, &QTimer::timeout, this, [this, again, noted] {
    try {
      noted();
    } catch (const Error&) {
      return;  // it was told
    }
    again->deleteLater();
    Q_EMIT runs_changed();
    start_next();
  });
  again->start(until_asked_again);
  Q_EMIT runs_changed();
}

void Workspace::train(std::int64_t run, const std::shared_ptr<const Dataset>& dataset,
                      bool by_itself, bool paused) {
  training_ = new TrainJob(store_folder(), run, dataset, this);
  if (paused) training_->pause();  // before it starts, so that it takes no step
  training_->setProperty("by_itself", by_itself);
  connect(training_, &TrainJob::state_changed, this, &Workspace::training_changed);
  connect(training_, &TrainJob::noticed, this, &Workspace::problem);
  connect(training_, &TrainJob::ended, this, [this, run](const QString& message) {
    training_->deleteLater();
    training_ = nullptr;
    Q_EMIT training_changed();
    if (!message.isEmpty()) Q_EMIT problem(message);
    end_run(run, message.isEmpty() ? RunStatus::stopped : RunStatus::failed, message);
  });
  start_training();
  if (!by_itself) set_current_run(run);
  Q_EMIT runs_changed();
  Q_EMIT training_changed();
}

void Workspace::start_training() {
  if (!trial_ || !trial_->running()) return training_->start();
  trial_->stop();
  connect(trial_, &Job::finished, training_, &TrainJob::start);
  connect(trial_, &Job::failed, training_, &TrainJob::start);
  connect(trial_, &Job::cancelled, training_, &TrainJob::start);
}

void Workspace::announce(Job* job) {
  jobs_.append(job);
  const auto over = [this, job] {
    if (jobs_.removeAll(job)) Q_EMIT jobs_changed();
  };
  connect(job, &Job::finished, this, over);
  connect(job, &Job::failed, this, over);
  connect(job, &Job::cancelled, this, over);
  connect(job, &QObject::destroyed, this, over);
  Q_EMIT jobs_changed();
}

void Workspace::announce(Download* download) {
  download->setParent(this);
  downloads_.append(download);
  const auto over = [this, download] {
    downloads_.removeAll(download);
    download->deleteLater();
    Q_EMIT jobs_changed();
  };
  connect(download, &Download::finished, this, over);
  connect(download, &Download::cancelled, this, over);
  connect(download, &Download::failed, this, [this, over](const QString& message) {
    over();
    Q_EMIT problem(message);  // the catalogue may be closed
  });
  Q_EMIT jobs_changed();
}

void Workspace::set_current_run(std::int64_t run) {
  if (run == current_run_) return;
  current_run_ = run;
  Q_EMIT current_run_changed();
}

}  // namespace selfsight
