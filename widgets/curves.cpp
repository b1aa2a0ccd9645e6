#include "widgets/curves.h"

#include <QStringList>
#include <cmath>

#include "widgets/exports.h"

namespace selfsight {

double Smoother::next(double value) {
  if (!std::isfinite(value)) return value;
  mean_ = weight_ * mean_ + (1 - weight_) * value;
  debias_ *= weight_;
  return mean_ / (1 - debias_);
}

std::vector<double> smoothed(const std::vector<CurvePoint>& points, double weight) {
  std::vector<double> out;
  out.reserve(points.size());
  Smoother smoother(weight);
  for (const CurvePoint& point : points) out.push_back(smoother.next(point.value));
  return out;
}

double position(const CurvePoint& point, CurveAxis axis) {
  switch (axis) {
    case CurveAxis::step:
      return point.step;
    case CurveAxis::epoch:
      return point.epoch;
    case CurveAxis::time:
      return point.seconds;
  }
  return point.step;
}

QString curves_as_csv(const std::vector<Curve>& curves) {
  QString out = QStringLiteral("curve,step,epoch,seconds,segment,value\n");
  for (const Curve& curve : curves) {
    const QString name = csv_text(curve.label);
    for (const CurvePoint& p : curve.points)
      out += name + QStringLiteral(",%1,%2,%3,%4,%5\n")
                        .arg(p.step, 0, 'g', 12)
                        .arg(p.epoch, 0, 'g', 9)
                        .arg(p.seconds, 0, 'g', 9)
                        .arg(p.segment)
                        .arg(p.value, 0, 'g', 9);
  }
  return out;
}

}  // namespace selfsight
