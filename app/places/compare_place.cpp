#include "app/places/compare_place.h"

#include <QComboBox>
#include <QGridLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <cmath>

#include "app/places/run_words.h"
#include "app/places/save_plot.h"
#include "app/workspace.h"
#include "core/base/error.h"
#include "widgets/card.h"
#include "widgets/controls.h"
#include "widgets/curve_plot.h"
#include "widgets/diff_table.h"
#include "widgets/icons.h"
#include "widgets/run_table.h"
#include "widgets/theme.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

std::optional<double> last(const std::vector<MetricPoint>& points) {
  if (points.empty()) return std::nullopt;
  return points.back().value;
}

std::optional<double> best(const std::vector<MetricPoint>& points, bool largest) {
  std::optional<double> found;
  for (const MetricPoint& p : points)
    if (std::isfinite(p.value) && (!found || (largest ? p.value > *found : p.value < *found)))
      found = p.value;
  return found;
}

RunRow row_of(const Store& store, const Run& run) {
  const auto loss = store.metric(run.id, "loss"), knn = store.metric(run.id, "knn");
  return {.id = run.id,
          .name = run_label(run),
          .status = status_words(run.status),
          .method = QString::fromStdString(
              method_info(run.settings.get<std::string>("method.name")).title),
          .created = QString::fromStdString(run.created),
          .epochs = run.epoch,
          .seconds = run.active_seconds,
          .loss_last = last(loss),
          .loss_best = best(loss, false),
          .knn_last = last(knn),
          .knn_best = best(knn, true)};
}

bool few_points(const QString& metric) {
  return metric == QLatin1String("knn") || metric == QLatin1String("feature_std");
}

}  // namespace

ComparePlace::ComparePlace(Workspace& workspace, QWidget* parent)
    : Place(tr("Compare"), workspace, parent) {
  build_head();
  set_content(build_main(), nullptr);
  connect(&workspace, &Workspace::runs_changed, this, &ComparePlace::list_runs);
  list_runs();
}

