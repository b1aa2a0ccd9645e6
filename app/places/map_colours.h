// What the colours of a map can tell.
#pragma once

#include <QString>
#include <QStringList>
#include <vector>

#include "core/base/control.h"
#include "core/dataset/dataset.h"
#include "core/training/session.h"

namespace selfsight {

/// One way to colour a map.
struct MapColour {
  QString key, words, tip;
  bool of_features = false;  // needs those of the mapped images
  bool of_labels = false;    // means nothing without labels
};
const std::vector<MapColour>& map_colours();
/// One for each further column of a list.
std::vector<MapColour> column_colours(const Dataset& dataset);
MapColour map_colour(const QString& key);  // the first for an unknown one

/// The group of each image, -1 for none, and what the groups are called.
struct Colouring {
  QStringList names;
  std::vector<int> groups;  // as `ids`
  bool ramp = false;        // groups are steps from little to much
  QString words{};          // how well clusters agree with labels; empty for all else
};

/// Without features. `ids` may be any of the data set's.
Colouring colouring_of(const QString& key, const Dataset& dataset,
                       const std::vector<std::int64_t>& ids);
/// One that needs features: the groups are those of features.ids. Of clusters there are so many, or
/// with 0 cluster_count(). Throws Cancelled, and InputError for features that are no numbers.
Colouring colouring_of(const QString& key, const Dataset& dataset, const Features& features,
                       const Control& control, int clusters = 0);

}  // namespace selfsight
