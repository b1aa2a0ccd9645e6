// What the window remembers from one day to the next.
#pragma once

#include <QByteArray>
#include <QString>
#include <array>
#include <optional>

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

}  // namespace selfsight::app_settings
