#include "app/ask.h"

#include <QFileDialog>
#include <QStandardPaths>

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
      [](QWidget* parent, const QString& title, const QString& name, const QString& filter) {
        return QFileDialog::getSaveFileName(parent, title, home() + QLatin1Char('/') + name,
                                            filter);
      }};
  return questions;
}

}  // namespace selfsight