void ComparePlace::build_head() {
  filter_ = new QLineEdit(this);
  filter_->setObjectName(QStringLiteral("run_filter"));
  filter_->setAccessibleName(tr("Filter runs"));
  filter_->setPlaceholderText(tr("Filter"));
  filter_->setClearButtonEnabled(true);
  filter_->addAction(icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
  filter_->setFixedWidth(160);
  show_archived_ = button(tr("Archived"), QStringLiteral("show_archived"), ButtonKind::chip, this);
  show_archived_->setCheckable(true);
  show_archived_->setToolTip(tr("Show archived runs too"));
  undo_ = button(tr("Undo"), QStringLiteral("undo_archive"), ButtonKind::link, this);
  undo_->hide();
  resume_ = button(tr("Resume"), QStringLiteral("resume_chosen"), ButtonKind::plain, this);
  for (QWidget* control : std::initializer_list<QWidget*>{undo_, filter_, show_archived_, resume_})
    add_action_widget(control);
  connect(show_archived_, &QPushButton::toggled, this, &ComparePlace::list_runs);
  connect(undo_, &QPushButton::clicked, this, [this] {
    undo_->hide();
    archive(std::exchange(archived_, {}), false);
  });
  connect(resume_, &QPushButton::clicked, this, [this] {
    try {
      workspace().resume_run(table_->chosen().front());
      Q_EMIT go_to(QStringLiteral("pretrain"));
    } catch (const Error& error) {
      Q_EMIT workspace().problem(QString::fromUtf8(error.what()));
    }
  });
}

QWidget* ComparePlace::build_main() {
  stack_ = new QStackedWidget(this);
  auto* empty = new EmptyState(tr("No runs yet"),
                               tr("Here your runs stand side by side: curves, numbers, and the "
                                  "options in which they differ."),
                               tr("Go to Pretrain"), stack_);
  auto* page = new QWidget(stack_);
  auto* grid = new QGridLayout(page);
  grid->setContentsMargins(0, 0, 0, 0);
  grid->setSpacing(measures::gap);
  auto* runs = new Card(tr("Runs"), page);
  runs->set_subtitle(tr("Ctrl or Shift chooses several · F2 renames · Delete archives"));
  table_ = new RunTable(runs);
  runs->body()->addWidget(table_, 1);
  curves_card_ = new Card(tr("Curves"), page);
  metric_ = new QComboBox(curves_card_);
  metric_->setObjectName(QStringLiteral("compare_metric"));
  metric_->setAccessibleName(tr("What the curves show"));
  ignore_wheel_without_focus(metric_);
  curves_card_->add_to_head(metric_);
  curves_ = new CurvePlot(QStringLiteral("compare_plot"), curves_card_);
  curves_card_->body()->addWidget(curves_, 1);
  diff_card_ = new Card(tr("Options that differ"), page);
  diff_ = new DiffTable(diff_card_);
  diff_words_ = paragraph({}, Voice::soft, diff_card_);
  diff_card_->body()->addWidget(diff_, 1);
  diff_card_->body()->addWidget(diff_words_);
  grid->addWidget(runs, 0, 0, 1, 2);
  grid->addWidget(curves_card_, 1, 0);
  grid->addWidget(diff_card_, 1, 1);
  grid->setColumnStretch(0, 3);
  grid->setColumnStretch(1, 2);
  grid->setRowStretch(0, 2);
  grid->setRowStretch(1, 3);
  stack_->addWidget(empty);
  stack_->addWidget(page);
  connect(empty, &EmptyState::action_wanted, this,
          [this] { Q_EMIT go_to(QStringLiteral("pretrain")); });
  connect(filter_, &QLineEdit::textChanged, table_, &RunTable::set_filter);
  connect(table_, &RunTable::chosen_changed, this, [this] {
    chosen_by_person_ = true;
    show_chosen();
  });
  connect(table_, &RunTable::archive_wanted, this, [this](const std::vector<std::int64_t>& chosen) {
    archived_ = chosen;
    archive(chosen, true);
    undo_->setText(
        tr("Undo archiving %1")
            .arg(count_words(static_cast<std::int64_t>(chosen.size()), tr("run"), tr("runs"))));
    undo_->show();
  });
  connect(table_->runs(), &RunModel::renamed, this, [this](qint64 run, const QString& name) {
    workspace().store().rename_run(run, name.toStdString());
    Q_EMIT workspace().runs_changed();
  });
  connect(metric_, &QComboBox::activated, this, [this] { show_curves(table_->chosen()); });
  connect(curves_, &CurvePlot::export_wanted, this, &ComparePlace::save);
  return stack_;
}

void ComparePlace::enter() {
  list_runs();
}

void ComparePlace::list_runs() {
  std::vector<std::int64_t> wanted = table_->chosen();
  const Store& store = workspace().store();
  std::vector<RunRow> rows;
  const auto runs = store.runs();
  for (const Run& run : runs)
    if (!run.archived || show_archived_->isChecked()) rows.push_back(row_of(store, run));
  stack_->setCurrentIndex(runs.empty() ? 0 : 1);
  for (QWidget* tool : std::initializer_list<QWidget*>{filter_, show_archived_})
    tool->setVisible(!runs.empty());
  // Until a person chooses, the two newest, which is what is most often compared; so too when all
  // that were chosen are gone.
  const bool gone = std::none_of(rows.begin(), rows.end(), [&](const RunRow& row) {
    return std::find(wanted.begin(), wanted.end(), row.id) != wanted.end();
  });
  if (gone) chosen_by_person_ = false;
  if (!chosen_by_person_) {
    wanted.clear();
    for (std::size_t i = rows.size() - std::min<std::size_t>(2, rows.size()); i < rows.size(); ++i)
      wanted.push_back(rows[i].id);
  }
  {
    const QSignalBlocker quiet(table_);
    table_->runs()->set_rows(std::move(rows));
    table_->choose(wanted);
  }
  show_chosen();
}

void ComparePlace::show_chosen() {
  const auto runs = table_->chosen();
  set_about(runs.empty() ? QString()
                         : tr("%1 of %2 runs").arg(runs.size()).arg(table_->runs()->rowCount()));
  bool resumable = false;
  if (runs.size() == 1) {
    const RunStatus status = workspace().store().run(runs.front()).status;
    resumable = status != RunStatus::finished && status != RunStatus::running;
  }
  resume_->setVisible(resumable && !workspace().training());
  const QString shown = metric_->currentData().toString();
  const QSignalBlocker quiet(metric_);
  metric_->clear();
  std::vector<std::string> names;
  for (const std::int64_t run : runs)
    for (const std::string& name : workspace().store().metric_names(run))
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  for (const std::string& name : names)
    metric_->addItem(QString::fromStdString(name), QString::fromStdString(name));
  const int known = metric_->findData(shown.isEmpty() ? QStringLiteral("loss") : shown);
  metric_->setCurrentIndex(std::max(0, known));
  metric_->setVisible(metric_->count() > 0);
  show_curves(runs);
  show_differences(runs);
}

void ComparePlace::show_curves(const std::vector<std::int64_t>& runs) {
  const QString metric = metric_->currentData().toString();
  std::vector<Curve> curves;
  for (const std::int64_t run : runs) {
    Curve curve{run, tr("run %1").arg(run), {}};
    for (const MetricPoint& p : workspace().store().metric(run, metric.toStdString()))
      curve.points.push_back({static_cast<double>(p.step), p.epoch, p.seconds, p.segment, p.value});
    curves.push_back(std::move(curve));
  }
  curves_->set_percent(metric == QLatin1String("knn"));
  curves_->set_marks(few_points(metric));
  curves_->set_smoothing(metric == QLatin1String("loss") ? 0.9 : 0);
  curves_->set_axis(few_points(metric) ? CurveAxis::epoch : CurveAxis::step);
  curves_->set_curves(std::move(curves));
  curves_->fit();
}

void ComparePlace::show_differences(const std::vector<std::int64_t>& runs) {
  std::vector<Settings> settings;
  QStringList names;
  for (const std::int64_t run : runs) {
    settings.push_back(workspace().store().run(run).settings);
    names << tr("run %1").arg(run);
  }
  const auto rows = differences(settings);
  diff_->differences()->set_differences(names, rows);
  diff_->setVisible(!rows.empty());
  diff_card_->set_subtitle(
      settings.empty() ? QString()
                       : tr("%1 of %2").arg(rows.size()).arg(settings.front().schema().size()));
  diff_words_->setText(runs.size() < 2 ? tr("Choose two or more runs.")
                       : rows.empty()  ? tr("These runs have the same options.")
                                       : QString());
  diff_words_->setVisible(!diff_words_->text().isEmpty());
}

void ComparePlace::archive(const std::vector<std::int64_t>& runs, bool archived) {
  for (const std::int64_t run : runs) workspace().store().set_archived(run, archived);
  Q_EMIT workspace().runs_changed();
}

void ComparePlace::save(const QString& format) {
  const QString problem = save_plot(*curves_, metric_->currentData().toString(), format);
  if (!problem.isEmpty()) Q_EMIT workspace().problem(problem);
}

QList<QPair<QString, std::function<void()>>> ComparePlace::exports() {
  if (table_->chosen().empty()) return {};
  return {{tr("Curves as PNG…"), [this] { save(QStringLiteral("png")); }},
          {tr("Curves as SVG…"), [this] { save(QStringLiteral("svg")); }},
          {tr("Values as CSV…"), [this] { save(QStringLiteral("csv")); }}};
}

}  // namespace selfsight
