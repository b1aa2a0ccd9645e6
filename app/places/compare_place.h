#pragma once

#include <functional>
#include <map>
#include <vector>

#include "app/jobs/job.h"
#include "app/places/compare_work.h"
#include "app/places/place.h"
#include "core/history/store.h"
#include "widgets/run_table.h"

class QLabel;
class QLineEdit;
class QMenu;
class QPushButton;
class QStackedWidget;
class QTimer;

namespace selfsight {

class Card;
class ChoiceChips;
class CompareCurves;
class CompareImage;
class CompareMaps;
class CompareSweep;
class DiffTable;
class EmptyState;
class RunChanges;
class Soon;

/// All runs; those chosen side by side.
class ComparePlace : public Place {
  Q_OBJECT
 public:
  explicit ComparePlace(Workspace& workspace, QWidget* parent = nullptr);
  ~ComparePlace() override;  // what was deleted is gone then

  void enter() override;
  QList<QPair<QString, std::function<void()>>> exports() override;

 protected:
  void showEvent(QShowEvent* event) override;
  void hideEvent(QHideEvent* event) override;

 private:
  void build_head();
  QWidget* build_main();
  QWidget* build_side_by_side(QWidget* parent);
  void show_look(const QString& look);
  void show_sweep();
  void choose_by_line(std::int64_t run, bool besides);
  void refresh();
  void list_runs();
  void show_rows();
  void measure_rows();
  void show_head();
  void show_chosen();
  void read_chosen();
  void show_answer(const ComparedRuns& compared);
  void follow_training();
  void follow_curves(const std::vector<std::int64_t>& training);
  void show_differences(const std::vector<std::int64_t>& runs);
  void link_table();
  void offer_actions(const QPoint& position);
  void add_actions(QMenu& menu, const std::vector<std::int64_t>& chosen);
  /// Those of these runs that are archived, or that are not.
  std::vector<std::int64_t> listed(const std::vector<std::int64_t>& runs, bool archived) const;
  void delete_chosen();
  void show_undo();
  void restore();
  void keep() const;
  void fit_table();
  void pin_baseline(std::int64_t run);
  bool pinned() const;
  void write_report();

  using Numbers = std::map<std::int64_t, std::pair<MetricSummary, MetricSummary>>;  // loss, kNN

  std::vector<Run> runs_;  // those that are listed
  std::vector<RunRow> rows_;
  Numbers numbers_;
  std::map<std::int64_t, double> measured_at_;  // after how many epochs
  RunChanges* changes_;
  Latest<Numbers>* measuring_;
  Latest<ComparedRuns>* reading_;
  std::int64_t question_ = 0;  // the newest that was asked of the chosen runs
  Latest<std::vector<Curve>>* following_;
  QTimer* follow_;
  Soon* keeper_;
  bool stale_ = false;  // runs have changed while they were not seen
  bool chosen_by_person_ = false;
  QLineEdit* filter_ = nullptr;
  QPushButton* show_archived_ = nullptr;
  QPushButton* undo_ = nullptr;
  QPushButton* resume_ = nullptr;
  QPushButton* baseline_ = nullptr;
  QPushButton* report_ = nullptr;
  QStackedWidget* stack_ = nullptr;
  RunTable* table_ = nullptr;
  CompareCurves* curves_ = nullptr;
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
