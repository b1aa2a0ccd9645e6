#include "app/places/explore_place.h"

#include <QBuffer>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFileInfo>
#include <QProgressBar>
#include <QPushButton>
#include <QShortcut>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <mutex>
#include <nlohmann/json.hpp>

#include "app/ask.h"
#include "app/places/data_work.h"
#include "app/places/map_work.h"
#include "app/places/run_words.h"
#include "app/workspace.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "widgets/card.h"
#include "widgets/controls.h"
#include "widgets/image_grid.h"
#include "widgets/legend.h"
#include "widgets/map_plot.h"
#include "widgets/theme.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

constexpr int hover_pixels = 192, strip_pixels = 112, neighbour_count = 12, selected_cell = 44;

}  // namespace

/// Written by the job's thread; the newest layout wins.
struct ExplorePlace::Partial {
  std::mutex mutex;
  std::vector<std::int64_t> ids;
  std::vector<float> xy;
};

ExplorePlace::ExplorePlace(Workspace& workspace, QWidget* parent)
    : Place(tr("Explore"), workspace, parent),
      hover_pictures_(new Latest<QList<Thumbnail>>(this)),
      grid_pictures_(new Latest<QList<Thumbnail>>(this)),
      neighbours_of_(new Latest<QList<NeighbourPicture>>(this)),
      partial_(std::make_shared<Partial>()) {
  build_head();
  QWidget* main = build_main();
  set_content(main, build_side());
  connect(&workspace, &Workspace::runs_changed, this, &ExplorePlace::list_runs);
  connect(&workspace, &Workspace::dataset_changed, this, &ExplorePlace::show_stored_map);
  connect(&workspace, &Workspace::current_run_changed, this, &ExplorePlace::list_runs);
  list_runs();
}

ExplorePlace::~ExplorePlace() = default;

void ExplorePlace::build_head() {
  runs_ = new QComboBox(this);
  runs_->setObjectName(QStringLiteral("explore_run"));
  runs_->setAccessibleName(tr("Run"));
  runs_->setSizeAdjustPolicy(QComboBox::AdjustToContents);
  runs_->setMaximumWidth(320);
  ignore_wheel_without_focus(runs_);
  add_about_widget(runs_);
  method_ = new ChoiceChips(
      {{QStringLiteral("tsne"), tr("t-SNE")}, {QStringLiteral("pca"), tr("PCA")}}, this);
  method_->setObjectName(QStringLiteral("map_method"));
  method_->set_current(QStringLiteral("tsne"));
  add_about_widget(method_);
  perplexity_ = new QDoubleSpinBox(this);
  perplexity_->setObjectName(QStringLiteral("perplexity"));
  perplexity_->setAccessibleName(tr("Perplexity"));
  perplexity_->setToolTip(tr("How many neighbours each point minds, about"));
  perplexity_->setPrefix(tr("perplexity "));
  perplexity_->setDecimals(0);
  perplexity_->setRange(2, 500);
  perplexity_->setValue(30);
  ignore_wheel_without_focus(perplexity_);
  add_action_widget(perplexity_);
  colour_ = new QComboBox(this);
  colour_->setObjectName(QStringLiteral("map_colour"));
  colour_->setAccessibleName(tr("Colour by"));
  colour_->setToolTip(tr("What the colours of the map tell"));
  for (const MapColour& way : map_colours()) colour_->addItem(tr("colour by %1").arg(way.words));
  ignore_wheel_without_focus(colour_);
  add_action_widget(colour_);
  search_ = button(tr("Search"), QStringLiteral("search_image"), ButtonKind::plain, this);
  search_->setToolTip(tr("Images like a picture of yours (Ctrl+F); or drop it on the window"));
  add_action_widget(search_);
  lasso_ = button(tr("Lasso"), QStringLiteral("lasso"), ButtonKind::plain, this);
  lasso_->setCheckable(true);
  lasso_->setToolTip(tr("Draw around points to select them (L); Shift adds, Alt takes away"));
  add_action_widget(lasso_);
  fit_ = button(tr("Fit"), QStringLiteral("fit_map"), ButtonKind::plain, this);
  fit_->setToolTip(tr("Show the whole map (Home)"));
  add_action_widget(fit_);
  start_ = button(tr("Map"), QStringLiteral("start_map"), ButtonKind::primary, this);
  add_action_widget(start_);
  connect(runs_, &QComboBox::activated, this,
          [this](int index) { workspace().set_current_run(runs_->itemData(index).toLongLong()); });
  connect(method_, &ChoiceChips::chosen, this, [this] {
    show_state();
    show_stored_map();
  });
  connect(start_, &QPushButton::clicked, this, [this] { job_ ? job_->stop() : start(); });
  connect(colour_, &QComboBox::activated, this, [this] { show_map(map_->points()); });
  connect(search_, &QPushButton::clicked, this, &ExplorePlace::choose_search);
  connect(new QShortcut(QKeySequence(Qt::CTRL | Qt::Key_F), this, nullptr, nullptr,
                        Qt::WidgetWithChildrenShortcut),
          &QShortcut::activated, this, &ExplorePlace::choose_search);
}

