// A plot into a file the person names.
#pragma once

#include <QString>

namespace selfsight {

class CurvePlot;

/// Asks where to, and writes aside and renames. `format` as CurvePlot::rendered() takes it. Returns
/// the error for the message bar, or nothing.
QString save_plot(CurvePlot& plot, const QString& name, const QString& format);

}  // namespace selfsight
