// The maps of several runs side by side: what is selected in one is selected in those of the same
// images.
#pragma once

#include <QHash>
#include <QTimer>
#include <string>
#include <vector>

#include "app/jobs/job.h"
#include "app/places/compare_work.h"
#include "widgets/card.h"
#include "widgets/image_model.h"

class QHBoxLayout;
class QLabel;
class QPushButton;

namespace selfsight {

class Legend;
class MapPlot;
class Workspace;

class CompareMaps : public Card {
  Q_OBJECT
 public:
  explicit CompareMaps(Workspace& workspace, QWidget* parent = nullptr);

  /// The newest map of each of these runs, of the first few that have one: of the images that are
  /// open where there is one, and of one method where all have a map of it. What is selected in one
  /// is selected in all of the same images. They are read in a thread; until then the maps before
  /// them stay, and after it those that are the same.
  void show_runs(const std::vector<std::int64_t>& runs);
  const QList<MapPlot*>& plots() const { return plots_; }

 Q_SIGNALS:
  void image_clicked(qint64 id);

 private:
  /// What tells one map from another.
  struct Head {
    std::int64_t run = 0, map = 0;
    std::string images;
    bool operator==(const Head&) const = default;
  };
  void show_maps(const ComparedMaps& compared);
  void replace_maps(const std::vector<ComparedMap>& maps);
  void add_map(const ComparedMap& map);
  void name_groups(const std::vector<ComparedMap>& maps);
  void link(MapPlot* plot);
  void set_lasso(bool on);
  void show_selected();
  /// Of the open data set; empty without one.
  std::string open_images() const;
  bool of_open_images(MapPlot* plot) const;

  Workspace& workspace_;
  QHBoxLayout* row_;
  Legend* legend_;
  QLabel* words_;
  QPushButton* lasso_;
  QList<QWidget*> columns_;
  QList<MapPlot*> plots_;
  QHash<MapPlot*, std::string> images_;  // the fingerprint of what each map is of
  std::vector<Head> heads_;              // of the maps that are shown
  std::string open_;                     // the images that were open when they were made
  std::vector<std::int64_t> runs_;
  Latest<ComparedMaps>* reading_;
  std::int64_t question_ = 0;  // the newest that was asked
  QTimer waits_;
  Latest<QList<Thumbnail>>* pictures_;
};

}  // namespace selfsight
