#include "app/places/pretrain_place.h"

#include <QComboBox>
#include <QPushButton>
#include <QShortcut>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "app/app_settings.h"
#include "app/places/run_exports.h"
#include "app/places/run_page.h"
#include "app/places/run_words.h"
#include "app/places/setup_page.h"
#include "app/workspace.h"
#include "core/base/error.h"
#include "widgets/controls.h"
#include "widgets/curve_plot.h"
#include "widgets/help_card.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

/// "epoch 14 of 40 · 412 images/s · 6 min left in epoch · 2 h 31 min in all".
QString progress_words(const TrainJob& job, double epochs) {
  if (job.stopping()) return PretrainPlace::tr("stopping after this batch");
  if (!job.last_step())
    return job.paused() ? PretrainPlace::tr("paused before its first step")
                        : PretrainPlace::tr("getting ready");
  const StepMetrics& step = *job.last_step();
  QStringList words{PretrainPlace::tr("epoch %1 of %2").arg(step.epoch, 0, 'f', 2).arg(epochs)};
  if (job.paused()) {
    words << PretrainPlace::tr("paused");
  } else {
    words << PretrainPlace::tr("%1 images/s").arg(step.images_per_second, 0, 'f', 0);
    if (const auto left = job.seconds_left_in_epoch())
      words << PretrainPlace::tr("%1 left in epoch").arg(duration_words(*left));
    if (const auto left = job.seconds_left())
      words << PretrainPlace::tr("%1 in all").arg(duration_words(*left));
  }
  return words.join(QStringLiteral(" · "));
}

/// What became of "Add to queue", and where it goes on.
QString queue_words(qsizetype queued, bool training) {
  if (queued == 0) return {};
  return training ? PretrainPlace::tr("%1 queued").arg(queued)
                  : PretrainPlace::tr("%1 queued · Jobs starts them").arg(queued);
}

/// "12 · SimCLR, resnet18, CIFAR-10".
QString numbered_label(const Run& run) {
  return QStringLiteral("%1 · %2").arg(run.id).arg(run_label(run));
}

bool can_resume(const Run& run) {
  return run.status != RunStatus::finished && run.status != RunStatus::running;
}

}  // namespace

PretrainPlace::PretrainPlace(Workspace& workspace, QWidget* parent)
    : Place(tr("Pretrain"), workspace, parent),
      setup_(new SetupPage(workspace, this)),
      page_(new RunPage(workspace, this)),
      main_(new QStackedWidget(this)),
      side_(new QWidget(this)) {
  main_->addWidget(setup_->main());
  main_->addWidget(page_->main());
  auto* sides = new QVBoxLayout(side_);
  sides->setContentsMargins(0, 0, 0, 0);
  sides->addWidget(setup_->side());
  sides->addWidget(page_->side());
  build_head();
  set_content(main_, side_);
  set_help(setup_->help());
  connect(setup_, &SetupPage::resume_wanted, this, &PretrainPlace::resume);
  connect(&workspace, &Workspace::training_changed, this, &PretrainPlace::follow_training);
  connect(&workspace, &Workspace::setup_wanted, this, [this] {
    reopen_ = 0;
    show_setup();
  });
  connect(&workspace, &Workspace::runs_changed, this, &PretrainPlace::list_runs);
  connect(&workspace, &Workspace::current_run_changed, this, &PretrainPlace::follow_current);
  connect(&workspace, &Workspace::settings_changed, this, [this] {
    if (isVisible()) show_state();
  });
  connect(&workspace, &Workspace::dataset_changed, this, &PretrainPlace::show_state);
  reopen_ = app_settings::pretrain_run(workspace.store_folder());
  list_runs();
  show_setup();
}

