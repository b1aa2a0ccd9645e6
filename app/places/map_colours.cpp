#include "app/places/map_colours.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>

#include "app/jobs/pipeline_maps.h"
#include "core/probes/classification.h"
#include "core/probes/knn.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

constexpr std::int64_t neighbours = 10;
constexpr int ramp_steps = 5;

struct ColourWords {
  Q_DECLARE_TR_FUNCTIONS(map_colours)
};

QStringList label_names(const Dataset& dataset) {
  QStringList names;
  for (const std::string& name : dataset.classes()) names.append(QString::fromStdString(name));
  return names;
}

std::span<const float> row_of(const Features& features, std::int64_t row) {
  const auto columns = static_cast<std::size_t>(features.columns);
  return std::span(features.values).subspan(static_cast<std::size_t>(row) * columns, columns);
}

/// Steps that hold about equally many values each; equal values share a step.
Colouring stepped(const std::vector<double>& values) {
  Colouring out;
  out.ramp = true;
  std::vector<double> sorted = values;
  std::sort(sorted.begin(), sorted.end());
  std::vector<double> edges;  // where the next step begins
  for (int i = 1; i < ramp_steps && !sorted.empty(); ++i) {
    const double edge = sorted[sorted.size() * static_cast<std::size_t>(i) / ramp_steps];
    if (edge > (edges.empty() ? sorted.front() : edges.back())) edges.push_back(edge);
  }
  for (const double value : values)
    out.groups.push_back(
        static_cast<int>(std::upper_bound(edges.begin(), edges.end(), value) - edges.begin()));
  const auto number = [](double value) { return QString::number(value, 'g', 3); };
  for (std::size_t i = 0; i <= edges.size() && !sorted.empty(); ++i)
    out.names << ColourWords::tr("%1 to %2")
                     .arg(number(i == 0 ? sorted.front() : edges[i - 1]),
                          number(i == edges.size() ? sorted.back() : edges[i]));
  return out;
}

Colouring by_cluster(const Dataset& dataset, const Features& features, const Control& control,
                     std::int64_t clusters) {
  Colouring out;
  const int k = static_cast<int>(
      std::min<std::int64_t>(clusters == 0 ? cluster_count(dataset) : clusters, features.rows));
  out.groups = clusters_of(features, k, 0, control);
  for (int cluster = 0; cluster < k; ++cluster) {
    std::map<int, std::int64_t> labels;
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < out.groups.size(); ++i)
      if (out.groups[i] == cluster && features.labels[i] >= 0) ++labels[features.labels[i]], ++sum;
    QString name = ColourWords::tr("cluster %1").arg(cluster + 1);
    if (sum > 0) {
      const auto most =
          std::ranges::max_element(labels, {}, [](const auto& entry) { return entry.second; });
      name += ColourWords::tr(", %1 %2:")
                  .arg(percent_words(static_cast<double>(most->second) / static_cast<double>(sum)),
                       label_names(dataset).value(most->first));
    }
    out.names << name;
  }
  const Agreement with_labels = agreement(features.labels, out.groups);
  if (with_labels.rows > 0)
    out.words = ColourWords::tr("Clusters against the labels (k %1): purity %2, NMI %3")
                    .arg(k)
                    .arg(percent_words(with_labels.purity, 1))
                    .arg(with_labels.nmi, 0, 'f', 3);
  return out;
}

/// Of each row its nearest others.
std::vector<std::vector<Neighbour>> others_of(const Features& features, const Control& control) {
  auto found = nearest(features, features, neighbours + 1, control);
  for (std::size_t row = 0; row < found.size(); ++row)
    std::erase_if(found[row], [&](const Neighbour& neighbour) {
      return neighbour.row == static_cast<std::int64_t>(row);
    });
  return found;
}

