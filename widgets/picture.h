// From the core's pictures to Qt's.
#pragma once

#include <QImage>
#include <array>
#include <opencv2/core.hpp>

class QPainter;
class QRectF;

namespace selfsight {

/// Which bands of a picture of so many are shown as red, green and blue, from 0: what was chosen
/// last, or what satellites usually have there. From any thread.
std::array<int, 3> shown_bands(int channels);
void show_bands(int channels, const std::array<int, 3>& bands);

/// 8-bit, 1 or 3 channels (RGB) or bands, see shown_bands(); a deep copy. An empty Mat gives a null
/// image.
QImage to_image(const cv::Mat& picture);

/// The same, made smaller if its longer side is above `pixels`; never larger.
QImage to_thumbnail(const cv::Mat& picture, int pixels);

/// Draws the picture into `rect` with rounded corners; much enlarged ones keep their pixels, as
/// that is what an encoder sees.
void draw_picture(QPainter& painter, const QImage& picture, const QRectF& rect, double radius);

/// The largest rectangle of the picture's shape inside `room`, at its left and in its middle.
QRectF fitted(const QSizeF& picture, const QRectF& room);

}  // namespace selfsight
