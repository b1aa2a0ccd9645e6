#include "app/places/map_card.h"

#include <QProgressBar>
#include <QPushButton>
#include <QShortcut>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <algorithm>

#include "app/places/data_work.h"
#include "app/places/map_work.h"
#include "app/places/save_plot.h"
#include "app/workspace.h"
#include "widgets/controls.h"
#include "widgets/exports.h"
#include "widgets/frame_player.h"
#include "widgets/legend.h"

namespace selfsight {

MapCard::MapCard(Workspace& workspace, ColourBox::AskFeatures ask_features, QWidget* parent)
    : Card(tr("Map"), parent),
      workspace_(workspace),
      hover_pictures_(new Latest<QList<Thumbnail>>(this)),
      stack_(new QStackedWidget(this)),
      empty_(new EmptyState({}, {}, {}, stack_)) {
  QWidget* page = build_page();
  stack_->addWidget(empty_);
  stack_->addWidget(page);
  colours_ = new ColourBox(workspace, *plot_, *legend_, std::move(ask_features), this);
  page->layout()->addWidget(colours_->words());
  build_tools();
  body()->addWidget(stack_, 1);
  connect(empty_, &EmptyState::action_wanted, this, &MapCard::empty_action_wanted);
}

QWidget* MapCard::build_page() {
  auto* page = new QWidget(stack_);
  auto* column = new QVBoxLayout(page);
  column->setContentsMargins(0, 0, 0, 0);
  plot_ = new MapPlot(page);
  offer_files(plot_, workspace_, QStringLiteral("map"), all_formats(),
              [this](const QString& format) { return file(format); });
  player_ = new FramePlayer(page);
  play_ = new QShortcut(Qt::Key_Space, plot_, nullptr, nullptr, Qt::WidgetShortcut);
  legend_ = new Legend(page);
  progress_ = new QProgressBar(page);
  progress_->setObjectName(QStringLiteral("map_progress"));
  progress_->setAccessibleName(tr("Progress of the map"));
  progress_->setTextVisible(false);
  progress_->setRange(0, 1000);
  words_ = new ElidedLabel({}, page);
  set_voice(words_, Voice::soft);
  column->addWidget(progress_);
  column->addWidget(plot_, 1);
  column->addWidget(player_);
  column->addWidget(legend_);
  column->addWidget(words_);
  connect(plot_, &MapPlot::hovered, this, &MapCard::hover);
  connect(play_, &QShortcut::activated, player_, &FramePlayer::toggle);
  connect(legend_, &Legend::hidden_changed, this, [this] { plot_->set_hidden(legend_->hidden()); });
  return page;
}

void MapCard::build_tools() {
  add_to_head(colours_);
  add_to_head(colours_->cluster_box());
  search_ = button(tr("Search"), QStringLiteral("search_image"), ButtonKind::plain, this);
  search_->setToolTip(
      tr("Images like a picture of yours (Ctrl+F); or drop it on the window. Several are marked on "
         "a t-SNE map"));
  add_to_head(search_);
  lasso_ = button(tr("Lasso"), QStringLiteral("lasso"), ButtonKind::plain, this);
  lasso_->setCheckable(true);
  lasso_->setToolTip(
      tr("Draw around points to select them (L); Shift adds, Ctrl or Alt takes away"));
  add_to_head(lasso_);
  fit_ = button(tr("Fit"), QStringLiteral("fit_map"), ButtonKind::plain, this);
  fit_->setToolTip(tr("Show the whole map (Home)"));
  add_to_head(fit_);
  connect(search_, &QPushButton::clicked, this, &MapCard::search_wanted);
  connect(fit_, &QPushButton::clicked, plot_, &MapPlot::fit);
  connect(lasso_, &QPushButton::toggled, plot_, &MapPlot::set_lasso);
  connect(plot_, &MapPlot::lasso_changed, lasso_, &QPushButton::setChecked);
}

void MapCard::show_state(const State& state) {
  stack_->setCurrentIndex(state.mapped || state.working ? 1 : 0);
  progress_->setVisible(state.working);
  player_->setVisible(state.over_epochs && state.mapped && !state.working);
  play_->setEnabled(!player_->isHidden());  // else Space is the map's own
  for (QWidget* tool : std::initializer_list<QWidget*>{colours_, lasso_, fit_})
    tool->setVisible(state.mapped);
  search_->setVisible(state.mapped || state.searchable);
}

void MapCard::set_progress(double part) {
  progress_->setValue(static_cast<int>(progress_->maximum() * part));
}

void MapCard::set_empty(const EmptyWords& words) {
  empty_->set_text(words.headline, words.text, words.action);
}

void MapCard::set_words(const QString& words) {
  words_->setText(words);
}

bool MapCard::show_points(std::vector<MapPoint> points) {
  colours_->set_groups(points);
  const bool others =
      !std::ranges::equal(points, plot_->points(), {}, &MapPoint::id, &MapPoint::id);
  plot_->set_points(std::move(points));
  return others;
}

void MapCard::hover(qint64 id) {
  const auto dataset = workspace_.dataset();
  if (id < 0 || !dataset) return;
  hover_pictures_->ask(
      [dataset, id](Control&) { return thumbnails_of(*dataset, {id}, hover_pixels); },
      [this, dataset, id](const QList<Thumbnail>& done) {
        if (!done.isEmpty() && dataset == workspace_.dataset())
          plot_->show_thumbnail(id, done.first().image, image_caption(*dataset, id));
      });
}

QList<QPair<QString, std::function<void()>>> MapCard::exports() {
  if (plot_->points().empty()) return {};
  return {{tr("Map as PNG…"), [this] { save(QStringLiteral("png")); }},
          {tr("Map as SVG…"), [this] { save(QStringLiteral("svg")); }},
          {tr("Map as PDF…"), [this] { save(QStringLiteral("pdf")); }},
          {tr("Map as CSV…"), [this] { save(QStringLiteral("csv")); }}};
}

QByteArray MapCard::file(const QString& format) const {
  return format == QLatin1String("csv") && workspace_.dataset()
             ? map_as_csv(*workspace_.dataset(), plot_->points()).toUtf8()
             : plot_->rendered(format);
}

void MapCard::save(const QString& format) {
  const QString problem = save_bytes(this, QStringLiteral("map"), format, file(format));
  if (!problem.isEmpty()) Q_EMIT workspace_.problem(problem);
}

}  // namespace selfsight
