#include "app/places/map_jobs.h"

#include <mutex>
#include <utility>

#include "app/jobs/job.h"
#include "app/places/run_choice.h"
#include "app/workspace.h"

namespace selfsight {

/// Written by the job's thread; the newest layout wins.
struct MapMaker::Partial {
  std::mutex mutex;
  std::vector<std::int64_t> ids;
  std::vector<float> xy;

  void put(const std::vector<std::int64_t>& new_ids, const std::vector<float>& new_xy) {
    const std::lock_guard lock(mutex);
    ids = new_ids;
    xy = new_xy;
  }
  /// Empty if nothing has come since the last time.
  std::pair<std::vector<std::int64_t>, std::vector<float>> take() {
    const std::lock_guard lock(mutex);
    return {std::exchange(ids, {}), std::exchange(xy, {})};
  }
};

MapMaker::MapMaker(Workspace& workspace, QObject* parent)
    : QObject(parent), workspace_(workspace) {}

MapMaker::~MapMaker() = default;

void MapMaker::make(const EncoderSource& source, MapRequest request) {
  source_ = source;
  request_.reset();
  if (request.method == "tsne") {
    if (!request.descent) request.descent = std::make_shared<MapDescent>();
    request.descent->keep = false;
    request_ = request;
  }
  partial_ = std::make_shared<Partial>();  // nothing of an earlier job
  start(new Job(
      tr("Map of %1").arg(source_words(source)),
      [request, source, partial = partial_, store = workspace_.store_folder(),
       dataset = workspace_.dataset()](Control& control, const Job::Progress& progress) {
        return std::any(make_map(store, source, *dataset, request, control, progress,
                                 [partial](const Features& features, const std::vector<float>& xy,
                                           std::int64_t) { partial->put(features.ids, xy); }));
      },
      this));
}

void MapMaker::make_sequence(std::int64_t run, const SequenceRequest& request) {
  request_.reset();
  partial_ = std::make_shared<Partial>();
  start(new Job(
      tr("Maps of run %1 over its epochs").arg(run),
      [request, run, partial = partial_, store = workspace_.store_folder(),
       dataset = workspace_.dataset()](Control& control, const Job::Progress& progress) {
        return std::any(
            make_map_sequence(store, run, *dataset, request, control, progress,
                              [partial](const StoredMap& map) { partial->put(map.ids, map.xy); }));
      },
      this));
}

void MapMaker::start(Job* job) {
  job_ = job;
  dataset_ = workspace_.dataset();
  laid_out_ = false;
  stopped_.reset();
  const auto over = [this] {
    job_->deleteLater();
    job_ = nullptr;
  };
  connect(job_, &Job::progress_changed, this, [this](double part) {
    take_partial();
    Q_EMIT progress_changed(part);
  });
  connect(job_, &Job::finished, this, [this, over](const std::any& result) {
    over();
    if (request_ && request_->descent->state.iteration < request_->tsne.iterations)
      stopped_ = request_;
    Q_EMIT made(result);
  });
  connect(job_, &Job::failed, this, [this, over](const QString& problem) {
    over();
    Q_EMIT failed(problem);
  });
  connect(job_, &Job::cancelled, this, [this, over] {
    over();
    Q_EMIT cancelled();
  });
  workspace_.announce(job_);
  job_->start();
}

void MapMaker::take_partial() {
  const auto [ids, xy] = partial_->take();
  if (ids.empty()) return;
  laid_out_ = true;
  Q_EMIT laid_out(ids, xy);
}

bool MapMaker::can_stop() const {
  return job_ && laid_out_ && request_;
}

void MapMaker::stop() {
  if (!can_stop()) return;
  request_->descent->keep = true;
  job_->stop();
}

void MapMaker::cancel() {
  if (job_) job_->stop();
}

void MapMaker::leave_other_images() {
  const auto open = workspace_.dataset();
  if (!job_ || (open && open->fingerprint() == dataset_->fingerprint())) return;
  Job* job = std::exchange(job_, nullptr);
  disconnect(job, nullptr, this, nullptr);
  connect(job, &Job::finished, job, &QObject::deleteLater);
  connect(job, &Job::failed, job, &QObject::deleteLater);
  connect(job, &Job::cancelled, job, &QObject::deleteLater);
  job->stop();
}

void MapMaker::go_on() {
  if (can_go_on()) make(source_, *stopped_);
}

}  // namespace selfsight