void PretrainPlace::build_head() {
  runs_ = new QComboBox(this);
  runs_->setObjectName(QStringLiteral("run_chooser"));
  runs_->setAccessibleName(tr("Run"));
  runs_->setSizeAdjustPolicy(QComboBox::AdjustToContents);
  runs_->setMaximumWidth(320);
  guard_value(runs_);
  add_about_widget(runs_);
  const auto action = [this](const QString& text, const char* name, const QString& tip,
                             ButtonKind kind = ButtonKind::plain) {
    QPushButton* made = button(text, QString::fromLatin1(name), kind, this);
    made->setToolTip(tip);
    add_action_widget(made);
    return made;
  };
  pause_ = action(tr("Pause"), "pause_run", tr("Pause or go on (Ctrl+P)"));
  stop_ = action(tr("Stop"), "stop_run", tr("Stop after this batch; the state is saved"));
  resume_ = action(tr("Resume"), "resume_run", tr("Go on from the newest checkpoint"));
  explore_ = action(tr("Explore"), "explore_run", tr("Map what this encoder sees"));
  new_run_ = action(tr("New run"), "new_run", tr("Set up the next run"), ButtonKind::primary);
  sweep_ = action(tr("Sweep…"), "sweep_runs", tr("Queue a run for each of several values"));
  queue_ = action(tr("Add to queue"), "queue_run", {});
  start_ = action(tr("Start"), "start_run", {}, ButtonKind::primary);
  connect(pause_, &QPushButton::clicked, this, &PretrainPlace::toggle_pause);
  connect(new QShortcut(QKeySequence(Qt::CTRL | Qt::Key_P), this, nullptr, nullptr,
                        Qt::WidgetWithChildrenShortcut),
          &QShortcut::activated, this, &PretrainPlace::toggle_pause);
  connect(stop_, &QPushButton::clicked, this, [this] {
    if (workspace().training()) workspace().training()->stop();
  });
  connect(resume_, &QPushButton::clicked, this, [this] { resume(page_->shown()); });
  connect(explore_, &QPushButton::clicked, this, [this] {
    workspace().set_current_run(page_->shown());
    Q_EMIT go_to(QStringLiteral("explore"));
  });
  connect(new_run_, &QPushButton::clicked, this, &PretrainPlace::show_setup);
  connect(start_, &QPushButton::clicked, this, &PretrainPlace::start);
  connect(queue_, &QPushButton::clicked, this, &PretrainPlace::queue);
  connect(sweep_, &QPushButton::clicked, setup_, &SetupPage::open_sweep);
  connect(runs_, &QComboBox::activated, this, [this](int index) {
    const auto run = runs_->itemData(index).toLongLong();
    if (run == 0) return show_setup();
    show_run(run);
    workspace().set_current_run(run);
  });
}

void PretrainPlace::enter() {
  if (workspace().training() && setting_up_) return show_run(workspace().training()->run());
  const std::int64_t before = std::exchange(reopen_, 0);
  if (before != 0 && setting_up_ && runs_->findData(static_cast<qlonglong>(before)) > 0)
    return show_run(before);
  if (setting_up_)
    setup_->refresh();
  else
    page_->show_new();
  show_state();
}

void PretrainPlace::list_runs() {
  const QSignalBlocker quiet(runs_);
  runs_->clear();
  runs_->addItem(tr("New run"), qlonglong{0});
  const auto runs = workspace().store().runs();
  queued_ = std::ranges::count_if(
      runs, [](const Run& run) { return run.status == RunStatus::queued && !run.archived; });
  for (auto run = runs.rbegin(); run != runs.rend(); ++run)
    if (!run->archived) runs_->addItem(numbered_label(*run), static_cast<qlonglong>(run->id));
  const bool gone = std::ranges::find(runs, page_->shown(), &Run::id) == runs.end();
  if (!setting_up_ && gone) return show_setup();
  if (!setting_up_ && !workspace().training()) page_->show_run(page_->shown());
  show_state();
}

void PretrainPlace::show_page(int page) {
  main_->setCurrentIndex(page);
  // Not a stack, which is as high as its highest page and would scroll past the end of this one.
  setup_->side()->setVisible(page == 0);
  page_->side()->setVisible(page == 1);
}

void PretrainPlace::show_setup() {
  setting_up_ = true;
  if (reopen_ == 0) app_settings::set_pretrain_run(workspace().store_folder(), 0);
  setup_->refresh();
  show_page(0);
  show_state();
}

void PretrainPlace::show_run(std::int64_t run) {
  setting_up_ = false;
  reopen_ = 0;
  app_settings::set_pretrain_run(workspace().store_folder(), run);
  page_->show_run(run);
  show_page(1);
  show_state();
}

/// A run that was chosen elsewhere; but neither a set-up nor a training is taken from view.
void PretrainPlace::follow_current() {
  const auto run = workspace().current_run();
  if (!setting_up_ && !workspace().training() && run != 0 && run != page_->shown()) show_run(run);
}

