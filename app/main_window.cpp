#include "app/main_window.h"

#include <QCloseEvent>
#include <QHBoxLayout>
#include <QImageReader>
#include <QLabel>
#include <QMenu>
#include <QMimeData>
#include <QShortcut>
#include <QStackedWidget>
#include <QStatusTipEvent>
#include <QVBoxLayout>
#include <algorithm>

#include "app/app_settings.h"
#include "app/ask.h"
#include "app/bottom_strip.h"
#include "app/every_option.h"
#include "app/jobs/download.h"
#include "app/left_bar.h"
#include "app/message_bar.h"
#include "app/places/compare_place.h"
#include "app/places/data_place.h"
#include "app/places/evaluate_place.h"
#include "app/places/explore_place.h"
#include "app/places/pretrain_place.h"
#include "app/places/save_plot.h"
#include "app/places/views_place.h"
#include "app/settings_popover.h"
#include "app/shortcuts_sheet.h"
#include "app/top_strip.h"
#include "app/workspace.h"
#include "widgets/controls.h"
#include "widgets/field_words.h"
#include "widgets/theme.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

QVBoxLayout* bare_column(QWidget* parent) {
  auto* column = new QVBoxLayout(parent);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  return column;
}

QStringList dropped_paths(const QMimeData& data) {
  QStringList paths;
  for (const QUrl& url : data.urls())
    if (url.isLocalFile()) paths.append(url.toLocalFile());
  return paths;
}

bool is_picture(const QString& path) {
  return !QImageReader::imageFormat(path).isEmpty();
}

/// What quitting would break off, and what becomes of it.
QString quitting_words(const TrainJob* training, const QList<Download*>& downloads) {
  QStringList sentences;
  if (training)
    sentences << MainWindow::tr(
                     "Run %1 is training. It can be stopped with its state saved, and resumed "
                     "later.")
                     .arg(training->run());
  // None goes on by itself when the program starts again.
  if (downloads.size() == 1)
    sentences << MainWindow::tr(
                     "%1 is being downloaded; what has come is kept, and Download in Public data "
                     "sets goes on from there next time.")
                     .arg(QString::fromStdString(downloads.first()->entry().title));
  else if (!downloads.isEmpty())
    sentences << MainWindow::tr(
                     "%1 data sets are being downloaded; what has come is kept, and Download in "
                     "Public data sets goes on from there next time.")
                     .arg(downloads.size());
  return sentences.join(QLatin1Char(' '));
}

/// The answer that keeps the window.
MessageBar::Action staying(bool trains, bool fetches) {
  if (!fetches) return {MainWindow::tr("Keep training"), QStringLiteral("keep_training"), [] {}};
  if (!trains)
    return {MainWindow::tr("Keep downloading"), QStringLiteral("keep_downloading"), [] {}};
  return {MainWindow::tr("Keep both going"), QStringLiteral("keep_both"), [] {}};
}

}  // namespace

MainWindow::MainWindow(Workspace& workspace, QWidget* parent)
    : QMainWindow(parent),
      workspace_(workspace),
      left_bar_(new LeftBar(this)),
      message_bar_(new MessageBar(this)),
      stack_(new QStackedWidget(this)),
      settings_(new SettingsPopover(workspace, this)),
      keys_(new ShortcutsSheet(this)) {
  setWindowTitle(tr("Selfsight"));
  setMinimumSize(1024, 700);
  setAcceptDrops(true);
  auto* whole = new QWidget(this);
  QVBoxLayout* column = bare_column(whole);
  auto* top = new TopStrip(workspace, this);
  column->addWidget(top);
  auto* row = new QHBoxLayout;
  row->setSpacing(0);
  column->addLayout(row, 1);
  column->addWidget(new BottomStrip(workspace, this));
  row->addWidget(left_bar_);
  auto* middle = new QWidget(this);
  QVBoxLayout* places = bare_column(middle);
  auto* message_row = new QHBoxLayout;
  message_row->setContentsMargins(measures::margin, 8, measures::margin, 0);
  message_row->addWidget(message_bar_);
  places->addLayout(message_row);
  places->addWidget(stack_, 1);
  row->addWidget(middle, 1);
  setCentralWidget(whole);
  drop_ = label(tr("Drop to open"), Voice::title, whole);
  drop_->setObjectName(QStringLiteral("drop_words"));
  drop_->setAlignment(Qt::AlignCenter);
  drop_->setAutoFillBackground(true);
  drop_->hide();

  data_ = add_place<DataPlace>(QStringLiteral("data"));
  add_place<ViewsPlace>(QStringLiteral("views"));
  add_place<PretrainPlace>(QStringLiteral("pretrain"));
  add_place<ExplorePlace>(QStringLiteral("explore"));
  add_place<EvaluatePlace>(QStringLiteral("evaluate"));
  add_place<ComparePlace>(QStringLiteral("compare"));
  add_keys();
  connect(left_bar_, &LeftBar::place_chosen, this, &MainWindow::show_place);
  connect(left_bar_, &LeftBar::settings_wanted, this,
          [this] { settings_->show_at(left_bar_->settings_button()); });
  connect(settings_, &SettingsPopover::keys_wanted, keys_, &ShortcutsSheet::show_in_middle);
  connect(top, &TopStrip::export_wanted, this, &MainWindow::show_exports);
  connect(&workspace, &Workspace::problem, this, [this](const QString& message) {
    message_bar_->tell(with_labels(core_words(message.toStdString()), every_option()));
  });
  show_place(std::max(0, static_cast<int>(names_.indexOf(app_settings::place()))));
}

