// The table of runs: any column sorts, words filter, several can be chosen.
#pragma once

#include <QAbstractTableModel>
#include <QTableView>
#include <optional>
#include <vector>

class QMenu;
class QSortFilterProxyModel;

namespace selfsight {

/// One row, as plain values.
struct RunRow {
  std::int64_t id = 0;
  QString name, status, method, created, note, tags;  // tags with commas between
  bool archived = false;
  double epochs = 0, seconds = 0;
  std::optional<double> loss_last, loss_best, knn_last, knn_best;  // kNN in [0, 1]

  bool operator==(const RunRow&) const = default;
};

class RunModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Column {
    name,
    number,
    status,
    method,
    loss_last,
    loss_best,
    knn_last,
    knn_best,
    epochs,
    time,
    note,
    tags,
    columns
  };
  /// `plain_role`: numbers with all their digits, kNN in [0, 1], seconds; nothing where there is
  /// none.
  enum Role { id_role = Qt::UserRole, sort_role, plain_role };

  explicit RunModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}
  /// Rows of the same runs are renewed in place, so that what is chosen stays chosen, and only
  /// those that differ, so that what is being typed into another stays.
  void set_rows(std::vector<RunRow> rows);
  const std::vector<RunRow>& rows() const { return rows_; }

  /// The run that the others are measured against; 0 for none. Numbers then tell how far they are.
  void set_baseline(std::int64_t run);
  std::int64_t baseline() const { return baseline_; }

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  bool setData(const QModelIndex& index, const QVariant& value, int role) override;
  Qt::ItemFlags flags(const QModelIndex& index) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 Q_SIGNALS:
  // By the person.
  void renamed(qint64 run, const QString& name);
  void noted(qint64 run, const QString& note);
  void tagged(qint64 run, const QStringList& tags);

 private:
  void tell_changed(const std::vector<RunRow>& before);
  QString text(const RunRow& row, int column) const;
  QString delta(const RunRow& row, int column) const;
  QVariant sort_value(const RunRow& row, int column) const;
  QVariant plain_value(const RunRow& row, int column) const;

  std::vector<RunRow> rows_;
  std::int64_t baseline_ = 0;
};

class RunTable : public QTableView {
  Q_OBJECT
 public:
  explicit RunTable(QWidget* parent = nullptr);
  RunModel* runs() const { return model_; }
  void set_filter(const QString& words);
  std::vector<std::int64_t> chosen() const;  // in the order of the table
  void choose(const std::vector<std::int64_t>& runs);
  /// Those that the filter lets through, in the order of the table.
  std::vector<std::int64_t> shown() const;
  /// A name, a note or tags are being typed.
  bool editing() const { return state() == EditingState; }
  /// What the header does for the mouse, for a menu: which columns are shown, and by which the rows
  /// are sorted; the same one again turns the order round.
  void add_columns(QMenu& menu);
  void add_orders(QMenu& menu);
  /// The same rows with all their columns, for a file.
  QByteArray as_csv() const;

 Q_SIGNALS:
  void chosen_changed();
  void archive_wanted(const std::vector<std::int64_t>& runs);
  void delete_wanted(const std::vector<std::int64_t>& runs);
  void columns_changed();  // which, in which order, how wide, by which sorted

 protected:
  void keyPressEvent(QKeyEvent* event) override;

 private:
  void offer_columns(const QPoint& position);

  RunModel* model_;
  QSortFilterProxyModel* sorted_;
};

}  // namespace selfsight
