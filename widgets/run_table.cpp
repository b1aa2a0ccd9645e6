#include "widgets/run_table.h"

#include <QActionGroup>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMenu>
#include <QPainter>
#include <QSortFilterProxyModel>
#include <algorithm>
#include <cmath>

#include "widgets/exports.h"
#include "widgets/theme.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

QString number_words(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? QString::number(*value, 'g', 4) : QStringLiteral("–");
}

QString share_words(const std::optional<double>& value) {
  return value ? percent_words(*value, 1) : QStringLiteral("–");
}

/// Absent values sort behind all others.
QVariant sortable(const std::optional<double>& value, bool best_is_small) {
  if (value && std::isfinite(*value)) return *value;
  return best_is_small ? HUGE_VAL : -HUGE_VAL;
}

/// What columns of measured numbers hold.
std::optional<double> number_of(const RunRow& row, int column) {
  switch (column) {
    case RunModel::loss_last:
      return row.loss_last;
    case RunModel::loss_best:
      return row.loss_best;
    case RunModel::knn_last:
      return row.knn_last;
    case RunModel::knn_best:
      return row.knn_best;
    default:
      return std::nullopt;
  }
}

bool is_number(int column) {
  return column == RunModel::number || (column >= RunModel::loss_last && column <= RunModel::time);
}

/// What a person looks for stands first: the least loss, the greatest accuracy, the newest run; of
/// words, the first.
bool best_is_small(int column) {
  return column == RunModel::loss_last || column == RunModel::loss_best || !is_number(column);
}

/// The same in a chosen row: a run keeps its colour everywhere.
QIcon dot(std::int64_t run) {
  constexpr int side = 16;  // what a table gives an icon; another size it would scale
  QIcon icon;
  for (const int density : {1, 2}) {
    QPixmap pixmap(density * side, density * side);
    pixmap.setDevicePixelRatio(density);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(series_colour(run));
    painter.drawEllipse(QRectF(3, 3, 10, 10));
    painter.end();
    icon.addPixmap(pixmap);
    icon.addPixmap(pixmap, QIcon::Selected);
  }
  return icon;
}

QStringList words_of(const QString& text) {
  QStringList words;
  for (const QString& word : text.split(QLatin1Char(','), Qt::SkipEmptyParts))
    if (!word.trimmed().isEmpty()) words.append(word.trimmed());
  return words;
}

}  // namespace

void RunModel::set_rows(std::vector<RunRow> rows) {
  const bool same = rows.size() == rows_.size() &&
                    std::equal(rows.begin(), rows.end(), rows_.begin(),
                               [](const RunRow& a, const RunRow& b) { return a.id == b.id; });
  if (same) {
    rows_.swap(rows);
    tell_changed(rows);
    return;
  }
  beginResetModel();
  rows_ = std::move(rows);
  endResetModel();
}

/// From the first to the last row that is not what it was; all, where those are told against the
/// baseline and it has changed.
void RunModel::tell_changed(const std::vector<RunRow>& before) {
  int first = rowCount(), last = -1;
  for (int row = 0; row < rowCount(); ++row) {
    const auto at = static_cast<std::size_t>(row);
    if (rows_[at] == before[at]) continue;
    first = std::min(first, row);
    last = row;
    if (rows_[at].id != baseline_) continue;
    first = 0;
    last = rowCount() - 1;
    break;
  }
  if (last >= 0) Q_EMIT dataChanged(index(first, 0), index(last, columns - 1));
}

int RunModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}

int RunModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : columns;
}

QString RunModel::text(const RunRow& row, int column) const {
  switch (column) {
    case name:
      return row.name;
    case number:
      return QString::number(row.id);
    case status:
      return row.archived ? tr("archived, %1").arg(row.status) : row.status;
    case method:
      return row.method;
    case loss_last:
      return number_words(row.loss_last);
    case loss_best:
      return number_words(row.loss_best);
    case knn_last:
      return share_words(row.knn_last);
    case knn_best:
      return share_words(row.knn_best);
    case epochs:
      return QString::number(row.epochs, 'g', 3);
    case time:
      return duration_words(row.seconds);
    case note:
      return row.note;
    case tags:
      return row.tags;
    default:
      return {};
  }
}

void RunModel::set_baseline(std::int64_t run) {
  baseline_ = run;
  if (!rows_.empty()) Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columns - 1));
}

/// How far a number is from the baseline's: "+2.1", of accuracies in points.
QString RunModel::delta(const RunRow& row, int column) const {
  const auto base = std::ranges::find(rows_, baseline_, &RunRow::id);
  if (base == rows_.end() || row.id == baseline_) return {};
  const auto value = number_of(row, column), other = number_of(*base, column);
  if (!value || !other || !std::isfinite(*value) || !std::isfinite(*other)) return {};
  const bool share = column == knn_last || column == knn_best;
  const double apart = (*value - *other) * (share ? 100 : 1);
  const QString words =
      share ? QString::number(std::abs(apart), 'f', 1) : QString::number(std::abs(apart), 'g', 2);
  return QStringLiteral("  ") + (apart < 0 ? QStringLiteral("−") : QStringLiteral("+")) + words;
}

