// From the core's pictures to Qt's.
#pragma once

#include <QImage>
#include <opencv2/core.hpp>

class QPainter;
class QRectF;

namespace selfsight {

/// 8-bit, 1 or 3 channels (RGB); a deep copy. An empty Mat gives a null image.
QImage to_image(const cv::Mat& picture);

/// The same, made smaller if its longer side is above `pixels`; never larger.
QImage to_thumbnail(const cv::Mat& picture, int pixels);

/// Draws the picture into `rect` with rounded corners; much enlarged ones keep their pixels, as
/// that is what an encoder sees.
void draw_picture(QPainter& painter, const QImage& picture, const QRectF& rect, double radius);

/// The largest rectangle of the picture's shape inside `room`, at its left and in its middle.
QRectF fitted(const QSizeF& picture, const QRectF& room);

}  // namespace selfsight
