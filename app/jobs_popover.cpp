#include "app/jobs_popover.h"

#include <QAbstractButton>
#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "app/jobs/download.h"
#include "app/training_words.h"
#include "app/workspace.h"
#include "core/base/error.h"
#include "widgets/controls.h"
#include "widgets/icons.h"
#include "widgets/theme.h"

namespace selfsight {
namespace {

QToolButton* job_button(const QString& name, const QString& icon_name, const QString& text,
                        QWidget* parent) {
  auto* made = new QToolButton(parent);
  made->setObjectName(name);
  made->setAccessibleName(text);
  made->setToolTip(text);
  made->setIcon(icon(icon_name));
  made->setFixedSize(24, 24);
  return made;
}

QProgressBar* thin_bar(QWidget* parent) {
  auto* bar = new QProgressBar(parent);
  bar->setRange(0, bar_steps);
  bar->setTextVisible(false);
  bar->setAccessibleName(JobsPopover::tr("Part done"));
  return bar;
}

/// One piece of work: words, what is left and a bar, pause and stop.
struct Entry {
  QWidget* widget;
  QLabel *words, *left;
  QProgressBar* bar;
  QToolButton *pause, *stop;
};

Entry entry(const QString& words, QWidget* parent) {
  Entry made{};
  made.widget = new QWidget(parent);
  auto* grid = new QGridLayout(made.widget);
  grid->setContentsMargins(0, 0, 0, 0);
  grid->setVerticalSpacing(2);
  made.words = new ElidedLabel(words, made.widget);
  made.left = label({}, Voice::soft, made.widget);
  made.left->setObjectName(QStringLiteral("job_left"));
  made.bar = thin_bar(made.widget);
  made.pause = job_button(QStringLiteral("job_pause"), QStringLiteral("pause"),
                          JobsPopover::tr("Pause"), made.widget);
  made.stop = job_button(QStringLiteral("job_stop"), QStringLiteral("stop"),
                         JobsPopover::tr("Stop"), made.widget);
  grid->addWidget(made.words, 0, 0);
  grid->addWidget(made.left, 0, 1);
  grid->addWidget(made.bar, 1, 0, 1, 2);
  grid->addWidget(made.pause, 0, 2, 2, 1);
  grid->addWidget(made.stop, 0, 3, 2, 1);
  grid->setColumnStretch(0, 1);
  return made;
}

void show_paused(QToolButton* pause, bool paused) {
  const QString words = paused ? JobsPopover::tr("Go on") : JobsPopover::tr("Pause");
  pause->setIcon(icon(paused ? QStringLiteral("play") : QStringLiteral("pause")));
  pause->setToolTip(words);
  pause->setAccessibleName(words);
}

QWidget* training_entry(TrainJob& training, QWidget* parent) {
  const Entry e = entry(training_words(training), parent);
  const auto show_part = [e, &training] {
    e.words->setText(training_words(training));
    e.bar->setValue(static_cast<int>(training_part(training) * bar_steps));
  };
  const auto show_state = [e, &training, show_part] {
    show_part();
    show_paused(e.pause, training.paused());
    e.pause->setEnabled(!training.stopping());
    e.stop->setEnabled(!training.stopping());
  };
  QObject::connect(&training, &TrainJob::drained, e.widget, show_part);
  QObject::connect(&training, &TrainJob::state_changed, e.widget, show_state);
  QObject::connect(e.pause, &QToolButton::clicked, &training,
                   [&training] { training.paused() ? training.resume() : training.pause(); });
  QObject::connect(e.stop, &QToolButton::clicked, &training, [&training] { training.stop(); });
  show_state();
  return e.widget;
}

QWidget* job_entry(Job& job, QWidget* parent) {
  const Entry e = entry(job.title(), parent);
  const auto show_part = [e, &job] {
    e.left->setText(job_words(job));
    e.bar->setValue(static_cast<int>(job.progress() * bar_steps));
    show_paused(e.pause, job.paused());
  };
  QObject::connect(&job, &Job::progress_changed, e.widget, show_part);
  QObject::connect(e.pause, &QToolButton::clicked, &job,
                   [&job] { job.paused() ? job.resume() : job.pause(); });
  show_part();
  QObject::connect(e.stop, &QToolButton::clicked, &job, [&job] { job.stop(); });
  return e.widget;
}

/// It goes on with what came when it is fetched again, so it needs no pause.
QWidget* download_entry(Download& download, QWidget* parent) {
  const Entry e = entry({}, parent);
  e.pause->hide();
  const auto show_part = [e, &download] {
    e.words->setText(download_words(download));
    e.bar->setRange(0, download.entry().bytes() > 0 ? bar_steps : 0);
    e.bar->setValue(static_cast<int>(download.part() * bar_steps));
  };
  QObject::connect(&download, &Download::progress_changed, e.widget, show_part);
  QObject::connect(&download, &Download::checking, e.bar, [e] { e.bar->setRange(0, 0); });
  // Later, because it ends there and then, and with it the button that was clicked.
  QObject::connect(e.stop, &QToolButton::clicked, &download, &Download::stop, Qt::QueuedConnection);
  show_part();
  return e.widget;
}

/// A run that waits for its turn, with a button that takes it out.
QWidget* queued_entry(Workspace& workspace, const Run& run, QWidget* parent) {
  auto* made = new QWidget(parent);
  auto* row = new QHBoxLayout(made);
  row->setContentsMargins(0, 0, 0, 0);
  auto* words =
      new ElidedLabel(JobsPopover::tr("run %1 · queued · %2")
                          .arg(run.id)
                          .arg(QString::fromStdString(run.note.empty() ? run.name : run.note)),
                      made);
  words->setToolTip(QString::fromStdString(run.name));
  auto* remove = job_button(QStringLiteral("unqueue_%1").arg(run.id), QStringLiteral("stop"),
                            JobsPopover::tr("Take out of the queue"), made);
  row->addWidget(words, 1);
  row->addWidget(remove);
  // Later, because it deletes the button that was clicked.
  QObject::connect(
      remove, &QToolButton::clicked, &workspace,
      [&workspace, id = run.id] {
        try {
          workspace.unqueue_run(id);
        } catch (const Error& error) {
          Q_EMIT workspace.problem(QString::fromUtf8(error.what()));
        }
      },
      Qt::QueuedConnection);
  return made;
}

}  // namespace

JobsPopover::JobsPopover(Workspace& workspace, QWidget* parent)
    : Popover(parent), workspace_(workspace) {
  setObjectName(QStringLiteral("jobs_popover"));
  setAccessibleName(tr("Jobs"));
  setFixedWidth(340);
  const auto changed = [this] {
    if (isVisible()) rebuild();
  };
  connect(&workspace, &Workspace::jobs_changed, this, changed);
  connect(&workspace, &Workspace::training_changed, this, changed);
  connect(&workspace, &Workspace::runs_changed, this, changed);
  rebuild();
}

void JobsPopover::showEvent(QShowEvent* event) {
  rebuild();
  Popover::showEvent(event);
}

void JobsPopover::add_queue() {
  const std::vector<Run> queue = workspace_.store().queue();
  for (const Run& run : queue) body()->addWidget(queued_entry(workspace_, run, this));
  if (queue.empty()) return;
  const bool waits = !workspace_.training() || workspace_.queue_held();
  auto* go = button(waits ? tr("Start the queue") : tr("Hold the queue"),
                    QStringLiteral("queue_switch"), ButtonKind::plain, this);
  go->setToolTip(waits ? tr("Train the queued runs one after the other")
                       : tr("Start no other run when this one ends"));
  connect(
      go, &QPushButton::clicked, this,
      [this, waits] { waits ? workspace_.start_queue() : workspace_.hold_queue(true); },
      Qt::QueuedConnection);
  body()->addWidget(go);
}

QList<QAbstractButton*> JobsPopover::buttons() const {
  QList<QAbstractButton*> shown;
  for (auto* one : findChildren<QAbstractButton*>())
    if (one->isVisibleTo(this)) shown.append(one);
  return shown;
}

/// The focus stays at its place in the list, whose buttons are new ones.
void JobsPopover::rebuild() {
  const auto at = buttons().indexOf(qobject_cast<QAbstractButton*>(focusWidget()));
  while (QLayoutItem* old = body()->takeAt(0)) {
    old->widget()->hide();
    old->widget()->deleteLater();
    delete old;
  }
  body()->addWidget(label(tr("Jobs"), Voice::heading, this));
  if (TrainJob* training = workspace_.training())
    body()->addWidget(training_entry(*training, this));
  for (Job* job : workspace_.jobs()) body()->addWidget(job_entry(*job, this));
  for (Download* each : workspace_.downloads()) body()->addWidget(download_entry(*each, this));
  add_queue();
  if (body()->count() == 1)
    body()->addWidget(paragraph(
        tr("Nothing is running. Training, measuring and mapping show here with the time left."),
        Voice::soft, this));
  for (int i = 0; i < body()->count(); ++i) body()->itemAt(i)->widget()->show();
  adjustSize();
  if (const auto now = buttons(); at >= 0 && !now.isEmpty())
    now[std::min(at, now.size() - 1)]->setFocus();
}

}  // namespace selfsight
