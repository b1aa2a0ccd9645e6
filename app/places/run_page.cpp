#include "app/places/run_page.h"

#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include "app/places/batch_strip.h"
#include "app/places/curve_controls.h"
#include "app/places/run_words.h"
#include "app/places/save_plot.h"
#include "app/workspace.h"
#include "widgets/card.h"
#include "widgets/controls.h"
#include "widgets/curve_plot.h"
#include "widgets/fact_table.h"
#include "widgets/theme.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

CurvePoint to_curve(const MetricPoint& p) {
  return {static_cast<double>(p.step), p.epoch, p.seconds, p.segment, p.value};
}

/// Read from the store already, when the run was opened while it trained.
bool known(const std::vector<MetricPoint>& points, std::int64_t step, int segment) {
  return !points.empty() && points.back().segment == segment && step <= points.back().step;
}

std::vector<CurvePoint> to_curve(const std::vector<MetricPoint>& points) {
  std::vector<CurvePoint> out;
  for (const MetricPoint& point : points) out.push_back(to_curve(point));
  return out;
}

}  // namespace

RunPage::RunPage(Workspace& workspace, QWidget* parent) : QObject(parent), workspace_(workspace) {
  main_ = build_main(parent);
  side_ = build_side(parent);
}

QWidget* RunPage::build_main(QWidget* parent) {
  loss_card_ = new Card(tr("Loss"), parent);
  loss_plot_ = new CurvePlot(QStringLiteral("loss_plot"), loss_card_);
  loss_plot_->set_metric(tr("loss"));
  loss_card_->body()->addWidget(loss_plot_, 1);
  loss_card_->add_to_head(new CurveControls(loss_plot_, QStringLiteral("loss"), loss_card_));
  connect(loss_plot_, &CurvePlot::export_wanted, this,
          [this](const QString& format) { save(*loss_plot_, QStringLiteral("loss"), format); });
  auto* main = new QWidget(parent);
  auto* column = new QVBoxLayout(main);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(measures::gap);
  batch_ = new BatchStrip(workspace_, main);
  batch_->hide();
  column->addWidget(loss_card_, 1);
  column->addWidget(batch_);
  return main;
}

QWidget* RunPage::build_side(QWidget* parent) {
  auto* side = new QWidget(parent);
  auto* column = new QVBoxLayout(side);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(measures::gap);
  auto* health = new Card(tr("Health"), side);
  verdict_ = paragraph({}, Voice::verdict, health);
  verdict_->setObjectName(QStringLiteral("run_verdict"));
  facts_ = new FactTable(health);
  facts_->setObjectName(QStringLiteral("run_facts"));
  facts_->setAccessibleName(tr("Health of the representation"));
  offer_files(facts_, workspace_, QStringLiteral("run-health"), {QStringLiteral("csv")},
              [this](const QString&) { return facts_->as_csv(); });
  health->body()->addWidget(verdict_);
  health->body()->addWidget(facts_);
  column->addWidget(health);
  knn_card_ = new Card(tr("kNN accuracy"), side);
  knn_plot_ = new CurvePlot(QStringLiteral("knn_plot"), knn_card_);
  knn_plot_->set_metric(tr("kNN accuracy"));
  knn_plot_->set_percent(true);
  knn_plot_->set_marks(true);
  knn_plot_->set_axis(CurveAxis::epoch);
  knn_plot_->setMinimumHeight(220);
  knn_card_->body()->addWidget(knn_plot_, 1);
  column->addWidget(knn_card_, 1);
  column->addStretch();
  connect(loss_plot_, &CurvePlot::crosshair_moved, knn_plot_, &CurvePlot::show_crosshair);
  connect(knn_plot_, &CurvePlot::crosshair_moved, loss_plot_, &CurvePlot::show_crosshair);
  connect(knn_plot_, &CurvePlot::export_wanted, this,
          [this](const QString& format) { save(*knn_plot_, QStringLiteral("knn"), format); });
  return side;
}

void RunPage::save(CurvePlot& plot, const QString& name, const QString& format) {
  const QString problem = save_plot(plot, name, format);
  if (!problem.isEmpty()) Q_EMIT workspace_.problem(problem);
}

void RunPage::show_run(std::int64_t run) {
  const bool another = run != run_.id;
  if (another) {
    batch_->clear();
    written_.clear();
  }
  run_ = workspace_.store().run(run);
  new_loss_.clear();
  new_knn_.clear();
  loss_ = workspace_.store().metric(run, "loss");
  knn_ = workspace_.store().metric(run, "knn");
  feature_std_ = workspace_.store().metric(run, "feature_std");
  output_spread_ = workspace_.store().metric(run, "output_spread");
  loss_plot_->set_curves({{run, tr("loss"), to_curve(loss_)}});
  chance_metric_ = chance_metric(run_);
  measured_chance_ = chance_metric_.empty() ? std::vector<MetricPoint>{}
                                            : workspace_.store().metric(run, chance_metric_);
  chance_.reset();
  loss_plot_->set_references({});
  show_chance();
  knn_plot_->set_curves({{run, tr("kNN"), to_curve(knn_)}});
  show_start();
  const auto monitor = run_.settings.read<MonitorOptions>("monitor.");
  knn_card_->set_subtitle(
      tr("k %1 · T %2 · validation split").arg(monitor.k).arg(monitor.temperature));
  knn_card_->setToolTip(tr("Clean views, encoder in eval mode, %1 images in the memory bank")
                            .arg(grouped_number(monitor.bank)));
  show_checkpoints();
  show_health();
  if (!another) return;
  loss_plot_->fit();
  knn_plot_->fit();
}

