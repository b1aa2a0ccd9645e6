// Takes changes of the next run's options back, and makes them again.
#pragma once

#include <QWidget>

class QToolButton;

namespace selfsight {

class Workspace;

class SettingsUndo : public QWidget {
  Q_OBJECT
 public:
  /// Ctrl+Z and Ctrl+Shift+Z work while the focus is in `scope`.
  SettingsUndo(Workspace& workspace, QWidget* scope, QWidget* parent);

 private:
  void show_steps();

  Workspace& workspace_;
  QToolButton* undo_;
  QToolButton* redo_;
};

}  // namespace selfsight