QVariant RunModel::sort_value(const RunRow& row, int column) const {
  switch (column) {
    case number:
      return static_cast<qlonglong>(row.id);
    case loss_last:
      return sortable(row.loss_last, true);
    case loss_best:
      return sortable(row.loss_best, true);
    case knn_last:
      return sortable(row.knn_last, false);
    case knn_best:
      return sortable(row.knn_best, false);
    case epochs:
      return row.epochs;
    case time:
      return row.seconds;
    default:
      return text(row, column);
  }
}

QVariant RunModel::plain_value(const RunRow& row, int column) const {
  if (column == epochs) return row.epochs;
  if (column == time) return row.seconds;
  if (!is_number(column)) return text(row, column);
  if (column == number) return static_cast<qlonglong>(row.id);
  const auto value = number_of(row, column);
  return value && std::isfinite(*value) ? QVariant(*value) : QVariant();
}

QVariant RunModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  const RunRow& row = rows_[static_cast<std::size_t>(index.row())];
  switch (role) {
    case Qt::DisplayRole:
      return text(row, index.column()) + delta(row, index.column());
    case Qt::EditRole:
      return text(row, index.column());
    case Qt::FontRole: {
      QFont bold = body_font();
      bold.setWeight(QFont::DemiBold);
      return index.column() == name && row.id == baseline_ ? QVariant(bold) : QVariant();
    }
    case Qt::ForegroundRole:
      return row.archived ? QVariant(tokens().soft) : QVariant();
    case Qt::DecorationRole:
      return index.column() == name ? QVariant(dot(row.id)) : QVariant();
    case Qt::TextAlignmentRole:
      if (is_number(index.column())) return QVariant(Qt::AlignRight | Qt::AlignVCenter);
      return QVariant(Qt::AlignLeft | Qt::AlignVCenter);
    case Qt::ToolTipRole:
      return row.id == baseline_ ? tr("%1, begun %2; the baseline").arg(row.name, row.created)
                                 : tr("%1, begun %2").arg(row.name, row.created);
    case id_role:
      return static_cast<qlonglong>(row.id);
    case sort_role:
      return sort_value(row, index.column());
    case plain_role:
      return plain_value(row, index.column());
    default:
      return {};
  }
}

bool RunModel::setData(const QModelIndex& index, const QVariant& value, int role) {
  const QString text = value.toString().trimmed();
  if (!index.isValid() || role != Qt::EditRole || !(flags(index) & Qt::ItemIsEditable))
    return false;
  if (index.column() == name && text.isEmpty()) return false;
  RunRow& row = rows_[static_cast<std::size_t>(index.row())];
  QString& kept = index.column() == name ? row.name : index.column() == note ? row.note : row.tags;
  if (kept == text) return false;
  kept = text;
  Q_EMIT dataChanged(index, index);
  if (index.column() == name) Q_EMIT renamed(row.id, text);
  if (index.column() == note) Q_EMIT noted(row.id, text);
  if (index.column() == tags) Q_EMIT tagged(row.id, words_of(text));
  return true;
}

Qt::ItemFlags RunModel::flags(const QModelIndex& index) const {
  const auto flags = QAbstractTableModel::flags(index);
  const bool editable = index.column() == name || index.column() == note || index.column() == tags;
  return index.isValid() && editable ? flags | Qt::ItemIsEditable : flags;
}

