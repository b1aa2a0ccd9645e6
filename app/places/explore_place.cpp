#include "app/places/explore_place.h"

#include <QComboBox>
#include <QFileInfo>
#include <QProgressBar>
#include <QPushButton>
#include <QShortcut>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "app/ask.h"
#include "app/jobs/pipeline_maps.h"
#include "app/places/data_work.h"
#include "app/places/evaluation_words.h"
#include "app/places/map_jobs.h"
#include "app/places/map_options.h"
#include "app/places/map_work.h"
#include "app/places/run_choice.h"
#include "app/places/run_exports.h"
#include "app/places/save_plot.h"
#include "app/workspace.h"
#include "widgets/card.h"
#include "widgets/controls.h"
#include "widgets/exports.h"
#include "widgets/frame_player.h"
#include "widgets/image_grid.h"
#include "widgets/legend.h"
#include "widgets/map_plot.h"
#include "widgets/theme.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

constexpr int hover_pixels = 192, strip_pixels = 112, neighbour_count = 12, selected_cell = 44;

}  // namespace

ExplorePlace::ExplorePlace(Workspace& workspace, QWidget* parent)
    : Place(tr("Explore"), workspace, parent),
      hover_pictures_(new Latest<QList<Thumbnail>>(this)),
      grid_pictures_(new Latest<QList<Thumbnail>>(this)),
      neighbours_of_(new Latest<QList<NeighbourPicture>>(this)),
      colouring_(new Latest<Colouring>(this)),
      features_(new MapFeatures(workspace, this)),
      partial_(std::make_shared<PartialMap>()) {
  build_head();
  QWidget* main = build_main();
  set_content(main, build_side());
  connect(&workspace, &Workspace::runs_changed, this, &ExplorePlace::list_runs);
  connect(&workspace, &Workspace::dataset_changed, this, [this] {
    list_colours();
    show_stored_map();
  });
  connect(&workspace, &Workspace::current_run_changed, this, &ExplorePlace::list_runs);
  connect(features_, &MapFeatures::reading_began, this, [this] {
    strip_->set_pictures({});
    neighbours_words_->setText(tr("Reading the features of the mapped images."));
  });
  connect(features_, &MapFeatures::read, neighbours_words_, &QLabel::clear);
  connect(features_, &MapFeatures::failed, neighbours_words_, &QLabel::setText);
  list_colours();
  list_runs();
}

ExplorePlace::~ExplorePlace() = default;

void ExplorePlace::build_head() {
  runs_ = new RunChoice(QStringLiteral("explore_run"), workspace(), this);
  runs_->setMinimumWidth(160);  // else a long name would widen the window
  add_about_widget(runs_);
  method_ = new ChoiceChips({{QStringLiteral("tsne"), tr("t-SNE")},
                             {QStringLiteral("pca"), tr("PCA")},
                             {QStringLiteral("epochs"), tr("Over epochs")}},
                            this);
  method_->setObjectName(QStringLiteral("map_method"));
  method_->set_current(QStringLiteral("tsne"));
  method_->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);  // the run's name gives way
  add_about_widget(method_);
  options_ = new MapOptions(this);
  add_action_widget(options_);
  start_ = button(tr("Map"), QStringLiteral("start_map"), ButtonKind::primary, this);
  add_action_widget(start_);
  connect(method_, &ChoiceChips::chosen, this, [this] {
    show_state();
    show_stored_map();
  });
  connect(start_, &QPushButton::clicked, this, [this] { job_ ? job_->stop() : start(); });
  connect(new QShortcut(QKeySequence(Qt::CTRL | Qt::Key_F), this, nullptr, nullptr,
                        Qt::WidgetWithChildrenShortcut),
          &QShortcut::activated, this, &ExplorePlace::choose_search);
}

