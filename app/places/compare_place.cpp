#include "app/places/compare_place.h"

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
#include "app/places/compare_curves.h"
#include "app/places/compare_image.h"
#include "app/places/compare_maps.h"
#include "app/places/compare_sweep.h"
#include "app/places/run_changes.h"
#include "app/places/run_exports.h"
#include "app/places/run_words.h"
#include "app/places/save_plot.h"
#include "app/soon.h"
#include "app/workspace.h"
#include "core/base/error.h"
#include "widgets/card.h"
#include "widgets/controls.h"
#include "widgets/diff_table.h"
#include "widgets/exports.h"
#include "widgets/icons.h"
#include "widgets/parallel_plot.h"
#include "widgets/run_table.h"
#include "widgets/theme.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

constexpr int follow_milliseconds = 2'000;     // between two looks at runs in training
constexpr int fewest_rows = 2, most_rows = 9;  // of the table, in view at once

QString running_words() {
  return status_words(RunStatus::running);
}

QString tags_of(const Run& run) {
  QStringList tags;
  for (const std::string& tag : run.tags) tags.append(QString::fromStdString(tag));
  return tags.join(QStringLiteral(", "));
}

RunRow run_row(const Run& run) {
  RunRow row;
  row.id = run.id;
  row.name = run_label(run);
  row.status = status_words(run.status);
  row.method = core_words(method_info(run.settings.get<std::string>("method.name")).title);
  row.created = QString::fromStdString(run.created);
  row.note = QString::fromStdString(run.note);
  row.tags = tags_of(run);
  row.archived = run.archived;
  row.epochs = run.epoch;
  row.seconds = run.active_seconds;
  return row;
}

bool contains(const std::vector<std::int64_t>& runs, std::int64_t run) {
  return std::ranges::find(runs, run) != runs.end();
}

}  // namespace

ComparePlace::ComparePlace(Workspace& workspace, QWidget* parent)
    : Place(tr("Compare"), workspace, parent),
      changes_(new RunChanges(workspace, this)),
      measuring_(new Latest<Numbers>(this)),
      reading_(new Latest<ComparedRuns>(this)),
      following_(new Latest<std::vector<Curve>>(this)),
      follow_(new QTimer(this)),
      keeper_(new Soon(this, [this] { keep(); })) {
  build_head();
  set_content(build_main(), nullptr);
  follow_->setObjectName(QStringLiteral("follow_runs"));
  follow_->setInterval(follow_milliseconds);
  connect(follow_, &QTimer::timeout, this, &ComparePlace::follow_training);
  connect(&workspace, &Workspace::runs_changed, this, &ComparePlace::refresh);
  connect(new QShortcut(QKeySequence(Qt::CTRL | Qt::Key_Z), this, nullptr, nullptr,
                        Qt::WidgetWithChildrenShortcut),
          &QShortcut::activated, changes_, &RunChanges::undo);
  list_runs();
  restore();
  connect(table_, &RunTable::columns_changed, keeper_, &Soon::ask);
  connect(table_, &RunTable::chosen_changed, keeper_, &Soon::ask);
  connect(look_, &ChoiceChips::chosen, keeper_, &Soon::ask);
}

ComparePlace::~ComparePlace() {
  const QSignalBlocker quiet(&workspace());  // the other places may be gone
  changes_->finish_deleting();
  keep();
}

void ComparePlace::keep() const {
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
    const QSignalBlocker quiet(table_);
    table_->choose(kept.runs);
    chosen_by_person_ = true;
  }
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
  connect(show_archived_, &QPushButton::toggled, this, &ComparePlace::enter);
  connect(undo_, &QPushButton::clicked, changes_, &RunChanges::undo);
  connect(changes_, &RunChanges::undo_changed, this, &ComparePlace::show_undo);
  connect(report_, &QPushButton::clicked, this, &ComparePlace::write_report);
  connect(baseline_, &QPushButton::clicked, this,
          [this] { pin_baseline(pinned() ? 0 : table_->chosen().front()); });
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
  runs->set_subtitle(
      tr("Ctrl or Shift chooses several · F2 renames · right click or the Menu key for more"));
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
  curves_ = new CompareCurves(workspace(), page);
  diff_card_ = new Card(tr("Options that differ"), page);
  diff_ = new DiffTable(diff_card_);
  offer_files(diff_, workspace(), QStringLiteral("options"), {QStringLiteral("csv")},
              [this](const QString&) { return model_as_csv(*diff_->differences()); });
  diff_words_ = paragraph({}, Voice::soft, diff_card_);
  diff_card_->body()->addWidget(diff_, 1);
  diff_card_->body()->addWidget(diff_words_);
  maps_ = new CompareMaps(workspace(), page);
  row->addWidget(curves_, 10);
  row->addWidget(maps_, 14);  // several, beside each other
  row->addWidget(diff_card_, 8);
  connect(curves_, &CompareCurves::metric_chosen, this, &ComparePlace::read_chosen);
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
          [this](const auto& runs) { changes_->archive(listed(runs, false), true); });
  connect(table_, &RunTable::delete_wanted, this, &ComparePlace::delete_chosen);
  connect(
      table_->itemDelegate(), &QAbstractItemDelegate::closeEditor, this,
      [this] {
        if (stale_ && isVisible() && !table_->editing()) enter();
      },
      Qt::QueuedConnection);
  // A cell that the store did not take says again what the store does.
  connect(table_->runs(), &RunModel::renamed, this, [this](qint64 run, const QString& name) {
    if (!changes_->rename(run, name.toStdString())) show_rows();
  });
  connect(table_->runs(), &RunModel::noted, this, [this](qint64 run, const QString& note) {
    if (!changes_->note(run, note.toStdString())) show_rows();
  });
  connect(table_->runs(), &RunModel::tagged, this, [this](qint64 run, const QStringList& tags) {
    std::vector<std::string> words;
    for (const QString& tag : tags) words.push_back(tag.toStdString());
    if (!changes_->tag(run, words)) show_rows();
  });
}

