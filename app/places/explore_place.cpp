#include "app/places/explore_place.h"

#include <QProgressBar>
#include <QPushButton>
#include <QShortcut>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <algorithm>

#include "app/ask.h"
#include "app/jobs/pipeline_maps.h"
#include "app/jobs/pipeline_placing.h"
#include "app/places/colour_box.h"
#include "app/places/data_work.h"
#include "app/places/kept_controls.h"
#include "app/places/map_jobs.h"
#include "app/places/map_marks.h"
#include "app/places/map_options.h"
#include "app/places/map_words.h"
#include "app/places/neighbours_card.h"
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

constexpr int selected_cell = 44;

}  // namespace

ExplorePlace::ExplorePlace(Workspace& workspace, QWidget* parent)
    : Place(tr("Explore"), workspace, parent),
      hover_pictures_(new Latest<QList<Thumbnail>>(this)),
      grid_pictures_(new Latest<QList<Thumbnail>>(this)),
      features_(new MapFeatures(workspace, this)),
      maker_(new MapMaker(workspace, this)) {
  build_head();
  QWidget* main = build_main();
  set_content(main, build_side());
  connect(&workspace, &Workspace::runs_changed, this, &ExplorePlace::list_runs);
  connect(&workspace, &Workspace::dataset_changed, this, &ExplorePlace::take_dataset);
  connect(&workspace, &Workspace::current_run_changed, this, &ExplorePlace::list_runs);
  connect(features_, &MapFeatures::failed, &workspace, &Workspace::problem);
  connect(features_, &MapFeatures::failed, colour_, &ColourBox::go_back);
  connect(features_, &MapFeatures::stopped, colour_, &ColourBox::go_back);
  connect(maker_, &MapMaker::progress_changed, this,
          [this](double part) { progress_->setValue(static_cast<int>(1000 * part)); });
  connect(maker_, &MapMaker::laid_out, this, &ExplorePlace::take_partial);
  connect(maker_, &MapMaker::made, this, &ExplorePlace::take_result);
  connect(maker_, &MapMaker::cancelled, this, &ExplorePlace::show_stored_map);
  connect(maker_, &MapMaker::failed, this, [this](const QString& problem) {
    show_stored_map();
    Q_EMIT this->workspace().problem(problem);
  });
  // Each of the three is heard above first.
  connect(maker_, &MapMaker::made, this, &ExplorePlace::catch_up);
  connect(maker_, &MapMaker::cancelled, this, &ExplorePlace::catch_up);
  connect(maker_, &MapMaker::failed, this, &ExplorePlace::catch_up);
  colour_->list_ways();
  list_runs();
}

ExplorePlace::~ExplorePlace() = default;

void ExplorePlace::build_head() {
  runs_ = new RunChoice(QStringLiteral("explore_run"), workspace(), this);
  runs_->setMinimumWidth(160);  // else a long name would widen the window
  runs_->offer_files();
  connect(runs_, &RunChoice::source_changed, this, &ExplorePlace::list_runs);
  add_about_widget(runs_);
  add_about_widget(runs_->input_field());
  method_ = new ChoiceChips({{QStringLiteral("tsne"), tr("t-SNE")},
                             {QStringLiteral("pca"), tr("PCA")},
                             {QStringLiteral("epochs"), tr("Over epochs")}},
                            this);
  method_->setObjectName(QStringLiteral("map_method"));
  method_->set_current(QStringLiteral("tsne"));
  keep_choice(method_);
  method_->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);  // the run's name gives way
  add_about_widget(method_);
  options_ = new MapOptions(this);
  add_action_widget(options_);
  start_ = button(tr("Map"), QStringLiteral("start_map"), ButtonKind::primary, this);
  discard_ = button({}, QStringLiteral("discard_map"), ButtonKind::plain, this);
  add_action_widget(discard_);
  add_action_widget(start_);
  connect(method_, &ChoiceChips::chosen, this, [this] {
    marks_->clear();
    show_state();
    show_stored_map();
  });
  connect(start_, &QPushButton::clicked, this, &ExplorePlace::press_start);
  connect(discard_, &QPushButton::clicked, this, [this] {
    if (maker_->running()) return maker_->cancel();
    maker_->forget_stopped();
    start();
  });
  connect(new QShortcut(QKeySequence(Qt::CTRL | Qt::Key_F), this, nullptr, nullptr,
                        Qt::WidgetWithChildrenShortcut),
          &QShortcut::activated, this, &ExplorePlace::choose_search);
}