QWidget* ExplorePlace::build_main() {
  auto* card = new Card({}, this);
  stack_ = new QStackedWidget(card);
  empty_ = new EmptyState({}, {}, {}, stack_);
  auto* page = new QWidget(stack_);
  auto* column = new QVBoxLayout(page);
  column->setContentsMargins(0, 0, 0, 0);
  map_ = new MapPlot(page);
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
  selected_ = new Card(tr("Selected"), side);
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
  const QSignalBlocker quiet(runs_);
  runs_->clear();
  const auto runs = workspace().store().runs();
  std::int64_t wanted = 0;  // the current run, or else the newest that has an encoder
  for (auto run = runs.rbegin(); run != runs.rend(); ++run) {
    if (run->archived || workspace().store().checkpoints(run->id).empty()) continue;
    runs_->addItem(QStringLiteral("%1 · %2").arg(run->id).arg(run_label(*run)),
                   static_cast<qlonglong>(run->id));
    if (wanted == 0 || run->id == workspace().current_run()) wanted = run->id;
  }
  const bool other = wanted != run_ && !job_;
  if (other) {
    run_ = wanted;
    features_ = {};
  }
  runs_->setCurrentIndex(runs_->findData(static_cast<qlonglong>(run_)));
  runs_->setVisible(runs_->count() > 0);
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
                         ? tr("Lay out the features of this run's encoder")
                         : tr("The data set of this run is not the one that is open"));
  perplexity_->setVisible(method_->current() == QLatin1String("tsne"));
  for (QWidget* tool : std::initializer_list<QWidget*>{colour_, search_, lasso_, fit_})
    tool->setVisible(mapped);
  method_->setVisible(run_ != 0);
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
  else
    empty_->set_text(tr("Not mapped yet"),
                     tr("A map takes the features of a few thousand images and lays them out: like "
                        "beside like."),
                     tr("Map this run"));
  if (!mapped) set_status({});
}

void ExplorePlace::show_stored_map() {
  if (job_) return;
  std::optional<StoredMap> newest;
  if (run_ != 0)
    for (const StoredMap& map : workspace().store().maps(run_))
      if (map.method == method_->current().toStdString()) newest = map;
  if (newest && right_dataset()) {
    show_map(newest->ids, newest->xy);
    show_map_words(*newest);
  } else {
    show_map({}, {});
  }
  show_state();
}

void ExplorePlace::show_map(const std::vector<std::int64_t>& ids, const std::vector<float>& xy) {
  const auto dataset = workspace().dataset();
  std::vector<MapPoint> points;
  for (std::size_t i = 0; i < ids.size() && dataset; ++i)
    if (ids[i] >= 0 && ids[i] < dataset->size())
      points.push_back({ids[i], xy[2 * i], xy[2 * i + 1], -1});
  show_map(std::move(points));
}

