#include "app/places/compare_maps.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSet>
#include <QVBoxLayout>
#include <algorithm>
#include <map>
#include <string>

#include "app/places/data_work.h"
#include "app/places/map_work.h"
#include "app/places/save_plot.h"
#include "app/workspace.h"
#include "widgets/controls.h"
#include "widgets/exports.h"
#include "widgets/legend.h"
#include "widgets/map_plot.h"
#include "widgets/theme.h"

namespace selfsight {
namespace {

constexpr int maps_patience = 300;    // milliseconds before it is said that maps are read
constexpr qsizetype most_named = 24;  // groups: after so many, marks and colours come again

}  // namespace

CompareMaps::CompareMaps(Workspace& workspace, QWidget* parent)
    : Card(tr("Maps"), parent),
      workspace_(workspace),
      row_(new QHBoxLayout),
      legend_(new Legend(this)),
      words_(paragraph({}, Voice::soft, this)),
      lasso_(button(tr("Lasso"), QStringLiteral("compare_lasso"), ButtonKind::chip, this)),
      reading_(new Latest<ComparedMaps>(this)),
      pictures_(new Latest<QList<Thumbnail>>(this)) {
  setObjectName(QStringLiteral("compare_maps"));
  row_->setSpacing(8);
  lasso_->setCheckable(true);
  lasso_->setToolTip(tr("Draw around points to select them in every map (L)"));
  add_to_head(lasso_);
  legend_->setObjectName(QStringLiteral("compare_legend"));
  legend_->hide();
  body()->addLayout(row_, 1);
  body()->addWidget(legend_);
  body()->addWidget(words_);
  waits_.setSingleShot(true);
  waits_.setInterval(maps_patience);
  connect(&waits_, &QTimer::timeout, this, [this] { set_subtitle(tr("reading the maps")); });
  connect(lasso_, &QPushButton::toggled, this, &CompareMaps::set_lasso);
  connect(legend_, &Legend::hidden_changed, this, [this] {
    for (MapPlot* plot : plots_) plot->set_hidden(legend_->hidden());
  });
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

/// Of large maps that takes a while: those that are shown stay until the new ones are there.
void CompareMaps::show_runs(const std::vector<std::int64_t>& runs) {
  runs_ = runs;
  const std::int64_t asked = ++question_;
  if (runs.empty()) return show_maps({});
  if (!waits_.isActive()) waits_.start();
  reading_->ask_instead(
      [folder = workspace_.store_folder(), runs, dataset = workspace_.dataset()](Control& control) {
        return compared_maps(folder, runs, dataset.get(), control);
      },
      [this, asked](const ComparedMaps& compared) {
        if (asked == question_) show_maps(compared);
      },
      [this, asked](const QString& problem) {
        if (asked == question_) {
          show_maps({});
          words_->setText(
              tr("The maps could not be read. Choose the runs again to try once more."));
        }
        Q_EMIT workspace_.problem(problem);
      });
}

void CompareMaps::show_maps(const ComparedMaps& compared) {
  waits_.stop();
  set_subtitle(compared.left_out == 0 ? QString()
                                      : tr("the first %1 of %2 runs that have one")
                                            .arg(compared.maps.size())
                                            .arg(compared.maps.size() + compared.left_out));
  std::vector<Head> heads;
  for (const ComparedMap& map : compared.maps) heads.push_back({map.run, map.id, map.images});
  // The same ones stay as the person has them: zoomed, pointed at, with a lasso half drawn.
  if (heads != heads_ || open_images() != open_) {
    heads_ = std::move(heads);
    open_ = open_images();
    replace_maps(compared.maps);
  }
  lasso_->setVisible(!plots_.isEmpty());
  show_selected();
}

void CompareMaps::replace_maps(const std::vector<ComparedMap>& maps) {
  std::map<std::string, QSet<qint64>> selected;  // of each set of images
  for (MapPlot* plot : plots_) selected[images_.value(plot)] = plot->selection();
  for (QWidget* column : columns_) {
    column->hide();
    column->deleteLater();  // one of its maps may be the one that asked for this
  }
  columns_.clear();
  plots_.clear();
  images_.clear();
  for (const ComparedMap& map : maps) add_map(map);
  for (MapPlot* plot : plots_) plot->set_selection(selected[images_.value(plot)]);
  set_lasso(lasso_->isChecked());
  name_groups(maps);
}

/// All that are coloured are of the images that are open, so their groups are the same.
void CompareMaps::name_groups(const std::vector<ComparedMap>& maps) {
  const auto coloured =
      std::ranges::find_if(maps, [](const ComparedMap& map) { return !map.groups.isEmpty(); });
  QList<QPair<QString, int>> groups;
  if (coloured != maps.end() && coloured->groups.size() <= most_named)
    for (const QString& name : coloured->groups) groups.append({name, -1});
  legend_->set_groups(groups);
  legend_->setVisible(!groups.isEmpty());
}

void CompareMaps::add_map(const ComparedMap& map) {
  auto* column = new QWidget(this);
  auto* rows = new QVBoxLayout(column);
  rows->setContentsMargins(0, 0, 0, 0);
  auto* plot = new MapPlot(column);
  images_.insert(plot, map.images);
  plot->setObjectName(QStringLiteral("map_of_run_%1").arg(map.run));
  plot->setAccessibleName(tr("Map of run %1").arg(map.run));
  plot->setMinimumSize(120, 120);
  plot->set_groups(map.groups);
  plot->set_points(map.points);
  QStringList words{tr("run %1").arg(map.run), map.method == "pca"    ? tr("PCA")
                                               : map.method == "tsne" ? tr("t-SNE")
                                                                      : tr("t-SNE, last epoch")};
  if (workspace_.dataset() && !of_open_images(plot)) words << tr("other images than those open");
  rows->addWidget(label(words.join(QStringLiteral(" · ")), Voice::soft, column));
  offer_files(plot, workspace_, QStringLiteral("map-of-run-%1").arg(map.run), all_formats(),
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
