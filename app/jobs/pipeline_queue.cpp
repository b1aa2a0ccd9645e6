#include "app/jobs/pipeline_queue.h"

namespace selfsight {

std::vector<QueuedRun> queue_points(Store& store, const std::vector<SweepPoint>& points,
                                    const DatasetAt& dataset_at) {
  for (const SweepPoint& point : points) {
    const RunSpec spec = run_spec(point.settings);
    check_trainable(spec, dataset_at(spec.data.path));
  }
  std::vector<QueuedRun> queued;
  for (const SweepPoint& point : points) {
    const Dataset& dataset = dataset_at(point.settings.get<std::string>("data.path"));
    QueuedRun next{prepare_run(store, point.settings, dataset, RunStatus::queued), {}};
    for (const std::string& part : point.varied)
      next.varied += (next.varied.empty() ? "" : ", ") + part;
    if (!next.varied.empty()) store.set_note(next.run, next.varied);
    queued.push_back(std::move(next));
  }
  return queued;
}

}  // namespace selfsight
