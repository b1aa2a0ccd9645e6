// The plots of a report, as inline SVG.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace selfsight {

struct ReportCurve {
  std::string colour;  // as CSS writes it
  bool dashed = false;
  /// (position, value); a value that is no number, and a new segment, is a gap.
  struct Point {
    double x = 0, y = 0;
    int segment = 0;
  };
  std::vector<Point> points;
};

struct ReportPlot {
  std::vector<ReportCurve> curves;
  std::vector<std::pair<double, std::string>> lines;  // dashed, across
  bool percent = false;                               // values in [0, 1] read as percentages
  double smoothing = 0;  // the raw curve then stands faint behind its debiased mean
  std::string x_label;
};

std::string svg_of(const ReportPlot& plot);

/// A cloud of points, x and y in turn.
std::string svg_of_map(const std::vector<float>& xy, const std::string& colour);

/// For text and for attributes.
std::string html_escaped(const std::string& text);

/// As few digits as tell it.
std::string short_number(double value);

}  // namespace selfsight
