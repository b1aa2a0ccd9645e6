#include "app/places/map_work.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "app/jobs/pipeline.h"
#include "app/places/data_work.h"
#include "core/probes/knn.h"
#include "widgets/picture.h"
#include "widgets/words.h"

namespace selfsight {

QList<QPair<QString, int>> group_counts(const QStringList& names,
                                        const std::vector<MapPoint>& points) {
  QList<QPair<QString, int>> groups;
  for (const QString& name : names) groups.append({name, 0});
  for (const MapPoint& point : points)
    if (point.group >= 0 && point.group < groups.size()) ++groups[point.group].second;
  return groups;
}

std::vector<std::int64_t> ids_of(const std::vector<MapPoint>& points) {
  std::vector<std::int64_t> ids;
  for (const MapPoint& point : points) ids.push_back(point.id);
  std::sort(ids.begin(), ids.end());
  return ids;
}

QString selection_words(const Dataset& dataset, const std::vector<std::int64_t>& ids) {
  if (ids.empty()) return {};
  QString words = count_words(static_cast<std::int64_t>(ids.size()), MapPlot::tr("image"),
                              MapPlot::tr("images"));
  if (!dataset.labelled()) return words;
  std::map<int, int> counts;
  for (const std::int64_t id : ids) ++counts[dataset.label(id)];
  const auto most =
      std::max_element(counts.begin(), counts.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most->first < 0) return words;
  const double part = static_cast<double>(most->second) / static_cast<double>(ids.size());
  return QStringLiteral("%1 · %2 %3")
      .arg(words, percent_words(part),
           QString::fromStdString(dataset.classes()[static_cast<std::size_t>(most->first)]));
}

QString map_as_csv(const Dataset& dataset, const std::vector<MapPoint>& points) {
  QString out = QStringLiteral("id,name,label,x,y\n");
  const auto quoted = [](QString text) {
    return QLatin1Char('"') + text.replace(QLatin1Char('"'), QLatin1String("\"\"")) +
           QLatin1Char('"');
  };
  for (const MapPoint& p : points)
    out += QStringLiteral("%1,%2,%3,%4,%5\n")
               .arg(p.id)
               .arg(quoted(QString::fromStdString(dataset.image_name(p.id))),
                    quoted(label_name(dataset, p.id)))
               .arg(p.x)
               .arg(p.y);
  return out;
}

namespace {

/// The `count` rows nearest to `asked`, without image `but`.
QList<NeighbourPicture> nearest_pictures(const Dataset& dataset, const Features& features,
                                         const Features& asked, std::int64_t but, int count,
                                         int pixels, const Control& control) {
  QList<NeighbourPicture> out;
  const auto found = nearest(features, asked, count + 1, control);
  for (const Neighbour& neighbour : found.front()) {
    const std::int64_t other = features.ids[static_cast<std::size_t>(neighbour.row)];
    if (other == but || out.size() == count) continue;
    out.append({other, to_thumbnail(dataset.image(other), pixels),
                QString::number(neighbour.similarity, 'f', 3)});
  }
  return out;
}

}  // namespace

QList<NeighbourPicture> neighbour_pictures(const Dataset& dataset, const Features& features,
                                           std::int64_t id, int count, int pixels,
                                           const Control& control) {
  const auto at = std::find(features.ids.begin(), features.ids.end(), id);
  if (at == features.ids.end()) return {};
  const auto row = at - features.ids.begin();
  Features asked{1, features.columns, {}, {id}, {-1}};
  const auto begin = features.values.begin() + row * features.columns;
  asked.values.assign(begin, begin + features.columns);
  return nearest_pictures(dataset, features, asked, id, count, pixels, control);
}

std::shared_ptr<FrozenModel> open_checkpoint(const Store& store, std::int64_t run,
                                             std::optional<std::int64_t> step) {
  return step ? open_model_at(store, run, *step) : open_model(store, run);
}

std::optional<std::int64_t> kept_step(const Store& store, const StoredMap& map) {
  const auto protocol = nlohmann::json::parse(map.protocol, nullptr, false);
  if (!protocol.is_object()) return std::nullopt;
  const auto step = protocol.value("checkpoint_step", std::int64_t{-1});
  for (const StoredCheckpoint& checkpoint : store.checkpoints(map.run))
    if (checkpoint.info.step == step) return step;
  return std::nullopt;
}

QList<NeighbourPicture> search_pictures(const std::filesystem::path& store, std::int64_t run,
                                        std::optional<std::int64_t> step, const Dataset& dataset,
                                        const Features& features, const std::filesystem::path& file,
                                        int count, int pixels, const Control& control) {
  const auto model = open_checkpoint(Store(store), run, step);
  const Features asked = model->features({dataset.outside_image(file)});
  return nearest_pictures(dataset, features, asked, -1, count, pixels, control);
}

}  // namespace selfsight
