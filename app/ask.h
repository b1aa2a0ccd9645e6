// The few questions that need the desktop's own dialogs. Tests put their answers here.
#pragma once

#include <QString>
#include <QStringList>
#include <functional>

class QWidget;

namespace selfsight {

/// Empty if the person thought better of it.
struct Ask {
  std::function<QString(QWidget* parent, const QString& title)> open_folder;
  std::function<QString(QWidget* parent, const QString& title)> open_file;
  std::function<QStringList(QWidget* parent, const QString& title)> open_files;
  std::function<QString(QWidget* parent, const QString& title, const QString& name,
                        const QString& filter)>
      save_file;
};
Ask& ask();

}  // namespace selfsight