void ExplorePlace::build_tools(Card* card) {
  colour_ = new QComboBox(card);
  colour_->setObjectName(QStringLiteral("map_colour"));
  colour_->setAccessibleName(tr("Colour by"));
  colour_->setToolTip(tr("What the colours of the map tell"));
  ignore_wheel(colour_);
  card->add_to_head(colour_);
  search_ = button(tr("Search"), QStringLiteral("search_image"), ButtonKind::plain, card);
  search_->setToolTip(tr("Images like a picture of yours (Ctrl+F); or drop it on the window"));
  card->add_to_head(search_);
  lasso_ = button(tr("Lasso"), QStringLiteral("lasso"), ButtonKind::plain, card);
  lasso_->setCheckable(true);
  lasso_->setToolTip(tr("Draw around points to select them (L); Shift adds, Alt takes away"));
  card->add_to_head(lasso_);
  fit_ = button(tr("Fit"), QStringLiteral("fit_map"), ButtonKind::plain, card);
  fit_->setToolTip(tr("Show the whole map (Home)"));
  card->add_to_head(fit_);
  connect(colour_, &QComboBox::activated, this, [this] {
    wanted_colour_ = colour_->currentData().toString();
    colour_map();
  });
  connect(search_, &QPushButton::clicked, this, &ExplorePlace::choose_search);
}

QWidget* ExplorePlace::build_main() {
  auto* card = new Card(tr("Map"), this);
  build_tools(card);
  stack_ = new QStackedWidget(card);
  empty_ = new EmptyState({}, {}, {}, stack_);
  auto* page = new QWidget(stack_);
  auto* column = new QVBoxLayout(page);
  column->setContentsMargins(0, 0, 0, 0);
  map_ = new MapPlot(page);
  offer_files(map_, workspace(), QStringLiteral("map"), all_formats(),
              [this](const QString& format) { return map_file(format); });
  player_ = new FramePlayer(page);
  legend_ = new Legend(page);
  progress_ = new QProgressBar(page);
  progress_->setObjectName(QStringLiteral("map_progress"));
  progress_->setAccessibleName(tr("Progress of the map"));
  progress_->setTextVisible(false);
  progress_->setRange(0, 1000);
  shown_words_ = new ElidedLabel({}, page);
  set_voice(shown_words_, Voice::soft);
  column->addWidget(progress_);
  column->addWidget(map_, 1);
  column->addWidget(player_);
  column->addWidget(legend_);
  column->addWidget(shown_words_);
  stack_->addWidget(empty_);
  stack_->addWidget(page);
  card->body()->addWidget(stack_, 1);
  connect(fit_, &QPushButton::clicked, map_, &MapPlot::fit);
  connect(lasso_, &QPushButton::toggled, map_, &MapPlot::set_lasso);
  connect(map_, &MapPlot::lasso_changed, lasso_, &QPushButton::setChecked);
  connect(map_, &MapPlot::hovered, this, &ExplorePlace::hover);
  connect(map_, &MapPlot::clicked, this, &ExplorePlace::show_neighbours);
  connect(map_, &MapPlot::selection_changed, this, &ExplorePlace::show_selection);
  connect(player_, &FramePlayer::moved, this, &ExplorePlace::show_position);
  connect(player_, &FramePlayer::settled, this, &ExplorePlace::arrive_at);
  const auto on = [this](QWidget* widget, Qt::Key key, Qt::ShortcutContext where, auto act) {
    connect(new QShortcut(key, widget, nullptr, nullptr, where), &QShortcut::activated, this, act);
  };
  on(map_, Qt::Key_Space, Qt::WidgetShortcut, [this] { player_->toggle(); });
  on(this, Qt::Key_Comma, Qt::WidgetWithChildrenShortcut, [this] { player_->step(-1); });
  on(this, Qt::Key_Period, Qt::WidgetWithChildrenShortcut, [this] { player_->step(1); });
  connect(legend_, &Legend::hidden_changed, this, [this] { map_->set_hidden(legend_->hidden()); });
  connect(empty_, &EmptyState::action_wanted, this, [this] {
    if (run_ == 0) return Q_EMIT go_to(QStringLiteral("pretrain"));
    if (right_dataset()) return start();
    workspace().open_dataset_at(
        QString::fromStdString(workspace().store().run(run_).dataset_location));
  });
  return card;
}

