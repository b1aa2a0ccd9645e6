#include "app/places/run_words.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>

#include "core/probes/knn.h"
#include "widgets/field_words.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

struct RunWords {
  Q_DECLARE_TR_FUNCTIONS(run_words)
};

constexpr double narrow_share = 0.4;  // of the healthy deviation: spread_verdict() calls it narrow

/// Of the last tenth, at least five.
double recent_mean(const std::vector<MetricPoint>& points) {
  const std::size_t count = std::min(points.size(), std::max<std::size_t>(5, points.size() / 10));
  double sum = 0;
  for (std::size_t i = points.size() - count; i < points.size(); ++i) sum += points[i].value;
  return count ? sum / static_cast<double>(count) : std::nan("");
}

double healthy_std(const Run& run) {
  return run.shape.feature_dimensions > 0
             ? 1 / std::sqrt(static_cast<double>(run.shape.feature_dimensions))
             : 0;
}

bool same_value(const std::optional<MethodInfo::Reference>& a,
                const std::optional<MethodInfo::Reference>& b) {
  return a && b && std::abs(a->value - b->value) <= 0.01 * std::abs(a->value);
}

/// Where one answer to every image costs what chance does, and nothing tells the two apart, a
/// larger learning rate may be bad advice.
QString at_chance_words(bool may_have_collapsed) {
  return may_have_collapsed
             ? RunWords::tr(
                   "The loss is still at %1, as of an encoder that knows nothing or gives every "
                   "image the same answer. Give it more steps; if it stays there, it has "
                   "collapsed, and a smaller learning rate may help.")
             : RunWords::tr(
                   "The loss is still at %1, as of an encoder that knows nothing. Give it more "
                   "steps, or a larger learning rate.");
}

}  // namespace

QString run_title(const Run& run) {
  return QStringLiteral("run %1 · %2 · %3 · %4")
      .arg(run.id)
      .arg(core_words(method_info(run.settings.get<std::string>("method.name")).title),
           choice_label(run.settings.get<std::string>("encoder.name")),
           QString::fromStdString(run.dataset_name));
}

QString run_label(const Run& run) {
  return with_encoder_labels(QString::fromStdString(run.name));
}

QString status_words(RunStatus status) {
  switch (status) {
    case RunStatus::running:
      return RunWords::tr("training");
    case RunStatus::finished:
      return RunWords::tr("finished");
    case RunStatus::stopped:
      return RunWords::tr("stopped");
    case RunStatus::interrupted:
      return RunWords::tr("interrupted");
    case RunStatus::failed:
      return RunWords::tr("failed");
    case RunStatus::queued:
      return RunWords::tr("queued");
  }
  return {};
}

std::string chance_metric(const Run& run) {
  const auto& measured = method_info(run_spec(run.settings).method).measured_chance;
  return measured ? measured->metric : std::string();
}

std::optional<MethodInfo::Reference> chance_of(const Run& run,
                                               const std::vector<MetricPoint>& measured) {
  const RunSpec spec = run_spec(run.settings);
  const MethodInfo& info = method_info(spec.method);
  if (info.chance) return info.chance(spec.method_options, spec.train.batch_size);
  if (!info.measured_chance || measured.empty()) return std::nullopt;
  return MethodInfo::Reference{recent_mean(measured), info.measured_chance->label};
}

std::optional<MethodInfo::Reference> collapse_of(const Run& run) {
  const RunSpec spec = run_spec(run.settings);
  const MethodInfo& info = method_info(spec.method);
  return info.collapse ? info.collapse(spec.method_options, spec.train.batch_size) : std::nullopt;
}

Verdict verdict_of(const Run& run, const std::optional<MethodInfo::Reference>& chance,
                   const std::vector<MetricPoint>& loss,
                   const std::vector<MetricPoint>& feature_std,
                   const std::vector<MetricPoint>& output_spread,
                   const std::vector<MetricPoint>& knn) {
  if (run.status == RunStatus::failed)
    return {
        Mood::bad,
        RunWords::tr("Failed. %1").arg(with_labels(core_words(run.reason), run.settings.schema()))};
  if (loss.size() < 5) return {Mood::plain, RunWords::tr("Too early to say.")};
  const double now = recent_mean(loss);
  if (!std::isfinite(now))
    return {Mood::bad, RunWords::tr("The loss is no longer a number; start again with a smaller "
                                    "learning rate.")};
  const double healthy = healthy_std(run);
  const double spread = feature_std.empty() ? healthy : feature_std.back().value;
  std::optional<double> outputs;
  if (!output_spread.empty()) outputs = recent_mean(output_spread);
  const QString spread_text = core_words(spread_verdict(spread, healthy, outputs));
  if ((healthy > 0 && spread < collapsed_share * healthy) ||
      (outputs && outputs_collapsed(*outputs)))
    return {Mood::bad, spread_text};
  if (chance && now > 0.98 * chance->value)
    return {Mood::warn,
            at_chance_words(!outputs && same_value(chance, collapse_of(run))).arg(now, 0, 'g', 4)};
  QString text = RunWords::tr("Learning. %1").arg(spread_text);
  if (knn.size() > 1) {
    const double gain = 100 * (knn.back().value - knn.front().value);
    text += RunWords::tr(" kNN has %1 %2 points since the start.")
                .arg(gain >= 0 ? RunWords::tr("gained") : RunWords::tr("lost"))
                .arg(std::abs(gain), 0, 'f', 1);
  }
  return {spread < narrow_share * healthy ? Mood::warn : Mood::good, text};
}

}  // namespace selfsight
