// Pictures that are not on a map, marked where they would stand, and the row that tells of them.
#pragma once

#include "app/jobs/job.h"
#include "app/places/map_work.h"

class QLabel;

namespace selfsight {

class Workspace;

/// The t-SNE map that is shown.
struct ShownMap {
  MapFeatures::Wanted features;  // behind it
  double perplexity = 0;         // it was laid out with; 0: nothing can be placed on what is shown
};

/// Shown while there is something to tell.
class MapMarks : public QWidget {
  Q_OBJECT
 public:
  MapMarks(Workspace& workspace, MapFeatures& features, MapPlot& plot, QWidget* parent);

  /// Marks these pictures instead of those before.
  void place(const std::vector<Asked>& pictures, const ShownMap& map);
  /// Marks an image of the data set beside them, instead of the one before; empty: none.
  void point_out(const std::vector<Asked>& image, const ShownMap& map);
  void clear();

 Q_SIGNALS:
  void clicked(const Asked& picture);

 private:
  struct Group {
    std::vector<Asked> asked;
    std::vector<PlacedPicture> placed;
    Latest<std::vector<PlacedPicture>>* finding;
  };
  void find(Group& group, const std::vector<Asked>& asked, const ShownMap& map);
  void show_marks();
  void tell(const QString& words);

  Workspace& workspace_;
  MapFeatures& features_;
  MapPlot& plot_;
  Group pictures_, image_;
  QLabel* words_;
};

}  // namespace selfsight
