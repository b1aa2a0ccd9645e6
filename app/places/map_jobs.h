// The work behind Explore's maps, with what is laid out so far on its way to the window.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "app/jobs/job.h"
#include "app/jobs/pipeline_maps.h"

namespace selfsight {

class Workspace;

/// Written by the job's thread; the newest layout wins.
struct PartialMap {
  std::mutex mutex;
  std::vector<std::int64_t> ids;
  std::vector<float> xy;

  void put(const std::vector<std::int64_t>& new_ids, const std::vector<float>& new_xy);
  /// Empty if nothing has come since the last time.
  std::pair<std::vector<std::int64_t>, std::vector<float>> take();
};

/// "tsne" or "pca" of the run's newest encoder; its result is a MapReport.
Job* map_job(Workspace& workspace, std::int64_t run, const MapRequest& request,
             const std::shared_ptr<PartialMap>& partial, QObject* parent);
/// Over the run's checkpoints; its result is a std::vector<StoredMap>.
Job* sequence_job(Workspace& workspace, std::int64_t run, const SequenceRequest& request,
                  const std::shared_ptr<PartialMap>& partial, QObject* parent);

}  // namespace selfsight