/// Of those the ones with a label.
std::vector<std::vector<Neighbour>> labelled_others_of(const Features& features,
                                                       const Control& control) {
  auto found = others_of(features, control);
  for (auto& others : found)
    std::erase_if(others, [&](const Neighbour& neighbour) {
      return features.labels[static_cast<std::size_t>(neighbour.row)] < 0;
    });
  return found;
}

/// The part of the nearest others with a label that have the same one.
Colouring by_same_label(const Features& features, const Control& control) {
  const auto found = labelled_others_of(features, control);
  Colouring out;
  out.ramp = true;
  for (std::size_t row = 0; row < found.size(); ++row) {
    if (features.labels[row] < 0 || found[row].empty()) {
      out.groups.push_back(-1);
      continue;
    }
    const auto same = std::ranges::count_if(found[row], [&](const Neighbour& neighbour) {
      return features.labels[static_cast<std::size_t>(neighbour.row)] == features.labels[row];
    });
    const double part = static_cast<double>(same) / static_cast<double>(found[row].size());
    out.groups.push_back(std::min(ramp_steps - 1, static_cast<int>(part * ramp_steps)));
  }
  for (int i = 0; i < ramp_steps; ++i)
    out.names
        << ColourWords::tr("%1 to %2 %").arg(100 * i / ramp_steps).arg(100 * (i + 1) / ramp_steps);
  return out;
}

/// Whether a vote of the nearest others finds the label.
Colouring by_vote(const Features& features, const Control& control) {
  const auto found = labelled_others_of(features, control);
  Colouring out;
  out.names = {ColourWords::tr("found"), ColourWords::tr("missed")};
  for (std::size_t row = 0; row < found.size(); ++row) {
    std::map<int, double> votes;
    for (const Neighbour& neighbour : found[row])
      votes[features.labels[static_cast<std::size_t>(neighbour.row)]] += neighbour.similarity;
    const auto most =
        std::ranges::max_element(votes, {}, [](const auto& entry) { return entry.second; });
    out.groups.push_back(features.labels[row] < 0 || votes.empty() ? -1
                         : most->first == features.labels[row]     ? 0
                                                                   : 1);
  }
  return out;
}

Colouring by_norm(const Features& features) {
  check_finite(features);
  std::vector<double> norms;
  for (std::int64_t row = 0; row < features.rows; ++row) {
    const auto values = row_of(features, row);
    norms.push_back(
        std::sqrt(std::inner_product(values.begin(), values.end(), values.begin(), 0.0)));
  }
  return stepped(norms);
}

Colouring by_nearest(const Features& features, const Control& control) {
  std::vector<double> similarity;
  for (const auto& others : others_of(features, control))
    similarity.push_back(others.empty() ? 0 : others.front().similarity);
  return stepped(similarity);
}

/// The columns of a list stand behind this in their keys.
const QString column_mark = QStringLiteral("column ");

constexpr std::size_t most_words = 12;  // of a column; the rarer ones are one group

/// Numbers as steps if there are many of them, words as groups, the frequent ones first.
Colouring by_column(const Dataset& dataset, std::size_t column,
                    const std::vector<std::int64_t>& ids) {
  std::map<QString, std::int64_t> counts;
  std::vector<QString> cells;
  bool numbers = true;
  for (const std::int64_t id : ids) {
    cells.push_back(QString::fromStdString(dataset.cell(id, column)));
    if (cells.back().isEmpty()) continue;
    ++counts[cells.back()];
    bool number = false;
    numbers &= std::isfinite(cells.back().toDouble(&number)) && number;
  }
  if (numbers && counts.size() > most_words) {
    std::vector<double> values;
    for (const QString& cell : cells)
      if (!cell.isEmpty()) values.push_back(cell.toDouble());
    Colouring told = stepped(values), out{told.names, {}, true};
    auto next = told.groups.begin();
    for (const QString& cell : cells) out.groups.push_back(cell.isEmpty() ? -1 : *next++);
    return out;
  }
  std::vector<std::pair<QString, std::int64_t>> order(counts.begin(), counts.end());
  std::ranges::stable_sort(order, std::greater(), [](const auto& entry) { return entry.second; });
  const bool rest = order.size() > most_words;
  if (rest) order.resize(most_words - 1);
  Colouring out;
  std::map<QString, int> groups;
  for (const auto& [word, count] : order) {
    groups[word] = static_cast<int>(out.names.size());
    out.names << word;
  }
  if (rest) out.names << ColourWords::tr("others");
  for (const QString& cell : cells) {
    const auto found = groups.find(cell);
    out.groups.push_back(cell.isEmpty()          ? -1
                         : found != groups.end() ? found->second
                                                 : static_cast<int>(out.names.size()) - 1);
  }
  return out;
}

}  // namespace

