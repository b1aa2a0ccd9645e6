#include "widgets/run_table.h"

#include <QHeaderView>
#include <QKeyEvent>
#include <QPainter>
#include <QSortFilterProxyModel>
#include <cmath>

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

/// The same in a chosen row: a run keeps its colour everywhere.
QIcon dot(std::int64_t run) {
  QPixmap pixmap(24, 24);
  pixmap.setDevicePixelRatio(2);
  pixmap.fill(Qt::transparent);
  QPainter painter(&pixmap);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(series_colour(run));
  painter.drawEllipse(QRectF(2, 2, 8, 8));
  painter.end();
  QIcon icon(pixmap);
  icon.addPixmap(pixmap, QIcon::Selected);
  return icon;
}

}  // namespace

void RunModel::set_rows(std::vector<RunRow> rows) {
  const bool same = rows.size() == rows_.size() &&
                    std::equal(rows.begin(), rows.end(), rows_.begin(),
                               [](const RunRow& a, const RunRow& b) { return a.id == b.id; });
  if (same) {
    rows_ = std::move(rows);
    if (!rows_.empty())
      Q_EMIT dataChanged(index(0, 0), index(static_cast<int>(rows_.size()) - 1, columns - 1));
    return;
  }
  beginResetModel();
  rows_ = std::move(rows);
  endResetModel();
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
      return row.status;
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
    default:
      return {};
  }
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

QVariant RunModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  const RunRow& row = rows_[static_cast<std::size_t>(index.row())];
  switch (role) {
    case Qt::DisplayRole:
    case Qt::EditRole:
      return text(row, index.column());
    case Qt::DecorationRole:
      return index.column() == name ? QVariant(dot(row.id)) : QVariant();
    case Qt::TextAlignmentRole:
      if (index.column() == number || index.column() >= loss_last)
        return QVariant(Qt::AlignRight | Qt::AlignVCenter);
      return QVariant(Qt::AlignLeft | Qt::AlignVCenter);
    case Qt::ToolTipRole:
      return tr("%1, begun %2").arg(row.name, row.created);
    case id_role:
      return static_cast<qlonglong>(row.id);
    case sort_role:
      return sort_value(row, index.column());
    default:
      return {};
  }
}

bool RunModel::setData(const QModelIndex& index, const QVariant& value, int role) {
  const QString text = value.toString().trimmed();
  if (!index.isValid() || role != Qt::EditRole || index.column() != name || text.isEmpty())
    return false;
  RunRow& row = rows_[static_cast<std::size_t>(index.row())];
  row.name = text;
  Q_EMIT dataChanged(index, index);
  Q_EMIT renamed(row.id, text);
  return true;
}

Qt::ItemFlags RunModel::flags(const QModelIndex& index) const {
  const auto flags = QAbstractTableModel::flags(index);
  return index.isValid() && index.column() == name ? flags | Qt::ItemIsEditable : flags;
}

QVariant RunModel::headerData(int section, Qt::Orientation orientation, int role) const {
  static const char* const titles[columns] = {QT_TR_NOOP("Run"),        QT_TR_NOOP("no."),
                                              QT_TR_NOOP("status"),     QT_TR_NOOP("method"),
                                              QT_TR_NOOP("loss, last"), QT_TR_NOOP("loss, best"),
                                              QT_TR_NOOP("kNN, last"),  QT_TR_NOOP("kNN, best"),
                                              QT_TR_NOOP("epochs"),     QT_TR_NOOP("time")};
  if (orientation != Qt::Horizontal || section < 0 || section >= columns) return {};
  if (role == Qt::DisplayRole) return tr(titles[section]);
  if (role == Qt::TextAlignmentRole)
    return QVariant((section == number || section >= loss_last ? Qt::AlignRight : Qt::AlignLeft) |
                    Qt::AlignVCenter);
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
  horizontalHeader()->setSectionResizeMode(RunModel::name, QHeaderView::Stretch);
  for (int column = RunModel::number; column < RunModel::columns; ++column)
    horizontalHeader()->resizeSection(column, 84);
  horizontalHeader()->resizeSection(RunModel::number, 44);
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

void RunTable::choose(const std::vector<std::int64_t>& runs) {
  QItemSelection selection;
  for (int row = 0; row < sorted_->rowCount(); ++row) {
    const auto id = sorted_->index(row, 0).data(RunModel::id_role).toLongLong();
    if (std::find(runs.begin(), runs.end(), id) != runs.end())
      selection.select(sorted_->index(row, 0), sorted_->index(row, RunModel::columns - 1));
  }
  selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect);
}

void RunTable::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Delete && !chosen().empty())
    Q_EMIT archive_wanted(chosen());
  else
    QTableView::keyPressEvent(event);
}

}  // namespace selfsight
