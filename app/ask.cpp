#include "app/ask.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QStandardPaths>

#include "app/app_settings.h"

namespace selfsight {
namespace {

QString home() {
  return QStandardPaths::writableLocation(QStandardPaths::HomeLocation);
}

}  // namespace

Ask& ask() {
  static Ask questions{
      [](QWidget* parent, const QString& title) {
        return QFileDialog::getExistingDirectory(parent, title, home());
      },
      [](QWidget* parent, const QString& title) {
        return QFileDialog::getOpenFileName(parent, title, home());
      },
      [](QWidget* parent, const QString& title) {
        return QFileDialog::getOpenFileNames(parent, title, home());
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
