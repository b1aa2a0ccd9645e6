#include "app/places/map_work.h"

#include <QHash>
#include <algorithm>
#include <map>
#include <utility>

#include "app/jobs/pipeline_placing.h"
#include "app/places/data_work.h"
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

std::vector<MapPoint> map_points(const Dataset& dataset, const std::vector<std::int64_t>& ids,
                                 const std::vector<float>& xy) {
  std::vector<MapPoint> points;
  for (std::size_t i = 0; i < ids.size(); ++i)
    if (ids[i] >= 0 && ids[i] < dataset.size())
      points.push_back({ids[i], xy[2 * i], xy[2 * i + 1], -1});
  return points;
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

QString picture_name(const Dataset& dataset, const Asked& asked) {
  return QString::fromStdString(asked.id >= 0 ? dataset.image_name(asked.id)
                                              : asked.file.filename().string());
}

namespace {

cv::Mat picture_of(const Dataset& dataset, const Asked& asked) {
  return asked.id >= 0 ? dataset.image(asked.id) : dataset.outside_image(asked.file);
}

std::pair<std::vector<std::int64_t>, std::vector<float>> layout_of(
    const std::vector<MapPoint>& points) {
  std::pair<std::vector<std::int64_t>, std::vector<float>> out;
  for (const MapPoint& point : points) {
    out.first.push_back(point.id);
    out.second.push_back(static_cast<float>(point.x));
    out.second.push_back(static_cast<float>(point.y));
  }
  return out;
}

/// From the table where it is in there.
std::vector<float> features_of(const std::filesystem::path& store, const Dataset& dataset,
                               const Asked& asked, const Features& known) {
  const auto at = std::ranges::find(known.ids, asked.id);
  if (asked.id >= 0 && at != known.ids.end()) {
    const auto begin = known.values.begin() + (at - known.ids.begin()) * known.columns;
    return {begin, begin + known.columns};
  }
  return open_model(Store(store), asked.source)->features({picture_of(dataset, asked)}).values;
}

std::vector<Found> nearest_in(const FeatureTable& table, const std::vector<float>& asked, int count,
                              const Control& control) {
  if (table.index) return table.index->nearest(asked, count);
  return SearchIndex(table.features.values, table.features.columns, control).nearest(asked, count);
}

}  // namespace

QList<NeighbourPicture> like_pictures(const std::filesystem::path& store, const Dataset& dataset,
                                      const Asked& asked, const FeatureTable& table, int count,
                                      int pixels, const Control& control) {
  QList<NeighbourPicture> out;
  const auto query = features_of(store, dataset, asked, table.features);
  for (const Found& found : nearest_in(table, query, count + 1, control)) {
    control.check();
    const std::int64_t other = table.features.ids[static_cast<std::size_t>(found.row)];
    if (other == asked.id || out.size() == count) continue;
    out.append({other, to_thumbnail(dataset.image(other), pixels),
                QString::number(found.similarity, 'f', 3), label_name(dataset, other)});
  }
  return out;
}

std::vector<PlacedPicture> place_on_map(const std::filesystem::path& store, const Dataset& dataset,
                                        const std::vector<Asked>& pictures, const Features& mapped,
                                        const std::vector<MapPoint>& points, double perplexity,
                                        int pixels, const Control& control) {
  if (pictures.empty()) return {};
  const auto model = open_model(Store(store), pictures.front().source);
  Features fresh{0, mapped.columns, {}, {}, {}};  // their ids are numbers in `pictures`
  QHash<std::int64_t, QImage> images;
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    control.check();
    try {
      const cv::Mat image = picture_of(dataset, pictures[i]);
      images.insert(static_cast<std::int64_t>(i), to_thumbnail(image, pixels));
      const auto own = model->features({image}).values;
      fresh.values.insert(fresh.values.end(), own.begin(), own.end());
      fresh.ids.push_back(static_cast<std::int64_t>(i));
      fresh.labels.push_back(-1);
      ++fresh.rows;
    } catch (const ImageError&) {
      continue;
    }
  }
  const Features whole = finite_rows(fresh);
  const auto [ids, xy] = layout_of(points);
  const auto places = places_on_map(whole, mapped, ids, xy, perplexity, control);
  std::vector<PlacedPicture> out;
  for (std::size_t i = 0; 2 * i < places.size(); ++i) {
    const Asked& asked = pictures[static_cast<std::size_t>(whole.ids[i])];
    out.push_back({asked,
                   {places[2 * i], places[2 * i + 1], picture_name(dataset, asked),
                    images.value(whole.ids[i])}});
  }
  return out;
}

}  // namespace selfsight
