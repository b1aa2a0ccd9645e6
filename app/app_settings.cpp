#include "app/app_settings.h"

#include <QCryptographicHash>
#include <QFileInfo>
#include <QGuiApplication>
#include <QPalette>
#include <QStandardPaths>

#include "app/kept_settings.h"

namespace selfsight::app_settings {
namespace {

const QString scheme_key = QStringLiteral("scheme");
const QString geometry_key = QStringLiteral("geometry");
const QString columns_key = QStringLiteral("run_columns");
const QString bands_key = QStringLiteral("bands/%1");
const QString place_key = QStringLiteral("place");
const QString next_run_key = QStringLiteral("next_run");
const QString current_run_key = QStringLiteral("current_run");
const QString pretrain_run_key = QStringLiteral("pretrain_run");
const QString control_key = QStringLiteral("controls/%1");
const QString look_key = QStringLiteral("compare_look");
const QString chosen_key = QStringLiteral("chosen_runs");
const QString baseline_key = QStringLiteral("baseline");
const QString smoothing_key = QStringLiteral("%1/smoothing");
const QString axis_key = QStringLiteral("%1/axis");
const QString log_key = QStringLiteral("%1/log");
const QString log_x_key = QStringLiteral("%1/log_x");
const QString export_key = QStringLiteral("export_folder");
const QString open_key = QStringLiteral("open_folder");
const QString licence_key = QStringLiteral("licence");
const QString thumbnail_key = QStringLiteral("thumbnail_size");

QString folder_or_home(const QString& key) {
  const QString folder = KeptSettings().value(key).toString();
  return QFileInfo(folder).isDir() ? folder
                                   : QStandardPaths::writableLocation(QStandardPaths::HomeLocation);
}

/// Runs are numbered anew in each store.
QString store_key(const std::filesystem::path& store, const QString& key) {
  const QByteArray folder = QByteArray::fromStdString(store.string());
  return QStringLiteral("stores/%1/%2")
      .arg(QString::fromLatin1(
               QCryptographicHash::hash(folder, QCryptographicHash::Sha1).toHex().left(16)),
           key);
}

}  // namespace

QString scheme_choice() {
  return KeptSettings().value(scheme_key, QStringLiteral("system")).toString();
}
void set_scheme_choice(const QString& choice) {
  KeptSettings().setValue(scheme_key, choice);
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
  return KeptSettings().value(geometry_key).toByteArray();
}
void set_geometry(const QByteArray& geometry) {
  KeptSettings().setValue(geometry_key, geometry);
}
QByteArray run_columns() {
  return KeptSettings().value(columns_key).toByteArray();
}
void set_run_columns(const QByteArray& state) {
  KeptSettings().setValue(columns_key, state);
}
std::optional<std::array<int, 3>> shown_bands(int channels) {
  const QStringList words = KeptSettings().value(bands_key.arg(channels)).toStringList();
  if (words.size() != 3) return std::nullopt;
  return std::array{words[0].toInt(), words[1].toInt(), words[2].toInt()};
}
void set_shown_bands(int channels, const std::array<int, 3>& bands) {
  QStringList words;
  for (const int band : bands) words << QString::number(band);
  KeptSettings().setValue(bands_key.arg(channels), words);
}
QString place() {
  return KeptSettings().value(place_key, QStringLiteral("data")).toString();
}
void set_place(const QString& place) {
  KeptSettings().setValue(place_key, place);
}
QString next_run() {
  return KeptSettings().value(next_run_key).toString();
}
void set_next_run(const QString& toml) {
  KeptSettings().setValue(next_run_key, toml);
}
std::int64_t current_run(const std::filesystem::path& store) {
  return KeptSettings().value(store_key(store, current_run_key), 0).toLongLong();
}
void set_current_run(const std::filesystem::path& store, std::int64_t run) {
  KeptSettings().setValue(store_key(store, current_run_key), static_cast<qlonglong>(run));
}

std::int64_t pretrain_run(const std::filesystem::path& store) {
  return KeptSettings().value(store_key(store, pretrain_run_key), 0).toLongLong();
}
void set_pretrain_run(const std::filesystem::path& store, std::int64_t run) {
  KeptSettings().setValue(store_key(store, pretrain_run_key), static_cast<qlonglong>(run));
}
QString control(const QString& name) {
  return KeptSettings().value(control_key.arg(name)).toString();
}
void set_control(const QString& name, const QString& choice) {
  KeptSettings().setValue(control_key.arg(name), choice);
}

Comparison comparison(const std::filesystem::path& store) {
  const KeptSettings kept;
  Comparison out;
  out.look = kept.value(look_key, out.look).toString();
  for (const QString& run : kept.value(store_key(store, chosen_key)).toStringList())
    out.runs.push_back(run.toLongLong());
  out.baseline = kept.value(store_key(store, baseline_key), 0).toLongLong();
  return out;
}
void set_comparison(const std::filesystem::path& store, const Comparison& comparison) {
  KeptSettings kept;
  QStringList runs;
  for (const std::int64_t run : comparison.runs) runs << QString::number(run);
  kept.setValue(look_key, comparison.look);
  kept.setValue(store_key(store, chosen_key), runs);
  kept.setValue(store_key(store, baseline_key), static_cast<qlonglong>(comparison.baseline));
}

CurveLook curve_look(const QString& plot) {
  const KeptSettings kept;
  CurveLook out;
  out.smoothing = kept.value(smoothing_key.arg(plot), out.smoothing).toInt();
  out.axis = kept.value(axis_key.arg(plot), out.axis).toString();
  out.log = kept.value(log_key.arg(plot), out.log).toBool();
  out.log_x = kept.value(log_x_key.arg(plot), out.log_x).toBool();
  return out;
}
void set_curve_look(const QString& plot, const CurveLook& look) {
  KeptSettings kept;
  kept.setValue(smoothing_key.arg(plot), look.smoothing);
  kept.setValue(axis_key.arg(plot), look.axis);
  kept.setValue(log_key.arg(plot), look.log);
  kept.setValue(log_x_key.arg(plot), look.log_x);
}

QString export_folder() {
  return folder_or_home(export_key);
}
void set_export_folder(const QString& folder) {
  KeptSettings().setValue(export_key, folder);
}
QString open_folder() {
  return folder_or_home(open_key);
}
void set_open_folder(const QString& folder) {
  KeptSettings().setValue(open_key, folder);
}
QString licence() {
  return KeptSettings().value(licence_key).toString();
}
void set_licence(const QString& licence) {
  KeptSettings().setValue(licence_key, licence.trimmed());
}
int thumbnail_size(int usual) {
  return KeptSettings().value(thumbnail_key, usual).toInt();
}
void set_thumbnail_size(int side) {
  KeptSettings().setValue(thumbnail_key, side);
}

}  // namespace selfsight::app_settings
