#include "app/places/compare_maps.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSet>
#include <QVBoxLayout>
#include <algorithm>
#include <map>
#include <ranges>
#include <string>

#include "app/jobs/pipeline_placing.h"
#include "app/places/data_work.h"
#include "app/places/map_work.h"
#include "app/places/save_plot.h"
#include "app/workspace.h"
#include "widgets/controls.h"
#include "widgets/exports.h"
#include "widgets/map_plot.h"
#include "widgets/theme.h"

namespace selfsight {
namespace {

constexpr std::size_t most_maps_shown = 3;

std::vector<MapPoint> points_of(const StoredMap& map, const Dataset* dataset) {
  std::vector<MapPoint> points;
  for (std::size_t i = 0; i < map.ids.size(); ++i)
    points.push_back({map.ids[i], map.xy[2 * i], map.xy[2 * i + 1],
                      dataset && map.ids[i] < dataset->size() ? dataset->label(map.ids[i]) : -1});
  return points;
}

bool has_method(const std::vector<StoredMap>& maps, const std::string& method) {
  return std::ranges::find(maps, method, &StoredMap::method) != maps.end();
}

/// The newest of a method that all runs have a map of, so that like stands beside like; else the
/// newest.
const StoredMap& map_to_show(const std::vector<StoredMap>& maps,
                             const std::vector<std::vector<StoredMap>>& of_all) {
  for (const StoredMap& wanted : of_all.front() | std::views::reverse)
    if (std::ranges::all_of(of_all,
                            [&](const auto& other) { return has_method(other, wanted.method); }))
      return *std::ranges::find(maps.rbegin(), maps.rend(), wanted.method, &StoredMap::method);
  return maps.back();
}

}  // namespace

CompareMaps::CompareMaps(Workspace& workspace, QWidget* parent)
    : Card(tr("Maps"), parent),
      workspace_(workspace),
      row_(new QHBoxLayout),
      words_(paragraph({}, Voice::soft, this)),
      lasso_(button(tr("Lasso"), QStringLiteral("compare_lasso"), ButtonKind::chip, this)),
      pictures_(new Latest<QList<Thumbnail>>(this)) {
  setObjectName(QStringLiteral("compare_maps"));
  row_->setSpacing(8);
  lasso_->setCheckable(true);
  lasso_->setToolTip(tr("Draw around points to select them in every map (L)"));
  add_to_head(lasso_);
  body()->addLayout(row_, 1);
  body()->addWidget(words_);
  connect(lasso_, &QPushButton::toggled, this, &CompareMaps::set_lasso);
  connect(&workspace, &Workspace::dataset_changed, this, [this] {
    if (!runs_.empty()) show_runs(std::vector(runs_));
  });
}

std::string CompareMaps::open_images() const {
  const auto dataset = workspace_.dataset();
  return dataset ? dataset->fingerprint() : std::string();
}

bool CompareMaps::of_open_images(MapPlot* plot) const {
  return workspace_.dataset() && images_.value(plot) == open_images();
}

/// Of the images that are open, or all where it has none of those.
std::vector<StoredMap> CompareMaps::maps_of_run(std::int64_t run) const {
  auto maps = maps_of(workspace_.store(), run, open_images());
  return maps.empty() ? workspace_.store().maps(run) : maps;
}

void CompareMaps::show_runs(const std::vector<std::int64_t>& runs) {
  runs_ = runs;
  std::map<std::string, QSet<qint64>> selected;  // of each set of images
  for (MapPlot* plot : plots_) selected[images_.value(plot)] = plot->selection();
  for (QWidget* column : columns_) {
    column->hide();
    column->deleteLater();  // one of its maps may be the one that asked for this
  }
  columns_.clear();
  plots_.clear();
  images_.clear();
  std::vector<std::int64_t> mapped;
  std::vector<std::vector<StoredMap>> maps;
  std::size_t left_out = 0;
  for (const std::int64_t run : runs) {
    auto of_run = maps_of_run(run);
    if (of_run.empty()) continue;
    if (maps.size() == most_maps_shown) {
      ++left_out;
      continue;
    }
    mapped.push_back(run);
    maps.push_back(std::move(of_run));
  }
  for (std::size_t i = 0; i < maps.size(); ++i) add_map(mapped[i], map_to_show(maps[i], maps));
  set_subtitle(left_out == 0 ? QString()
                             : tr("the first %1 of %2 runs that have one")
                                   .arg(maps.size())
                                   .arg(maps.size() + left_out));
  for (MapPlot* plot : plots_) plot->set_selection(selected[images_.value(plot)]);
  lasso_->setVisible(!plots_.isEmpty());
  set_lasso(lasso_->isChecked());
  show_selected();
}

void CompareMaps::add_map(std::int64_t run, const StoredMap& map) {
  auto* column = new QWidget(this);
  auto* rows = new QVBoxLayout(column);
  rows->setContentsMargins(0, 0, 0, 0);
  const auto dataset = workspace_.dataset();
  auto* plot = new MapPlot(column);
  images_.insert(plot, images_of_map(workspace_.store(), map));
  const bool same = of_open_images(plot);
  plot->setObjectName(QStringLiteral("map_of_run_%1").arg(run));
  plot->setAccessibleName(tr("Map of run %1").arg(run));
  plot->setMinimumSize(120, 120);
  plot->set_points(points_of(map, same ? dataset.get() : nullptr));
  QStringList words{tr("run %1").arg(run), map.method == "pca"    ? tr("PCA")
                                           : map.method == "tsne" ? tr("t-SNE")
                                                                  : tr("t-SNE, last epoch")};
  if (dataset && !same) words << tr("other images than those open");
  rows->addWidget(label(words.join(QStringLiteral(" · ")), Voice::soft, column));
  offer_files(plot, workspace_, QStringLiteral("map-of-run-%1").arg(run), all_formats(),
              [plot](const QString& format) { return plot->rendered(format); });
  rows->addWidget(plot, 1);
  row_->addWidget(column, 1);
  columns_.append(column);
  plots_.append(plot);
  link(plot);
}

void CompareMaps::link(MapPlot* plot) {
  connect(plot, &MapPlot::clicked, this, [this, plot](qint64 id) {
    if (of_open_images(plot)) Q_EMIT image_clicked(id);
  });
  connect(plot, &MapPlot::lasso_changed, lasso_, &QPushButton::setChecked);
  connect(plot, &MapPlot::selection_changed, this, [this, plot] {
    for (MapPlot* other : plots_)
      if (other != plot && images_.value(other) == images_.value(plot))
        other->set_selection(plot->selection());
    show_selected();
  });
  connect(plot, &MapPlot::hovered, this, [this, plot](qint64 id) {
    const auto dataset = workspace_.dataset();
    if (id < 0 || !of_open_images(plot) || id >= dataset->size()) return;
    pictures_->ask([dataset, id](Control&) { return thumbnails_of(*dataset, {id}, hover_pixels); },
                   [this, plot, dataset, id](const QList<Thumbnail>& done) {
                     if (!done.isEmpty() && images_.contains(plot))
                       plot->show_thumbnail(id, done.first().image, image_caption(*dataset, id));
                   });
  });
}

void CompareMaps::set_lasso(bool on) {
  for (MapPlot* plot : plots_) plot->set_lasso(on);
}

void CompareMaps::show_selected() {
  if (plots_.isEmpty())
    return words_->setText(tr("None of these runs has a map yet; make one in Explore."));
  // Those of other images cannot be told by their names here.
  const auto told =
      std::ranges::find_if(plots_, [this](MapPlot* plot) { return of_open_images(plot); });
  std::vector<std::int64_t> ids;
  if (told != plots_.end()) ids.assign((*told)->selection().begin(), (*told)->selection().end());
  const bool one_set = std::ranges::all_of(
      images_, [this](const std::string& images) { return images == images_.begin().value(); });
  words_->setText(!ids.empty() ? selection_words(*workspace_.dataset(), ids)
                  : one_set    ? tr("What is selected in one is selected in all.")
                               : tr("What is selected in one is selected in those of the same "
                                       "images."));
}

}  // namespace selfsight
