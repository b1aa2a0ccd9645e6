#include "widgets/heat.h"

#include <QPainter>

#include "widgets/theme.h"

namespace selfsight {
namespace {

constexpr double veil = 0.65;  // opacity

}  // namespace

QImage heat_picture(const QImage& picture, const cv::Mat& weights) {
  double least = 0, most = 0;
  cv::minMaxLoc(weights, &least, &most);
  QImage heat(weights.cols, weights.rows, QImage::Format_ARGB32);
  for (int y = 0; y < weights.rows; ++y)
    for (int x = 0; x < weights.cols; ++x) {
      const double part =
          most > least ? (static_cast<double>(weights.at<float>(y, x)) - least) / (most - least)
                       : 0;
      QColor colour = ramp_colour(part);
      colour.setAlphaF(veil);
      heat.setPixelColor(x, y, colour);
    }
  QImage out = picture.convertToFormat(QImage::Format_RGB32);
  QPainter painter(&out);
  painter.drawImage(0, 0, heat.scaled(out.size(), Qt::IgnoreAspectRatio, Qt::SmoothTransformation));
  return out;
}

}  // namespace selfsight
