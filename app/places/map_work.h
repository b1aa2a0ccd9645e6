// What Explore asks of a data set and of features.
#pragma once

#include <QList>
#include <QPair>
#include <QString>

#include "core/base/control.h"
#include "core/dataset/dataset.h"
#include "core/training/session.h"
#include "widgets/map_plot.h"
#include "widgets/neighbour_strip.h"

namespace selfsight {

/// (class, how many of these points), by label.
QList<QPair<QString, int>> group_counts(const Dataset& dataset,
                                        const std::vector<MapPoint>& points);
std::vector<std::int64_t> ids_of(const std::vector<MapPoint>& points);
/// "412 images · 87 % horse".
QString selection_words(const Dataset& dataset, const std::vector<std::int64_t>& ids);
/// "id,name,label,x,y".
QString map_as_csv(const Dataset& dataset, const std::vector<MapPoint>& points);

/// The images of `features` most like image `id`, itself left out, nearest first.
QList<NeighbourPicture> neighbour_pictures(const Dataset& dataset, const Features& features,
                                           std::int64_t id, int count, int pixels,
                                           const Control& control);

}  // namespace selfsight