/// Where the run can be resumed from, at the foot of the loss.
void RunPage::show_checkpoints() {
  std::map<std::int64_t, double> kept;  // epochs, by step
  for (const CheckpointInfo& checkpoint : written_)
    if (std::error_code none; std::filesystem::exists(checkpoint.file, none))
      kept[checkpoint.step] = checkpoint.epoch;
  for (const StoredCheckpoint& stored : workspace_.store().checkpoints(run_.id))
    kept[stored.info.step] = stored.info.epoch;
  std::vector<CurvePoint> marks;
  for (const auto& [step, epoch] : kept) {
    const auto point = std::ranges::lower_bound(loss_, step, {}, &MetricPoint::step);
    const double seconds = point == loss_.end() ? 0 : point->seconds;
    marks.push_back({static_cast<double>(step), epoch, seconds, 0, 0});
  }
  loss_plot_->set_events(std::move(marks));
}

void RunPage::add_checkpoints(const std::vector<CheckpointInfo>& written) {
  written_ = written;
  new_checkpoints_ = true;
  if (main_->isVisible()) show_new();
}

void RunPage::show_batch() {
  const TrainJob* job = workspace_.training();
  if (job && job->run() == run_.id && job->last_step() && main_->isVisible())
    batch_->show_step(run_, job->last_step()->step, job->shape().steps_per_epoch);
}

void RunPage::append(const std::vector<StepMetrics>& steps,
                     const std::vector<EpochMetrics>& epochs) {
  for (const StepMetrics& m : steps) {
    if (known(loss_, m.step, m.segment)) continue;
    loss_.push_back({m.step, m.epoch, m.active_seconds, m.segment, m.loss});
    new_loss_.push_back(to_curve(loss_.back()));
    for (const auto& [name, value] : m.extra) {
      const MetricPoint point{m.step, m.epoch, m.active_seconds, m.segment, value};
      if (name == chance_metric_) measured_chance_.push_back(point);
      if (name == "output_spread") output_spread_.push_back(point);
    }
  }
  for (const EpochMetrics& m : epochs) {
    if (!known(feature_std_, m.step, m.segment))
      feature_std_.push_back({m.step, m.epoch, m.active_seconds, m.segment, m.feature_std});
    if (m.feature_std_healthy > 0)
      run_.shape.feature_dimensions = qRound64(1 / (m.feature_std_healthy * m.feature_std_healthy));
    if (!m.knn || known(knn_, m.step, m.segment)) continue;
    knn_.push_back({m.step, m.epoch, m.active_seconds, m.segment, *m.knn});
    new_knn_.push_back(to_curve(knn_.back()));
  }
  if (main_->isVisible()) show_new();
}

void RunPage::show_new() {
  if (!new_loss_.empty()) {
    loss_plot_->append(run_.id, std::exchange(new_loss_, {}));
    show_chance();
  }
  if (!new_knn_.empty()) {
    knn_plot_->append(run_.id, std::exchange(new_knn_, {}));
    show_start();
  }
  if (std::exchange(new_checkpoints_, false)) show_checkpoints();
  show_batch();
  show_health();
}

void RunPage::show_health() {
  const Verdict verdict = verdict_of(run_, chance_, loss_, feature_std_, output_spread_, knn_);
  verdict_->setText(verdict.text);
  set_mood(verdict_, verdict.mood);
  QList<QPair<QString, QString>> facts;
  if (!loss_.empty()) facts.append({tr("Loss"), QString::number(loss_.back().value, 'g', 4)});
  if (chance_) facts.append({tr("Loss at chance"), QString::number(chance_->value, 'g', 4)});
  if (!feature_std_.empty())
    facts.append({tr("Feature std"), QString::number(feature_std_.back().value, 'f', 4)});
  if (run_.shape.feature_dimensions > 0)
    facts.append(
        {tr("Healthy std"),
         QStringLiteral("≈ %1").arg(
             1 / std::sqrt(static_cast<double>(run_.shape.feature_dimensions)), 0, 'f', 4)});
  if (!knn_.empty()) {
    facts.append({tr("kNN now"), percent_words(knn_.back().value, 1)});
    facts.append({tr("kNN at the start"), percent_words(knn_.front().value, 1)});
  }
  knn_card_->setVisible(!knn_.empty() || feature_std_.empty());  // without labels there is none
  facts_->set_facts(facts);
  facts_->setVisible(!facts.isEmpty());
}

void RunPage::show_chance() {
  const auto chance = chance_of(run_, measured_chance_);
  if (!chance) {
    if (const auto collapse = collapse_of(run_))
      loss_plot_->set_references({{collapse->value, core_words(collapse->label)}});
    return;
  }
  // A measured line trembles from batch to batch; a hundredth is not worth a redraw.
  if (chance_ && std::abs(chance->value - chance_->value) <= 0.01 * chance_->value) return;
  chance_ = chance;
  std::vector<ReferenceLine> lines{{chance->value, core_words(chance->label)}};
  if (const auto collapse = collapse_of(run_);
      collapse && std::abs(collapse->value - chance->value) > 0.01 * std::abs(chance->value))
    lines.push_back({collapse->value, core_words(collapse->label)});
  loss_plot_->set_references(std::move(lines));
}

void RunPage::show_start() {
  knn_plot_->set_references(
      knn_.empty() ? std::vector<ReferenceLine>{}
                   : std::vector<ReferenceLine>{{knn_.front().value, tr("its own start")}});
}

}  // namespace selfsight
