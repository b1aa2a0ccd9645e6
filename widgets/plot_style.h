// How every QCustomPlot of Selfsight looks.
#pragma once

#include <QByteArray>
#include <QString>

class QCustomPlot;

namespace selfsight {

/// No frame, level grid lines only, colours and fonts of the current scheme.
void style_plot(QCustomPlot& plot);

/// The plot as it is shown, as a file: "png" (twice as fine), "svg" or "pdf".
QByteArray rendered_plot(QCustomPlot& plot, const QString& format);

}  // namespace selfsight
