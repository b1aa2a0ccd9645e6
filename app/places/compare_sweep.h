// A sweep at a glance: the options that differ as parallel axes, what came of them as the last.
#pragma once

#include <functional>
#include <vector>

#include "core/history/store.h"
#include "widgets/card.h"

class QComboBox;
class QLabel;

namespace selfsight {

class ParallelPlot;
struct RunRow;

class CompareSweep : public Card {
  Q_OBJECT
 public:
  explicit CompareSweep(QWidget* parent = nullptr);

  /// Those in the table, with their numbers as far as they are known.
  void show_runs(std::vector<Run> runs, const std::vector<RunRow>& numbers);
  void show_chosen(const std::vector<std::int64_t>& runs);
  ParallelPlot* plot() const { return plot_; }

 Q_SIGNALS:
  void run_clicked(qint64 run, bool besides);

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  void refresh();

  QComboBox* metric_;
  ParallelPlot* plot_;
  QLabel* words_;
  std::vector<Run> runs_;
  std::vector<RunRow> numbers_;
  bool stale_ = false;  // changed while it was not seen
};

}  // namespace selfsight
