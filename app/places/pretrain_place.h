#pragma once

#include "app/places/place.h"

class QComboBox;
class QPushButton;
class QStackedWidget;

namespace selfsight {

class RunPage;
class SetupPage;
class TrainJob;

/// Either the next run is set up here, or one is looked at.
class PretrainPlace : public Place {
  Q_OBJECT
 public:
  explicit PretrainPlace(Workspace& workspace, QWidget* parent = nullptr);

  void enter() override;
  QList<QPair<QString, std::function<void()>>> exports() override;

 private:
  void build_head();
  void show_setup();
  void show_page(int page);
  void show_run(std::int64_t run);
  void follow_current();
  void show_state();
  void list_runs();
  void follow_training();
  void follow_metrics(TrainJob* job);
  void start();
  void resume(std::int64_t run);
  void toggle_pause();
  void queue();

  SetupPage* setup_;
  RunPage* page_;
  QStackedWidget* main_;
  QWidget* side_;  // of both pages; that of the one in view is shown
  QComboBox* runs_ = nullptr;
  QPushButton* pause_ = nullptr;
  QPushButton* stop_ = nullptr;
  QPushButton* resume_ = nullptr;
  QPushButton* explore_ = nullptr;
  QPushButton* new_run_ = nullptr;
  QPushButton* queue_ = nullptr;
  QPushButton* sweep_ = nullptr;
  QPushButton* start_ = nullptr;
  bool setting_up_ = true;
  qsizetype queued_ = 0;
  std::int64_t reopen_ = 0;  // looked at when the window was closed, and not since
};

}  // namespace selfsight
