#include "widgets/curves.h"

#include <QStringList>
#include <cmath>

namespace selfsight {

std::vector<double> smoothed(const std::vector<CurvePoint>& points, double weight) {
  std::vector<double> out;
  out.reserve(points.size());
  double mean = 0, debias = 1;
  for (const CurvePoint& point : points) {
    if (!std::isfinite(point.value)) {
      out.push_back(point.value);
      continue;
    }
    mean = weight * mean + (1 - weight) * point.value;
    debias *= weight;
    out.push_back(mean / (1 - debias));
  }
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
    QString name = curve.label;
    name.replace(QLatin1Char('"'), QLatin1String("\"\""));
    for (const CurvePoint& p : curve.points)
      out += QStringLiteral("\"%1\"").arg(name) + QStringLiteral(",%1,%2,%3,%4,%5\n")
                                                      .arg(p.step, 0, 'g', 12)
                                                      .arg(p.epoch, 0, 'g', 9)
                                                      .arg(p.seconds, 0, 'g', 9)
                                                      .arg(p.segment)
                                                      .arg(p.value, 0, 'g', 9);
  }
  return out;
}

}  // namespace selfsight
