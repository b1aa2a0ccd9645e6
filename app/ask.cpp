#include "app/ask.h"

#include <QFileDialog>
#include <QFileInfo>

#include "app/app_settings.h"

namespace selfsight {
namespace {

/// The next dialog begins where this one ended.
QString opened(const QString& path) {
  if (!path.isEmpty()) app_settings::set_open_folder(QFileInfo(path).absolutePath());
  return path;
}

}  // namespace

Ask& ask() {
  static Ask questions{
      [](QWidget* parent, const QString& title) {
        return opened(
            QFileDialog::getExistingDirectory(parent, title, app_settings::open_folder()));
      },
      [](QWidget* parent, const QString& title) {
        return opened(QFileDialog::getOpenFileName(parent, title, app_settings::open_folder()));
      },
      [](QWidget* parent, const QString& title) {
        const QStringList files =
            QFileDialog::getOpenFileNames(parent, title, app_settings::open_folder());
        opened(files.value(0));
        return files;
      },
      [](QWidget* parent, const QString& title, const QString& name, const QString& filter) {
        const QString file = QFileDialog::getSaveFileName(
            parent, title, app_settings::export_folder() + QLatin1Char('/') + name, filter);
        if (!file.isEmpty()) app_settings::set_export_folder(QFileInfo(file).absolutePath());
        return file;
      }};
  return questions;
}

}  // namespace selfsight
