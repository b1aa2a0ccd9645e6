#include "app/training_words.h"

#include <QCoreApplication>

#include "app/jobs/train_job.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

QString words(const char* text) {
  return QCoreApplication::translate("training_words", text);
}

}  // namespace

double training_part(const TrainJob& training) {
  const auto& last = training.last_step();
  if (!last || training.shape().steps <= 0) return 0;
  return static_cast<double>(last->step) / static_cast<double>(training.shape().steps);
}

QString training_words(const TrainJob& training) {
  QStringList parts{words("run %1").arg(training.run())};
  if (!training.last_step()) {
    parts << words("starting");
  } else {
    parts << percent_words(training_part(training));
    if (training.stopping())
      parts << words("stopping after this batch");
    else if (training.paused())
      parts << words("paused");
    else if (const auto left = training.seconds_left())
      parts << words("%1 left").arg(duration_words(*left));
  }
  return parts.join(QStringLiteral(" · "));
}

}  // namespace selfsight
