// What a colleague would say of a run.
#pragma once

#include <QString>

#include "core/history/store.h"
#include "widgets/controls.h"

namespace selfsight {

/// "run 12 · SimCLR · resnet18 · CIFAR-10".
QString run_title(const Run& run);
/// "SimCLR, resnet18, Fashion-MNIST", or the name the person gave it.
QString run_label(const Run& run);
QString status_words(RunStatus status);

/// The metric that measures the chance loss on each batch; empty if the method's is a constant.
std::string chance_metric(const Run& run);
/// The loss of an encoder that knows nothing, if there is such a value; `measured` are the points
/// of chance_metric().
std::optional<MethodInfo::Reference> chance_of(const Run& run,
                                               const std::vector<MetricPoint>& measured);

/// The loss of an encoder that gives the same answer to everything, if there is such a value.
std::optional<MethodInfo::Reference> collapse_of(const Run& run);

struct Verdict {
  Mood mood = Mood::plain;
  QString text;
};

/// From what was measured so far.
Verdict verdict_of(const Run& run, const std::optional<MethodInfo::Reference>& chance,
                   const std::vector<MetricPoint>& loss,
                   const std::vector<MetricPoint>& feature_std,
                   const std::vector<MetricPoint>& output_spread,
                   const std::vector<MetricPoint>& knn);

}  // namespace selfsight
