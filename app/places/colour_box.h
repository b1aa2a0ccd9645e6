// What the colours of a map tell, as chosen by the person, and the colouring itself.
#pragma once

#include <QComboBox>
#include <QHash>
#include <QLabel>
#include <QSpinBox>
#include <functional>

#include "app/jobs/job.h"
#include "app/places/map_colours.h"
#include "app/places/map_features.h"
#include "widgets/map_plot.h"

namespace selfsight {

class Legend;
class Workspace;

class ColourBox : public QComboBox {
  Q_OBJECT
 public:
  /// Asks for the features behind the map; not answered where there are none.
  using AskFeatures = std::function<void(const MapFeatures::Then&)>;
  ColourBox(Workspace& workspace, MapPlot& plot, Legend& legend, AskFeatures ask_features,
            QWidget* parent);

  /// Those that need labels only where there are some; the one wanted last stays.
  void list_ways();
  bool of_features() const;
  void colour_map();
  /// What the colours tell is of another encoder: none until there are new ones.
  void forget();
  /// Back to the colours that are on the map, where those that were asked for do not come.
  void go_back();
  /// How many clusters there are to be, shown while the map is coloured by them.
  QSpinBox* cluster_box() const { return clusters_; }
  /// How well they agree with the labels, likewise.
  QLabel* words() const { return words_; }
  void setVisible(bool visible) override;
  /// As their images are coloured already.
  void set_groups(std::vector<MapPoint>& points) const;

 private:
  bool by_cluster() const;
  void take(const std::vector<std::int64_t>& ids, const Colouring& colours);

  Workspace& workspace_;
  MapPlot& plot_;
  Legend& legend_;
  AskFeatures ask_features_;
  Latest<Colouring>* colouring_;
  QSpinBox* clusters_;
  QLabel* words_;
  QString wanted_ = QStringLiteral("label");
  QString shown_ = QStringLiteral("label");
  int question_ = 0;
  QHash<qint64, int> groups_;
};

}  // namespace selfsight
