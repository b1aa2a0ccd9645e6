#include "widgets/picture.h"

#include <QPainter>
#include <QPainterPath>
#include <opencv2/imgproc.hpp>

namespace selfsight {

QImage to_image(const cv::Mat& picture) {
  if (picture.empty()) return {};
  const auto format = picture.channels() == 1 ? QImage::Format_Grayscale8 : QImage::Format_RGB888;
  return QImage(picture.data, picture.cols, picture.rows, static_cast<qsizetype>(picture.step[0]),
                format)
      .copy();
}

QImage to_thumbnail(const cv::Mat& picture, int pixels) {
  const int longer = std::max(picture.cols, picture.rows);
  if (longer <= pixels) return to_image(picture);
  const double scale = static_cast<double>(pixels) / longer;
  const cv::Size size(std::max(1, cvRound(picture.cols * scale)),
                      std::max(1, cvRound(picture.rows * scale)));
  cv::Mat small;
  cv::resize(picture, small, size, 0, 0, cv::INTER_AREA);
  return to_image(small);
}

void draw_picture(QPainter& painter, const QImage& picture, const QRectF& rect, double radius) {
  if (picture.isNull()) return;
  painter.save();
  if (radius > 0) {
    QPainterPath outline;
    outline.addRoundedRect(rect, radius, radius);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setClipPath(outline, Qt::IntersectClip);
  }
  painter.setRenderHint(QPainter::SmoothPixmapTransform, rect.width() < 3 * picture.width());
  painter.drawImage(rect, picture);
  painter.restore();
}

QRectF fitted(const QSizeF& picture, const QRectF& room) {
  const QSizeF size = picture.scaled(room.size(), Qt::KeepAspectRatio);
  return {QPointF(room.left(), room.top() + (room.height() - size.height()) / 2), size};
}

}  // namespace selfsight
