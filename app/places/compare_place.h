#pragma once

#include <functional>
#include <map>
#include <vector>

#include "app/jobs/job.h"
#include "app/places/place.h"
#include "app/places/undo_stack.h"
#include "core/history/store.h"
#include "widgets/run_table.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QStackedWidget;
class QTimer;

namespace selfsight {

class Card;
class ChoiceChips;
class CompareImage;
class CompareMaps;
class CompareSweep;
class CurveControls;
class CurvePlot;
class DiffTable;
class EmptyState;

/// All runs; those chosen side by side.
class ComparePlace : public Place {
  Q_OBJECT
 public:
  explicit ComparePlace(Workspace& workspace, QWidget* parent = nullptr);
  ~ComparePlace() override;  // what was deleted is gone then

  void enter() override;
  QList<QPair<QString, std::function<void()>>> exports() override;

 private:
  void build_head();
  QWidget* build_main();
  QWidget* build_side_by_side(QWidget* parent);
  void show_look(const QString& look);
  void show_sweep();
  void choose_by_line(std::int64_t run, bool besides);
  void list_runs();
  void show_rows();
  void measure_rows();
  void show_chosen();
  void show_curves(const std::vector<std::int64_t>& runs);
  void show_differences(const std::vector<std::int64_t>& runs);
  void link_table();
  void offer_actions(const QPoint& position);
  void archive(const std::vector<std::int64_t>& runs, bool archived);
  std::vector<std::int64_t> listed(const std::vector<std::int64_t>& runs, bool archived) const;
  void archive_with_undo(const std::vector<std::int64_t>& runs, bool archived);
  void delete_with_undo(const std::vector<std::int64_t>& runs);
  void finish_deleting();
  void offer_undo(const QString& words, const UndoStack::Runs& runs,
                  std::function<void(const UndoStack::Runs&)> act);
  void undo();
  void show_undo();
  template <class Text>
  void write_with_undo(std::int64_t run, const QString& words,
                       void (Store::*write)(std::int64_t, const Text&), Text Run::*kept,
                       const Text& after);
  void restore();
  void fit_table();
  void pin_baseline(std::int64_t run);
  void write_report();
  void save(const QString& format);

  using Numbers = std::map<std::int64_t, std::pair<MetricSummary, MetricSummary>>;  // loss, kNN

  std::vector<Run> runs_;  // those that are listed
  std::vector<RunRow> rows_;
  Numbers numbers_;
  std::map<std::int64_t, double> measured_at_;  // after how many epochs
  Latest<Numbers>* measuring_;
  bool chosen_by_person_ = false;
  UndoStack undos_;
  std::vector<std::int64_t> deleting_;  // out of sight; deleted when Undo is no longer offered
  std::vector<std::int64_t> curve_runs_;
  QString curve_metric_;
  QTimer* deleting_timer_ = nullptr;
  QLineEdit* filter_ = nullptr;
  QPushButton* show_archived_ = nullptr;
  QPushButton* undo_ = nullptr;
  QPushButton* resume_ = nullptr;
  QPushButton* baseline_ = nullptr;
  QPushButton* report_ = nullptr;
  QComboBox* metric_ = nullptr;
  QStackedWidget* stack_ = nullptr;
  RunTable* table_ = nullptr;
  Card* curves_card_ = nullptr;
  CurvePlot* curves_ = nullptr;
  CurveControls* curve_controls_ = nullptr;
  ChoiceChips* look_ = nullptr;
  QStackedWidget* lower_ = nullptr;
  CompareMaps* maps_ = nullptr;
  CompareImage* image_ = nullptr;
  CompareSweep* sweep_ = nullptr;
  Card* diff_card_ = nullptr;
  DiffTable* diff_ = nullptr;
  QLabel* diff_words_ = nullptr;
};

}  // namespace selfsight
