#include "app/app_settings.h"

#include <QGuiApplication>
#include <QPalette>
#include <QSettings>

namespace selfsight::app_settings {
namespace {

const QString scheme_key = QStringLiteral("scheme");
const QString geometry_key = QStringLiteral("geometry");
const QString columns_key = QStringLiteral("run_columns");
const QString bands_key = QStringLiteral("bands/%1");
const QString place_key = QStringLiteral("place");

}  // namespace

QString scheme_choice() {
  return QSettings().value(scheme_key, QStringLiteral("system")).toString();
}
void set_scheme_choice(const QString& choice) {
  QSettings().setValue(scheme_key, choice);
}

Scheme scheme_in_effect() {
  // Qt 6.4 does not tell the desktop's scheme, but its palette does.
  static const bool desktop_is_dark =
      QGuiApplication::palette().color(QPalette::Window).lightness() < 128;
  const QString choice = scheme_choice();
  const bool dark =
      choice == QLatin1String("dark") || (choice != QLatin1String("light") && desktop_is_dark);
  return dark ? Scheme::dark : Scheme::light;
}

QByteArray geometry() {
  return QSettings().value(geometry_key).toByteArray();
}
void set_geometry(const QByteArray& geometry) {
  QSettings().setValue(geometry_key, geometry);
}
QByteArray run_columns() {
  return QSettings().value(columns_key).toByteArray();
}
void set_run_columns(const QByteArray& state) {
  QSettings().setValue(columns_key, state);
}
std::optional<std::array<int, 3>> shown_bands(int channels) {
  const QStringList words = QSettings().value(bands_key.arg(channels)).toStringList();
  if (words.size() != 3) return std::nullopt;
  return std::array{words[0].toInt(), words[1].toInt(), words[2].toInt()};
}
void set_shown_bands(int channels, const std::array<int, 3>& bands) {
  QStringList words;
  for (const int band : bands) words << QString::number(band);
  QSettings().setValue(bands_key.arg(channels), words);
}
QString place() {
  return QSettings().value(place_key, QStringLiteral("data")).toString();
}
void set_place(const QString& place) {
  QSettings().setValue(place_key, place);
}

}  // namespace selfsight::app_settings
