#include "app/places/map_jobs.h"

#include <utility>

#include "app/workspace.h"

namespace selfsight {

void PartialMap::put(const std::vector<std::int64_t>& new_ids, const std::vector<float>& new_xy) {
  const std::lock_guard lock(mutex);
  ids = new_ids;
  xy = new_xy;
}

std::pair<std::vector<std::int64_t>, std::vector<float>> PartialMap::take() {
  const std::lock_guard lock(mutex);
  return {std::exchange(ids, {}), std::exchange(xy, {})};
}

Job* map_job(Workspace& workspace, std::int64_t run, const MapRequest& request,
             const std::shared_ptr<PartialMap>& partial, QObject* parent) {
  return new Job(
      Workspace::tr("Map of run %1").arg(run),
      [request, run, partial, store = workspace.store_folder(), dataset = workspace.dataset()](
          Control& control, const Job::Progress& progress) {
        return std::any(make_map(store, run, *dataset, request, control, progress,
                                 [partial](const Features& features, const std::vector<float>& xy,
                                           std::int64_t) { partial->put(features.ids, xy); }));
      },
      parent);
}

Job* sequence_job(Workspace& workspace, std::int64_t run, const SequenceRequest& request,
                  const std::shared_ptr<PartialMap>& partial, QObject* parent) {
  return new Job(
      Workspace::tr("Maps of run %1 over its epochs").arg(run),
      [request, run, partial, store = workspace.store_folder(), dataset = workspace.dataset()](
          Control& control, const Job::Progress& progress) {
        return std::any(
            make_map_sequence(store, run, *dataset, request, control, progress,
                              [partial](const StoredMap& map) { partial->put(map.ids, map.xy); }));
      },
      parent);
}

}  // namespace selfsight
