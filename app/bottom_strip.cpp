#include "app/bottom_strip.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QThread>

#include "app/jobs/download.h"
#include "app/kernels.h"
#include "app/training_words.h"
#include "app/workspace.h"
#include "widgets/controls.h"
#include "widgets/theme.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

QString device_words() {
  QStringList parts{BottomStrip::tr("CPU"),
                    count_words(QThread::idealThreadCount(), BottomStrip::tr("thread"),
                                BottomStrip::tr("threads"))};
  const QString kernels = QString::fromStdString(blas_kernels());
  if (!kernels.isEmpty()) parts << BottomStrip::tr("%1 kernels").arg(kernels);
  return parts.join(QStringLiteral(" · "));
}

}  // namespace

BottomStrip::BottomStrip(Workspace& workspace, QWidget* parent)
    : QWidget(parent),
      workspace_(workspace),
      runs_(label({}, Voice::soft, this)),
      bar_(new QProgressBar(this)),
      job_(label({}, Voice::soft, this)) {
  setObjectName(QStringLiteral("bottom_strip"));
  setAttribute(Qt::WA_StyledBackground);
  setFixedHeight(measures::bottom_strip);
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(measures::margin, 0, measures::margin, 0);
  row->setSpacing(20);
  const QString folder = QString::fromStdString(workspace.store_folder().string());
  auto* store = new ElidedLabel(tr("Store: %1").arg(path_words(folder)), this);
  set_voice(store, Voice::soft);
  store->setObjectName(QStringLiteral("store_path"));
  store->setToolTip(folder);
  row->addWidget(store);
  runs_->setObjectName(QStringLiteral("run_count"));
  row->addWidget(runs_);
  row->addStretch(1);
  bar_->setRange(0, bar_steps);
  bar_->setTextVisible(false);
  bar_->setFixedWidth(160);
  bar_->setAccessibleName(tr("Part of the run that is done"));
  row->addWidget(bar_);
  job_->setObjectName(QStringLiteral("job_words"));
  row->addWidget(job_);
  row->addWidget(label(device_words(), Voice::soft, this));
  connect(&workspace, &Workspace::runs_changed, this, &BottomStrip::show_runs);
  connect(&workspace, &Workspace::training_changed, this, &BottomStrip::follow_training);
  connect(&workspace, &Workspace::jobs_changed, this, &BottomStrip::follow_training);
  show_runs();
  follow_training();
}

void BottomStrip::show_runs() {
  const auto count = static_cast<std::int64_t>(workspace_.store().runs().size());
  runs_->setText(count_words(count, tr("run"), tr("runs")));
}

void BottomStrip::follow_training() {
  if (TrainJob* training = workspace_.training())
    connect(training, &TrainJob::drained, this, &BottomStrip::show_job, Qt::UniqueConnection);
  else if (const QList<Job*> jobs = workspace_.jobs(); !jobs.isEmpty())
    connect(jobs.last(), &Job::progress_changed, this, &BottomStrip::show_job,
            Qt::UniqueConnection);
  else if (const QList<Download*> downloads = workspace_.downloads(); !downloads.isEmpty())
    connect(downloads.last(), &Download::progress_changed, this, &BottomStrip::show_job,
            Qt::UniqueConnection);
  show_job();
}

void BottomStrip::show_job() {
  const TrainJob* training = workspace_.training();
  const QList<Job*> jobs = workspace_.jobs();
  const QList<Download*> downloads = workspace_.downloads();
  bar_->setVisible(training || !jobs.isEmpty() || !downloads.isEmpty());
  if (training) {
    bar_->setValue(static_cast<int>(training_part(*training) * bar_steps));
    job_->setText(training_words(*training));
  } else if (!jobs.isEmpty()) {
    bar_->setValue(static_cast<int>(jobs.last()->progress() * bar_steps));
    job_->setText(QStringLiteral("%1 · %2").arg(jobs.last()->title(), job_words(*jobs.last())));
  } else if (!downloads.isEmpty()) {
    bar_->setValue(static_cast<int>(downloads.last()->part() * bar_steps));
    job_->setText(download_words(*downloads.last()));
  } else {
    job_->setText(tr("No job running"));
  }
}

}  // namespace selfsight
