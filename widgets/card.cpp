#include "widgets/card.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>

#include "widgets/controls.h"
#include "widgets/theme.h"

namespace selfsight {

Card::Card(const QString& title, QWidget* parent)
    : QFrame(parent),
      title_(label(title, Voice::heading, this)),
      subtitle_(new ElidedLabel({}, this)),
      head_(new QHBoxLayout),
      body_(new QVBoxLayout) {
  set_voice(subtitle_, Voice::soft);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(14, measures::padding, 14, measures::padding);
  column->setSpacing(8);
  column->addLayout(head_);
  column->addLayout(body_, 1);
  head_->setSpacing(8);
  head_->addWidget(title_);
  head_->addWidget(subtitle_, 100);
  head_->addStretch(1);
  body_->setSpacing(8);
  set_title(title);
  set_subtitle({});
}

void Card::set_title(const QString& title) {
  title_->setText(title);
  title_->setVisible(!title.isEmpty());
  setAccessibleName(title);
}

void Card::set_subtitle(const QString& subtitle) {
  subtitle_->setText(subtitle);
  subtitle_->setVisible(!subtitle.isEmpty());
}

void Card::add_to_head(QWidget* widget) {
  head_->addWidget(widget);
}

}  // namespace selfsight