std::vector<MapColour> column_colours(const Dataset& dataset) {
  std::vector<MapColour> ways;
  for (const std::string& column : dataset.columns()) {
    const QString name = QString::fromStdString(column);
    ways.push_back(
        {column_mark + name, name, ColourWords::tr("A column of the list"), false, false});
  }
  return ways;
}

const std::vector<MapColour>& map_colours() {
  static const std::vector<MapColour> ways{
      {QStringLiteral("label"), ColourWords::tr("label"), {}, false, true},
      {QStringLiteral("split"), ColourWords::tr("split"), {}, false, false},
      {QStringLiteral("cluster"), ColourWords::tr("cluster"),
       ColourWords::tr(
           "k-means on the normalised features: as many groups as there are classes, or 10"),
       true, false},
      {QStringLiteral("same_label"), ColourWords::tr("neighbours alike"),
       ColourWords::tr("How many of the 10 nearest images have the same label"), true, true},
      {QStringLiteral("vote"), ColourWords::tr("kNN hit"),
       ColourWords::tr("Whether the 10 nearest images on the map vote for its label"), true, true},
      {QStringLiteral("nearest"), ColourWords::tr("nearest likeness"),
       ColourWords::tr("Cosine to the most similar other image: low for what stands alone"), true,
       false},
      {QStringLiteral("norm"), ColourWords::tr("feature norm"),
       ColourWords::tr("How long the feature is, before it is normalised"), true, false},
      {QStringLiteral("nothing"), ColourWords::tr("nothing"), {}, false, false}};
  return ways;
}

MapColour map_colour(const QString& key) {
  if (key.startsWith(column_mark)) return {key, key.mid(column_mark.size()), {}, false, false};
  const auto found = std::ranges::find(map_colours(), key, &MapColour::key);
  return found == map_colours().end() ? map_colours().front() : *found;
}

Colouring colouring_of(const QString& key, const Dataset& dataset,
                       const std::vector<std::int64_t>& ids) {
  for (std::size_t column = 0; column < dataset.columns().size(); ++column)
    if (key == column_mark + QString::fromStdString(dataset.columns()[column]))
      return by_column(dataset, column, ids);
  Colouring out;
  const bool label = key == QLatin1String("label"), split = key == QLatin1String("split");
  if (label) out.names = label_names(dataset);
  if (split)
    out.names = {ColourWords::tr("train"), ColourWords::tr("validation"), ColourWords::tr("test")};
  for (const std::int64_t id : ids)
    out.groups.push_back(label   ? dataset.label(id)
                         : split ? static_cast<int>(dataset.split(id))
                                 : -1);
  return out;
}

Colouring colouring_of(const QString& key, const Dataset& dataset, const Features& features,
                       const Control& control, int clusters) {
  if (key == QLatin1String("cluster")) return by_cluster(dataset, features, control, clusters);
  if (key == QLatin1String("same_label")) return by_same_label(features, control);
  if (key == QLatin1String("vote")) return by_vote(features, control);
  if (key == QLatin1String("nearest")) return by_nearest(features, control);
  return by_norm(features);
}

}  // namespace selfsight
