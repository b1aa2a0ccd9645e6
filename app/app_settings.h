// What the window remembers from one day to the next.
#pragma once

#include <QByteArray>
#include <QString>
#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "widgets/theme.h"

namespace selfsight::app_settings {

/// "light", "dark" or "system".
QString scheme_choice();
void set_scheme_choice(const QString& choice);
/// What that choice means now. The first call must come before apply_theme(), while the palette
/// is still the desktop's.
Scheme scheme_in_effect();

QByteArray geometry();
void set_geometry(const QByteArray& geometry);
/// Columns of the run table: which, in which order, how wide.
QByteArray run_columns();
void set_run_columns(const QByteArray& state);
/// Of images of so many bands, those that are shown as red, green and blue.
std::optional<std::array<int, 3>> shown_bands(int channels);
void set_shown_bands(int channels, const std::array<int, 3>& bands);
QString place();
void set_place(const QString& place);

/// The options of the next run, as TOML; empty if none were kept.
QString next_run();
void set_next_run(const QString& toml);
/// The run that was looked at in this store; 0 if none.
std::int64_t current_run(const std::filesystem::path& store);
void set_current_run(const std::filesystem::path& store, std::int64_t run);

/// The run that was looked at in Pretrain of this store; 0 if the next one was being set up.
std::int64_t pretrain_run(const std::filesystem::path& store);
void set_pretrain_run(const std::filesystem::path& store, std::int64_t run);
/// How the control of this name stands; empty if nobody has touched it.
QString control(const QString& name);
void set_control(const QString& name, const QString& choice);

/// What stands in Compare.
struct Comparison {
  QString look = QStringLiteral("side");  // "side", "image" or "sweep"
  std::vector<std::int64_t> runs;         // those that the person chose
  std::int64_t baseline = 0;
};
Comparison comparison(const std::filesystem::path& store);
void set_comparison(const std::filesystem::path& store, const Comparison& comparison);

/// How curves are drawn.
struct CurveLook {
  int smoothing = 90;                     // hundredths
  QString axis = QStringLiteral("step");  // "step", "epoch" or "time"
  bool log = false, log_x = false;
};
/// Of this plot: "loss", "compare".
CurveLook curve_look(const QString& plot);
void set_curve_look(const QString& plot, const CurveLook& look);

/// Where something was saved last; the home folder if that is gone.
QString export_folder();
void set_export_folder(const QString& folder);
/// Where something was opened from last, likewise.
QString open_folder();
void set_open_folder(const QString& folder);
/// What model cards say may be done with an encoder, such as "CC-BY-4.0"; empty if not stated.
QString licence();
void set_licence(const QString& licence);
/// Side of a thumbnail in Data, px; `usual` if none was chosen.
int thumbnail_size(int usual);
void set_thumbnail_size(int side);

}  // namespace selfsight::app_settings
