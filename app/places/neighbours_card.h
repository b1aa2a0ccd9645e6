// The images most like one, or like a picture from elsewhere, among all of the open data set.
#pragma once

#include "app/jobs/job.h"
#include "app/places/map_work.h"
#include "widgets/card.h"

class QComboBox;
class QLabel;

namespace selfsight {

class NeighbourStrip;
class Workspace;

class NeighboursCard : public Card {
  Q_OBJECT
 public:
  /// `mapped` are the features behind the map; they answer while others are read.
  NeighboursCard(Workspace& workspace, MapFeatures& mapped, QWidget* parent = nullptr);

  /// Searches for the likes of it. With `when`, which names a checkpoint among others, only among
  /// the mapped images.
  void show_likes(const Asked& asked, const QString& when = {});
  /// Which images are on the map.
  void set_mapped(const std::vector<std::int64_t>& ids);
  void forget();

 Q_SIGNALS:
  void clicked(qint64 id);

 private:
  void list_choices();
  void search();
  void answer(const MapFeatures::Table& table);
  void tell_problem(const QString& problem);
  MapFeatures::Wanted wanted(const QString& among) const;

  Workspace& workspace_;
  MapFeatures& mapped_;
  MapFeatures* table_;
  Latest<QList<NeighbourPicture>>* likes_;
  Asked asked_;
  QString when_;
  std::vector<std::int64_t> mapped_ids_;
  QComboBox* among_;
  NeighbourStrip* strip_;
  QLabel* words_;
};

}  // namespace selfsight
