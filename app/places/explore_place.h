#pragma once

#include "app/jobs/job.h"
#include "app/places/epoch_frames.h"
#include "app/places/map_features.h"
#include "app/places/map_work.h"
#include "app/places/place.h"
#include "widgets/image_model.h"
#include "widgets/map_plot.h"

class QPushButton;

namespace selfsight {

class Card;
class ChoiceChips;
class ColourBox;
class FramePlayer;
class ImageGrid;
class MapCard;
class MapMaker;
class MapMarks;
class MapOptions;
class NeighboursCard;
class RunChoice;
struct ShownMap;
struct StoredMap;

/// An encoder's map, linked to its pictures both ways, and search by likeness.
class ExplorePlace : public Place {
  Q_OBJECT
 public:
  explicit ExplorePlace(Workspace& workspace, QWidget* parent = nullptr);
  ~ExplorePlace() override;

  void enter() override;
  QList<QPair<QString, std::function<void()>>> exports() override;
  /// Searches with the first, and marks all on a t-SNE map. False where there is no encoder for the
  /// open images.
  bool take_pictures(const QStringList& paths) override;

 private:
  void build_head();
  QWidget* build_main();
  QWidget* build_side();
  void list_runs();
  void catch_up();
  void take_source(const EncoderSource& source);
  void take_dataset();
  void forget_asked();
  void show_state();
  void show_start();
  void press_start();
  void show_empty();
  void act_on_empty();
  void show_stored_map();
  void show_map(const StoredMap& map);
  void show_map(const std::vector<std::int64_t>& ids, const std::vector<float>& xy);
  void show_map(std::vector<MapPoint> points);
  void tell_map(const QString& words);
  std::optional<StoredMap> known_map();
  std::vector<StoredMap> known_frames() const;
  bool over_epochs() const;
  void show_frames(std::vector<StoredMap> maps);
  void show_position(double position);
  void arrive_at(int frame);
  void start();
  bool can_go_on() const;
  void take_partial(const std::vector<std::int64_t>& ids, const std::vector<float>& xy);
  void take_result(const std::any& result);
  void show_selection();
  void show_likes(const Asked& asked);
  void show_neighbours(qint64 id);
  void show_neighbour(qint64 id);
  bool is_mapped(qint64 id) const;
  ShownMap shown_map() const;
  EncoderSource shown_source() const;
  MapFeatures::Wanted wanted_features() const;
  void choose_search();
  void fetch_thumbnails(const QList<qint64>& ids, int pixels);
  bool can_look() const;
  bool own_images() const;
  bool images_changed() const;

  Latest<QList<Thumbnail>>* grid_pictures_;
  MapFeatures* features_;
  MapMaker* maker_;
  EncoderSource source_;
  std::string trained_on_;                // the fingerprint of the run's images
  std::optional<std::int64_t> map_step_;  // of the checkpoint that is mapped; empty: the newest
  bool checkpoint_gone_ = false;          // the one that is mapped
  double map_perplexity_ = 0;             // 0: not by t-SNE
  std::vector<StoredMap> outside_maps_;   // of an encoder from a file, which no store keeps
  EpochFrames frames_;                    // of the run's newest sequence
  Asked asked_;                           // whose neighbours are shown

  RunChoice* runs_ = nullptr;
  ChoiceChips* method_ = nullptr;
  MapOptions* options_ = nullptr;
  ColourBox* colour_ = nullptr;
  QPushButton* start_ = nullptr;
  QPushButton* discard_ = nullptr;
  MapCard* card_ = nullptr;
  MapPlot* map_ = nullptr;  // of the card, as are its colours and its player
  MapMarks* marks_ = nullptr;
  FramePlayer* player_ = nullptr;
  Card* selected_ = nullptr;
  ImageGrid* grid_ = nullptr;
  NeighboursCard* neighbours_ = nullptr;
};

}  // namespace selfsight
