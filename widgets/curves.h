// Curves as values: what is measured along a run, and its smoothing.
#pragma once

#include <QString>
#include <cstdint>
#include <vector>

namespace selfsight {

struct CurvePoint {
  double step = 0, epoch = 0, seconds = 0;
  int segment = 0;   // one more at each resume: the line has a gap there
  double value = 0;  // not a number: a gap
};

struct Curve {
  std::int64_t id = 0;  // gives the colour, see series_colour()
  QString label;
  std::vector<CurvePoint> points;
};

/// A dashed line across the plot: chance, collapse, a baseline.
struct ReferenceLine {
  double value = 0;
  QString label;

  bool operator==(const ReferenceLine&) const = default;
};

/// smoothed(), one value at a time.
class Smoother {
 public:
  explicit Smoother(double weight = 0) : weight_(weight) {}
  double next(double value);

 private:
  double weight_, mean_ = 0, debias_ = 1;
};

/// Debiased exponential mean over the whole series, independent of what is in view (TensorBoard's
/// smoothing): m = w m + (1 - w) x, divided by 1 - w^t. Values that are no numbers are skipped and
/// stay as they are. `weight` in [0, 1).
std::vector<double> smoothed(const std::vector<CurvePoint>& points, double weight);

enum class CurveAxis : std::uint8_t { step, epoch, time };
double position(const CurvePoint& point, CurveAxis axis);

/// All points with all their positions: "curve,step,epoch,seconds,segment,value".
QString curves_as_csv(const std::vector<Curve>& curves);

}  // namespace selfsight