QWidget* ExplorePlace::build_side() {
  auto* side = new QWidget(this);
  auto* column = new QVBoxLayout(side);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(measures::gap);
  selected_ = new Card(tr("Images"), side);
  grid_ = new ImageGrid(selected_);
  grid_->setObjectName(QStringLiteral("selected_grid"));
  grid_->setAccessibleName(tr("Selected images"));
  grid_->set_cell(selected_cell);
  grid_->setMinimumHeight(220);
  selected_->body()->addWidget(grid_, 1);
  neighbours_ = new Card(tr("Neighbours"), side);
  strip_ = new NeighbourStrip(neighbours_);
  neighbours_words_ = paragraph({}, Voice::soft, neighbours_);
  neighbours_->body()->addWidget(strip_);
  neighbours_->body()->addWidget(neighbours_words_);
  column->addWidget(selected_, 1);
  column->addWidget(neighbours_);
  connect(grid_, &ImageGrid::thumbnails_wanted, this, &ExplorePlace::fetch_thumbnails);
  connect(grid_, &ImageGrid::image_clicked, this, [this](qint64 id) {
    map_->set_selection({id});
    show_neighbours(id);
  });
  connect(strip_, &NeighbourStrip::clicked, this, [this](qint64 id) {
    map_->set_selection({id});
    show_neighbours(id);
  });
  return side;
}

void ExplorePlace::enter() {
  list_runs();
}

void ExplorePlace::list_runs() {
  const std::int64_t wanted = runs_->list();
  const bool other = wanted != run_ && !job_;
  if (other) {
    run_ = wanted;
    frames_.set(run_ == 0 ? std::vector<StoredMap>() : stored_sequence(workspace().store(), run_));
  }
  runs_->show_run(run_);
  const bool several = run_ != 0 && workspace().store().checkpoints(run_).size() > 1;
  method_->set_obstacle(
      QStringLiteral("epochs"),
      several || !frames_.empty()
          ? QString()
          : tr("This run has kept one checkpoint only. Keep more of them (Checkpoints kept, in "
               "Pretrain) to see how a map comes about."));
  if (!several && frames_.empty() && over_epochs() && !job_)
    method_->set_current(QStringLiteral("tsne"));
  if (other || map_->points().empty()) show_stored_map();
  show_state();
}

bool ExplorePlace::right_dataset() const {
  return run_ != 0 && workspace().dataset() &&
         workspace().dataset()->fingerprint() == workspace().store().run(run_).dataset_fingerprint;
}

void ExplorePlace::show_state() {
  const bool mapped = !map_->points().empty();
  stack_->setCurrentIndex(mapped || job_ ? 1 : 0);
  progress_->setVisible(job_);
  runs_->setEnabled(!job_);
  start_->setText(job_ ? tr("Cancel") : tr("Map"));
  start_->setVisible(run_ != 0);
  start_->setEnabled(job_ || right_dataset());
  start_->setToolTip(job_ ? tr("Stop; the last finished map stays")
                     : right_dataset()
                         ? over_epochs() ? tr("Lay out the features of each checkpoint of this "
                                              "run, one after the other")
                                         : tr("Lay out the features of this run's encoder")
                         : tr("The data set of this run is not the one that is open"));
  options_->setVisible(run_ != 0);
  options_->show_method(method_->current());
  player_->setVisible(over_epochs() && mapped && !job_);
  for (QWidget* tool : std::initializer_list<QWidget*>{colour_, search_, lasso_, fit_})
    tool->setVisible(mapped);
  method_->setVisible(run_ != 0);
  show_side(mapped || job_);
  show_empty();
  if (!mapped) set_status({});
}

void ExplorePlace::show_empty() {
  if (run_ == 0)
    empty_->set_text(tr("No encoder yet"),
                     tr("Here you will see your images laid out by what an encoder makes of them: "
                        "like beside like."),
                     tr("Go to Pretrain"));
  else if (!right_dataset())
    empty_->set_text(tr("Other images are open"),
                     tr("This run was trained on %1.")
                         .arg(QString::fromStdString(workspace().store().run(run_).dataset_name)),
                     tr("Open them"));
  else if (over_epochs())
    empty_->set_text(tr("Not mapped yet"),
                     tr("Each checkpoint of this run is laid out over the one before it: an image "
                        "stays where it was unless the encoder sees it otherwise."),
                     tr("Map its checkpoints"));
  else
    empty_->set_text(tr("Not mapped yet"),
                     tr("A map takes the features of a few thousand images and lays them out: like "
                        "beside like."),
                     tr("Map this run"));
}