void PretrainPlace::show_state() {
  const TrainJob* job = workspace().training();
  const bool live = job && !setting_up_ && job->run() == page_->shown();
  pause_->setVisible(live);
  stop_->setVisible(live);
  if (live) {
    pause_->setText(job->paused() ? tr("Go on") : tr("Pause"));
    pause_->setEnabled(!job->stopping());
    stop_->setEnabled(!job->stopping());
  }
  setup_->help()->setVisible(setting_up_);
  start_->setVisible(setting_up_);
  new_run_->setVisible(!setting_up_);
  const QString obstacle = setup_->obstacle(), flaw = setup_->flaw();
  sweep_->setVisible(setting_up_);
  queue_->setVisible(setting_up_);
  queue_->setEnabled(flaw.isEmpty());
  queue_->setToolTip(!flaw.isEmpty() ? flaw
                     : job           ? tr("Train with these options when the runs before end")
                           : tr("Line up a run with these options; Jobs starts the queue"));
  start_->setEnabled(obstacle.isEmpty());
  start_->setToolTip(obstacle.isEmpty() ? tr("Train with these options") : obstacle);
  if (setting_up_) {
    resume_->hide();
    explore_->hide();
    runs_->setCurrentIndex(0);
    return set_status(queue_words(queued_, job));
  }
  const Run run = workspace().store().run(page_->shown());
  const auto number = static_cast<qlonglong>(run.id);
  if (runs_->findData(number) < 0) runs_->addItem(numbered_label(run), number);  // archived
  runs_->setCurrentIndex(runs_->findData(number));
  resume_->setVisible(!live && can_resume(run));
  resume_->setEnabled(!job && !workspace().opening_next());
  explore_->setVisible(!live && !workspace().store().checkpoints(run.id).empty());
  set_status(live ? progress_words(*job, run.settings.get<double>("train.epochs"))
                  : tr("%1 · epoch %2 · %3")
                        .arg(status_words(run.status))
                        .arg(run.epoch, 0, 'f', 2)
                        .arg(duration_words(run.active_seconds)));
}

void PretrainPlace::follow_metrics(TrainJob* job) {
  const auto in_view = [this, job] { return !setting_up_ && page_->shown() == job->run(); };
  connect(job, &TrainJob::drained, this,
          [this, job, in_view, first = true](const std::vector<StepMetrics>& steps,
                                             const std::vector<EpochMetrics>& epochs) mutable {
            // When the run was shown, it may not have been claimed yet, nor the metrics dropped
            // that come again.
            const bool anew = std::exchange(first, false);
            if (!in_view()) return;
            if (anew) page_->show_run(job->run());
            page_->append(steps, epochs);
            if (!isVisible()) return;
            set_status(progress_words(*job, page_->run().settings.get<double>("train.epochs")));
          });
  connect(job, &TrainJob::checkpointed, this,
          [this, in_view](const std::vector<CheckpointInfo>& checkpoints) {
            if (in_view()) page_->add_checkpoints(checkpoints);
          });
}

void PretrainPlace::follow_training() {
  TrainJob* job = workspace().training();
  if (job && !job->property("followed").toBool()) {
    job->setProperty("followed", true);
    follow_metrics(job);
    // What begins by itself must not take away what is being set up.
    if (!setting_up_ || !job->property("by_itself").toBool()) return show_run(job->run());
  }
  show_state();
}

void PretrainPlace::start() {
  try {
    workspace().start_run();
  } catch (const Error& error) {
    Q_EMIT workspace().problem(core_words(error.what()));
  }
}

void PretrainPlace::queue() {
  try {
    workspace().queue_run();
  } catch (const Error& error) {
    Q_EMIT workspace().problem(core_words(error.what()));
  }
}

void PretrainPlace::resume(std::int64_t run) {
  try {
    workspace().resume_run(run);
  } catch (const Error& error) {
    Q_EMIT workspace().problem(core_words(error.what()));
  }
}

void PretrainPlace::toggle_pause() {
  TrainJob* job = workspace().training();
  if (!job) return;
  job->paused() ? job->resume() : job->pause();
}

QList<QPair<QString, std::function<void()>>> PretrainPlace::exports() {
  if (setting_up_) return {};
  QList<QPair<QString, std::function<void()>>> out{
      {tr("Report, HTML…"), [this] { save_report(workspace(), {page_->shown()}, this); }},
      {tr("Loss curve as PNG…"),
       [this] { Q_EMIT page_->loss_plot()->export_wanted(QStringLiteral("png")); }},
      {tr("Loss curve as SVG…"),
       [this] { Q_EMIT page_->loss_plot()->export_wanted(QStringLiteral("svg")); }},
      {tr("Loss curve as PDF…"),
       [this] { Q_EMIT page_->loss_plot()->export_wanted(QStringLiteral("pdf")); }},
      {tr("Loss values as CSV…"),
       [this] { Q_EMIT page_->loss_plot()->export_wanted(QStringLiteral("csv")); }}};
  return out + run_exports(workspace(), page_->shown(), this,
                           [this](const QString& words) { set_status(words); });
}

}  // namespace selfsight
