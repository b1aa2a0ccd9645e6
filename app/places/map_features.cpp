#include "app/places/map_features.h"

#include <utility>

#include "app/jobs/job.h"
#include "app/jobs/pipeline.h"
#include "app/places/map_work.h"
#include "app/workspace.h"

namespace selfsight {

MapFeatures::MapFeatures(Workspace& workspace, QObject* parent)
    : QObject(parent), workspace_(workspace) {}

void MapFeatures::with(const Wanted& wanted, const Then& then) {
  if (wanted != wanted_) {
    forget();
    wanted_ = wanted;
  }
  if (features_.rows > 0) return then(features_);
  waiting_.push_back(then);
  if (!job_) start();
}

void MapFeatures::take(const Wanted& wanted, const Features& features) {
  forget();
  wanted_ = wanted;
  features_ = features;
}

void MapFeatures::forget() {
  wanted_ = {};
  features_ = {};
  waiting_.clear();
}

void MapFeatures::start() {
  job_ = new Job(
      tr("Features of run %1").arg(wanted_.run),
      [wanted = wanted_, folder = workspace_.store_folder(), dataset = workspace_.dataset()](
          Control& control, const Job::Progress& progress) {
        const Store store(folder);
        const auto model = open_checkpoint(store, wanted.run, wanted.step);
        return std::any(
            extract(feature_cache(store), *model, *dataset, wanted.ids, control, progress));
      },
      this);
  const auto over = [this] {
    job_->deleteLater();
    job_ = nullptr;
  };
  connect(job_, &Job::finished, this, [this, over, wanted = wanted_](const std::any& result) {
    over();
    Q_EMIT read();
    if (wanted != wanted_) return waiting_.empty() ? void() : start();
    features_ = std::any_cast<const Features&>(result);
    for (const Then& then : std::exchange(waiting_, {})) then(features_);
  });
  connect(job_, &Job::failed, this, [this, over](const QString& problem) {
    over();
    forget();
    Q_EMIT failed(problem);
  });
  connect(job_, &Job::cancelled, this, [this, over] {
    over();
    forget();
    Q_EMIT read();
  });
  workspace_.announce(job_);
  job_->start();
  Q_EMIT reading_began();
}

}  // namespace selfsight