void ExplorePlace::show_stored_map() {
  if (job_) return;
  if (over_epochs() && right_dataset())
    return show_frames(stored_sequence(workspace().store(), run_));
  map_->set_extent({});
  std::optional<StoredMap> newest;
  if (run_ != 0)
    for (const StoredMap& map : workspace().store().maps(run_))
      if (map.method == method_->current().toStdString()) newest = map;
  if (newest && right_dataset())
    show_map(*newest);
  else
    show_map({}, {});
  show_state();
}

void ExplorePlace::show_map(const StoredMap& map) {
  map_step_ = kept_step(workspace().store(), map);
  show_map(map.ids, map.xy);
  show_map_words(map);
}

void ExplorePlace::show_map(const std::vector<std::int64_t>& ids, const std::vector<float>& xy) {
  const auto dataset = workspace().dataset();
  std::vector<MapPoint> points;
  for (std::size_t i = 0; i < ids.size() && dataset; ++i)
    if (ids[i] >= 0 && ids[i] < dataset->size())
      points.push_back({ids[i], xy[2 * i], xy[2 * i + 1], -1});
  show_map(std::move(points));
}

/// The same points may come again, in other places.
void ExplorePlace::show_map(std::vector<MapPoint> points) {
  for (MapPoint& point : points) point.group = groups_.value(point.id, -1);
  const bool others = !std::ranges::equal(points, map_->points(), {}, &MapPoint::id, &MapPoint::id);
  map_->set_points(std::move(points));
  if (!others) return;
  colour_map();
  show_selection();
}

bool ExplorePlace::over_epochs() const {
  return method_->current() == QLatin1String("epochs");
}

void ExplorePlace::show_frames(std::vector<StoredMap> maps) {
  const QString left_out = QString::fromStdString(left_out_words(maps));
  frames_.set(std::move(maps));
  player_->set_frames(frames_.names());
  map_->set_extent(frames_.extent());
  if (frames_.empty()) {
    show_map({}, {});
  } else {
    show_position(player_->position());
    set_status(frames_.words(player_->frame()));
    shown_words_->setText(
        tr("%1 images of the validation and test splits; each map is laid over the one before")
            .arg(grouped_number(static_cast<std::int64_t>(frames_.ids().size()))) +
        (left_out.isEmpty() ? QString() : QStringLiteral(". ") + left_out));
  }
  show_state();
}

void ExplorePlace::show_position(double position) {
  if (!over_epochs() || frames_.empty()) return;
  show_map(frames_.ids(), frames_.layout(position));
  set_status(frames_.words(player_->frame()));
}

/// What is told of features is told of this checkpoint's from here on.
void ExplorePlace::arrive_at(int /*frame*/) {
  if (!over_epochs()) return;
  if (map_colour(colour_->currentData().toString()).of_features) colour_map();
  if (neighbours_id_ >= 0) show_neighbours(neighbours_id_);
}

/// Those that need labels only where there are some.
void ExplorePlace::list_colours() {
  const auto dataset = workspace().dataset();
  const bool labelled = dataset && dataset->labelled();
  std::vector<MapColour> ways = map_colours();
  if (dataset) std::ranges::copy(column_colours(*dataset), std::back_inserter(ways));
  colour_->clear();
  for (const MapColour& way : ways) {
    if (way.of_labels && !labelled) continue;
    colour_->addItem(tr("colour by %1").arg(way.words), way.key);
    colour_->setItemData(colour_->count() - 1, way.tip, Qt::ToolTipRole);
  }
  colour_->setCurrentIndex(std::max(0, colour_->findData(wanted_colour_)));
}

void ExplorePlace::colour_map() {
  const auto dataset = workspace().dataset();
  const MapColour way = map_colour(colour_->currentData().toString());
  if (!dataset || map_->points().empty()) return take_colours({}, {});
  if (!way.of_features) {
    const auto ids = ids_of(map_->points());
    return take_colours(ids, colouring_of(way.key, *dataset, ids));
  }
  if (job_) return;  // the map's own; its features come at its end
  with_features([this, dataset, key = way.key](const Features& features) {
    colouring_->ask(
        [dataset, key, features](Control& control) {
          return colouring_of(key, *dataset, features, control);
        },
        [this, key, ids = features.ids](const Colouring& colours) {
          if (colour_->currentData().toString() == key) take_colours(ids, colours);
        },
        [this](const QString& problem) { Q_EMIT workspace().problem(problem); });
  });
}

