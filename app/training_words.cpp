#include "app/training_words.h"

#include <QCoreApplication>

#include "app/jobs/train_job.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

struct TrainingWords {
  Q_DECLARE_TR_FUNCTIONS(training_words)
};

}  // namespace

double training_part(const TrainJob& training) {
  const auto& last = training.last_step();
  if (!last || training.shape().steps <= 0) return 0;
  return static_cast<double>(last->step) / static_cast<double>(training.shape().steps);
}

QString job_words(const Job& job) {
  const QString part = percent_words(job.progress());
  if (job.paused()) return TrainingWords::tr("%1 · paused").arg(part);
  const auto left = job.seconds_left();
  return left ? TrainingWords::tr("%1 · %2 left").arg(part, duration_words(*left)) : part;
}

QString training_words(const TrainJob& training) {
  const bool begun = training.last_step().has_value();
  QStringList parts{TrainingWords::tr("run %1").arg(training.run())};
  if (begun) parts << percent_words(training_part(training));
  if (training.stopping())
    parts << (begun ? TrainingWords::tr("stopping after this batch")
                    : TrainingWords::tr("stopping"));
  else if (training.paused())
    parts << (begun ? TrainingWords::tr("paused")
                    : TrainingWords::tr("paused before its first step"));
  else if (!begun)
    parts << TrainingWords::tr("starting");
  else if (const auto left = training.seconds_left())
    parts << TrainingWords::tr("%1 left").arg(duration_words(*left));
  return parts.join(QStringLiteral(" · "));
}

}  // namespace selfsight
