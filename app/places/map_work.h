// What Explore asks of a data set and of features.
#pragma once

#include <QList>
#include <QPair>
#include <QString>

#include <filesystem>
#include <vector>

#include "app/places/map_features.h"
#include "core/base/control.h"
#include "core/dataset/dataset.h"
#include "core/history/store.h"
#include "widgets/map_plot.h"
#include "widgets/neighbour_strip.h"

namespace selfsight {

/// (group, how many of these points).
QList<QPair<QString, int>> group_counts(const QStringList& names,
                                        const std::vector<MapPoint>& points);
/// At their places, [n, 2], without a group; images that the data set does not have are left out.
std::vector<MapPoint> map_points(const Dataset& dataset, const std::vector<std::int64_t>& ids,
                                 const std::vector<float>& xy);
std::vector<std::int64_t> ids_of(const std::vector<MapPoint>& points);
/// "412 images · 87 % horse"; empty without any.
QString selection_words(const Dataset& dataset, const std::vector<std::int64_t>& ids);
/// "id,name,label,x,y".
QString map_as_csv(const Dataset& dataset, const std::vector<MapPoint>& points);

/// One picture, as an encoder sees it: image `id` of the data set, or one from a file.
struct Asked {
  EncoderSource source;
  std::int64_t id = -1;
  std::filesystem::path file;

  bool none() const { return id < 0 && file.empty(); }
  bool operator==(const Asked&) const = default;
};

/// Of the image, or of the file.
QString picture_name(const Dataset& dataset, const Asked& asked);

/// Those of the table that are most like it, itself left out, nearest first, each with its
/// likeness and label. Throws ImageError, InputError.
QList<NeighbourPicture> like_pictures(const std::filesystem::path& store, const Dataset& dataset,
                                      const Asked& asked, const FeatureTable& table, int count,
                                      int pixels, const Control& control);

struct PlacedPicture {
  Asked asked;
  MapMark mark;
};

/// Where they would stand among the mapped images, in their order, as the encoder of the first sees
/// them. Without those that cannot be read or whose features are no numbers; none where fewer than
/// four images have a place. Throws InputError, Cancelled.
std::vector<PlacedPicture> place_on_map(const std::filesystem::path& store, const Dataset& dataset,
                                        const std::vector<Asked>& pictures, const Features& mapped,
                                        const std::vector<MapPoint>& points, double perplexity,
                                        int pixels, const Control& control);

}  // namespace selfsight
