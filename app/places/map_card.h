// A map and what is needed to look at it: its colours, the lasso, the picture under the mouse, the
// frames over the epochs, and its files.
#pragma once

#include "app/jobs/job.h"
#include "app/places/colour_box.h"
#include "app/places/map_words.h"
#include "app/places/place.h"
#include "widgets/card.h"
#include "widgets/image_model.h"

class QProgressBar;
class QPushButton;
class QShortcut;
class QStackedWidget;

namespace selfsight {

class EmptyState;
class FramePlayer;

class MapCard : public Card {
  Q_OBJECT
 public:
  MapCard(Workspace& workspace, ColourBox::AskFeatures ask_features, QWidget* parent);

  MapPlot* plot() const { return plot_; }
  ColourBox* colours() const { return colours_; }
  FramePlayer* player() const { return player_; }

  struct State {
    bool mapped, working;
    bool over_epochs;
    bool searchable;  // before there is a map, too
  };
  void show_state(const State& state);
  void set_progress(double part);
  void set_empty(const EmptyWords& words);
  void set_words(const QString& words);  // below the map

  /// Coloured as their images are already. Says whether they are others than before, and not only
  /// elsewhere.
  bool show_points(std::vector<MapPoint> points);

  /// As for Place::exports(); none without a map.
  QList<QPair<QString, std::function<void()>>> exports();

 Q_SIGNALS:
  void search_wanted();
  void empty_action_wanted();

 private:
  void build_tools();
  QWidget* build_page();
  void hover(qint64 id);
  QByteArray file(const QString& format) const;
  void save(const QString& format);

  Workspace& workspace_;
  Latest<QList<Thumbnail>>* hover_pictures_;
  QStackedWidget* stack_;
  EmptyState* empty_;
  MapPlot* plot_ = nullptr;
  FramePlayer* player_ = nullptr;
  QShortcut* play_ = nullptr;
  Legend* legend_ = nullptr;
  QProgressBar* progress_ = nullptr;
  QLabel* words_ = nullptr;
  ColourBox* colours_ = nullptr;
  QPushButton* search_ = nullptr;
  QPushButton* lasso_ = nullptr;
  QPushButton* fit_ = nullptr;
};

}  // namespace selfsight
