#include "app/message_bar.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QStyle>
#include <QToolButton>

#include "widgets/icons.h"
#include "widgets/theme.h"

namespace selfsight {

MessageBar::MessageBar(QWidget* parent)
    : QFrame(parent), text_(paragraph({}, Voice::body, this)), actions_(new QHBoxLayout) {
  setObjectName(QStringLiteral("message_bar"));
  setAccessibleName(tr("Message"));
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(12, 6, 8, 6);
  row->setSpacing(8);
  text_->setObjectName(QStringLiteral("message_text"));
  text_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  row->addWidget(text_, 1);
  row->addLayout(actions_);
  auto* close_button = new QToolButton(this);
  close_button->setObjectName(QStringLiteral("message_close"));
  close_button->setAccessibleName(tr("Dismiss"));
  close_button->setToolTip(tr("Dismiss"));
  close_button->setIcon(icon(QStringLiteral("close")));
  close_button->setFixedSize(24, 24);
  row->addWidget(close_button, 0, Qt::AlignTop);
  connect(close_button, &QToolButton::clicked, this, &QWidget::hide);
  hide();
}

QString MessageBar::message() const {
  return text_->text();
}

void MessageBar::tell(const QString& message, const QList<Action>& actions, Mood mood) {
  setProperty("informs", mood != Mood::bad);  // see window.qss
  style()->unpolish(this);
  style()->polish(this);
  text_->setText(message);
  setAccessibleDescription(message);
  while (QLayoutItem* old = actions_->takeAt(0)) {
    old->widget()->hide();
    old->widget()->deleteLater();  // it may be the one that was clicked
    delete old;
  }
  for (const Action& action : actions) {
    auto* made = button(action.text, action.name, ButtonKind::plain, this);
    connect(made, &QPushButton::clicked, this, [this, act = action.act] {
      hide();
      act();
    });
    actions_->addWidget(made);
  }
  show();
}

}  // namespace selfsight
