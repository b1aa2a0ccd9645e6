#include "app/places/compare_place.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QScrollBar>
#include <QShortcut>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QTimer>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "app/app_settings.h"
#include "app/places/compare_image.h"
#include "app/places/compare_maps.h"
#include "app/places/compare_sweep.h"
#include "app/places/curve_controls.h"
#include "app/places/run_exports.h"
#include "app/places/run_words.h"
#include "app/places/save_plot.h"
#include "app/workspace.h"
#include "core/base/error.h"
#include "widgets/card.h"
#include "widgets/controls.h"
#include "widgets/curve_plot.h"
#include "widgets/diff_table.h"
#include "widgets/exports.h"
#include "widgets/icons.h"
#include "widgets/parallel_plot.h"
#include "widgets/run_table.h"
#include "widgets/theme.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

constexpr int undo_milliseconds = 30'000;      // for so long a deletion can be taken back
constexpr int fewest_rows = 2, most_rows = 9;  // of the table, in view at once

QString training_words() {
  return status_words(RunStatus::running);
}

QString tags_of(const Run& run) {
  QStringList tags;
  for (const std::string& tag : run.tags) tags.append(QString::fromStdString(tag));
  return tags.join(QStringLiteral(", "));
}

RunRow row_of(const Run& run) {
  RunRow row;
  row.id = run.id;
  row.name = run_label(run);
  row.status = status_words(run.status);
  row.method =
      QString::fromStdString(method_info(run.settings.get<std::string>("method.name")).title);
  row.created = QString::fromStdString(run.created);
  row.note = QString::fromStdString(run.note);
  row.tags = tags_of(run);
  row.archived = run.archived;
  row.epochs = run.epoch;
  row.seconds = run.active_seconds;
  return row;
}

bool few_points(const QString& metric) {
  return metric == QLatin1String("knn") || metric == QLatin1String("feature_std");
}

bool contains(const std::vector<std::int64_t>& runs, std::int64_t run) {
  return std::ranges::find(runs, run) != runs.end();
}

QString runs_words(const std::vector<std::int64_t>& runs) {
  return count_words(static_cast<std::int64_t>(runs.size()), ComparePlace::tr("run"),
                     ComparePlace::tr("runs"));
}

}  // namespace

ComparePlace::ComparePlace(Workspace& workspace, QWidget* parent)
    : Place(tr("Compare"), workspace, parent), measuring_(new Latest<Numbers>(this)) {
  build_head();
  set_content(build_main(), nullptr);
  connect(&workspace, &Workspace::runs_changed, this, &ComparePlace::list_runs);
  connect(new QShortcut(QKeySequence(Qt::CTRL | Qt::Key_Z), this, nullptr, nullptr,
                        Qt::WidgetWithChildrenShortcut),
          &QShortcut::activated, this, &ComparePlace::undo);
  list_runs();
  restore();
}

ComparePlace::~ComparePlace() {
  const QSignalBlocker quiet(&workspace());  // the other places may be gone
  finish_deleting();
  app_settings::set_run_columns(table_->horizontalHeader()->saveState());
  app_settings::set_comparison(
      workspace().store_folder(),
      {look_->current(), chosen_by_person_ ? table_->chosen() : std::vector<std::int64_t>{},
       table_->runs()->baseline()});
}

/// What stood here when the window was closed, of the runs that are still there.
void ComparePlace::restore() {
  const auto kept = app_settings::comparison(workspace().store_folder());
  look_->set_current(kept.look);
  show_look(look_->current());
  const auto there = table_->shown();
  if (contains(there, kept.baseline)) table_->runs()->set_baseline(kept.baseline);
  if (std::ranges::any_of(kept.runs, [&](std::int64_t run) { return contains(there, run); })) {
    table_->choose(kept.runs);
    chosen_by_person_ = true;
  }
  show_chosen();
}