void ExplorePlace::take_colours(const std::vector<std::int64_t>& ids, const Colouring& colours) {
  groups_.clear();
  for (std::size_t i = 0; i < ids.size(); ++i) groups_.insert(ids[i], colours.groups[i]);
  std::vector<MapPoint> points = map_->points();
  for (MapPoint& point : points) point.group = groups_.value(point.id, -1);
  map_->set_ramp(colours.ramp ? static_cast<int>(colours.names.size()) : 0);
  map_->set_hidden({});
  legend_->set_groups(group_counts(colours.names, points), colours.ramp);
  map_->set_points(std::move(points));
}

void ExplorePlace::show_map_words(const StoredMap& map) {
  const auto protocol = nlohmann::json::parse(map.protocol, nullptr, false);
  if (!protocol.is_object()) return;
  QStringList words;
  if (map.method == "tsne")
    words << tr("perplexity %1").arg(protocol.value("perplexity", 0.0))
          << tr("KL %1").arg(protocol.value("kl", 0.0), 0, 'f', 3);
  words << epoch_words(protocol.value("checkpoint_epoch", 0.0));
  set_status(words.join(QStringLiteral(" · ")));
  shown_words_->setText(tr("%1 of %2 images of the validation and test splits, a stratified sample")
                            .arg(grouped_number(protocol.value("images", std::int64_t{0})),
                                 grouped_number(protocol.value("of", std::int64_t{0}))));
}

void ExplorePlace::start() {
  if (!right_dataset() || job_) return;
  partial_ = std::make_shared<PartialMap>();  // nothing of an earlier job
  progress_->setValue(0);
  map_->set_extent({});
  TsneOptions tsne;
  tsne.perplexity = options_->perplexity();
  if (over_epochs())
    job_ = sequence_job(workspace(), run_, {.images = options_->images(), .tsne = tsne}, partial_,
                        this);
  else
    job_ = map_job(workspace(), run_, {method_->current().toStdString(), options_->images(), tsne},
                   partial_, this);
  const auto over = [this] {
    job_->deleteLater();
    job_ = nullptr;
    show_state();
  };
  connect(job_, &Job::progress_changed, this, [this](double part) {
    progress_->setValue(static_cast<int>(1000 * part));
    take_partial();
  });
  connect(job_, &Job::finished, this, [this, over](const std::any& result) {
    over();
    take_result(result);
  });
  connect(job_, &Job::failed, this, [this, over](const QString& message) {
    over();
    show_stored_map();
    Q_EMIT workspace().problem(message);
  });
  connect(job_, &Job::cancelled, this, [this, over] {
    over();
    show_stored_map();
  });
  workspace().announce(job_);
  job_->start();
  set_status(tr("collecting features"));
  show_state();
}

void ExplorePlace::take_partial() {
  const auto [ids, xy] = partial_->take();
  if (ids.empty()) return;
  set_status(tr("laying out"));
  show_map(ids, xy);
  show_state();
}

void ExplorePlace::take_result(const std::any& result) {
  if (const auto* maps = std::any_cast<std::vector<StoredMap>>(&result)) return show_frames(*maps);
  const auto& report = std::any_cast<const MapReport&>(result);
  show_map(report.map);
  features_->take(wanted_features(), report.features);
  if (map_colour(colour_->currentData().toString()).of_features) colour_map();
  show_state();
}

void ExplorePlace::show_selection() {
  const auto& chosen = map_->selection();
  std::vector<std::int64_t> ids(chosen.begin(), chosen.end());
  std::sort(ids.begin(), ids.end());
  selected_->set_title(ids.empty() ? tr("Images") : tr("Selected"));
  selected_->set_subtitle(workspace().dataset() ? selection_words(*workspace().dataset(), ids)
                                                : QString());
  grid_->set_images(ids.empty() ? ids_of(map_->points()) : ids);
}

void ExplorePlace::fetch_thumbnails(const QList<qint64>& ids, int pixels) {
  const auto dataset = workspace().dataset();
  if (!dataset) return;
  grid_pictures_->ask(
      [dataset, ids, pixels](Control&) { return thumbnails_of(*dataset, ids, pixels); },
      [this](const QList<Thumbnail>& done) { grid_->set_thumbnails(done); });
}

