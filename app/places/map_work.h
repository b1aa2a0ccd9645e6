// What Explore asks of a data set and of features.
#pragma once

#include <QList>
#include <QPair>
#include <QString>

#include <memory>
#include <optional>

#include "core/base/control.h"
#include "core/dataset/dataset.h"
#include "core/history/store.h"
#include "core/probes/frozen.h"
#include "core/training/session.h"
#include "widgets/map_plot.h"
#include "widgets/neighbour_strip.h"

namespace selfsight {

/// (group, how many of these points).
QList<QPair<QString, int>> group_counts(const QStringList& names,
                                        const std::vector<MapPoint>& points);
std::vector<std::int64_t> ids_of(const std::vector<MapPoint>& points);
/// "412 images · 87 % horse"; empty without any.
QString selection_words(const Dataset& dataset, const std::vector<std::int64_t>& ids);
/// "id,name,label,x,y".
QString map_as_csv(const Dataset& dataset, const std::vector<MapPoint>& points);

/// The images of `features` most like image `id`, itself left out, nearest first.
QList<NeighbourPicture> neighbour_pictures(const Dataset& dataset, const Features& features,
                                           std::int64_t id, int count, int pixels,
                                           const Control& control);

/// The run's checkpoint of this step, or of none named the newest. Throws InputError.
std::shared_ptr<FrozenModel> open_checkpoint(const Store& store, std::int64_t run,
                                             std::optional<std::int64_t> step);
/// Of which checkpoint a stored map is; empty, which means the newest, once that is gone.
std::optional<std::int64_t> kept_step(const Store& store, const StoredMap& map);

/// Those most like the picture in a file, as the checkpoint sees it that `features` are of. Throws
/// ImageError, InputError.
QList<NeighbourPicture> search_pictures(const std::filesystem::path& store, std::int64_t run,
                                        std::optional<std::int64_t> step, const Dataset& dataset,
                                        const Features& features, const std::filesystem::path& file,
                                        int count, int pixels, const Control& control);

}  // namespace selfsight
