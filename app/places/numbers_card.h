// Every number measured for a run, and the protocol that each one opens.
#pragma once

#include <string>
#include <vector>

#include "core/history/store.h"
#include "widgets/card.h"

class QLabel;
class QTableWidget;

namespace selfsight {

class FactTable;
class Workspace;

class NumbersCard : public Card {
  Q_OBJECT
 public:
  explicit NumbersCard(QWidget* parent = nullptr);

  /// The newest of each probe (or metric of health and clusters), encoder and data set; points of
  /// label-efficiency curves are left to their plot. `home` is the data set that the run was
  /// trained on: what was measured on another one is named a transfer. An open protocol becomes
  /// that of the same number here, or is closed.
  void show_numbers(const std::vector<Evaluation>& evaluations, const std::string& home);
  /// A protocol from elsewhere, such as a point of a plot.
  void open_protocol(const QString& title, const QString& protocol);
  /// Right clicks offer the numbers, and the protocol that is open, as files.
  void offer(Workspace& workspace);
  /// "number,value,protocol", the protocol in JSON.
  QByteArray as_csv() const;

 private:
  struct Number {
    QString title, value, protocol;
  };
  void open_row(int row);
  void reopen(const std::vector<Evaluation>& evaluations);

  QTableWidget* table_;
  QLabel* opened_;
  FactTable* facts_;
  std::vector<Number> numbers_;
  QString opened_number_;        // the title of the one that is open; empty: a point, or nothing
  std::string opened_protocol_;  // that is open
};

}  // namespace selfsight