void ComparePlace::offer_actions(const QPoint& position) {
  auto* menu = new QMenu(this);
  menu->setObjectName(QStringLiteral("run_menu"));
  menu->setAttribute(Qt::WA_DeleteOnClose);
  if (const auto chosen = table_->chosen(); !chosen.empty()) add_actions(*menu, chosen);
  table_->add_columns(*menu->addMenu(tr("Columns")));
  table_->add_orders(*menu->addMenu(tr("Sort by")));
  menu->popup(table_->viewport()->mapToGlobal(position));
}

void ComparePlace::add_actions(QMenu& menu, const std::vector<std::int64_t>& chosen) {
  const std::int64_t first = chosen.front();
  if (chosen.size() == 1 && table_->runs()->baseline() != first)
    menu.addAction(tr("Pin as baseline"), this, [this, first] { pin_baseline(first); });
  if (pinned()) menu.addAction(tr("No baseline"), this, [this] { pin_baseline(0); });
  menu.addAction(tr("Report, HTML…"), this, &ComparePlace::write_report);
  add_exports(menu, {QStringLiteral("csv")}, [this](const QString& format) {
    const QString problem = save_bytes(this, QStringLiteral("runs"), format, table_->as_csv());
    if (!problem.isEmpty()) Q_EMIT workspace().problem(problem);
  });
  menu.addSeparator();
  const auto current = listed(chosen, false), archived = listed(chosen, true);
  if (!current.empty())
    menu.addAction(tr("Archive"), QKeySequence(Qt::Key_Delete), this,
                   [this, current] { changes_->archive(current, true); });
  if (!archived.empty())
    menu.addAction(tr("Bring back"), this,
                   [this, archived] { changes_->archive(archived, false); });
  menu.addAction(tr("Delete"), QKeySequence(Qt::SHIFT | Qt::Key_Delete), this,
                 &ComparePlace::delete_chosen);
  menu.addSeparator();
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
  keeper_->ask();
  show_head();
}

void ComparePlace::enter() {
  list_runs();
  show_chosen();
  measure_rows();
}

/// The runs may have changed. While nobody sees them, or somebody writes into their table, that is
/// noted and nothing read.
void ComparePlace::refresh() {
  stale_ = !isVisible() || table_->editing();
  if (!stale_) enter();
}

void ComparePlace::showEvent(QShowEvent* event) {
  Place::showEvent(event);
  follow_->start();
  // Later, because a person who comes here by the left bar enters, too.
  const auto renew = [this] {
    if (stale_ && isVisible() && !table_->editing()) enter();
  };
  if (stale_) QMetaObject::invokeMethod(this, renew, Qt::QueuedConnection);
}

void ComparePlace::hideEvent(QHideEvent* event) {
  Place::hideEvent(event);
  follow_->stop();
}

void ComparePlace::list_runs() {
  stale_ = false;
  std::vector<std::int64_t> wanted = table_->chosen();
  std::vector<RunRow> rows;
  std::vector<Run> runs = workspace().store().runs();
  const bool none = runs.empty();
  std::erase_if(runs, [this](const Run& run) {
    return (run.archived && !show_archived_->isChecked()) || changes_->deletes(run.id);
  });
  for (const Run& run : runs) rows.push_back(run_row(run));
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
        at == measured_at_.end() || at->second != row.epochs || row.status == running_words())
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
        if (table_->editing())
          stale_ = true;
        else
          show_rows();
      });
}

/// One that is archived or gone is none until it comes back.
bool ComparePlace::pinned() const {
  return std::ranges::find(table_->runs()->rows(), table_->runs()->baseline(), &RunRow::id) !=
         table_->runs()->rows().end();
}

