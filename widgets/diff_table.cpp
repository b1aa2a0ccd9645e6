#include "widgets/diff_table.h"

#include <QFont>
#include <QHeaderView>

#include "widgets/field_words.h"
#include "widgets/theme.h"

namespace selfsight {

void DiffModel::set_differences(const QStringList& runs, const std::vector<Difference>& rows) {
  beginResetModel();
  runs_ = runs;
  rows_ = rows;
  endResetModel();
}

int DiffModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}

int DiffModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : 1 + static_cast<int>(runs_.size());
}

QVariant DiffModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  const Difference& row = rows_[static_cast<std::size_t>(index.row())];
  if (index.column() == 0)
    return role == Qt::DisplayRole   ? QVariant(QString::fromStdString(row.key))
           : role == Qt::ToolTipRole ? QVariant(field_label(row.key))
                                     : QVariant();
  const std::string& value = row.values[static_cast<std::size_t>(index.column() - 1)];
  if (role == Qt::DisplayRole)
    return value.empty() ? QStringLiteral("–") : QString::fromStdString(value);
  if (role == Qt::FontRole && value != row.values.front()) {
    QFont font = body_font();
    font.setBold(true);
    return font;
  }
  return {};
}

QVariant DiffModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::TextAlignmentRole) return QVariant(Qt::AlignLeft | Qt::AlignVCenter);
  if (role != Qt::DisplayRole) return {};
  return section == 0 ? tr("Option") : runs_.value(section - 1);
}

DiffTable::DiffTable(QWidget* parent) : QTableView(parent), model_(new DiffModel(this)) {
  setObjectName(QStringLiteral("diff_table"));
  setAccessibleName(tr("Options that differ"));
  setModel(model_);
  setSelectionMode(NoSelection);
  setShowGrid(false);
  setFrameShape(NoFrame);
  setTabKeyNavigation(false);
  verticalHeader()->hide();
  verticalHeader()->setDefaultSectionSize(measures::row);
  // An option that cannot be read is no use: its column is as wide as it needs, and with many runs
  // the others scroll.
  horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
  horizontalHeader()->setMinimumSectionSize(64);
  connect(model_, &QAbstractItemModel::modelReset, this, [this] {
    if (model_->columnCount() > 0)
      horizontalHeader()->setSectionResizeMode(0, QHeaderView::ResizeToContents);
  });
}

}  // namespace selfsight