/// The same points may come again, in other places or other colours.
void ExplorePlace::show_map(std::vector<MapPoint> points) {
  const auto dataset = workspace().dataset();
  const MapColour& way = map_colours()[static_cast<std::size_t>(colour_->currentIndex())];
  for (MapPoint& point : points) point.group = dataset ? way.group(*dataset, point.id) : -1;
  const bool others = !std::equal(
      points.begin(), points.end(), map_->points().begin(), map_->points().end(),
      [](const MapPoint& a, const MapPoint& b) { return a.id == b.id && a.group == b.group; });
  map_->set_points(std::move(points));
  if (!others) return;
  const auto groups =
      dataset ? group_counts(way.names(*dataset), map_->points()) : QList<QPair<QString, int>>{};
  legend_->set_groups(groups);
  map_->set_hidden({});
  show_selection();
}

void ExplorePlace::show_map_words(const StoredMap& map) {
  const auto protocol = nlohmann::json::parse(map.protocol, nullptr, false);
  if (!protocol.is_object()) return;
  QStringList words;
  if (map.method == "tsne")
    words << tr("perplexity %1").arg(protocol.value("perplexity", 0.0))
          << tr("KL %1").arg(protocol.value("kl", 0.0), 0, 'f', 3);
  words << tr("epoch %1").arg(protocol.value("checkpoint_epoch", 0.0), 0, 'g', 4);
  set_status(words.join(QStringLiteral(" · ")));
  shown_words_->setText(tr("%1 of %2 images of the validation and test splits, a stratified sample")
                            .arg(grouped_number(protocol.value("images", std::int64_t{0})),
                                 grouped_number(protocol.value("of", std::int64_t{0}))));
}

void ExplorePlace::start() {
  if (!right_dataset() || job_) return;
  MapRequest request;
  request.method = method_->current().toStdString();
  request.tsne.perplexity = perplexity_->value();
  partial_ = std::make_shared<Partial>();  // nothing of an earlier job
  progress_->setValue(0);
  job_ = new Job(
      tr("Map of run %1").arg(run_),
      [request, run = run_, store = workspace().store_folder(), dataset = workspace().dataset(),
       partial = partial_](Control& control, const Job::Progress& progress) {
        return std::any(make_map(
            store, run, *dataset, request, control, progress,
            [partial](const Features& features, const std::vector<float>& xy, std::int64_t) {
              const std::lock_guard lock(partial->mutex);
              partial->ids = features.ids;
              partial->xy = xy;
            }));
      },
      this);
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
  std::vector<std::int64_t> ids;
  std::vector<float> xy;
  {
    const std::lock_guard lock(partial_->mutex);
    ids = std::exchange(partial_->ids, {});
    xy = std::exchange(partial_->xy, {});
  }
  if (ids.empty()) return;
  set_status(tr("laying out"));
  show_map(ids, xy);
  show_state();
}

void ExplorePlace::take_result(const std::any& result) {
  const auto& report = std::any_cast<const MapReport&>(result);
  features_ = report.features;
  show_map(report.map.ids, report.map.xy);
  show_map_words(report.map);
  show_state();
}

void ExplorePlace::show_selection() {
  const auto& chosen = map_->selection();
  std::vector<std::int64_t> ids(chosen.begin(), chosen.end());
  std::sort(ids.begin(), ids.end());
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
  neighbours_->set_title(
      tr("Neighbours of %1").arg(QString::fromStdString(dataset->image_name(id))));
  with_features([this, dataset, id] {
    ask_for_neighbours([dataset, id, features = features_](Control& control) {
      return neighbour_pictures(*dataset, features, id, neighbour_count, strip_pixels, control);
    });
  });
}

