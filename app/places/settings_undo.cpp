#include "app/places/settings_undo.h"

#include <QHBoxLayout>
#include <QShortcut>
#include <QToolButton>

#include "app/workspace.h"
#include "widgets/controls.h"
#include "widgets/field_words.h"
#include "widgets/icons.h"

namespace selfsight {
namespace {

/// "Temperature" of one option, else how many.
QString change_words(const Settings& a, const Settings& b) {
  const auto rows = differences({a, b});
  if (rows.size() == 1) return field_label(rows.front().key);
  return SettingsUndo::tr("%n options", nullptr, static_cast<int>(rows.size()));
}

QToolButton* flat_button(const QString& name, const QString& picture, QWidget* parent) {
  auto* made = new QToolButton(parent);
  made->setObjectName(name);
  made->setIcon(icon(picture));
  made->setIconSize({18, 18});
  made->setAutoRaise(true);
  return made;
}

}  // namespace

SettingsUndo::SettingsUndo(Workspace& workspace, QWidget* scope, QWidget* parent)
    : QWidget(parent),
      workspace_(workspace),
      undo_(flat_button(QStringLiteral("undo_option"), QStringLiteral("undo"), this)),
      redo_(flat_button(QStringLiteral("redo_option"), QStringLiteral("redo"), this)) {
  undo_->setAccessibleName(tr("Take the last change of an option back"));
  redo_->setAccessibleName(tr("Make the change again"));
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(2);
  row->addWidget(undo_);
  row->addWidget(redo_);
  const auto on = [scope](QKeyCombination keys, QToolButton* button) {
    connect(
        new QShortcut(QKeySequence(keys), scope, nullptr, nullptr, Qt::WidgetWithChildrenShortcut),
        &QShortcut::activated, button, &QToolButton::click);
  };
  on(Qt::CTRL | Qt::Key_Z, undo_);
  on(Qt::CTRL | Qt::SHIFT | Qt::Key_Z, redo_);
  connect(undo_, &QToolButton::clicked, &workspace, &Workspace::undo_settings);
  connect(redo_, &QToolButton::clicked, &workspace, &Workspace::redo_settings);
  connect(&workspace, &Workspace::settings_changed, this, &SettingsUndo::show_steps);
  connect(&workspace, &Workspace::dataset_changed, this, &SettingsUndo::show_steps);
  show_steps();
}

void SettingsUndo::show_steps() {
  const Settings& now = workspace_.settings();
  const Settings *earlier = workspace_.settings_history().earlier(),
                 *later = workspace_.settings_history().later();
  undo_->setEnabled(earlier);
  redo_->setEnabled(later);
  undo_->setToolTip(earlier ? tr("Take back: %1 (Ctrl+Z)").arg(change_words(now, *earlier))
                            : tr("No option was changed"));
  redo_->setToolTip(later ? tr("Make again: %1 (Ctrl+Shift+Z)").arg(change_words(now, *later))
                          : tr("Nothing was taken back"));
}

}  // namespace selfsight
