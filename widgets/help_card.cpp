#include "widgets/help_card.h"

#include <QScrollArea>
#include <QScrollBar>
#include <QVBoxLayout>

#include "widgets/controls.h"

namespace selfsight {
namespace {

constexpr int wide_card = 600;  // px, from which on a line holds most of a sentence
constexpr int lines_when_narrow = 9, lines_when_wide = 4;

}  // namespace

HelpCard::HelpCard(QWidget* parent)
    : Card({}, parent),
      scroll_(bare_scroll_area(this)),
      text_(paragraph({}, Voice::soft, scroll_)) {
  setObjectName(QStringLiteral("help_card"));
  text_->setObjectName(QStringLiteral("help_text"));
  text_->setAlignment(Qt::AlignLeft | Qt::AlignTop);
  scroll_->setWidget(text_);
  text_->setAutoFillBackground(false);
  body()->addWidget(scroll_);
  setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
  clear();
}

void HelpCard::clear() {
  explain(tr("What an option does"),
          tr("Point at an option to read what it does and where it is from."));
}

void HelpCard::explain(const QString& title, const QString& help) {
  set_title(title);
  text_->setText(help);
  scroll_->verticalScrollBar()->setValue(0);
}

QString HelpCard::text() const {
  return text_->text();
}

void HelpCard::resizeEvent(QResizeEvent* event) {
  Card::resizeEvent(event);
  scroll_->setFixedHeight((width() < wide_card ? lines_when_narrow : lines_when_wide) *
                          text_->fontMetrics().lineSpacing());
}

}  // namespace selfsight
