// Views: what the encoder will be shown, by the code that will show it.
#pragma once

#include "app/jobs/job.h"
#include "app/places/place.h"
#include "app/places/views_work.h"

class QLabel;
class QPushButton;
class QSpinBox;
class QStackedWidget;
class QToolButton;
class QVBoxLayout;

namespace selfsight {

class Card;
class EmptyState;
class HelpCard;
class MethodChoice;
class RunChoice;
class SeedField;
class SpecForm;

class ViewsPlace : public Place {
  Q_OBJECT
 public:
  explicit ViewsPlace(Workspace& workspace, QWidget* parent = nullptr);

  void enter() override;
  QList<QPair<QString, std::function<void()>>> exports() override;
  /// Other views: of another seed, or of the next epoch while the seed is locked.
  void re_roll();

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void build_head();
  QWidget* build_main();
  QWidget* build_side();
  SpecForm* make_form(std::function<bool(const Field&)> wanted);
  void show_settings();
  void change(const QString& key, const Value& value);
  void ask_for_views();
  void show_views(const ViewsAnswer& answer);
  void clear_views();
  void ask_for_similarities(const ViewsAnswer& answer);
  void load_model();
  void save_contact_sheet();
  void show_look();
  const Mask& mask_of(std::size_t row) const;
  void press_patch(int row, int column, const QPointF& place);
  void paint_patch(int row, int column, const QPointF& place);
  void forget_hand_masks();

  MethodChoice* methods_;
  QSpinBox* epoch_;
  SeedField* seed_;
  QSpinBox* image_;
  QSpinBox* count_;
  QPushButton* others_;
  QPushButton* blink_;
  QPushButton* difference_;
  QPushButton* by_rule_;
  QStackedWidget* stack_;
  EmptyState* empty_;
  PictureRows* rows_;
  QLabel* warning_;
  QLabel* likeness_words_;
  QLabel* likeness_reason_;  // why there is none
  RunChoice* runs_;
  SpecForm* views_form_;
  Card* task_card_;
  Card* next_card_;
  SpecForm* task_form_;
  HelpCard* help_;
  std::shared_ptr<OriginalCache> originals_;
  ViewsModel model_;
  ViewsAnswer answer_;                       // what is shown
  std::map<std::int64_t, Mask> hand_masks_;  // of images whose patches were clicked
  bool hiding_ = false;                      // what the drag under way does to patches
  std::int64_t page_ = 0;
  std::int64_t shown_ = 0;  // how often pictures were shown
  Latest<ViewsAnswer>* drawing_;
  Latest<std::vector<std::optional<double>>>* comparing_;
  Latest<ViewsModel>* loading_;
};

}  // namespace selfsight
