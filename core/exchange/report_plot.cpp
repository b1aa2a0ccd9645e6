#include "core/exchange/report_plot.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace selfsight {
namespace {

constexpr double plot_width = 720, plot_height = 300, left = 56, right = 12, top = 10, bottom = 34;
constexpr std::size_t most_points = 1500;  // of a curve; more cannot be told apart at this width
constexpr int map_side = 320;

std::string format(const char* pattern, double value) {
  char text[64];
  std::snprintf(text, sizeof text, pattern, value);
  return text;
}

struct Range {
  double low = 0, high = 1;
  double part(double value) const { return (value - low) / (high - low); }
};

struct Frame {
  Range x, y;
  double to_x(double value) const { return left + x.part(value) * (plot_width - left - right); }
  double to_y(double value) const {
    return plot_height - bottom - y.part(value) * (plot_height - top - bottom);
  }
};

Range padded(double low, double high) {
  if (!(low <= high)) return {0, 1};
  const double pad = std::max(0.06 * (high - low), 1e-3 * std::max(1e-6, std::abs(high)));
  return {low - pad, high + pad};
}

Frame frame_of(const ReportPlot& plot) {
  double last = 0, low = INFINITY, high = -INFINITY;
  const auto include = [&](double value) {
    if (std::isfinite(value)) low = std::min(low, value), high = std::max(high, value);
  };
  for (const ReportCurve& curve : plot.curves)
    for (const auto& p : curve.points) last = std::max(last, p.x), include(p.y);
  for (const auto& [value, label] : plot.lines) include(value);
  return {{0, last > 0 ? last : 1}, padded(low, high)};
}

/// 1, 2 or 5 times a power of ten, about a fifth of the range.
double tick_step(const Range& range) {
  const double rough = (range.high - range.low) / 5;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  for (const double times : {1.0, 2.0, 5.0})
    if (times * power >= rough) return times * power;
  return 10 * power;
}

std::string text_at(double x, double y, const char* anchor, const std::string& words) {
  return "<text x='" + format("%.1f", x) + "' y='" + format("%.1f", y) + "' text-anchor='" +
         anchor + "'>" + html_escaped(words) + "</text>";
}

std::string axes(const Frame& f, const ReportPlot& plot) {
  std::string svg;
  const double step = tick_step(f.y);
  for (double value = std::ceil(f.y.low / step) * step; value <= f.y.high; value += step) {
    const std::string y = format("%.1f", f.to_y(value));
    svg += "<line class='grid' x1='" + format("%.0f", left) + "' x2='" +
           format("%.0f", plot_width - right) + "' y1='" + y + "' y2='" + y + "'/>";
    svg += text_at(left - 8, f.to_y(value) + 4, "end",
                   plot.percent ? short_number(100 * value) + " %"
                                : short_number(std::abs(value) < 1e-9 * step ? 0 : value));
  }
  const double across = tick_step(f.x);
  for (double value = 0; value <= f.x.high * 1.0001; value += across)
    svg += text_at(f.to_x(value), plot_height - bottom + 18, "middle", short_number(value));
  return svg + text_at(plot_width - right, plot_height - 4, "end", plot.x_label);
}

std::string path_of(const Frame& f, const std::vector<ReportCurve::Point>& points) {
  std::string path;
  bool pen = false;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const auto& p = points[i];
    if (i > 0 && p.segment != points[i - 1].segment) pen = false;
    if (!std::isfinite(p.y)) {
      pen = false;
      continue;
    }
    path += pen ? 'L' : 'M';
    path += format("%.1f", f.to_x(p.x)) + ' ' + format("%.1f", f.to_y(p.y));
    pen = true;
  }
  return path;
}

/// Of each stretch the least and the greatest value, so that no spike is lost.
std::vector<ReportCurve::Point> thinned(const std::vector<ReportCurve::Point>& points) {
  if (points.size() <= most_points) return points;
  std::vector<ReportCurve::Point> kept;
  const std::size_t stretch = 2 * points.size() / most_points + 1;
  for (std::size_t begin = 0; begin < points.size(); begin += stretch) {
    const auto first = points.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto last =
        points.begin() + static_cast<std::ptrdiff_t>(std::min(begin + stretch, points.size()));
    auto [low, high] =
        std::minmax_element(first, last, [](const auto& a, const auto& b) { return a.y < b.y; });
    if (high < low) std::swap(low, high);
    kept.push_back(*low);
    if (low != high) kept.push_back(*high);
  }
  return kept;
}

/// Debiased exponential mean; values that are no numbers stay as they are.
std::vector<ReportCurve::Point> means(std::vector<ReportCurve::Point> points, double weight) {
  double sum = 0, share = 0;
  for (auto& p : points) {
    if (!std::isfinite(p.y)) continue;
    sum = weight * sum + (1 - weight) * p.y;
    share = weight * share + (1 - weight);
    p.y = sum / share;
  }
  return points;
}

std::string curve_svg(const Frame& f, const ReportCurve& curve, double smoothing) {
  const std::string style = " fill='none' stroke='" + curve.colour + "'" +
                            (curve.dashed ? " stroke-dasharray='6 4'" : "");
  std::string svg;
  if (smoothing > 0)
    svg +=
        "<path" + style + " stroke-opacity='0.3' d='" + path_of(f, thinned(curve.points)) + "'/>";
  const auto line = smoothing > 0 ? means(curve.points, smoothing) : curve.points;
  return svg + "<path" + style + " stroke-width='1.8' d='" + path_of(f, thinned(line)) + "'/>";
}

}  // namespace

std::string html_escaped(const std::string& text) {
  std::string out;
  for (const char c : text) switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  return out;
}

std::string short_number(double value) {
  return std::isfinite(value) ? format("%.4g", value) : "not a number";
}

std::string svg_of(const ReportPlot& plot) {
  const Frame f = frame_of(plot);
  std::string svg = "<svg viewBox='0 0 " + format("%.0f", plot_width) + " " +
                    format("%.0f", plot_height) + "' role='img'>" + axes(f, plot);
  for (const auto& [value, label] : plot.lines) {
    const std::string y = format("%.1f", f.to_y(value));
    svg += "<line class='reference' x1='" + format("%.0f", left) + "' x2='" +
           format("%.0f", plot_width - right) + "' y1='" + y + "' y2='" + y + "'/>" +
           text_at(plot_width - right, f.to_y(value) - 4, "end", label);
  }
  for (const ReportCurve& curve : plot.curves) svg += curve_svg(f, curve, plot.smoothing);
  return svg + "</svg>";
}

std::string svg_of_map(const std::vector<float>& xy, const std::string& colour) {
  float low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
  for (std::size_t i = 0; i < xy.size(); ++i) {
    low[i % 2] = std::min(low[i % 2], xy[i]);
    high[i % 2] = std::max(high[i % 2], xy[i]);
  }
  const double span = std::max({high[0] - low[0], high[1] - low[1], 1e-9F});
  const double scale = (map_side - 8) / span;
  const std::string side = std::to_string(map_side);
  std::string svg = "<svg class='map' viewBox='0 0 " + side + " " + side +
                    "' role='img'><g fill='" + colour + "' fill-opacity='0.6'>";
  for (std::size_t i = 0; i + 1 < xy.size(); i += 2)
    svg += "<circle r='1.4' cx='" + format("%.1f", 4 + (xy[i] - low[0]) * scale) + "' cy='" +
           format("%.1f", 4 + (xy[i + 1] - low[1]) * scale) + "'/>";
  return svg + "</g></svg>";
}

}  // namespace selfsight
