#include "app/places/label_page.h"

#include <QProgressBar>
#include <QVBoxLayout>
#include <mutex>
#include <optional>

#include "app/label_lines.h"
#include "app/places/save_plot.h"
#include "app/workspace.h"
#include "widgets/controls.h"
#include "widgets/label_curve.h"
#include "widgets/theme.h"
#include "widgets/words.h"

namespace selfsight {

/// The newest points, put there by the thread that measures. Newest wins: each holds all before.
struct LabelPage::Arrived {
  std::mutex mutex;
  std::optional<std::vector<LabelPoint>> points;
};

LabelPage::LabelPage(Workspace& workspace, QWidget* parent)
    : QWidget(parent), workspace_(workspace) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(measures::padding);
  progress_ = new QProgressBar(this);
  progress_->setObjectName(QStringLiteral("label_progress"));
  progress_->setAccessibleName(tr("Progress of the label-efficiency curve"));
  progress_->setTextVisible(false);
  progress_->setRange(0, 1000);
  progress_->hide();
  curve_ = new LabelCurve(QStringLiteral("label_curve"), this);
  verdict_ = paragraph({}, Voice::verdict, this);
  verdict_->setObjectName(QStringLiteral("label_verdict"));
  column->addWidget(progress_);
  column->addWidget(curve_, 1);
  column->addWidget(verdict_);
  connect(curve_, &LabelCurve::point_clicked, this, &LabelPage::point_clicked);
  connect(curve_, &LabelCurve::export_wanted, this, [this](const QString& format) {
    const QString problem =
        save_bytes(this, QStringLiteral("label-efficiency"), format, curve_->rendered(format));
    if (!problem.isEmpty()) Q_EMIT workspace_.problem(problem);
  });
}

void LabelPage::show_run(std::int64_t run, const Settings& settings) {
  if (running()) return;
  const auto dataset = workspace_.dataset();
  show_points(run != 0 && dataset ? stored_labels(workspace_.store(), run, *dataset, settings)
                                  : std::vector<LabelPoint>());
}

bool LabelPage::has_points() const {
  return !curve_->lines().empty();
}

void LabelPage::start(std::int64_t run, const Settings& settings) {
  if (running() || !workspace_.dataset()) return;
  arrived_ = std::make_shared<Arrived>();
  const auto hear = [arrived = arrived_](const std::vector<LabelPoint>& points) {
    const std::lock_guard lock(arrived->mutex);
    arrived->points = points;
  };
  job_ = new Job(
      tr("Label efficiency of run %1").arg(run),
      [run, settings, hear, store = workspace_.store_folder(), dataset = workspace_.dataset()](
          Control& control, const Job::Progress& progress) {
        return std::any(measure_labels(store, run, dataset, settings, control, progress, hear));
      },
      this);
  connect(job_, &Job::progress_changed, this, [this](double part) {
    progress_->setValue(static_cast<int>(1000 * part));
    drain();
  });
  connect(job_, &Job::finished, this, [this](const std::any&) { over(); });
  connect(job_, &Job::cancelled, this, &LabelPage::over);
  connect(job_, &Job::failed, this, [this](const QString& message) {
    over();
    Q_EMIT workspace_.problem(message);
  });
  progress_->setValue(0);
  progress_->show();
  workspace_.announce(job_);
  job_->start();
}

void LabelPage::stop() {
  if (job_) job_->stop();
}

void LabelPage::over() {
  drain();
  job_->deleteLater();
  job_ = nullptr;
  progress_->hide();
  Q_EMIT ended();
}

void LabelPage::drain() {
  std::optional<std::vector<LabelPoint>> points;
  {
    const std::lock_guard lock(arrived_->mutex);
    points.swap(arrived_->points);
  }
  if (points) show_points(*points);
}

void LabelPage::show_points(const std::vector<LabelPoint>& points) {
  const auto curve = label_curve(points);
  curve_->set_lines(drawn_lines(curve));
  verdict_->setText(core_words(label_verdict(curve)));
  verdict_->setVisible(!verdict_->text().isEmpty());
  set_mood(verdict_, Mood::plain);
}

}  // namespace selfsight
