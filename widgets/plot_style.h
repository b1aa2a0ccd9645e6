// How every QCustomPlot of Selfsight looks.
#pragma once

#include <QByteArray>
#include <QColor>
#include <QString>
#include <functional>

class QCustomPlot;

namespace selfsight {

inline constexpr double curve_width = 1.8;  // px

/// No frame, level grid lines only, colours and fonts of the current scheme.
void style_plot(QCustomPlot& plot);

/// The plot as a file: "png" (twice as fine), "svg" or "pdf", in the light scheme. `restyle` gives
/// the plot the colours of the current scheme; it is called before and after. A legend that stands
/// in a row of its own gets room beyond what the plot has on the screen.
QByteArray rendered_plot(QCustomPlot& plot, const QString& format,
                         const std::function<void()>& restyle);

/// While it lives, the plot's legend stands above it, in as many columns as there is room for.
class LegendAbove {
 public:
  explicit LegendAbove(QCustomPlot& plot);
  ~LegendAbove();
  LegendAbove(const LegendAbove&) = delete;
  LegendAbove& operator=(const LegendAbove&) = delete;

 private:
  QCustomPlot& plot_;
};

/// A dot, a title and its value as rich text that does not break inside.
QString plot_entry(const QColor& colour, const QString& title, const QString& value);

}  // namespace selfsight
