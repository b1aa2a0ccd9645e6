// Runs that line up: one, or all of a sweep. No Qt, no torch.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/jobs/pipeline.h"
#include "core/spec/sweep.h"

namespace selfsight {

struct QueuedRun {
  std::int64_t run = 0;
  std::string varied;  // "key=value, …", also the run's note; empty for a run that varies nothing
};

/// The images of a data.path. It stays open as long as the runs are queued.
using DatasetAt = std::function<const Dataset&(const std::string& path)>;

/// Queues a run for each point. All are checked before the first is queued. Throws InputError if
/// one of them cannot be trained.
std::vector<QueuedRun> queue_points(Store& store, const std::vector<SweepPoint>& points,
                                    const DatasetAt& dataset_at);

}  // namespace selfsight