QVariant RunModel::headerData(int section, Qt::Orientation orientation, int role) const {
  static const char* const titles[columns] = {
      QT_TR_NOOP("Run"),       QT_TR_NOOP("no."),        QT_TR_NOOP("status"),
      QT_TR_NOOP("method"),    QT_TR_NOOP("loss, last"), QT_TR_NOOP("loss, best"),
      QT_TR_NOOP("kNN, last"), QT_TR_NOOP("kNN, best"),  QT_TR_NOOP("epochs"),
      QT_TR_NOOP("time"),      QT_TR_NOOP("note"),       QT_TR_NOOP("tags")};
  if (orientation != Qt::Horizontal || section < 0 || section >= columns) return {};
  if (role == Qt::DisplayRole) return tr(titles[section]);
  if (role == Qt::TextAlignmentRole)
    return QVariant((is_number(section) ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
  return {};
}

RunTable::RunTable(QWidget* parent)
    : QTableView(parent), model_(new RunModel(this)), sorted_(new QSortFilterProxyModel(this)) {
  setObjectName(QStringLiteral("run_table"));
  setAccessibleName(tr("Runs"));
  sorted_->setSourceModel(model_);
  sorted_->setSortRole(RunModel::sort_role);
  sorted_->setFilterKeyColumn(-1);
  sorted_->setFilterCaseSensitivity(Qt::CaseInsensitive);
  setModel(sorted_);
  setSortingEnabled(true);
  sortByColumn(RunModel::number, Qt::DescendingOrder);
  setSelectionBehavior(SelectRows);
  setSelectionMode(ExtendedSelection);
  setEditTriggers(DoubleClicked | EditKeyPressed);
  setShowGrid(false);
  setFrameShape(NoFrame);
  setTabKeyNavigation(false);
  setWordWrap(false);
  verticalHeader()->hide();
  verticalHeader()->setDefaultSectionSize(measures::row);
  horizontalHeader()->setHighlightSections(false);
  horizontalHeader()->setSectionsMovable(true);
  horizontalHeader()->setMinimumSectionSize(44);
  horizontalHeader()->setStretchLastSection(true);
  horizontalHeader()->resizeSection(RunModel::name, 272);
  for (int column = RunModel::number; column < RunModel::columns; ++column)
    horizontalHeader()->resizeSection(column, 80);
  horizontalHeader()->resizeSection(RunModel::number, 44);
  for (const int column :
       {RunModel::loss_last, RunModel::loss_best, RunModel::knn_last, RunModel::knn_best})
    horizontalHeader()->resizeSection(column, 104);  // a number and how far it is
  horizontalHeader()->setContextMenuPolicy(Qt::CustomContextMenu);
  connect(horizontalHeader(), &QWidget::customContextMenuRequested, this, &RunTable::offer_columns);
  connect(horizontalHeader(), &QHeaderView::sectionMoved, this, &RunTable::columns_changed);
  connect(horizontalHeader(), &QHeaderView::sectionResized, this, &RunTable::columns_changed);
  connect(horizontalHeader(), &QHeaderView::sortIndicatorChanged, this, &RunTable::columns_changed);
  connect(selectionModel(), &QItemSelectionModel::selectionChanged, this,
          &RunTable::chosen_changed);
}

void RunTable::set_filter(const QString& words) {
  sorted_->setFilterFixedString(words);
}

std::vector<std::int64_t> RunTable::chosen() const {
  std::vector<std::int64_t> runs;
  for (int row = 0; row < sorted_->rowCount(); ++row)
    if (selectionModel()->isRowSelected(row, {}))
      runs.push_back(sorted_->index(row, 0).data(RunModel::id_role).toLongLong());
  return runs;
}

std::vector<std::int64_t> RunTable::shown() const {
  std::vector<std::int64_t> runs;
  for (int row = 0; row < sorted_->rowCount(); ++row)
    runs.push_back(sorted_->index(row, 0).data(RunModel::id_role).toLongLong());
  return runs;
}

QByteArray RunTable::as_csv() const {
  return model_as_csv(*sorted_, RunModel::plain_role);
}

void RunTable::choose(const std::vector<std::int64_t>& runs) {
  QItemSelection selection;
  for (int row = 0; row < sorted_->rowCount(); ++row) {
    const auto id = sorted_->index(row, 0).data(RunModel::id_role).toLongLong();
    if (std::find(runs.begin(), runs.end(), id) != runs.end())
      selection.select(sorted_->index(row, 0), sorted_->index(row, RunModel::columns - 1));
  }
  selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect);
}

/// Every column but the name's can be left out.
void RunTable::offer_columns(const QPoint& position) {
  auto* menu = new QMenu(this);
  menu->setObjectName(QStringLiteral("columns_menu"));
  menu->setAttribute(Qt::WA_DeleteOnClose);
  add_columns(*menu);
  menu->popup(horizontalHeader()->mapToGlobal(position));
}

void RunTable::add_orders(QMenu& menu) {
  auto* group = new QActionGroup(&menu);
  for (int column = 0; column < RunModel::columns; ++column) {
    auto* action =
        menu.addAction(model_->headerData(column, Qt::Horizontal, Qt::DisplayRole).toString());
    action->setCheckable(true);
    action->setChecked(column == horizontalHeader()->sortIndicatorSection());
    group->addAction(action);
    connect(action, &QAction::triggered, this, [this, column] {
      const bool again = column == horizontalHeader()->sortIndicatorSection();
      const bool ascends = again ? horizontalHeader()->sortIndicatorOrder() == Qt::DescendingOrder
                                 : best_is_small(column);
      sortByColumn(column, ascends ? Qt::AscendingOrder : Qt::DescendingOrder);
    });
  }
}

void RunTable::add_columns(QMenu& menu) {
  for (int column = RunModel::number; column < RunModel::columns; ++column) {
    auto* action =
        menu.addAction(model_->headerData(column, Qt::Horizontal, Qt::DisplayRole).toString());
    action->setCheckable(true);
    action->setChecked(!isColumnHidden(column));
    connect(action, &QAction::toggled, this, [this, column](bool shown) {
      setColumnHidden(column, !shown);
      Q_EMIT columns_changed();
    });
  }
}

void RunTable::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Delete && !chosen().empty())
    event->modifiers() & Qt::ShiftModifier ? Q_EMIT delete_wanted(chosen())
                                           : Q_EMIT archive_wanted(chosen());
  else
    QTableView::keyPressEvent(event);
}

}  // namespace selfsight
