#pragma once

#include <vector>

#include "app/places/place.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QStackedWidget;

namespace selfsight {

class Card;
class CurvePlot;
class DiffTable;
class EmptyState;
class RunTable;

/// All runs; those chosen side by side.
class ComparePlace : public Place {
  Q_OBJECT
 public:
  explicit ComparePlace(Workspace& workspace, QWidget* parent = nullptr);

  void enter() override;
  QList<QPair<QString, std::function<void()>>> exports() override;

 private:
  void build_head();
  QWidget* build_main();
  void list_runs();
  void show_chosen();
  void show_curves(const std::vector<std::int64_t>& runs);
  void show_differences(const std::vector<std::int64_t>& runs);
  void archive(const std::vector<std::int64_t>& runs, bool archived);
  void save(const QString& format);

  bool chosen_by_person_ = false;
  std::vector<std::int64_t> archived_;  // by the last Delete, for Undo
  QLineEdit* filter_ = nullptr;
  QPushButton* show_archived_ = nullptr;
  QPushButton* undo_ = nullptr;
  QPushButton* resume_ = nullptr;
  QComboBox* metric_ = nullptr;
  QStackedWidget* stack_ = nullptr;
  RunTable* table_ = nullptr;
  Card* curves_card_ = nullptr;
  CurvePlot* curves_ = nullptr;
  Card* diff_card_ = nullptr;
  DiffTable* diff_ = nullptr;
  QLabel* diff_words_ = nullptr;
};

}  // namespace selfsight
