#include "app/places/colour_box.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "app/app_settings.h"
#include "app/places/map_work.h"
#include "app/workspace.h"
#include "widgets/controls.h"
#include "widgets/legend.h"

namespace selfsight {

ColourBox::ColourBox(Workspace& workspace, MapPlot& plot, Legend& legend, AskFeatures ask_features,
                     QWidget* parent)
    : QComboBox(parent),
      workspace_(workspace),
      plot_(plot),
      legend_(legend),
      ask_features_(std::move(ask_features)),
      colouring_(new Latest<Colouring>(this)),
      clusters_(new QSpinBox(parent)),
      words_(new ElidedLabel({}, parent)) {
  setObjectName(QStringLiteral("map_colour"));
  setAccessibleName(tr("Colour by"));
  setToolTip(tr("What the colours of the map tell"));
  clusters_->setObjectName(QStringLiteral("cluster_count"));
  clusters_->setAccessibleName(tr("Clusters"));
  clusters_->setToolTip(tr("How many groups k-means makes"));
  clusters_->setPrefix(tr("clusters "));
  clusters_->setRange(1, 100);
  clusters_->setSpecialValueText(tr("clusters as classes"));
  clusters_->setKeyboardTracking(false);
  words_->setObjectName(QStringLiteral("cluster_words"));
  set_voice(words_, Voice::soft);
  for (QWidget* hidden : std::initializer_list<QWidget*>{clusters_, words_}) hidden->hide();
  for (QWidget* box : std::initializer_list<QWidget*>{this, clusters_}) guard_value(box);
  connect(clusters_, &QSpinBox::valueChanged, this, &ColourBox::colour_map);
  if (const QString kept = app_settings::control(objectName()); !kept.isEmpty()) wanted_ = kept;
  connect(this, &QComboBox::activated, this, [this] {
    wanted_ = currentData().toString();
    app_settings::set_control(objectName(), wanted_);
    colour_map();
  });
}

void ColourBox::list_ways() {
  const auto dataset = workspace_.dataset();
  const bool labelled = dataset && dataset->labelled();
  std::vector<MapColour> ways = map_colours();
  if (dataset) std::ranges::copy(column_colours(*dataset), std::back_inserter(ways));
  clear();
  for (const MapColour& way : ways) {
    if (way.of_labels && !labelled) continue;
    addItem(tr("colour by %1").arg(way.words), way.key);
    setItemData(count() - 1, way.tip, Qt::ToolTipRole);
  }
  setCurrentIndex(std::max(0, findData(wanted_)));
}

void ColourBox::setVisible(bool visible) {
  QComboBox::setVisible(visible);
  clusters_->setVisible(visible && by_cluster());
}

bool ColourBox::by_cluster() const {
  return currentData().toString() == QLatin1String("cluster");
}

bool ColourBox::of_features() const {
  return map_colour(currentData().toString()).of_features;
}

void ColourBox::colour_map() {
  clusters_->setVisible(!isHidden() && by_cluster());
  const auto dataset = workspace_.dataset();
  const QString key = map_colour(currentData().toString()).key;
  const int question = ++question_;
  if (!dataset || plot_.points().empty()) return take({}, {});
  if (!of_features()) {
    const auto ids = ids_of(plot_.points());
    return take(ids, colouring_of(key, *dataset, ids));
  }
  ask_features_([this, dataset, key, question](const MapFeatures::Table& table) {
    colouring_->ask(
        [dataset, key, table,
         clusters = clusters_->value() == 1 ? 0 : clusters_->value()](Control& control) {
          return colouring_of(key, *dataset, table->features, control, clusters);
        },
        [this, dataset, question, table](const Colouring& colours) {
          if (question == question_ && dataset == workspace_.dataset())
            take(table->features.ids, colours);
        },
        [this](const QString& problem) {
          go_back();
          Q_EMIT workspace_.problem(problem);
        });
  });
}

void ColourBox::go_back() {
  ++question_;
  wanted_ = shown_;
  setCurrentIndex(std::max(0, findData(shown_)));
  clusters_->setVisible(!isHidden() && by_cluster());
  if (groups_.isEmpty() && !of_features()) colour_map();
}

void ColourBox::forget() {
  ++question_;
  take({}, {});
  shown_ = itemData(0).toString();  // where those of features do not come
}

void ColourBox::set_groups(std::vector<MapPoint>& points) const {
  for (MapPoint& point : points) point.group = groups_.value(point.id, -1);
}

void ColourBox::take(const std::vector<std::int64_t>& ids, const Colouring& colours) {
  shown_ = currentData().toString();
  groups_.clear();
  for (std::size_t i = 0; i < ids.size(); ++i) groups_.insert(ids[i], colours.groups[i]);
  std::vector<MapPoint> points = plot_.points();
  set_groups(points);
  plot_.set_ramp(colours.ramp ? static_cast<int>(colours.names.size()) : 0);
  plot_.set_groups(colours.names);
  plot_.set_hidden({});
  legend_.set_groups(group_counts(colours.names, points), colours.ramp);
  plot_.set_points(std::move(points));
  words_->setText(colours.words);
  words_->setVisible(!colours.words.isEmpty());
}

}  // namespace selfsight
