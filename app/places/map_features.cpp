#include "app/places/map_features.h"

#include <utility>

#include "app/jobs/job.h"
#include "app/places/run_choice.h"
#include "app/workspace.h"

namespace selfsight {
namespace {

MapFeatures::Table read_table(const std::filesystem::path& folder, const Dataset& dataset,
                              const MapFeatures::Wanted& wanted, Control& control,
                              const Progress& progress) {
  control.check();
  const Store store(folder);
  const auto model = open_model(store, wanted.source);
  const auto table = std::make_shared<FeatureTable>();
  table->features = extract(feature_cache(store), *model, dataset, wanted.ids, control, progress);
  if (wanted.indexed)
    table->index = std::make_unique<const SearchIndex>(table->features.values,
                                                       table->features.columns, control);
  return table;
}

}  // namespace

MapFeatures::MapFeatures(Workspace& workspace, QObject* parent)
    : QObject(parent), workspace_(workspace) {
  connect(&workspace, &Workspace::dataset_changed, this, &MapFeatures::forget);
}

void MapFeatures::with(const Wanted& wanted, const Then& then) {
  if (wanted != wanted_) {
    forget();
    wanted_ = wanted;
  }
  if (table_) return then(table_);
  waiting_.push_back(then);
  if (!job_) start();
}

MapFeatures::Table MapFeatures::known(const Wanted& wanted) const {
  return wanted == wanted_ ? table_ : nullptr;
}

void MapFeatures::take(const Wanted& wanted, Features features) {
  forget();
  wanted_ = wanted;
  const auto table = std::make_shared<FeatureTable>();
  table->features = std::move(features);
  table_ = table;
}

void MapFeatures::forget() {
  wanted_ = {};
  table_ = nullptr;
  waiting_.clear();
}

void MapFeatures::start() {
  job_ = new Job(
      tr("Features of %1").arg(source_words(wanted_.source)),
      [wanted = wanted_, folder = workspace_.store_folder(), dataset = workspace_.dataset()](
          Control& control, const Job::Progress& progress) {
        return std::any(read_table(folder, *dataset, wanted, control, progress));
      },
      this);
  // True if it is not wanted any more; what waits instead begins.
  const auto outdated = [this, wanted = wanted_, dataset = workspace_.dataset()] {
    job_->deleteLater();
    job_ = nullptr;
    const bool other = wanted != wanted_ || dataset != workspace_.dataset();
    if (other && !waiting_.empty()) start();
    return other;
  };
  connect(job_, &Job::progress_changed, this, &MapFeatures::progress_changed);
  connect(job_, &Job::finished, this, [this, outdated](const std::any& result) {
    if (outdated()) return;
    if (!waiting_.empty()) Q_EMIT read();
    table_ = std::any_cast<const Table&>(result);
    for (const Then& then : std::exchange(waiting_, {})) then(table_);
  });
  connect(job_, &Job::failed, this, [this, outdated](const QString& problem) {
    if (outdated()) return;
    const bool asked = !waiting_.empty();
    forget();
    if (asked) Q_EMIT failed(problem);
  });
  connect(job_, &Job::cancelled, this, [this, outdated] {
    if (outdated()) return;
    const bool asked = !waiting_.empty();
    forget();
    if (asked) Q_EMIT stopped();
  });
  workspace_.announce(job_);
  job_->start();
  Q_EMIT reading_began(static_cast<qint64>(wanted_.ids.size()));
}

}  // namespace selfsight
