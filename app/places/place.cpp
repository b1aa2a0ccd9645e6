#include "app/places/place.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QScrollArea>
#include <QScrollBar>
#include <QVBoxLayout>

#include "widgets/controls.h"
#include "widgets/theme.h"

namespace selfsight {
namespace {

constexpr int fold_below = 1100 - measures::left_bar;
constexpr int folded_main_height = 420;
constexpr int least_status = 96;  // px, below which it tells nothing

QLabel* new_status(QWidget* parent) {
  auto* status = new ElidedLabel({}, parent);
  set_voice(status, Voice::soft);
  status->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
  status->set_least_room(least_status);
  return status;
}

}  // namespace

Place::Place(const QString& title, Workspace& workspace, QWidget* parent)
    : QWidget(parent),
      workspace_(workspace),
      title_(title),
      title_label_(label(title, Voice::title, this)),
      about_(label({}, Voice::tag, this)),
      status_(new_status(this)),
      heading_(new QHBoxLayout),
      scroll_(bare_scroll_area(this)),
      side_column_(new QWidget),
      side_scroll_(bare_scroll_area(side_column_)),
      folded_help_(new QVBoxLayout) {
  setAccessibleName(title);
  setFocusPolicy(Qt::ClickFocus);  // so that its keys work after a click beside a control
  about_->hide();

  auto* whole = new QVBoxLayout(this);
  whole->setContentsMargins(measures::margin, measures::margin - 2, 0, 0);
  whole->setSpacing(measures::gap - 2);
  heading_->setContentsMargins(0, 0, measures::margin, 0);
  heading_->setSpacing(8);
  heading_->addWidget(title_label_);
  heading_->addWidget(about_, 0, Qt::AlignVCenter);
  heading_->addWidget(status_, 1);
  auto* heading = new QWidget(this);
  heading->setLayout(heading_);
  heading->setMinimumHeight(measures::row);
  whole->addWidget(heading);
  whole->addWidget(scroll_, 1);
  folded_help_->setContentsMargins(0, 0, measures::margin, measures::margin);
  whole->addLayout(folded_help_);

  auto* inside = new QWidget;
  inside->setAutoFillBackground(false);
  column_ = new QVBoxLayout(inside);
  column_->setContentsMargins(0, 0, measures::margin, measures::margin);
  column_->setSpacing(measures::gap);
  cards_ = new QBoxLayout(QBoxLayout::LeftToRight);
  cards_->setSpacing(measures::gap);
  column_->addLayout(cards_, 1);
  scroll_->setWidget(inside);
  inside->setAutoFillBackground(false);
  auto* side = new QVBoxLayout(side_column_);
  side->setContentsMargins(0, 0, 0, 0);
  side->setSpacing(measures::gap);
  side->addWidget(side_scroll_, 1);
  side_column_->setMinimumWidth(320);
  side_column_->setMaximumWidth(420);
}

void Place::set_about(const QString& about) {
  about_->setText(about);
  about_->setVisible(!about.isEmpty());
}

void Place::set_status(const QString& status) {
  status_->setText(status);
  title_label_->setToolTip(status);  // for where there is no room to show it
}

void Place::add_about_widget(QWidget* widget) {
  heading_->insertWidget(heading_->indexOf(status_), widget);
}

void Place::add_action_widget(QWidget* widget) {
  heading_->addWidget(widget);
}

void Place::set_content(QWidget* main, QWidget* side) {
  main_ = main;
  side_ = side;
  cards_->addWidget(main_, 5);
  cards_->addWidget(side_column_, 2);
  side_column_->setVisible(side_);
  if (side_) {
    side_scroll_->setWidget(side_);
    side_->setAutoFillBackground(false);
  }
}

void Place::show_side(bool shown) {
  side_shown_ = shown;
  side_->setVisible(shown);
  side_column_->setVisible(shown && !folded_);
}

void Place::set_help(QWidget* help) {
  help_ = help;
  place_help();
}

void Place::place_help() {
  if (!help_) return;
  QLayout* to = folded_ ? folded_help_ : side_column_->layout();
  to->addWidget(help_);
}

void Place::set_foot(QWidget* foot) {
  column_->addWidget(foot);
}

void Place::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  fold(width() < fold_below);
}

void Place::fold(bool folded) {
  if (folded == folded_ || !side_) return;
  folded_ = folded;
  if (folded) {
    cards_->setDirection(QBoxLayout::TopToBottom);
    cards_->addWidget(side_scroll_->takeWidget());
  } else {
    cards_->setDirection(QBoxLayout::LeftToRight);
    cards_->removeWidget(side_);
    side_scroll_->setWidget(side_);
  }
  side_column_->setVisible(!folded && side_shown_);
  place_help();
  main_->setMinimumHeight(folded ? folded_main_height : 0);
  side_->setAutoFillBackground(false);
  side_->setVisible(side_shown_);
}

}  // namespace selfsight