void ExplorePlace::hover(qint64 id) {
  const auto dataset = workspace().dataset();
  if (id < 0 || !dataset) return;
  hover_pictures_->ask(
      [dataset, id](Control&) { return thumbnails_of(*dataset, {id}, hover_pixels); },
      [this, dataset, id](const QList<Thumbnail>& done) {
        if (!done.isEmpty())
          map_->show_thumbnail(id, done.first().image, image_caption(*dataset, id));
      });
}

void ExplorePlace::show_neighbours(qint64 id) {
  const auto dataset = workspace().dataset();
  if (!dataset) return;
  neighbours_id_ = id;
  neighbours_->set_title(
      tr("Neighbours of %1").arg(QString::fromStdString(dataset->image_name(id))));
  with_features([this, dataset, id](const Features& features) {
    ask_for_neighbours([dataset, id, features](Control& control) {
      return neighbour_pictures(*dataset, features, id, neighbour_count, strip_pixels, control);
    });
  });
}

void ExplorePlace::ask_for_neighbours(
    const std::function<QList<NeighbourPicture>(Control&)>& work) {
  neighbours_->set_subtitle(
      over_epochs() && !frames_.empty()
          ? tr("cosine, in feature space, %1").arg(frames_.names().value(player_->frame()))
          : tr("cosine, in feature space"));
  neighbours_words_->clear();
  neighbours_of_->ask(
      work, [this](const QList<NeighbourPicture>& pictures) { strip_->set_pictures(pictures); },
      [this](const QString& problem) { neighbours_words_->setText(problem); });
}

/// Of the mapped images, as the checkpoint that is shown sees them.
MapFeatures::Wanted ExplorePlace::wanted_features() const {
  MapFeatures::Wanted wanted{run_, map_step_, ids_of(map_->points())};
  if (over_epochs() && !frames_.empty()) wanted.step = frames_.checkpoint_step(player_->frame());
  return wanted;
}

void ExplorePlace::with_features(const MapFeatures::Then& then) {
  if (right_dataset()) features_->with(wanted_features(), then);
}

bool ExplorePlace::take_picture(const QString& path) {
  if (map_->points().empty() || !right_dataset()) return false;
  search(path);
  return true;
}

void ExplorePlace::search(const QString& path) {
  neighbours_->set_title(tr("Most like %1").arg(QFileInfo(path).fileName()));
  neighbours_id_ = -1;
  with_features([this, path, step = wanted_features().step](const Features& features) {
    ask_for_neighbours([store = workspace().store_folder(), run = run_, step,
                        dataset = workspace().dataset(), features, path](Control& control) {
      return search_pictures(store, run, step, *dataset, features, path.toStdString(),
                             neighbour_count, strip_pixels, control);
    });
  });
}

void ExplorePlace::choose_search() {
  if (map_->points().empty()) return;
  const QString path = ask().open_file(this, tr("Search with a picture"));
  if (!path.isEmpty()) search(path);
}

QList<QPair<QString, std::function<void()>>> ExplorePlace::exports() {
  auto out =
      run_exports(workspace(), run_, this, [this](const QString& words) { set_status(words); });
  if (!map_->points().empty())
    out =
        QList<QPair<QString, std::function<void()>>>{
            {tr("Map as PNG…"), [this] { save_map(QStringLiteral("png")); }},
            {tr("Map as SVG…"), [this] { save_map(QStringLiteral("svg")); }},
            {tr("Map as PDF…"), [this] { save_map(QStringLiteral("pdf")); }},
            {tr("Map as CSV…"), [this] { save_map(QStringLiteral("csv")); }}} +
        out;
  return out;
}

QByteArray ExplorePlace::map_file(const QString& format) const {
  return format == QLatin1String("csv") && workspace().dataset()
             ? map_as_csv(*workspace().dataset(), map_->points()).toUtf8()
             : map_->rendered(format);
}

void ExplorePlace::save_map(const QString& format) {
  const QString problem = save_bytes(this, QStringLiteral("map"), format, map_file(format));
  if (!problem.isEmpty()) Q_EMIT workspace().problem(problem);
}

}  // namespace selfsight
