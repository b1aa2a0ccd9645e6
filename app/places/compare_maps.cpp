#include "app/places/compare_maps.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSet>
#include <QVBoxLayout>
#include <algorithm>
#include <ranges>
#include <string>

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

constexpr std::size_t most_maps = 3;
constexpr int hover_pixels = 192;

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
}

void CompareMaps::show_runs(const std::vector<std::int64_t>& runs) {
  QSet<qint64> selected;
  if (!plots_.isEmpty()) selected = plots_.first()->selection();
  for (QWidget* column : columns_) {
    column->hide();
    column->deleteLater();  // one of its maps may be the one that asked for this
  }
  columns_.clear();
  plots_.clear();
  std::vector<std::int64_t> mapped;
  std::vector<std::vector<StoredMap>> maps;
  std::size_t left_out = 0;
  for (const std::int64_t run : runs) {
    auto of_run = workspace_.store().maps(run);
    if (of_run.empty()) continue;
    if (maps.size() == most_maps) {
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
  for (MapPlot* plot : plots_) plot->set_selection(selected);
  lasso_->setVisible(!plots_.isEmpty());
  set_lasso(lasso_->isChecked());
  show_selected();
}

void CompareMaps::add_map(std::int64_t run, const StoredMap& map) {
  auto* column = new QWidget(this);
  auto* rows = new QVBoxLayout(column);
  rows->setContentsMargins(0, 0, 0, 0);
  const auto dataset = workspace_.dataset();
  const bool same =
      dataset && dataset->fingerprint() == workspace_.store().run(run).dataset_fingerprint;
  auto* plot = new MapPlot(column);
  plot->setObjectName(QStringLiteral("map_of_run_%1").arg(run));
  plot->setAccessibleName(tr("Map of run %1").arg(run));
  plot->setMinimumSize(120, 120);
  plot->set_points(points_of(map, same ? dataset.get() : nullptr));
  rows->addWidget(label(tr("run %1 · %2")
                            .arg(run)
                            .arg(map.method == "pca"    ? tr("PCA")
                                 : map.method == "tsne" ? tr("t-SNE")
                                                        : tr("t-SNE, last epoch")),
                        Voice::soft, column));
  offer_files(plot, workspace_, QStringLiteral("map-of-run-%1").arg(run), all_formats(),
              [plot](const QString& format) { return plot->rendered(format); });
  rows->addWidget(plot, 1);
  row_->addWidget(column, 1);
  columns_.append(column);
  plots_.append(plot);
  link(plot);
}

void CompareMaps::link(MapPlot* plot) {
  connect(plot, &MapPlot::clicked, this, &CompareMaps::image_clicked);
  connect(plot, &MapPlot::lasso_changed, lasso_, &QPushButton::setChecked);
  connect(plot, &MapPlot::selection_changed, this, [this, plot] {
    for (MapPlot* other : plots_)
      if (other != plot) other->set_selection(plot->selection());
    show_selected();
  });
  connect(plot, &MapPlot::hovered, this, [this, plot](qint64 id) {
    const auto dataset = workspace_.dataset();
    if (id < 0 || !dataset || id >= dataset->size()) return;
    pictures_->ask([dataset, id](Control&) { return thumbnails_of(*dataset, {id}, hover_pixels); },
                   [this, plot, dataset, id](const QList<Thumbnail>& done) {
                     if (!done.isEmpty() && plots_.contains(plot))
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
  const auto& chosen = plots_.first()->selection();
  const auto dataset = workspace_.dataset();
  std::vector<std::int64_t> ids(chosen.begin(), chosen.end());
  words_->setText(ids.empty() || !dataset ? tr("What is selected in one is selected in all.")
                                          : selection_words(*dataset, ids));
}

}  // namespace selfsight
