// The options in which runs differ: one row an option, one column a run.
#pragma once

#include <QAbstractTableModel>
#include <QTableView>

#include "core/spec/settings.h"

namespace selfsight {

class DiffModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  explicit DiffModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}
  /// One name per run; values that are not the first run's are bold.
  void set_differences(const QStringList& runs, const std::vector<Difference>& rows);

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  QStringList runs_;
  std::vector<Difference> rows_;
};

class DiffTable : public QTableView {
  Q_OBJECT
 public:
  explicit DiffTable(QWidget* parent = nullptr);
  DiffModel* differences() const { return model_; }

 private:
  DiffModel* model_;
};

}  // namespace selfsight