void ExplorePlace::build_tools(Card* card) {
  colour_ = new ColourBox(
      workspace(), *map_, *legend_,
      [this](const MapFeatures::Then& then) {
        if (can_look() && !maker_->running()) features_->with(wanted_features(), then);
      },
      card);
  card->add_to_head(colour_);
  card->add_to_head(colour_->cluster_box());
  search_ = button(tr("Search"), QStringLiteral("search_image"), ButtonKind::plain, card);
  search_->setToolTip(
      tr("Images like a picture of yours (Ctrl+F); or drop it on the window. Several are marked on "
         "a t-SNE map"));
  card->add_to_head(search_);
  lasso_ = button(tr("Lasso"), QStringLiteral("lasso"), ButtonKind::plain, card);
  lasso_->setCheckable(true);
  lasso_->setToolTip(
      tr("Draw around points to select them (L); Shift adds, Ctrl or Alt takes away"));
  card->add_to_head(lasso_);
  fit_ = button(tr("Fit"), QStringLiteral("fit_map"), ButtonKind::plain, card);
  fit_->setToolTip(tr("Show the whole map (Home)"));
  card->add_to_head(fit_);
  connect(search_, &QPushButton::clicked, this, &ExplorePlace::choose_search);
}

QWidget* ExplorePlace::build_main() {
  auto* card = new Card(tr("Map"), this);
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
  build_tools(card);
  column->addWidget(colour_->words());
  marks_ = new MapMarks(workspace(), *features_, *map_, card);
  card->body()->addWidget(stack_, 1);
  card->body()->addWidget(marks_);
  connect(fit_, &QPushButton::clicked, map_, &MapPlot::fit);
  connect(lasso_, &QPushButton::toggled, map_, &MapPlot::set_lasso);
  connect(map_, &MapPlot::lasso_changed, lasso_, &QPushButton::setChecked);
  connect(map_, &MapPlot::hovered, this, &ExplorePlace::hover);
  connect(map_, &MapPlot::clicked, this, &ExplorePlace::show_neighbours);
  connect(map_, &MapPlot::selection_changed, this, &ExplorePlace::show_selection);
  connect(marks_, &MapMarks::clicked, this, &ExplorePlace::show_likes);
  connect(player_, &FramePlayer::moved, this, &ExplorePlace::show_position);
  connect(player_, &FramePlayer::settled, this, &ExplorePlace::arrive_at);
  const auto on = [this](QWidget* widget, Qt::Key key, Qt::ShortcutContext where, auto act) {
    auto* shortcut = new QShortcut(key, widget, nullptr, nullptr, where);
    connect(shortcut, &QShortcut::activated, this, act);
    return shortcut;
  };
  play_ = on(map_, Qt::Key_Space, Qt::WidgetShortcut, [this] { player_->toggle(); });
  on(this, Qt::Key_Comma, Qt::WidgetWithChildrenShortcut, [this] { player_->step(-1); });
  on(this, Qt::Key_Period, Qt::WidgetWithChildrenShortcut, [this] { player_->step(1); });
  connect(legend_, &Legend::hidden_changed, this, [this] { map_->set_hidden(legend_->hidden()); });
  connect(empty_, &EmptyState::action_wanted, this, [this] {
    if (source_.none()) return Q_EMIT go_to(QStringLiteral("pretrain"));
    if (can_look() && own_images()) return start();
    if (!source_.is_run()) return Q_EMIT go_to(QStringLiteral("data"));
    workspace().open_dataset_at(
        QString::fromStdString(workspace().store().run(source_.run).dataset_location));
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
  neighbours_ = new NeighboursCard(workspace(), *features_, side);
  column->addWidget(selected_, 1);
  column->addWidget(neighbours_);
  connect(grid_, &ImageGrid::thumbnails_wanted, this, &ExplorePlace::fetch_thumbnails);
  connect(grid_, &ImageGrid::image_clicked, this, [this](qint64 id) {
    map_->set_selection({id});
    show_neighbours(id);
  });
  connect(neighbours_, &NeighboursCard::clicked, this, &ExplorePlace::show_neighbour);
  return side;
}

void ExplorePlace::enter() {
  list_runs();
}

void ExplorePlace::list_runs() {
  const EncoderSource wanted = runs_->list_sources();
  const bool other = wanted != source_ && !maker_->running();
  if (other) take_source(wanted);
  runs_->show_source(source_);
  const std::int64_t run = source_.is_run() ? source_.run : 0;
  const bool several = run != 0 && workspace().store().checkpoints(run).size() > 1;
  method_->set_obstacle(QStringLiteral("epochs"),
                        several || !frames_.empty() ? QString() : no_epochs_words(source_));
  if (!several && frames_.empty() && over_epochs() && !maker_->running())
    method_->set_current(QStringLiteral("tsne"));
  if (other || map_->points().empty()) show_stored_map();
  if (other && colour_->of_features()) colour_->colour_map();  // of the same images, perhaps
  show_state();
}

/// With a run that was chosen meanwhile; but an encoder from a file stays until its map, which
/// nobody keeps, is seen.
void ExplorePlace::catch_up() {
  if (source_.is_run()) list_runs();
}

void ExplorePlace::take_source(const EncoderSource& source) {
  source_ = source;
  trained_on_ = source.is_run() && !source.none()
                    ? workspace().store().run(source.run).dataset_fingerprint
                    : std::string();
  forget_asked();
  neighbours_->forget();
  frames_.set(known_frames());
}

/// The numbers of images are those of the set: nothing of another one may stay under them.
void ExplorePlace::take_dataset() {
  maker_->leave_other_images();
  forget_asked();
  show_map({}, {});
  grid_->images()->forget_thumbnails();
  colour_->list_ways();
  frames_.set(known_frames());
  show_stored_map();
  list_runs();
}

void ExplorePlace::forget_asked() {
  asked_ = {};
  marks_->clear();
  maker_->forget_stopped();
  outside_maps_.clear();
}

bool ExplorePlace::can_look() const {
  return !source_.none() && workspace().dataset();
}

/// Whether those that are open are what the run was trained on; nobody knows of an encoder from a
/// file.
bool ExplorePlace::own_images() const {
  const auto dataset = workspace().dataset();
  return !source_.is_run() || (dataset && dataset->fingerprint() == trained_on_);
}

void ExplorePlace::show_state() {
  const bool mapped = !map_->points().empty();
  stack_->setCurrentIndex(mapped || maker_->running() ? 1 : 0);
  progress_->setVisible(maker_->running());
  runs_->setEnabled(!maker_->running());
  show_start();
  options_->setVisible(!source_.none());
  options_->show_method(method_->current());
  player_->setVisible(over_epochs() && mapped && !maker_->running());
  play_->setEnabled(!player_->isHidden());  // else Space is the map's own
  for (QWidget* tool : std::initializer_list<QWidget*>{colour_, lasso_, fit_})
    tool->setVisible(mapped);
  search_->setVisible(mapped || can_look());
  method_->setVisible(!source_.none());
  selected_->setVisible(mapped || maker_->running());
  show_side(mapped || maker_->running() || !asked_.none());
  show_empty();
  if (!mapped && !maker_->running()) set_status({});
}

/// What is laid out can be stopped, which keeps it; anything before that only cancelled.
void ExplorePlace::show_start() {
  const bool running = maker_->running(), stoppable = maker_->can_stop();
  start_->setText(stoppable     ? tr("Stop")
                  : running     ? tr("Cancel")
                  : can_go_on() ? tr("Go on")
                                : tr("Map"));
  start_->setVisible(!source_.none());
  start_->setEnabled(running || can_look());
  start_->setToolTip(stoppable ? tr("Stop and keep what is laid out so far; it can be gone on with")
                     : running ? tr("Stop; the last finished map stays")
                     : !can_look() ? tr("Open the images that this encoder is to look at")
                     : can_go_on() ? tr("Go on laying out from where it was stopped")
                     : over_epochs()
                         ? tr("Lay out the features of each checkpoint of this run, one after the "
                              "other")
                         : tr("Lay out the features of this encoder"));
  discard_->setVisible(stoppable || (!running && can_go_on()));
  discard_->setText(stoppable ? tr("Cancel") : tr("Map anew"));
  discard_->setToolTip(stoppable ? tr("Stop; the last finished map stays")
                                 : tr("Begin from nothing"));
}

void ExplorePlace::press_start() {
  if (!maker_->running()) return start();
  maker_->can_stop() ? maker_->stop() : maker_->cancel();
}

void ExplorePlace::show_empty() {
  const auto dataset = workspace().dataset();
  const EmptyWords words =
      source_.none()               ? no_encoder_words()
      : can_look() && own_images() ? no_map_words(source_, over_epochs())
      : source_.is_run()
          ? other_images_words(
                QString::fromStdString(workspace().store().run(source_.run).dataset_name),
                dataset ? QString::fromStdString(dataset->name()) : QString())
          : no_images_words();
  empty_->set_text(words.headline, words.text, words.action);
}

/// The newest over the epochs, of the images that are open.
std::vector<StoredMap> ExplorePlace::known_frames() const {
  if (!source_.is_run() || !can_look()) return {};
  return stored_sequence(workspace().store(), source_.run, workspace().dataset()->fingerprint());
}

/// The newest by the chosen method, of the images that are open.
std::optional<StoredMap> ExplorePlace::known_map() {
  if (source_.none() || !can_look()) return std::nullopt;
  const std::string method = method_->current().toStdString();
  if (source_.is_run())
    return newest_map(workspace().store(), source_.run, method,
                      workspace().dataset()->fingerprint());
  const auto newest =
      std::ranges::find(outside_maps_.rbegin(), outside_maps_.rend(), method, &StoredMap::method);
  return newest == outside_maps_.rend() ? std::nullopt : std::optional(*newest);
}

void ExplorePlace::show_stored_map() {
  if (maker_->running()) return;
  if (over_epochs()) return show_frames(known_frames());
  map_->set_extent({});
  if (const auto newest = known_map())
    show_map(*newest);
  else
    show_map({}, {});
  show_state();
}

void ExplorePlace::show_map(const StoredMap& map) {
  map_step_ = source_.is_run() ? kept_step(workspace().store(), map) : std::nullopt;
  map_perplexity_ = perplexity_of(map);
  marks_->clear();
  show_map(map.ids, map.xy);
  tell_map(map_words(map));
  shown_words_->setText(mapped_words(map));
}

void ExplorePlace::tell_map(const QString& words) {
  set_status(own_images()
                 ? words
                 : words + QStringLiteral(" · ") + tr("other images than it was trained on"));
}

void ExplorePlace::show_map(const std::vector<std::int64_t>& ids, const std::vector<float>& xy) {
  const auto dataset = workspace().dataset();
  show_map(dataset ? map_points(*dataset, ids, xy) : std::vector<MapPoint>());
}

/// The same points may come again, in other places.
void ExplorePlace::show_map(std::vector<MapPoint> points) {
  colour_->set_groups(points);
  const bool others = !std::ranges::equal(points, map_->points(), {}, &MapPoint::id, &MapPoint::id);
  map_->set_points(std::move(points));
  if (!others) return;
  neighbours_->set_mapped(ids_of(map_->points()));
  colour_->colour_map();
  show_selection();
}

bool ExplorePlace::over_epochs() const {
  return method_->current() == QLatin1String("epochs");
}

void ExplorePlace::show_frames(std::vector<StoredMap> maps) {
  QStringList words;
  if (!maps.empty()) words << frames_words(maps.front());
  if (const std::string left_out = left_out_words(maps); !left_out.empty())
    words << QString::fromStdString(left_out);
  frames_.set(std::move(maps));
  player_->set_frames(frames_.names());
  map_->set_extent(frames_.extent());
  if (frames_.empty()) {
    show_map({}, {});
  } else {
    show_position(player_->position());
    tell_map(frames_.words(player_->frame()));
    shown_words_->setText(words.join(QStringLiteral(". ")));
  }
  show_state();
}

void ExplorePlace::show_position(double position) {
  if (!over_epochs() || frames_.empty()) return;
  show_map(frames_.ids(), frames_.layout(position));
  tell_map(frames_.words(player_->frame()));
}

/// What is told of features is told of this checkpoint's from here on.
void ExplorePlace::arrive_at(int /*frame*/) {
  if (!over_epochs()) return;
  if (colour_->of_features()) colour_->colour_map();
  if (!asked_.none()) show_likes(asked_);
}

bool ExplorePlace::can_go_on() const {
  return maker_->can_go_on() && method_->current() == QLatin1String("tsne") && can_look();
}

void ExplorePlace::start() {
  if (!can_look() || maker_->running()) return;
  progress_->setValue(0);
  map_->set_extent({});
  marks_->clear();
  const TsneOptions tsne = options_->tsne();
  if (can_go_on())
    maker_->go_on();
  else if (over_epochs())
    maker_->make_sequence(source_.run,
                          {.images = options_->images(), .tsne = tsne, .split = options_->split()});
  else
    maker_->make(
        source_,
        {method_->current().toStdString(), options_->images(), tsne, {}, options_->split()});
  set_status(tr("collecting features"));
  show_state();
}

void ExplorePlace::take_partial(const std::vector<std::int64_t>& ids,
                                const std::vector<float>& xy) {
  set_status(tr("laying out"));
  show_map(ids, xy);
  show_state();
}

void ExplorePlace::take_result(const std::any& result) {
  if (const auto* maps = std::any_cast<std::vector<StoredMap>>(&result)) return show_frames(*maps);
  const auto& report = std::any_cast<const MapReport&>(result);
  if (!source_.is_run()) outside_maps_.push_back(report.map);
  show_map(report.map);
  features_->take(wanted_features(), report.features);
  if (colour_->of_features()) colour_->colour_map();
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
      [this, dataset](const QList<Thumbnail>& done) {
        if (dataset == workspace().dataset()) grid_->set_thumbnails(done);
      });
}

void ExplorePlace::hover(qint64 id) {
  const auto dataset = workspace().dataset();
  if (id < 0 || !dataset) return;
  hover_pictures_->ask(
      [dataset, id](Control&) { return thumbnails_of(*dataset, {id}, hover_pixels); },
      [this, dataset, id](const QList<Thumbnail>& done) {
        if (!done.isEmpty() && dataset == workspace().dataset())
          map_->show_thumbnail(id, done.first().image, image_caption(*dataset, id));
      });
}

void ExplorePlace::show_neighbours(qint64 id) {
  show_likes({shown_source(), id, {}});
}

/// One that is not on the map has only its place marked there.
void ExplorePlace::show_neighbour(qint64 id) {
  map_->set_selection(is_mapped(id) ? QSet<qint64>{id} : QSet<qint64>{});
  show_neighbours(id);
}

void ExplorePlace::show_likes(const Asked& asked) {
  if (!can_look()) return;
  asked_ = asked;
  asked_.source = shown_source();
  const bool frame = over_epochs() && !frames_.empty();
  neighbours_->show_likes(asked_, frame ? frames_.names().value(player_->frame()) : QString());
  const bool elsewhere = asked_.id >= 0 && !is_mapped(asked_.id);
  marks_->point_out(elsewhere ? std::vector{asked_} : std::vector<Asked>(), shown_map());
  show_state();
}

bool ExplorePlace::is_mapped(qint64 id) const {
  return std::ranges::find(map_->points(), id, &MapPoint::id) != map_->points().end();
}

ShownMap ExplorePlace::shown_map() const {
  const bool still = !over_epochs() && !maker_->running() && !map_->points().empty();
  return {wanted_features(), still ? map_perplexity_ : 0};
}

/// The encoder at the checkpoint that is shown.
EncoderSource ExplorePlace::shown_source() const {
  EncoderSource source = source_;
  source.step = map_step_;
  if (source.is_run() && !map_step_)  // said, as training may go on
    for (const StoredCheckpoint& checkpoint : workspace().store().checkpoints(source.run))
      source.step = checkpoint.info.step;
  if (over_epochs() && !frames_.empty()) source.step = frames_.checkpoint_step(player_->frame());
  return source;
}

MapFeatures::Wanted ExplorePlace::wanted_features() const {
  return {shown_source(), ids_of(map_->points())};
}

bool ExplorePlace::take_pictures(const QStringList& paths) {
  if (paths.isEmpty() || !can_look()) return false;
  const EncoderSource source = shown_source();
  std::vector<Asked> pictures;
  for (const QString& path : paths) pictures.push_back({source, -1, path.toStdString()});
  marks_->place(pictures, shown_map());
  show_likes(pictures.front());
  return true;
}

void ExplorePlace::choose_search() {
  if (can_look()) take_pictures(ask().open_files(this, tr("Search with pictures")));
}

QList<QPair<QString, std::function<void()>>> ExplorePlace::exports() {
  auto out = run_exports(workspace(), source_.is_run() ? source_.run : 0, this,
                         [this](const QString& words) { set_status(words); });
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