void ComparePlace::show_head() {
  const auto runs = table_->chosen();
  set_about(
      runs.empty()
          ? QString()
          : tr("%1 of %2")
                    .arg(runs.size())
                    .arg(count_words(table_->runs()->rowCount(), tr("run"), tr("runs"))) +
                (pinned() ? tr(" · against run %1").arg(table_->runs()->baseline()) : QString()));
  const auto only =
      runs.size() == 1 ? std::ranges::find(runs_, runs.front(), &Run::id) : runs_.end();
  const bool resumable = only != runs_.end() && only->status != RunStatus::finished &&
                         only->status != RunStatus::running;
  resume_->setVisible(resumable && !workspace().training());
  report_->setVisible(!runs.empty());
  baseline_->setVisible(pinned() || runs.size() == 1);
  baseline_->setText(pinned() ? tr("No baseline") : tr("Pin as baseline"));
  baseline_->setToolTip(pinned() ? tr("Show plain numbers again")
                                 : tr("Show how far the other runs are from this one"));
}

void ComparePlace::show_chosen() {
  const auto runs = table_->chosen();
  show_head();
  show_differences(runs);
  image_->show_runs(runs);
  sweep_->show_chosen(runs);
  read_chosen();
}

/// The curves of many runs take a while; of all that is asked meanwhile only the last is answered.
void ComparePlace::read_chosen() {
  curves_->expect();
  reading_->ask_instead(
      [folder = workspace().store_folder(), runs = table_->chosen(),
       metric = curves_->metric().isEmpty() ? QStringLiteral("loss") : curves_->metric()](
          Control& control) { return compared_runs(folder, runs, metric, control); },
      [this, asked = ++question_](const ComparedRuns& compared) {
        if (asked == question_) show_answer(compared);
      },
      [this](const QString& problem) {
        curves_->show_runs({});
        Q_EMIT workspace().problem(problem);
      });
}

void ComparePlace::show_answer(const ComparedRuns& compared) {
  curves_->show_runs(compared);
  maps_->show_runs(compared.mapped);
}

/// Rows and curves of runs in training move; those of this program and of another one.
void ComparePlace::follow_training() {
  if (table_->editing()) return;
  std::vector<std::int64_t> training;
  bool ended = false;
  const bool read = workspace().attempt([&] {
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      if (runs_[i].status != RunStatus::running) continue;
      runs_[i] = workspace().store().run(runs_[i].id);
      rows_[i] = run_row(runs_[i]);
      ended |= runs_[i].status != RunStatus::running;
      training.push_back(runs_[i].id);
    }
  });
  if (!read || training.empty()) return;
  if (ended) return enter();
  show_rows();
  measure_rows();
  follow_curves(training);
}

void ComparePlace::follow_curves(const std::vector<std::int64_t>& training) {
  std::vector<std::int64_t> wanted;
  for (const std::int64_t run : table_->chosen())
    if (contains(training, run)) wanted.push_back(run);
  if (wanted.empty() || reading_->busy() || following_->busy()) return;
  const QString metric = curves_->metric();
  if (metric.isEmpty()) return read_chosen();  // nothing was there to choose from
  following_->ask([folder = workspace().store_folder(), wanted,
                   metric](Control&) { return curves_of(folder, wanted, metric); },
                  [this, metric](const std::vector<Curve>& curves) {
                    for (const Curve& curve : curves) curves_->show_newer(curve, metric);
                  });
}

void ComparePlace::show_differences(const std::vector<std::int64_t>& runs) {
  std::vector<Settings> settings;
  QStringList names;
  for (const std::int64_t run : runs) {
    const auto listed = std::ranges::find(runs_, run, &Run::id);
    if (listed == runs_.end()) continue;
    settings.push_back(listed->settings);
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

std::vector<std::int64_t> ComparePlace::listed(const std::vector<std::int64_t>& runs,
                                               bool archived) const {
  std::vector<std::int64_t> out;
  for (const Run& run : runs_)
    if (run.archived == archived && contains(runs, run.id)) out.push_back(run.id);
  return out;
}

void ComparePlace::delete_chosen() {
  const auto runs = table_->chosen();
  for (const Run& run : runs_)
    if (contains(runs, run.id) && run.status == RunStatus::running)
      return Q_EMIT workspace().problem(
          tr("Run %1 is training; stop it before it is deleted.").arg(run.id));
  changes_->delete_later(runs);
}

void ComparePlace::show_undo() {
  undo_->setText(tr("Undo %1").arg(changes_->undo_words()));
  undo_->setVisible(!changes_->undo_words().isEmpty());
}

void ComparePlace::write_report() {
  save_report(workspace(), table_->chosen(), this);
}

QList<QPair<QString, std::function<void()>>> ComparePlace::exports() {
  if (table_->chosen().empty()) return {};
  return {{tr("Report, HTML…"), [this] { write_report(); }},
          {tr("Curves as PNG…"), [this] { curves_->save(QStringLiteral("png")); }},
          {tr("Curves as SVG…"), [this] { curves_->save(QStringLiteral("svg")); }},
          {tr("Curves as PDF…"), [this] { curves_->save(QStringLiteral("pdf")); }},
          {tr("Values as CSV…"), [this] { curves_->save(QStringLiteral("csv")); }}};
}

}  // namespace selfsight
