#include "widgets/legend.h"

#include <QEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QPushButton>

#include "widgets/controls.h"
#include "widgets/theme.h"
#include "widgets/words.h"

namespace selfsight {
namespace {

QIcon mark_icon(const QColor& colour, bool round) {
  QPixmap pixmap(20, 20);
  pixmap.setDevicePixelRatio(2);
  pixmap.fill(Qt::transparent);
  QPainter painter(&pixmap);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(colour);
  if (round)
    painter.drawEllipse(QRectF(1, 1, 8, 8));
  else
    painter.drawRect(QRectF(1.5, 1.5, 7, 7));
  return QIcon(pixmap);
}

bool is_return(const QEvent& key) {
  const int pressed = static_cast<const QKeyEvent&>(key).key();
  return pressed == Qt::Key_Return || pressed == Qt::Key_Enter;
}

}  // namespace

Legend::Legend(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("legend"));
  setLayout(new FlowLayout(nullptr, 4));
}

void Legend::set_groups(const QList<QPair<QString, int>>& groups, bool ramp) {
  ramp_ = ramp;
  qDeleteAll(entries_);
  entries_.clear();
  hidden_.clear();
  for (int group = 0; group < groups.size(); ++group) {
    const auto& [name, count] = groups[group];
    auto* entry =
        button(count < 0 ? name : QStringLiteral("%1 %2").arg(name, grouped_number(count)),
               QStringLiteral("legend_%1").arg(group), ButtonKind::link, this);
    entry->setToolTip(
        tr("Click or Space hides it, double click or Return shows it alone or all again"));
    entry->installEventFilter(this);
    connect(entry, &QPushButton::clicked, this, [this, group] { toggle(group); });
    layout()->addWidget(entry);
    entries_.append(entry);
  }
  show_state();
}

bool Legend::eventFilter(QObject* watched, QEvent* event) {
  const bool twice = event->type() == QEvent::MouseButtonDblClick;
  const bool entered = event->type() == QEvent::KeyPress && is_return(*event);
  if (!twice && !entered) return QWidget::eventFilter(watched, event);
  isolate(static_cast<int>(entries_.indexOf(static_cast<QPushButton*>(watched))), twice);
  return true;
}

void Legend::toggle(int group) {
  if (!hidden_.remove(group)) hidden_.insert(group);
  show_state();
  Q_EMIT hidden_changed();
}

void Legend::isolate(int group, bool clicked) {
  QSet<int> others;
  for (int other = 0; other < entries_.size(); ++other)
    if (other != group) others.insert(other);
  const bool alone = hidden_ == (clicked ? others | QSet<int>{group} : others);
  hidden_ = alone ? QSet<int>() : others;
  show_state();
  Q_EMIT hidden_changed();
}

void Legend::show_state() {
  const auto steps = static_cast<double>(entries_.size());
  for (int group = 0; group < entries_.size(); ++group) {
    const QColor own = ramp_ ? ramp_colour((group + 0.5) / steps) : series_colour(group);
    entries_[group]->setIcon(
        mark_icon(hidden_.contains(group) ? tokens().line : own, ramp_ || group / 6 % 2 == 0));
    entries_[group]->setAccessibleDescription(hidden_.contains(group) ? tr("hidden") : tr("shown"));
  }
}

}  // namespace selfsight
