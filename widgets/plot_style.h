// How every QCustomPlot of Selfsight looks.
#pragma once

class QCustomPlot;

namespace selfsight {

/// No frame, level grid lines only, colours and fonts of the current scheme.
void style_plot(QCustomPlot& plot);

}  // namespace selfsight
