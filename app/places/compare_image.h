// One image as several runs see it: its views, what is rebuilt of it, its neighbours.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "app/jobs/job.h"
#include "app/places/compare_work.h"
#include "widgets/card.h"

class QLabel;
class QSpinBox;

namespace selfsight {

class PictureRows;
class Workspace;

class CompareImage : public Card {
  Q_OBJECT
 public:
  explicit CompareImage(Workspace& workspace, QWidget* parent = nullptr);

  void show_runs(const std::vector<std::int64_t>& runs);
  void show_image(std::int64_t id);

 Q_SIGNALS:
  void complete();  // the neighbours in every run are shown too

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  void take_dataset();
  void another();
  void ask();
  void ask_for_neighbours(const ImageQuestion& question);

  Workspace& workspace_;
  QSpinBox* image_;
  PictureRows* rows_;
  QLabel* words_;
  std::vector<std::int64_t> runs_;
  std::shared_ptr<OriginalCache> originals_;
  std::optional<ImageQuestion> asked_;  // the newest; what answers another is not shown
  QList<PictureRow> drawn_;             // for it, without neighbours; empty until they are
  Latest<QList<PictureRow>>* drawing_;
  Latest<QList<RunNeighbours>>* finding_;
};

}  // namespace selfsight
