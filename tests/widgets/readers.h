// What a screen reader makes of a window.
#pragma once

#include <QAbstractButton>
#include <QAccessible>
#include <QComboBox>
#include <QLabel>
#include <QStringList>
#include <QWidget>

namespace selfsight {

/// What it is called. On Linux a combo box answers with its choice, which says not what is chosen.
inline QString told_name(QWidget* control) {
  if (qobject_cast<QComboBox*>(control)) return control->accessibleName();
  const QAccessibleInterface* told = QAccessible::queryAccessibleInterface(control);
  return told ? told->text(QAccessible::Name) : QString();
}

/// The controls in view that have no name, as "seed_lock (QToolButton)".
inline QStringList unnamed_controls(const QWidget& root) {
  QStringList unnamed;
  for (QWidget* control : root.findChildren<QWidget*>())
    if (control->isVisible() && control->focusPolicy() != Qt::NoFocus &&
        !qobject_cast<QLabel*>(control) &&  // a text reads itself
        !control->objectName().startsWith(QLatin1String("qt_")) && told_name(control).isEmpty())
      unnamed << QStringLiteral("%1 (%2)").arg(control->objectName(),
                                               QLatin1String(control->metaObject()->className()));
  return unnamed;
}

}  // namespace selfsight