template <class P>
P* MainWindow::add_place(const QString& name) {
  auto* place = new P(workspace_, stack_);
  place->setObjectName(name + QStringLiteral("_place"));
  stack_->addWidget(place);
  names_.append(name);
  const QString keys = QStringLiteral("Ctrl+%1").arg(names_.size());
  left_bar_->add_place(name, place->title(), keys);
  connect(new QShortcut(QKeySequence(keys), this), &QShortcut::activated, this,
          [this, name] { go_to(name); });
  connect(place, &Place::go_to, this, &MainWindow::go_to);
  return place;
}

void MainWindow::add_keys() {
  const auto on = [this](const QKeySequence& keys, auto act) {
    connect(new QShortcut(keys, this), &QShortcut::activated, this, act);
  };
  on(QKeySequence(Qt::CTRL | Qt::Key_O), [this] {
    go_to(QStringLiteral("data"));
    data_->show_open_menu();
  });
  on(QKeySequence(Qt::CTRL | Qt::Key_Q), [this] { close(); });
  on(QKeySequence(Qt::Key_F1), [this] { keys_->show_in_middle(); });
}

void MainWindow::go_to(const QString& place) {
  if (const auto index = names_.indexOf(place); index >= 0) show_place(static_cast<int>(index));
}

QString MainWindow::current_place() const {
  return names_.at(stack_->currentIndex());
}

Place* MainWindow::place(const QString& name) const {
  return static_cast<Place*>(stack_->widget(static_cast<int>(names_.indexOf(name))));
}

void MainWindow::show_place(int index) {
  stack_->setCurrentIndex(index);
  left_bar_->set_current(index);
  app_settings::set_place(names_.at(index));
  stack_->currentWidget()->setFocus();
  static_cast<Place*>(stack_->currentWidget())->enter();
}

void MainWindow::show_exports(QWidget* anchor) {
  auto* place = static_cast<Place*>(stack_->currentWidget());
  auto* menu = new QMenu(this);
  menu->setObjectName(QStringLiteral("export_menu"));
  menu->setAttribute(Qt::WA_DeleteOnClose);
  for (const auto& [words, act] : place->exports()) menu->addAction(words, this, act);
  menu->addAction(tr("Picture of this place, PNG…"), this, [this, place] {
    const QString file =
        ask().save_file(this, tr("Save picture"), current_place() + QStringLiteral(".png"),
                        tr("PNG pictures (*.png)"));
    if (file.isEmpty()) return;
    if (!place->grab().save(file, "PNG"))
      return Q_EMIT workspace_.problem(
          tr("%1 could not be written; choose another folder.").arg(file));
    tell_saved(place, file);
  });
  menu->popup(anchor->mapToGlobal(QPoint(0, anchor->height() + 4)));
}

void MainWindow::closeEvent(QCloseEvent* event) {
  if (quits_ && workspace_.training()) {
    event->ignore();
    message_bar_->tell(tr("The state of run %1 is being saved; the window closes then.")
                           .arg(workspace_.training()->run()),
                       {}, Mood::plain);
    return;
  }
  // A download is broken off with the window, and keeps what has come; a run saves its state first.
  if (workspace_.training() || (!quits_ && !workspace_.downloads().isEmpty())) {
    event->ignore();
    ask_before_quitting();
    return;
  }
  app_settings::set_geometry(saveGeometry());
  QMainWindow::closeEvent(event);
}

void MainWindow::ask_before_quitting() {
  const TrainJob* training = workspace_.training();
  const QList<Download*>& downloads = workspace_.downloads();
  message_bar_->tell(
      quitting_words(training, downloads),
      {{tr("Stop and quit"), QStringLiteral("stop_and_quit"), [this] { stop_and_quit(); }},
       staying(training != nullptr, !downloads.isEmpty())},
      Mood::plain);
}

void MainWindow::stop_and_quit() {
  quits_ = true;
  // Not over yet when the state is still being written: the window closes after that.
  connect(&workspace_, &Workspace::training_changed, this, [this] {
    if (!workspace_.training()) close();
  });
  workspace_.hold_queue(true);
  if (workspace_.training())
    workspace_.training()->stop();
  else
    close();
}

bool MainWindow::event(QEvent* event) {
  if (event->type() == QEvent::StatusTip) {
    // A menu sends empty ones too.
    const QString told = static_cast<QStatusTipEvent*>(event)->tip();
    if (!told.isEmpty()) message_bar_->tell(told, {}, Mood::good);
    return true;
  }
  return QMainWindow::event(event);
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
  if (dropped_paths(*event->mimeData()).isEmpty()) return;
  event->acceptProposedAction();
  drop_->setGeometry(centralWidget()->rect());
  drop_->raise();
  drop_->show();
}

void MainWindow::dragLeaveEvent(QDragLeaveEvent*) {
  drop_->hide();
}

void MainWindow::dropEvent(QDropEvent* event) {
  drop_->hide();
  const QStringList paths = dropped_paths(*event->mimeData());
  if (paths.isEmpty()) return;
  event->acceptProposedAction();
  // A single picture is a question for a place, as several are for Explore where it has an encoder;
  // anything else is a data set.
  const bool pictures = std::ranges::any_of(paths, is_picture);
  if (pictures && paths.size() == 1) return take_pictures(paths);
  if (pictures && current_place() == QLatin1String("explore") &&
      place(current_place())->take_pictures(paths))
    return;
  go_to(QStringLiteral("data"));
  workspace_.open_dataset_at(paths.join(QLatin1Char(';')));
}

void MainWindow::take_pictures(const QStringList& paths) {
  for (const QString& name : {current_place(), QStringLiteral("explore")}) {
    if (!place(name)->take_pictures(paths)) continue;
    return go_to(name);
  }
  Q_EMIT workspace_.problem(
      tr("Train an encoder first, or choose one from a file in Explore; then a picture finds its "
         "like."));
}

}  // namespace selfsight