void ExplorePlace::ask_for_neighbours(
    const std::function<QList<NeighbourPicture>(Control&)>& work) {
  neighbours_->set_subtitle(tr("cosine, in feature space"));
  neighbours_words_->clear();
  neighbours_of_->ask(
      work, [this](const QList<NeighbourPicture>& pictures) { strip_->set_pictures(pictures); },
      [this](const QString& problem) { neighbours_words_->setText(problem); });
}

/// Features are not stored with a map; those of one from an earlier day are computed again.
void ExplorePlace::with_features(const std::function<void()>& then) {
  if (features_.rows > 0) return then();
  if (reading_ || !right_dataset()) return;
  strip_->set_pictures({});
  neighbours_words_->setText(tr("Reading the features of the mapped images."));
  reading_ = new Job(
      tr("Features of run %1").arg(run_),
      [store = workspace().store_folder(), run = run_, dataset = workspace().dataset(),
       ids = ids_of(map_->points())](Control& control, const Job::Progress& progress) {
        return std::any(extract(*open_model(Store(store), run), *dataset, ids, control, progress));
      },
      this);
  const auto over = [this] {
    reading_->deleteLater();
    reading_ = nullptr;
  };
  connect(reading_, &Job::finished, this, [this, over, then, run = run_](const std::any& result) {
    over();
    if (run != run_) return;
    features_ = std::any_cast<const Features&>(result);
    then();
  });
  connect(reading_, &Job::failed, this, [this, over](const QString& problem) {
    over();
    neighbours_words_->setText(problem);
  });
  connect(reading_, &Job::cancelled, this, over);
  workspace().announce(reading_);
  reading_->start();
}

bool ExplorePlace::take_picture(const QString& path) {
  if (map_->points().empty() || !right_dataset()) return false;
  search(path);
  return true;
}

void ExplorePlace::search(const QString& path) {
  neighbours_->set_title(tr("Most like %1").arg(QFileInfo(path).fileName()));
  with_features([this, path] {
    ask_for_neighbours([store = workspace().store_folder(), run = run_,
                        dataset = workspace().dataset(), features = features_,
                        path](Control& control) {
      return search_pictures(store, run, *dataset, features, path.toStdString(), neighbour_count,
                             strip_pixels, control);
    });
  });
}

void ExplorePlace::choose_search() {
  if (map_->points().empty()) return;
  const QString path = ask().open_file(this, tr("Search with a picture"));
  if (!path.isEmpty()) search(path);
}

QList<QPair<QString, std::function<void()>>> ExplorePlace::exports() {
  if (map_->points().empty()) return {};
  return {{tr("Map as PNG…"), [this] { save_map_png(); }},
          {tr("Map as CSV…"), [this] { save_map_csv(); }}};
}

void ExplorePlace::save_map_png() {
  const QString path = ask().save_file(this, tr("Save the map"), QStringLiteral("map.png"),
                                       QStringLiteral("PNG (*.png)"));
  if (path.isEmpty()) return;
  QByteArray bytes;
  QBuffer buffer(&bytes);
  buffer.open(QIODevice::WriteOnly);
  map_->rendered(map_->size(), 2).save(&buffer, "PNG");
  try {
    write_file(path.toStdString(), bytes.toStdString());
  } catch (const Error& error) {
    Q_EMIT workspace().problem(QString::fromUtf8(error.what()));
  }
}

void ExplorePlace::save_map_csv() {
  const QString path = ask().save_file(this, tr("Save the map"), QStringLiteral("map.csv"),
                                       QStringLiteral("CSV (*.csv)"));
  if (path.isEmpty() || !workspace().dataset()) return;
  try {
    write_file(path.toStdString(),
               map_as_csv(*workspace().dataset(), map_->points()).toStdString());
  } catch (const Error& error) {
    Q_EMIT workspace().problem(QString::fromUtf8(error.what()));
  }
}

}  // namespace selfsight
