#include "app/main_window.h"

#include <QHBoxLayout>
#include <QShortcut>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "app/left_bar.h"
#include "app/places/compare_place.h"
#include "app/places/data_place.h"
#include "app/places/evaluate_place.h"
#include "app/places/explore_place.h"
#include "app/places/pretrain_place.h"
#include "app/places/views_place.h"
#include "app/workspace.h"

namespace selfsight {

MainWindow::MainWindow(Workspace& workspace, QWidget* parent)
    : QMainWindow(parent),
      workspace_(workspace),
      left_bar_(new LeftBar(this)),
      stack_(new QStackedWidget(this)) {
  setWindowTitle(tr("Selfsight"));
  setMinimumSize(1024, 700);
  auto* whole = new QWidget(this);
  auto* row = new QHBoxLayout(whole);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(0);
  row->addWidget(left_bar_);
  row->addWidget(stack_, 1);
  setCentralWidget(whole);

  add_place<DataPlace>(QStringLiteral("data"));
  add_place<ViewsPlace>(QStringLiteral("views"));
  add_place<PretrainPlace>(QStringLiteral("pretrain"));
  add_place<ExplorePlace>(QStringLiteral("explore"));
  add_place<EvaluatePlace>(QStringLiteral("evaluate"));
  add_place<ComparePlace>(QStringLiteral("compare"));
  connect(left_bar_, &LeftBar::place_chosen, this, &MainWindow::show_place);
  show_place(0);
}

template <class P>
void MainWindow::add_place(const QString& name) {
  auto* place = new P(workspace_, stack_);
  place->setObjectName(name + QStringLiteral("_place"));
  stack_->addWidget(place);
  names_.append(name);
  const QString keys = QStringLiteral("Ctrl+%1").arg(names_.size());
  left_bar_->add_place(name, place->title(), keys);
  connect(new QShortcut(QKeySequence(keys), this), &QShortcut::activated, this,
          [this, name] { go_to(name); });
  connect(place, &Place::go_to, this, &MainWindow::go_to);
}

void MainWindow::go_to(const QString& place) {
  if (const auto index = names_.indexOf(place); index >= 0) show_place(static_cast<int>(index));
}

QString MainWindow::current_place() const {
  return names_.at(stack_->currentIndex());
}

void MainWindow::show_place(int index) {
  stack_->setCurrentIndex(index);
  left_bar_->set_current(index);
  static_cast<Place*>(stack_->currentWidget())->enter();
}

}  // namespace selfsight
