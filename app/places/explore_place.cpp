#include "app/places/explore_place.h"

#include <QPushButton>
#include <QShortcut>
#include <QVBoxLayout>
#include <algorithm>

#include "app/ask.h"
#include "app/jobs/pipeline_maps.h"
#include "app/jobs/pipeline_placing.h"
#include "app/places/data_work.h"
#include "app/places/kept_controls.h"
#include "app/places/map_card.h"
#include "app/places/map_jobs.h"
#include "app/places/map_marks.h"
#include "app/places/map_options.h"
#include "app/places/neighbours_card.h"
#include "app/places/run_choice.h"
#include "app/places/run_exports.h"
#include "app/workspace.h"
#include "widgets/card.h"
#include "widgets/controls.h"
#include "widgets/frame_player.h"
#include "widgets/image_grid.h"
#include "widgets/map_plot.h"
#include "widgets/theme.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

constexpr int selected_cell = 44;

}  // namespace

ExplorePlace::ExplorePlace(Workspace& workspace, QWidget* parent)
    : Place(tr("Explore"), workspace, parent),
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
          [this](double part) { card_->set_progress(part); });
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

QWidget* ExplorePlace::build_main() {
  card_ = new MapCard(
      workspace(),
      [this](const MapFeatures::Then& then) {
        if (checkpoint_gone_) {  // others would be those of another encoder
          colour_->forget();
          colour_->go_back();
        } else if (can_look() && !maker_->running()) {
          features_->with(wanted_features(), then);
        }
      },
      this);
  map_ = card_->plot();
  colour_ = card_->colours();
  player_ = card_->player();
  marks_ = new MapMarks(workspace(), *features_, *map_, card_);
  card_->body()->addWidget(marks_);
  connect(map_, &MapPlot::clicked, this, &ExplorePlace::show_neighbours);
  connect(map_, &MapPlot::selection_changed, this, &ExplorePlace::show_selection);
  connect(marks_, &MapMarks::clicked, this, &ExplorePlace::show_likes);
  connect(player_, &FramePlayer::moved, this, &ExplorePlace::show_position);
  connect(player_, &FramePlayer::settled, this, &ExplorePlace::arrive_at);
  connect(card_, &MapCard::search_wanted, this, &ExplorePlace::choose_search);
  connect(card_, &MapCard::empty_action_wanted, this, &ExplorePlace::act_on_empty);
  for (const auto& [key, by] : {std::pair{Qt::Key_Comma, -1}, {Qt::Key_Period, 1}})
    connect(new QShortcut(key, this, nullptr, nullptr, Qt::WidgetWithChildrenShortcut),
            &QShortcut::activated, player_, [this, by = by] { player_->step(by); });
  return card_;
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
  if (other && colour_->of_features()) {  // of the same images, perhaps
    colour_->forget();
    colour_->colour_map();
  }
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
  if (workspace().dataset()) options_->suit(*workspace().dataset());
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

/// Whether those that are open lie where the run's own did; those have changed then.
bool ExplorePlace::images_changed() const {
  const auto dataset = workspace().dataset();
  return source_.is_run() && dataset && !own_images() &&
         dataset->location() == workspace().store().run(source_.run).dataset_location;
}

/// Whether those that are open are what the run was trained on; nobody knows of an encoder from a
/// file.
bool ExplorePlace::own_images() const {
  const auto dataset = workspace().dataset();
  return !source_.is_run() || (dataset && dataset->fingerprint() == trained_on_);
}

void ExplorePlace::show_state() {
  const bool mapped = !map_->points().empty();
  card_->show_state({.mapped = mapped,
                     .working = maker_->running(),
                     .over_epochs = over_epochs(),
                     .searchable = can_look()});
  runs_->setEnabled(!maker_->running());
  method_->setEnabled(!maker_->running());  // what is laid out is shown under its own
  show_start();
  options_->setVisible(!source_.none());
  options_->show_method(method_->current());
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
  card_->set_empty(
      source_.none()               ? no_encoder_words()
      : can_look() && own_images() ? no_map_words(source_, over_epochs())
      : images_changed()           ? changed_images_words(QString::fromStdString(dataset->name()))
      : source_.is_run()
          ? other_images_words(
                QString::fromStdString(workspace().store().run(source_.run).dataset_name),
                dataset ? QString::fromStdString(dataset->name()) : QString())
          : no_images_words());
}

void ExplorePlace::act_on_empty() {
  if (source_.none()) return Q_EMIT go_to(QStringLiteral("pretrain"));
  if (can_look() && (own_images() || images_changed())) return start();
  if (!source_.is_run()) return Q_EMIT go_to(QStringLiteral("data"));
  workspace().open_dataset_at(
      QString::fromStdString(workspace().store().run(source_.run).dataset_location));
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
  checkpoint_gone_ = false;
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
  checkpoint_gone_ = source_.is_run() && !map_step_ && tells_checkpoint(map);
  map_perplexity_ = perplexity_of(map);
  marks_->clear();
  show_map(map.ids, map.xy);
  tell_map(checkpoint_gone_ ? map_words(map) + QStringLiteral(" · ") +
                                  tr("its checkpoint is not kept any more: map anew to colour it "
                                     "by features")
                            : map_words(map));
  card_->set_words(mapped_words(map));
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

void ExplorePlace::show_map(std::vector<MapPoint> points) {
  if (!card_->show_points(std::move(points))) return;
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
    words << core_words(left_out);
  frames_.set(std::move(maps));
  player_->set_frames(frames_.names());
  map_->set_extent(frames_.extent());
  if (frames_.empty()) {
    show_map({}, {});
  } else {
    show_position(player_->position());
    tell_map(frames_.words(player_->frame()));
    card_->set_words(words.join(QStringLiteral(". ")));
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
  card_->set_progress(0);
  map_->set_extent({});
  marks_->clear();
  checkpoint_gone_ = false;
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
  neighbours_->show_likes(asked_, frame              ? frames_.names().value(player_->frame())
                                  : checkpoint_gone_ ? tr("newest checkpoint")
                                                     : QString());
  const bool elsewhere = asked_.id >= 0 && !is_mapped(asked_.id);
  marks_->point_out(elsewhere ? std::vector{asked_} : std::vector<Asked>(), shown_map());
  show_state();
}

bool ExplorePlace::is_mapped(qint64 id) const {
  return std::ranges::find(map_->points(), id, &MapPoint::id) != map_->points().end();
}

ShownMap ExplorePlace::shown_map() const {
  const bool still =
      !over_epochs() && !maker_->running() && !map_->points().empty() && !checkpoint_gone_;
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
  return card_->exports() + run_exports(workspace(), source_.is_run() ? source_.run : 0, this,
                                        [this](const QString& words) { set_status(words); });
}

}  // namespace selfsight
