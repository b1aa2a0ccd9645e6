#pragma once

#include <QHash>

#include "app/jobs/job.h"
#include "app/places/epoch_frames.h"
#include "app/places/map_colours.h"
#include "app/places/map_features.h"
#include "app/places/place.h"
#include "core/maps/maps.h"
#include "core/training/session.h"
#include "widgets/image_model.h"
#include "widgets/map_plot.h"
#include "widgets/neighbour_strip.h"

class QComboBox;
class QLabel;
class QProgressBar;
class QPushButton;
class QStackedWidget;

namespace selfsight {

class Card;
class ChoiceChips;
class EmptyState;
class FramePlayer;
class ImageGrid;
class Legend;
class MapOptions;
class RunChoice;
struct PartialMap;
struct StoredMap;

/// A run's map, linked to its pictures both ways.
class ExplorePlace : public Place {
  Q_OBJECT
 public:
  explicit ExplorePlace(Workspace& workspace, QWidget* parent = nullptr);
  ~ExplorePlace() override;

  void enter() override;
  QList<QPair<QString, std::function<void()>>> exports() override;
  /// Searches with it. False where no map is shown.
  bool take_picture(const QString& path) override;

 private:
  void build_head();
  QWidget* build_main();
  void build_tools(Card* card);
  QWidget* build_side();
  void list_runs();
  void show_state();
  void show_empty();
  void show_stored_map();
  void show_map(const StoredMap& map);
  void show_map(const std::vector<std::int64_t>& ids, const std::vector<float>& xy);
  void show_map(std::vector<MapPoint> points);
  void show_map_words(const StoredMap& map);
  bool over_epochs() const;
  void show_frames(std::vector<StoredMap> maps);
  void show_position(double position);
  void arrive_at(int frame);
  void list_colours();
  void colour_map();
  void take_colours(const std::vector<std::int64_t>& ids, const Colouring& colours);
  void start();
  void take_partial();
  void take_result(const std::any& result);
  void show_selection();
  void show_neighbours(qint64 id);
  void ask_for_neighbours(const std::function<QList<NeighbourPicture>(Control&)>& work);
  MapFeatures::Wanted wanted_features() const;
  void with_features(const MapFeatures::Then& then);
  void search(const QString& path);
  void choose_search();
  void fetch_thumbnails(const QList<qint64>& ids, int pixels);
  void hover(qint64 id);
  bool right_dataset() const;
  QByteArray map_file(const QString& format) const;
  void save_map(const QString& format);

  Latest<QList<Thumbnail>>* hover_pictures_;
  Latest<QList<Thumbnail>>* grid_pictures_;
  Latest<QList<NeighbourPicture>>* neighbours_of_;
  Latest<Colouring>* colouring_;
  MapFeatures* features_;
  std::shared_ptr<PartialMap> partial_;  // of the job
  Job* job_ = nullptr;
  std::int64_t run_ = 0;
  std::optional<std::int64_t> map_step_;  // of the checkpoint that is mapped; empty: the newest
  EpochFrames frames_;                    // of the run's newest sequence
  qint64 neighbours_id_ = -1;             // whose neighbours are shown
  QString wanted_colour_ = QStringLiteral("label");
  QHash<qint64, int> groups_;  // by which the map is coloured

  RunChoice* runs_ = nullptr;
  ChoiceChips* method_ = nullptr;
  MapOptions* options_ = nullptr;
  QComboBox* colour_ = nullptr;
  QPushButton* search_ = nullptr;
  QPushButton* lasso_ = nullptr;
  QPushButton* fit_ = nullptr;
  QPushButton* start_ = nullptr;
  QStackedWidget* stack_ = nullptr;
  EmptyState* empty_ = nullptr;
  MapPlot* map_ = nullptr;
  FramePlayer* player_ = nullptr;
  Legend* legend_ = nullptr;
  QProgressBar* progress_ = nullptr;
  QLabel* shown_words_ = nullptr;
  Card* selected_ = nullptr;
  ImageGrid* grid_ = nullptr;
  Card* neighbours_ = nullptr;
  NeighbourStrip* strip_ = nullptr;
  QLabel* neighbours_words_ = nullptr;
};

}  // namespace selfsight
