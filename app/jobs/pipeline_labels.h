// The label-efficiency curve of a run, measured point by point and kept in the store. No Qt, no
// torch.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/jobs/pipeline.h"
#include "core/probes/finetune.h"
#include "core/probes/labels.h"

namespace selfsight {

struct LabelReport {
  std::vector<LabelPoint> points;  // all that the curve has now
  std::int64_t measured = 0;       // in this call; the others were in the store
};

/// Hears all points there are, those from the store first and then after each new one, on the
/// thread that measures.
using LabelObserver = std::function<void(const std::vector<LabelPoint>&)>;

/// Measures the points that the store does not have yet, each stored as soon as it is done, so
/// that a stop loses at most one. Throws Cancelled, InputError.
LabelReport measure_labels(const std::filesystem::path& store, std::int64_t run,
                           std::shared_ptr<const Dataset> dataset, const Settings& settings,
                           Control& control, const Progress& progress = {},
                           const LabelObserver& observer = {});

struct TuningReport {
  Classification pretrained, scratch;  // scratch: the same network and schedule, first weights
  std::string protocol;                // JSON, of the first; what is stored has the confusion too
};
/// Fine-tunes on a stratified sample of `images` training images (0, or more than there are: all)
/// and classifies the test split, both from the run's encoder and from scratch. Stored as
/// evaluations of kind "finetune".
TuningReport measure_finetuning(const std::filesystem::path& store, std::int64_t run,
                                const Dataset& dataset, std::int64_t images, std::int64_t queries,
                                const FineTuneOptions& options, Control& control,
                                const Progress& progress = {});

/// Every option of such a measurement: labels.* and finetune.*, at their defaults.
Settings label_settings();

/// The points in the store of the run's newest checkpoint (of a run without any, of the one
/// measured last) on this data set: of each line those that were measured by these settings, or if
/// there are none those of the protocol measured last, which say so.
std::vector<LabelPoint> stored_labels(const Store& store, std::int64_t run, const Dataset& dataset,
                                      const Settings& settings);

}  // namespace selfsight
