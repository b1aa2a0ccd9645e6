// Data: what is in the set, thumbnail by thumbnail.
#pragma once

#include "app/jobs/job.h"
#include "app/places/data_work.h"
#include "app/places/place.h"
#include "core/dataset/duplicates.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QSlider;
class QStackedWidget;

namespace selfsight {

class BandPicker;
class Card;
class EmptyState;
class FactTable;
class FramesField;
class ImageCard;
class ImageGrid;
class WindowField;

class DataPlace : public Place {
  Q_OBJECT
 public:
  explicit DataPlace(Workspace& workspace, QWidget* parent = nullptr);

  void show_open_menu();

 private:
  void build_head();
  QWidget* build_main();
  void build_facts(QWidget* side);
  QWidget* build_side();
  void show_state();
  void act_on_empty();
  void show_dataset();
  void show_facts();
  void show_other_bands();
  void show_broken();
  void look_for_duplicates();
  void show_duplicates();
  void apply_filter();
  void fetch(const QList<qint64>& ids, int pixels);
  void show_range();
  void show_image(qint64 id);

  QLineEdit* filter_;
  QComboBox* sort_;
  QSlider* size_;
  QPushButton* open_;
  QStackedWidget* stack_;
  EmptyState* empty_;
  ImageGrid* grid_;
  QLabel* range_;
  ImageCard* image_card_;
  Card* facts_card_;
  FactTable* facts_;
  QPushButton* measure_;  // what was stopped
  BandPicker* bands_;
  WindowField* window_;
  FramesField* frames_;
  Card* look_card_;
  QLabel* look_words_;
  QPushButton* look_more_;
  QLabel* look_list_;
  QLabel* duplicates_words_;
  QPushButton* duplicates_;
  QPushButton* show_all_;
  std::optional<Duplicates> found_;  // of the open data set, once somebody has asked
  Job* looking_ = nullptr;
  Card* next_card_;
  Latest<QList<Thumbnail>>* thumbnails_;
  Latest<std::vector<std::int64_t>>* filtering_;
  Latest<LargerImage>* larger_;
};

}  // namespace selfsight