void ComparePlace::build_head() {
  filter_ = new QLineEdit(this);
  filter_->setObjectName(QStringLiteral("run_filter"));
  filter_->setAccessibleName(tr("Filter runs"));
  filter_->setPlaceholderText(tr("Filter"));
  filter_->setClearButtonEnabled(true);
  filter_->addAction(icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
  filter_->setFixedWidth(160);
  look_ = new ChoiceChips({{QStringLiteral("side"), tr("Side by side")},
                           {QStringLiteral("image"), tr("One image")},
                           {QStringLiteral("sweep"), tr("Sweep")}},
                          this);
  look_->setObjectName(QStringLiteral("compare_look"));
  add_about_widget(look_);
  connect(look_, &ChoiceChips::chosen, this, &ComparePlace::show_look);
  show_archived_ = button(tr("Archived"), QStringLiteral("show_archived"), ButtonKind::chip, this);
  show_archived_->setCheckable(true);
  show_archived_->setToolTip(tr("Show archived runs too"));
  undo_ = button(tr("Undo"), QStringLiteral("undo_archive"), ButtonKind::link, this);
  undo_->setToolTip(tr("Take the last change back (Ctrl+Z)"));
  undo_->hide();
  resume_ = button(tr("Resume"), QStringLiteral("resume_chosen"), ButtonKind::plain, this);
  baseline_ =
      button(tr("Pin as baseline"), QStringLiteral("pin_baseline"), ButtonKind::plain, this);
  report_ = button(tr("Report"), QStringLiteral("write_report"), ButtonKind::plain, this);
  report_->setToolTip(tr("Save the chosen runs as one HTML file"));
  for (QWidget* control :
       std::initializer_list<QWidget*>{undo_, filter_, show_archived_, resume_, baseline_, report_})
    add_action_widget(control);
  connect(show_archived_, &QPushButton::toggled, this, &ComparePlace::list_runs);
  connect(undo_, &QPushButton::clicked, this, &ComparePlace::undo);
  connect(report_, &QPushButton::clicked, this, &ComparePlace::write_report);
  connect(baseline_, &QPushButton::clicked, this,
          [this] { pin_baseline(table_->runs()->baseline() != 0 ? 0 : table_->chosen().front()); });
  deleting_timer_ = new QTimer(this);
  deleting_timer_->setSingleShot(true);
  deleting_timer_->setInterval(undo_milliseconds);
  connect(deleting_timer_, &QTimer::timeout, this, &ComparePlace::finish_deleting);
  connect(resume_, &QPushButton::clicked, this, [this] {
    workspace().attempt([this] {
      workspace().resume_run(table_->chosen().front());
      Q_EMIT go_to(QStringLiteral("pretrain"));
    });
  });
}

QWidget* ComparePlace::build_main() {
  stack_ = new QStackedWidget(this);
  auto* empty = new EmptyState(tr("No runs yet"),
                               tr("Here your runs stand side by side: curves, numbers, and the "
                                  "options in which they differ."),
                               tr("Go to Pretrain"), stack_);
  auto* page = new QWidget(stack_);
  auto* column = new QVBoxLayout(page);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(measures::gap);
  auto* runs = new Card(tr("Runs"), page);
  runs->set_subtitle(tr("Ctrl or Shift chooses several · F2 renames · right click for more"));
  auto* import = button(tr("Import…"), QStringLiteral("import_run"), ButtonKind::link, runs);
  import->setToolTip(tr("Add a run that Export, The whole run, wrote on this or another machine"));
  connect(import, &QPushButton::clicked, this, [this] {
    import_run(workspace(), this, [this](const QString& words) { set_status(words); });
  });
  runs->add_to_head(import);
  table_ = new RunTable(runs);
  runs->body()->addWidget(table_);
  lower_ = new QStackedWidget(page);
  image_ = new CompareImage(workspace(), lower_);
  sweep_ = new CompareSweep(lower_);
  offer_files(sweep_->plot(), workspace(), QStringLiteral("sweep"), all_formats(),
              [this](const QString& format) { return sweep_->plot()->rendered(format); });
  for (QWidget* look : std::initializer_list<QWidget*>{build_side_by_side(lower_), image_, sweep_})
    lower_->addWidget(look);
  column->addWidget(runs);
  column->addWidget(lower_, 1);
  stack_->addWidget(empty);
  stack_->addWidget(page);
  connect(empty, &EmptyState::action_wanted, this,
          [this] { Q_EMIT go_to(QStringLiteral("pretrain")); });
  connect(filter_, &QLineEdit::textChanged, this, [this](const QString& words) {
    table_->set_filter(words);
    fit_table();
    show_sweep();
  });
  connect(table_, &RunTable::chosen_changed, this, [this] {
    chosen_by_person_ = true;
    show_chosen();
  });
  link_table();
  connect(sweep_, &CompareSweep::run_clicked, this, &ComparePlace::choose_by_line);
  return stack_;
}

/// Curves, maps and options of the chosen runs.
QWidget* ComparePlace::build_side_by_side(QWidget* parent) {
  auto* page = new QWidget(parent);
  auto* row = new QHBoxLayout(page);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(measures::gap);
  curves_card_ = new Card(tr("Curves"), page);
  metric_ = new QComboBox(curves_card_);
  metric_->setObjectName(QStringLiteral("compare_metric"));
  metric_->setAccessibleName(tr("What the curves show"));
  ignore_wheel(metric_);
  curves_card_->add_to_head(metric_);
  curves_ = new CurvePlot(QStringLiteral("compare_plot"), curves_card_);
  curve_controls_ = new CurveControls(curves_, QStringLiteral("compare"), curves_card_);
  curves_card_->body()->addWidget(curve_controls_);
  curves_card_->body()->addWidget(curves_, 1);
  diff_card_ = new Card(tr("Options that differ"), page);
  diff_ = new DiffTable(diff_card_);
  offer_files(diff_, workspace(), QStringLiteral("options"), {QStringLiteral("csv")},
              [this](const QString&) { return model_as_csv(*diff_->differences()); });
  diff_words_ = paragraph({}, Voice::soft, diff_card_);
  diff_card_->body()->addWidget(diff_, 1);
  diff_card_->body()->addWidget(diff_words_);
  maps_ = new CompareMaps(workspace(), page);
  for (QWidget* card : std::initializer_list<QWidget*>{curves_card_, maps_, diff_card_})
    row->addWidget(card, 1);
  connect(metric_, &QComboBox::activated, this, [this] { show_curves(table_->chosen()); });
  connect(curves_, &CurvePlot::export_wanted, this, &ComparePlace::save);
  connect(maps_, &CompareMaps::image_clicked, image_, &CompareImage::show_image);
  return page;
}

void ComparePlace::show_look(const QString& look) {
  lower_->setCurrentIndex(look == QLatin1String("image")   ? 1
                          : look == QLatin1String("sweep") ? 2
                                                           : 0);
}

void ComparePlace::show_sweep() {
  const auto shown = table_->shown();
  std::vector<Run> runs;
  for (const Run& run : runs_)
    if (contains(shown, run.id)) runs.push_back(run);
  sweep_->show_runs(std::move(runs), table_->runs()->rows());
}

void ComparePlace::choose_by_line(std::int64_t run, bool besides) {
  std::vector<std::int64_t> runs = besides ? table_->chosen() : std::vector<std::int64_t>{};
  if (const auto at = std::ranges::find(runs, run); at != runs.end())
    runs.erase(at);
  else
    runs.push_back(run);
  table_->choose(runs);
}

void ComparePlace::link_table() {
  table_->horizontalHeader()->restoreState(app_settings::run_columns());
  table_->setContextMenuPolicy(Qt::CustomContextMenu);
  connect(table_, &QWidget::customContextMenuRequested, this, &ComparePlace::offer_actions);
  connect(table_, &RunTable::archive_wanted, this,
          [this](const auto& runs) { archive_with_undo(runs, true); });
  connect(table_, &RunTable::delete_wanted, this, &ComparePlace::delete_with_undo);
  connect(table_->runs(), &RunModel::renamed, this, [this](qint64 run, const QString& name) {
    write_with_undo(run, tr("renaming run %1").arg(run), &Store::rename_run, &Run::name,
                    name.toStdString());
  });
  connect(table_->runs(), &RunModel::noted, this, [this](qint64 run, const QString& note) {
    write_with_undo(run, tr("the note of run %1").arg(run), &Store::set_note, &Run::note,
                    note.toStdString());
  });
  connect(table_->runs(), &RunModel::tagged, this, [this](qint64 run, const QStringList& tags) {
    std::vector<std::string> words;
    for (const QString& tag : tags) words.push_back(tag.toStdString());
    write_with_undo(run, tr("the tags of run %1").arg(run), &Store::set_tags, &Run::tags, words);
  });
}

template <class Text>
void ComparePlace::write_with_undo(std::int64_t run, const QString& words,
                                   void (Store::*write)(std::int64_t, const Text&), Text Run::*kept,
                                   const Text& after) {
  const auto put = [this, run, write](const Text& text) {
    (workspace().store().*write)(run, text);
    Q_EMIT workspace().runs_changed();
  };
  const bool written = workspace().attempt([&] {
    const Text before = workspace().store().run(run).*kept;
    if (before == after) return;
    put(after);
    offer_undo(words, {run}, [put, before](const UndoStack::Runs&) { put(before); });
  });
  if (!written) show_rows();  // the cell says again what the store does
}

void ComparePlace::offer_actions(const QPoint& position) {
  const auto chosen = table_->chosen();
  if (chosen.empty()) return;
  auto* menu = new QMenu(this);
  menu->setObjectName(QStringLiteral("run_menu"));
  menu->setAttribute(Qt::WA_DeleteOnClose);
  const std::int64_t first = chosen.front();
  if (chosen.size() == 1 && table_->runs()->baseline() != first)
    menu->addAction(tr("Pin as baseline"), this, [this, first] { pin_baseline(first); });
  if (table_->runs()->baseline() != 0)
    menu->addAction(tr("No baseline"), this, [this] { pin_baseline(0); });
  menu->addAction(tr("Report, HTML…"), this, &ComparePlace::write_report);
  add_exports(*menu, {QStringLiteral("csv")}, [this](const QString& format) {
    const QString problem = save_bytes(this, QStringLiteral("runs"), format, table_->as_csv());
    if (!problem.isEmpty()) Q_EMIT workspace().problem(problem);
  });
  menu->addSeparator();
  if (!listed(chosen, false).empty())
    menu->addAction(tr("Archive"), QKeySequence(Qt::Key_Delete), this,
                    [this, chosen] { archive_with_undo(chosen, true); });
  if (!listed(chosen, true).empty())
    menu->addAction(tr("Bring back"), this, [this, chosen] { archive_with_undo(chosen, false); });
  menu->addAction(tr("Delete"), QKeySequence(Qt::SHIFT | Qt::Key_Delete), this,
                  [this, chosen] { delete_with_undo(chosen); });
  menu->popup(table_->viewport()->mapToGlobal(position));
}

/// As high as its rows, within bounds: what is compared has the rest.
void ComparePlace::fit_table() {
  const int rows = std::clamp(table_->model()->rowCount(), fewest_rows, most_rows);
  table_->setFixedHeight(table_->horizontalHeader()->sizeHint().height() +
                         rows * table_->verticalHeader()->defaultSectionSize() +
                         table_->horizontalScrollBar()->sizeHint().height());
}

void ComparePlace::pin_baseline(std::int64_t run) {
  table_->runs()->set_baseline(run);
  show_chosen();
}

void ComparePlace::enter() {
  list_runs();
}

void ComparePlace::list_runs() {
  std::vector<std::int64_t> wanted = table_->chosen();
  std::vector<RunRow> rows;
  std::vector<Run> runs = workspace().store().runs();
  const bool none = runs.empty();
  std::erase_if(runs, [this](const Run& run) {
    return (run.archived && !show_archived_->isChecked()) || contains(deleting_, run.id);
  });
  for (const Run& run : runs) rows.push_back(row_of(run));
  runs_ = std::move(runs);
  stack_->setCurrentIndex(none ? 0 : 1);
  for (QWidget* tool : std::initializer_list<QWidget*>{filter_, show_archived_, look_})
    tool->setVisible(!none);
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
  rows_ = std::move(rows);
  {
    const QSignalBlocker quiet(table_);
    show_rows();
    table_->choose(wanted);
  }
  fit_table();
  show_chosen();
  measure_rows();
}

/// With the numbers that are known by now.
void ComparePlace::show_rows() {
  std::vector<RunRow> rows = rows_;
  for (RunRow& row : rows) {
    const auto known = numbers_.find(row.id);
    if (known == numbers_.end()) continue;
    const auto& [loss, knn] = known->second;
    row.loss_last = loss.last;
    row.loss_best = loss.least;
    row.knn_last = knn.last;
    row.knn_best = knn.greatest;
  }
  table_->runs()->set_rows(std::move(rows));
  show_sweep();
}

/// Millions of points take a while; the table is there before their numbers.
void ComparePlace::measure_rows() {
  std::vector<std::int64_t> wanted;
  for (const RunRow& row : rows_)
    if (const auto at = measured_at_.find(row.id);
        at == measured_at_.end() || at->second != row.epochs || row.status == training_words())
      wanted.push_back(row.id);
  if (wanted.empty()) return;
  std::map<std::int64_t, double> epochs;
  for (const RunRow& row : rows_) epochs[row.id] = row.epochs;
  measuring_->ask(
      [wanted, folder = workspace().store_folder()](Control& control) {
        const Store store(folder);
        Numbers numbers;
        for (const std::int64_t run : wanted) {
          control.check();
          numbers[run] = {store.summary(run, "loss"), store.summary(run, "knn")};
        }
        return numbers;
      },
      [this, epochs](const Numbers& numbers) {
        for (const auto& [run, pair] : numbers) {
          numbers_[run] = pair;
          measured_at_[run] = epochs.at(run);
        }
        show_rows();
      });
}

void ComparePlace::show_chosen() {
  const auto runs = table_->chosen();
  set_about(runs.empty() ? QString()
                         : tr("%1 of %2 runs").arg(runs.size()).arg(table_->runs()->rowCount()) +
                               (table_->runs()->baseline() != 0
                                    ? tr(" · against run %1").arg(table_->runs()->baseline())
                                    : QString()));
  bool resumable = false;
  if (runs.size() == 1) {
    const RunStatus status = workspace().store().run(runs.front()).status;
    resumable = status != RunStatus::finished && status != RunStatus::running;
  }
  resume_->setVisible(resumable && !workspace().training());
  report_->setVisible(!runs.empty());
  const bool pinned = table_->runs()->baseline() != 0;
  baseline_->setVisible(pinned || runs.size() == 1);
  baseline_->setText(pinned ? tr("No baseline") : tr("Pin as baseline"));
  baseline_->setToolTip(pinned ? tr("Show plain numbers again")
                               : tr("Show how far the other runs are from this one"));
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
  maps_->show_runs(runs);
  image_->show_runs(runs);
  sweep_->show_chosen(runs);
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
  const bool others = curve_runs_ != runs || curve_metric_ != metric;
  curve_runs_ = runs;
  curve_metric_ = metric;
  curves_->set_metric(metric_->currentText());
  if (!others) return curves_->set_curves(std::move(curves));  // what is zoomed in to stays
  curves_->set_percent(metric == QLatin1String("knn"));
  curves_->set_marks(few_points(metric));
  curve_controls_->set_few_points(few_points(metric));
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

void ComparePlace::offer_undo(const QString& words, const UndoStack::Runs& runs,
                              std::function<void(const UndoStack::Runs&)> act) {
  undos_.add(words, runs, std::move(act));
  show_undo();
}

void ComparePlace::undo() {
  workspace().attempt([this] { undos_.undo(); });
  show_undo();
}

void ComparePlace::show_undo() {
  undo_->setText(tr("Undo %1").arg(undos_.words()));
  undo_->setVisible(!undos_.words().isEmpty());
}

/// Those of these runs that are archived, or that are not.
std::vector<std::int64_t> ComparePlace::listed(const std::vector<std::int64_t>& runs,
                                               bool archived) const {
  std::vector<std::int64_t> out;
  for (const Run& run : runs_)
    if (run.archived == archived && contains(runs, run.id)) out.push_back(run.id);
  return out;
}

void ComparePlace::archive_with_undo(const std::vector<std::int64_t>& runs, bool archived) {
  const auto others = listed(runs, !archived);
  if (others.empty()) return;
  workspace().attempt([&] {
    archive(others, archived);
    const QString words = archived ? tr("archiving %1") : tr("bringing %1 back");
    offer_undo(words.arg(runs_words(others)), others,
               [this, archived](const UndoStack::Runs& left) { archive(left, !archived); });
  });
}

/// Out of sight at once, out of the store when nobody can want them back.
void ComparePlace::delete_with_undo(const std::vector<std::int64_t>& runs) {
  for (const std::int64_t run : runs)
    if (workspace().store().run(run).status == RunStatus::running)
      return Q_EMIT workspace().problem(
          tr("Run %1 is training; stop it before it is deleted.").arg(run));
  finish_deleting();
  deleting_ = runs;
  deleting_timer_->start();
  offer_undo(tr("deleting %1").arg(runs_words(runs)), runs, [this](const UndoStack::Runs&) {
    deleting_timer_->stop();
    deleting_.clear();
    Q_EMIT workspace().runs_changed();
  });
  list_runs();
}

void ComparePlace::finish_deleting() {
  if (deleting_.empty()) return;
  deleting_timer_->stop();
  undos_.drop(deleting_);
  show_undo();
  workspace().attempt([this] {
    if (contains(deleting_, workspace().current_run())) workspace().set_current_run(0);
    for (const std::int64_t run : std::exchange(deleting_, {})) workspace().store().delete_run(run);
  });
  Q_EMIT workspace().runs_changed();
}

void ComparePlace::write_report() {
  save_report(workspace(), table_->chosen(), this);
}

void ComparePlace::save(const QString& format) {
  const QString problem = save_plot(*curves_, metric_->currentData().toString(), format);
  if (!problem.isEmpty()) Q_EMIT workspace().problem(problem);
}

QList<QPair<QString, std::function<void()>>> ComparePlace::exports() {
  if (table_->chosen().empty()) return {};
  return {{tr("Report, HTML…"), [this] { write_report(); }},
          {tr("Curves as PNG…"), [this] { save(QStringLiteral("png")); }},
          {tr("Curves as SVG…"), [this] { save(QStringLiteral("svg")); }},
          {tr("Curves as PDF…"), [this] { save(QStringLiteral("pdf")); }},
          {tr("Values as CSV…"), [this] { save(QStringLiteral("csv")); }}};
}

}  // namespace selfsight
